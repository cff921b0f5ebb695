"""Finding a message over the chat, by the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.steps import ask, field, finished, online, prose
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor


def test_a_message_of_another_branch_is_shown_in_its_branch_for_good(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    shared_site.provider.default = answer("So it is.")
    ask(page, "first wording walrus")
    finished(page)
    page.get_by_role("link", name="Edit question").click()
    editor = page.get_by_role("textbox", name="Question")
    editor.fill("second wording octopus")
    page.get_by_role("button", name="Send as new version").click()
    expect(page.locator(".question")).to_have_text("second wording octopus")
    finished(page)
    page.goto(f"{shared_site.url}/search?q=walrus")
    page.get_by_role("link", name="walrus").click()
    online(page)
    expect(page.locator("article:target")).to_contain_text("walrus")
    shared_site.provider.default = answer("Still there.")
    ask(page, "and then?")
    expect(prose(page)).to_have_text("Still there.")
    expect(page.locator(".question")).to_have_text(["first wording walrus", "and then?"])


def test_a_message_is_found_and_opened_where_it_stands(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    shared_site.provider.default = answer("潮汐是由 **moonshine** 引起的 <b>海水</b>涨落现象")
    ask(page, "Why is the sea salty?")
    finished(page)
    here = page.url.partition("#")[0]
    page.goto(shared_site.url)
    online(page)
    expect(field(page)).to_be_focused()
    palette = page.get_by_role("combobox", name="Search chats and messages")
    expect(page.locator("toast-list:defined")).to_have_count(1)  # what comes later is there

    page.keyboard.press("Control+k")
    expect(palette).to_be_focused()
    expect(page.get_by_role("option", name="A scripted title")).to_be_visible()  # recent
    palette.fill("海水")
    hit = page.get_by_role("option", name="Answer")
    expect(hit.locator("mark")).to_have_text("海水")
    expect(hit.locator("b")).to_have_count(1)  # the title; what the model wrote stays text
    page.keyboard.press("Escape")
    expect(field(page)).to_be_focused()

    page.keyboard.press("Control+k")
    palette.fill("salty")
    expect(page.locator("search-palette [aria-selected=true]")).to_contain_text("salty")
    palette.fill("nothing like it")
    page.keyboard.press("Enter")  # before anything was found for these words: what others found is not opened
    page.wait_for_url("**/search?q=nothing*")
    page.goto(shared_site.url)
    online(page)

    page.keyboard.press("Control+k")
    palette.press_sequentially("moonsh")
    expect(page.locator("search-palette [aria-selected=true]")).to_contain_text("moonshine")
    page.keyboard.press("Enter")
    page.wait_for_url(here + "?at=*")
    expect(page.locator("article:target")).to_contain_text("moonshine")

    online(page)
    expect(page.locator("toast-list:defined")).to_have_count(1)
    page.keyboard.press("Control+/")
    box = page.get_by_role("checkbox", name="Search chats")
    box.uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(palette).to_have_count(0)
