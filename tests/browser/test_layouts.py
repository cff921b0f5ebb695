"""The page in every shape: installed, with its list folded away, from right to left, low, and in strong contrast."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished, last_answer, online
from tests.browser.test_order import chats
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor

ARABIC = "مرحبا، هذه إجابة مع `code` هنا.\n\n```python\nprint('x')\n```\n\n| اسم | قيمة |\n|---|---:|\n| واحد | 1 |"
MIRRORED = """new MutationObserver((_, watch) => {
  if (document.documentElement) { document.documentElement.dir = "rtl"; watch.disconnect(); }
}).observe(document, { childList: true })"""
OVERLAPS = """() => [".sidebar__head", ".bar", ".composer__tools", ".message:last-of-type > footer"].flatMap((selector) => {
  const shown = [...document.querySelector(selector)?.children ?? []].filter((one) => one.checkVisibility() && !one.popover);
  const boxes = shown.map((one) => one.getBoundingClientRect());
  return shown.filter((one, at) => boxes.some((box, other) => other > at
    && box.left < boxes[at].right - 1 && boxes[at].left < box.right - 1
    && box.top < boxes[at].bottom - 1 && boxes[at].top < box.bottom - 1)).map((one) => one.outerHTML.slice(0, 90));
})"""


def inside(page: Page) -> bool:
    """Tell whether the page goes sideways nowhere."""
    fits: bool = page.evaluate(
        """() => { const root = document.documentElement; scrollBy(-50, 0); scrollBy(50, 0);
          return root.scrollWidth <= root.clientWidth && scrollX === 0; }"""
    )
    return fits


def box(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.evaluate(
        "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()", selector
    )
    return found


def loaded(page: Page) -> Page:
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    return online(page)


def test_the_page_keeps_its_shape_wherever_it_is_shown(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    chats(shared_site, newcomer, *(f"chat {number}" for number in range(60)))
    page = loaded(open_browser(shared_site, newcomer))
    can_be_installed(page, shared_site)
    keeps_its_list_as_it_was_left(page)
    page.add_init_script(MIRRORED)
    page.goto(shared_site.url)
    loaded(page)
    shared_site.provider.enqueue(answer(ARABIC))
    ask(page, "ما الخبر؟")
    finished(page)
    holds_from_right_to_left(page, shared_site)
    holds_in_strong_contrast(page)
    low = online(open_browser(shared_site, newcomer, phone=True, viewport={"width": 844, "height": 390}))
    assert box(low, ".dock")["top"] - box(low, ".bar")["bottom"] >= 150


def can_be_installed(page: Page, site: Site) -> None:
    devtools = page.context.new_cdp_session(page)
    manifest = devtools.send("Page.getAppManifest")
    assert (manifest["url"], manifest["errors"]) == (f"{site.url}/manifest.webmanifest", [])
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {one["errorId"] for one in found} <= {"in-incognito"}  # which the browser of a test always is


def keeps_its_list_as_it_was_left(page: Page) -> None:
    names = page.locator(".sidebar__list")
    names.evaluate("(list) => { list.scrollTop = 400; }")
    page.get_by_role("link", name="chat 14", exact=True).click()
    expect(page.locator("h1")).to_have_text("chat 14")
    loaded(page)
    assert names.evaluate("(list) => list.scrollTop") == 400

    page.get_by_role("button", name="Hide the list of chats").click()
    expect(page.locator("#sidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="Show the list of chats")).to_be_focused()
    assert box(page, ".page")["width"] == box(page, ".shell")["width"]
    first = page.reload()
    assert first
    assert ' data-sidebar="closed"' in first.text()
    loaded(page)
    expect(page.locator("#sidebar")).to_be_hidden()
    page.locator("#text").focus()
    page.keyboard.press("Control+Shift+S")
    expect(page.locator("#sidebar")).to_be_visible()
    expect(page.locator("#text")).to_be_focused()
    assert names.evaluate("(list) => list.scrollTop") == 400
    page.locator("#sidebar [data-row] a").first.focus()
    page.keyboard.press("Control+Shift+S")
    expect(page.get_by_role("button", name="Show the list of chats")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hide the list of chats")).to_be_focused()


def holds_from_right_to_left(page: Page, site: Site) -> None:
    column, question = box(page, ".page"), box(page, ".question")
    assert box(page, "#sidebar")["right"] == box(page, ".shell")["right"]  # the list stands at the right
    assert column["right"] <= box(page, "#sidebar")["left"]
    assert question["left"] - column["left"] < column["right"] - question["right"]
    assert inside(page)
    assert page.evaluate(OVERLAPS) == []
    code = last_answer(page).locator("pre")
    assert code.evaluate("(pre) => getComputedStyle(pre).direction") == "ltr"
    for path in ("/settings/reading", "/chats", "/search?q=x"):
        page.goto(site.url + path)
        assert inside(page), path

    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/settings/reading", "/accounts/sessions/", "/shortcuts", "/chats", "/"):
        page.goto(site.url + path)
        assert inside(page), path
    loaded(page)
    assert page.evaluate(OVERLAPS) == []
    page.get_by_role("button", name="Chats", exact=True).click()
    assert box(page, "#sidebar")["right"] == box(page, ".shell")["right"]
    page.locator("#sidebar [data-row] a").first.click()
    expect(page.locator("article")).to_have_count(2)
    loaded(page)
    assert inside(page)
    assert page.evaluate(OVERLAPS) == []


def holds_in_strong_contrast(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 400})  # 1280 × 800 at 200 %
    assert inside(page)
    assert page.evaluate(OVERLAPS) == []
    page.emulate_media(contrast="more")
    assert page.evaluate(
        """() => { const style = getComputedStyle(document.documentElement);
          return style.getPropertyValue("--ink-soft") === style.getPropertyValue("--ink"); }"""
    )
    page.emulate_media(forced_colors="active")
    for selector in (".question", ".code", ".composer", ".composer__send"):
        seen = f"getComputedStyle(document.querySelector('{selector}')).borderTopWidth"
        assert float(page.evaluate(seen).removesuffix("px")) >= 1, selector
