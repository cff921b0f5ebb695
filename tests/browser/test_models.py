"""Choosing a model where there are many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import ask, field, finished, in_hands, online
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor

NAMES = [f"Sea Model {number}" for number in range(8)]


@pytest.fixture
def many_models(shared_site: Site) -> Iterator[None]:
    for name in NAMES:
        shared_site.add_model(name, like="test-model")
    yield
    shared_site.rows("DELETE FROM conversations_chatmodel WHERE label LIKE 'Sea Model%'")


@pytest.mark.usefixtures("many_models")
def test_one_of_many_models_is_searched_for_by_its_name(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    picker = page.get_by_role("combobox", name="Model", exact=True)
    search = page.get_by_role("combobox", name="Search models")
    page.wait_for_function("() => document.querySelector('.model-search')")
    page.keyboard.press("Control+Shift+M")
    expect(search).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    search.fill("sea 3")
    expect(page.locator(".model-search [role=option]:visible")).to_have_text(["Sea Model 3"])
    search.evaluate(
        """(field) => field.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
    )
    expect(search).to_be_focused()
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.press("Escape")
    expect(search).to_be_hidden()
    expect(field(page)).to_be_focused()
    picker.focus()
    page.keyboard.press("Enter")
    search.fill("nothing like it")
    expect(page.locator(".model-search [data-none]")).to_be_visible()
    search.fill("sea model")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(picker).to_have_value("sea-model-1")
    expect(search).to_be_hidden()
    expect(picker).to_be_focused()
    picker.click()
    page.locator(".model-search [role=option]", has_text="Sea Model 5").click()
    shared_site.provider.enqueue(answer("from the sea"))
    ask(page, "who?")
    finished(page)
    assert shared_site.provider.requests[-1].json["model"] == "Sea Model 5"
    expect(field(page)).to_be_focused()


@pytest.mark.usefixtures("many_models")
def test_favourite_models_stand_first_under_a_name_of_their_own(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer, path="/settings/chat")
    page.get_by_label("Sea Model 7").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".saved")).to_contain_text("Saved")
    assert Axe().run(page).response["violations"] == []
    page.goto(shared_site.url)
    first = page.locator("#model option").first
    expect(first).to_contain_text("Sea Model 7")
    expect(page.locator("#model optgroup").first).to_have_attribute("label", "Favourites")
    in_hands(online(page))
    page.keyboard.press("Control+Shift+M")
    search = page.get_by_role("combobox", name="Search models")
    favourites = page.get_by_role("group", name="Favourites")
    expect(favourites.get_by_role("option")).to_have_text(["Sea Model 7"])
    assert Axe().run(page).response["violations"] == []
    search.fill("sea model 1")
    expect(favourites).to_be_hidden()
    expect(page.locator(".model-search [role=option]:visible")).to_have_text(["Sea Model 1"])
