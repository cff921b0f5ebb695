"""Chats from elsewhere, with a browser."""

from __future__ import annotations

import json
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import online, pick_from_row
from tests.conftest import Opener
from tests.support.site import Site, Visitor
from tests.transfer.test_importing import CHATGPT


def test_an_export_of_another_site_is_looked_through_imported_and_read(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, tmp_path: Path
) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CHATGPT), encoding="utf-8")
    page = open_browser(shared_site, newcomer, path="/settings/data")
    page.get_by_label("File,").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()
    expect(page.locator("#import")).to_contain_text("1 chat, 4 messages, 2 branches")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Import").click()
    expect(page.locator("body")).to_contain_text("1 chat was imported.")
    online_page = online(open_browser(shared_site, newcomer))
    online_page.locator("[data-row] a").first.click()
    online(online_page)
    expect(online_page.locator(".question")).to_have_text("What is this?")
    expect(online_page.locator("[data-blocks]")).to_contain_text("Or a hedge.")
    online_page.get_by_role("link", name="Previous version").click()
    expect(online_page.locator("[data-blocks]").first).to_contain_text("A tree.")
    expect(online_page.locator(".question").last).to_have_text("Which?")
    pick_from_row(online_page, online_page.locator("[data-row]").first, "delete")
    expect(online_page.locator("[data-row]")).to_have_count(0)
    expect(online_page.locator("[data-hero]")).to_be_visible()  # the server has deleted it as well
    page.goto(f"{shared_site.url}/settings/data")
    page.get_by_role("button", name="Restore Tides").click()
    online(page)
    expect(page.locator(".question").first).to_have_text("What is this?")
    page.goto(f"{shared_site.url}/settings/data")
    page.get_by_label("File,").set_input_files(file)
    page.get_by_role("button", name="Look through it").click()
    expect(page.locator("#import")).to_contain_text("There is nothing new in this file.")
