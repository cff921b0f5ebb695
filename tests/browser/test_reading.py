"""What a reader can do with an answer: its sources, its code, its tables, and the questions of a long chat."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.steps import ask, finished, last_answer, online
from tests.conftest import Opener
from tests.fakes.scripts import done, finish, role, sse
from tests.support.site import Site, Visitor

TEXT = (
    "See [example.org](https://evil.test/x).\n\n```python\nprint('a long line ' * 40)\n```\n\n"
    '| a | b |\n|---|---|\n| 1,5 | say "x" |\n'
)
CITED = {"choices": [{"index": 0, "delta": {}}], "citations": ["https://www.example.org/page"], "search_results": [
    {"url": "https://www.example.org/page", "title": "The <page>"}
]}  # fmt: skip


def test_sources_code_tables_and_contents(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    shared_site.provider.default = [sse(role(), TEXT, CITED, finish()), done()]
    page = online(open_browser(shared_site, newcomer))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=shared_site.url)
    ask(page, "Where is it?")
    finished(page)
    expect(last_answer(page).locator(".elsewhere")).to_have_text("(evil.test)")
    page.get_by_text("2 sources").click()
    expect(last_answer(page).locator(".sources a").first).to_have_text("The <page>")
    expect(last_answer(page).locator(".sources li")).to_have_count(2)

    expect(page.locator("copy-buttons:defined")).to_have_count(1)
    wrap = page.get_by_role("button", name="Wrap long lines")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "true")
    assert page.locator("figure.code pre").evaluate("(pre) => pre.scrollWidth <= pre.clientWidth")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert download.value.suggested_filename == "code.py"
    page.get_by_role("button", name="Copy as CSV").click()
    expect(page.locator("#status")).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == 'a,b\r\n"1,5","say ""x"""'

    page.reload()
    online(page)
    expect(page.get_by_role("button", name="Copy as CSV")).to_have_count(1)
    page.locator("[popovertarget=chat-menu]").click()
    expect(page.locator("page-dialog:defined")).to_have_count(1)
    page.get_by_role("link", name="Contents…").click()
    page.get_by_role("dialog").get_by_role("link", name="Where is it?").click()
    expect(page.locator("article:target")).to_contain_text("Where is it?")
