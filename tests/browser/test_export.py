"""A chat on paper and as a file: real text, pictures and formulas, and no way out."""

from __future__ import annotations

import re
import unicodedata
import zlib
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished, in_hands, online, pick_from_row
from tests.browser.test_pictures import give
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.pictures.samples import photo
from tests.support.site import Site, Visitor

PLANTED = "<script>document.title='stolen'</script><img src=http://192.0.2.1/x onerror=document.title='stolen'>"
LINE = "a_very_long_name_of_something = " + "x" * 300
ANSWER = f"""**Strong**, $x^2 + y^2$ and 你好,世界. See [the page](https://example.org/page).

```python
{LINE}
```

| a | b |
|---|---|
| 1 | 2 |

{PLANTED}"""


def test_a_chat_is_printed_and_kept_as_a_file_with_all_that_it_shows(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, tmp_path: Path
) -> None:
    shared_site.provider.default = answer(ANSWER)  # type: ignore[union-attr]
    page = open_browser(shared_site, newcomer, color_scheme="dark")
    in_hands(online(page))
    page.select_option("#model", "test-vision")
    give(page, "paste", photo((300, 200)), name="cat.jpg")
    expect(page.locator("chat-composer .tray__picture[data-state=ready]")).to_be_visible()
    ask(page, f"第一问 {PLANTED}")
    finished(page)
    page.reload()
    in_hands(page)
    assert page.locator("#chat-menu a[href$='/export']").count() == 1
    pick_from_row(page, page.locator("[data-row]").first, "export")
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("Export or print")
    assert page.get_by_role("dialog").get_by_role("link").count() == 6
    free_of_faults(page)

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Print or save as PDF").click()
    looks_whole(opened.value)
    free_of_faults(opened.value)
    text = text_of_pdf(opened.value.pdf())
    assert set("第一问你好世界Strong") <= text
    opened.value.emulate_media(media="print", color_scheme="dark")
    assert opened.value.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert not opened.value.locator(".paper__bar").is_visible()
    opened.value.set_viewport_size({"width": 700, "height": 900})
    assert opened.value.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.value.close()

    with page.expect_download() as loaded:
        page.get_by_role("link", name="Web page").click()
    file = tmp_path / loaded.value.suggested_filename
    assert re.fullmatch(r"\d{4}-\d\d-\d\d A scripted title\.html", file.name)
    loaded.value.save_as(file)
    alone = page.context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(file.as_uri())
    looks_whole(alone)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    light, dark = (background(alone, scheme) for scheme in ("light", "dark"))
    assert light != dark


def test_a_wide_table_that_was_just_written_fits_the_paper(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    row = "| " + " | ".join(f"a broad column {number}" for number in range(9)) + " |\n"
    shared_site.provider.default = answer(*(row + "|---" * 9 + "|\n" + row * 3))  # type: ignore[union-attr]
    page = online(open_browser(shared_site, newcomer))
    ask(page, "compare")
    finished(page)
    table = page.locator(".prose table")
    assert table.evaluate("table => table.offsetWidth > 1200"), "nothing to fit: the table is not wide"
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 900})
    assert table.evaluate("table => table.getBoundingClientRect().right <= innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def free_of_faults(page: Page) -> None:
    assert not Axe().run(page).response["violations"]


def looks_whole(page: Page) -> None:
    """See the question with its picture and the answer with all its parts, and that nothing planted has run."""
    expect(page.locator(".question")).to_contain_text("第一问 <script>")
    expect(page.locator(".prose strong")).to_have_text("Strong")
    assert page.locator("math").bounding_box()["height"] > 5  # type: ignore[index]
    expect(page.locator(".code pre")).to_have_text(re.compile("a_very_long_name"))
    assert page.locator(".table td").all_inner_texts() == ["1", "2"]
    page.wait_for_function("() => document.querySelector('.picture img').naturalWidth === 300")
    assert "stolen" not in page.title() or "<script>" in page.title()
    assert page.locator("[onerror]").count() == 0


def background(page: Page, scheme: str) -> str:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def text_of_pdf(pdf: bytes) -> set[str]:
    """Return the signs that a reader of this file can select and search: those its fonts give a meaning."""
    signs: set[str] = set()
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(found[1])
        except zlib.error:
            continue
        if b"begincmap" not in content:
            continue
        for start, end, first in re.findall(rb"<(\w+)> <(\w+)> <(\w+)>", content):
            count = int(end, 16) - int(start, 16) + 1
            signs |= {chr(ord(sign) + shift) for sign in meant(first)[-1:] for shift in range(count)}
        for one in re.findall(rb"(?m)^<\w+> <(\w+)>$", content):
            signs |= set(meant(one))
    return set(unicodedata.normalize("NFKC", "".join(signs)))  # a sign may stand for a radical of the same shape


def meant(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")
