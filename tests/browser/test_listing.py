"""The list of chats and their names: what one tab does is seen after a reload, a way back, and in the other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished, online, pick_from_row
from tests.browser.test_order import chats
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor


@pytest.fixture(params=[False, True], ids=["desktop", "phone"])
def chat(request: pytest.FixtureRequest, open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return online(open_browser(shared_site, newcomer, phone=request.param))


def test_a_chat_that_has_just_begun_has_the_menu_of_its_page(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    shared_site.provider.default = answer("There.")
    page = online(open_browser(shared_site, newcomer))
    expect(page.get_by_role("button", name="More for this chat")).to_have_count(0)
    ask(page, "begin")
    finished(page)
    page.get_by_role("button", name="More for this chat").click()
    chat = page.url.rsplit("/", 1)[1]
    expect(page.get_by_role("link", name="Share…")).to_have_attribute("href", f"/c/{chat}/share")
    field = page.get_by_role("textbox", name="Title")
    expect(field).to_have_value("A scripted title")
    field.fill("A better name")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.locator("[data-chat-title]")).to_have_text("A better name")
    page.reload()
    expect(page.locator("[data-chat-title]")).to_have_text("A better name")


def begin(chat: Page, site: Site) -> None:
    """Begin a chat, and wait for the name that it gets by itself."""
    site.provider.enqueue(answer("There."))
    ask(chat, "begin")
    finished(chat)
    expect(chat.locator("[data-chat-title]")).to_have_text("A scripted title")


def test_a_name_given_just_before_a_reload_is_kept_and_shown_by_the_page_that_comes(
    chat: Page, shared_site: Site
) -> None:
    begin(chat, shared_site)
    chat.get_by_role("button", name="More for this chat").click()
    chat.get_by_role("textbox", name="Title").fill("A better name")
    chat.evaluate("() => { document.querySelector('[data-rename-chat]').requestSubmit(); location.reload(); }")
    expect(chat.locator("[data-chat-title]")).to_have_text("A better name")
    expect(chat.locator("chat-sidebar [aria-current=page]")).to_have_text("A better name")


def test_back_to_a_page_that_the_browser_has_kept_shows_the_name_it_has_now(
    chat: Page, shared_site: Site, newcomer: Visitor
) -> None:
    chats(shared_site, newcomer, "An old name")  # of which the server has told nothing that it would say again
    chat.goto(shared_site.url)
    open_list(chat)
    chat.locator("chat-sidebar").get_by_role("link", name="An old name", exact=True).click()
    expect(chat.locator("[data-chat-title]")).to_have_text("An old name")
    chat.goto(f"{shared_site.url}/chats")
    shared_site.rows("UPDATE conversations_conversation SET title = 'A better name' WHERE owner_id = ?", newcomer.id)
    chat.go_back()
    expect(chat.locator("chat-sidebar [aria-current=page]")).to_have_text("A better name")
    expect(chat.locator("[data-chat-title]")).to_have_text("A better name")


def test_chats_are_listed_renamed_deleted_and_brought_back(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("one"))
    ask(chat, "first chat")
    finished(chat)
    expect(chat.locator("[data-chat-title]")).to_have_text("A scripted title")
    open_list(chat)
    row = chat.locator("[data-row]").first
    expect(row).to_contain_text("A scripted title")
    pick_from_row(chat, row, "rename")
    field = chat.locator("[data-renaming]")
    field.fill("My own title")
    field.press("Enter")
    expect(row).to_contain_text("My own title")
    pick_from_row(chat, row, "delete")
    expect(chat.locator("[data-hero]")).to_be_visible()
    expect(chat.locator("[data-row]")).to_have_count(0)
    chat.get_by_role("button", name="Undo").click()
    expect(chat.locator("[data-blocks]").last).to_have_text("one")
    expect(chat.locator("[data-chat-title]")).to_have_text("My own title")


def open_list(page: Page) -> None:
    button = page.locator(".bar__menu")
    if button.is_visible() and not page.locator("#sidebar").is_visible():
        button.click()
