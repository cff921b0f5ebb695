"""What a person writes with: drafts that follow them, prompts behind a slash, chats answered in their own manner."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.steps import ask, field, finished, in_hands, online
from tests.conftest import Opener
from tests.support.site import Site, Visitor


def test_a_draft_follows_to_another_browser_and_a_chat_is_answered_in_its_own_manner(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    desk = online(open_browser(shared_site, newcomer))
    ask(desk, "Hello there")
    finished(desk)
    chat = "/" + desk.url.split("/", 3)[3].split("#")[0]
    in_hands(desk)

    with desk.expect_response("**/draft") as kept:
        field(desk).fill("half a thought")
    assert kept.value.status == 201
    phone = online(open_browser(shared_site, newcomer, path=chat, phone=True))
    expect(field(phone)).to_have_value("half a thought")
    with phone.expect_response("**/draft"):
        field(phone).fill("half a thought, and more")
    desk.reload()
    expect(field(desk)).to_have_value("half a thought, and more")

    in_hands(desk)
    desk.get_by_role("button", name="More for this chat").click()
    desk.get_by_role("link", name="How it is answered…").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("System prompt").fill("Be a poet.")
    dialog.get_by_label("Temperature").fill("0.3")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(desk.get_by_role("link", name="Own settings")).to_be_visible()
    expect(field(desk)).to_have_value("half a thought, and more")
    with desk.expect_response("**/draft") as cleared:
        desk.get_by_role("button", name="Send").click()
    assert cleared.value.status == 204
    finished(desk)
    assert shared_site.provider is not None
    asked = next(one.json for one in reversed(shared_site.provider.requests) if "and more" in str(one.json))
    assert asked["temperature"] == 0.3
    assert asked["messages"][0] == {"role": "system", "content": "Be a poet."}
    phone.reload()
    expect(field(phone)).to_have_value("")


def test_a_slash_offers_prompts_that_ask_for_their_words(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    page.goto(f"{shared_site.url}/settings/prompts")
    for name, text in (("Translate", "Put {{text}} into {{language}}."), ("Summary", "Sum this up.")):
        page.get_by_label("Name").fill(name)
        page.get_by_label("Text").fill(text)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.goto(shared_site.url)
    in_hands(online(page))

    field(page).press_sequentially("/")
    options = page.get_by_role("listbox", name="Prompts").get_by_role("option")
    expect(options).to_have_text(["Summary", "Translate"])
    expect(page.locator("#status")).to_have_text("2 prompts")
    assert Axe().run(page).violations_count == 0
    page.keyboard.type("tr")
    expect(options).to_have_text(["Translate"])
    is_taken = """() => !document.querySelector("#text").dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
    assert not page.evaluate(is_taken), "an Enter that ends a composition chooses and sends nothing"
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field(page)).to_have_value("/tr")
    page.keyboard.type("a")
    expect(options).to_have_text(["Translate"])
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Translate")
    expect(dialog.get_by_label("text")).to_be_focused()
    assert Axe().run(page).violations_count == 0
    page.keyboard.type("$& {{language}}")
    dialog.get_by_label("language").fill("Greek")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value("Put $& {{language}} into Greek.")
    expect(field(page)).to_be_focused()
    expect(page.locator("article[data-role=user]")).to_have_count(0)
