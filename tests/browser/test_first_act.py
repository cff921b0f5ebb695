"""Whatever somebody does first on a page is done, though its script comes only with that first act, or late."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import ask, finished, frames, in_hands, online, until
from tests.browser.test_pictures import GIVE
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.pictures.samples import photo
from tests.support.site import Site, Visitor

COPIED = "() => { window.copied = []; navigator.clipboard.write = async (all) => copied.push(all.length); }"


class Late:
    """A fresh page whose script for hands, or another, is held back until it is let go."""

    def __init__(self, page: Page, script: str = "hands") -> None:
        self.page = page
        self._held: list[str] = []
        self._wire = page.context.new_cdp_session(page)
        self._wire.send("Network.enable")
        self._wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self._wire.send("Fetch.enable", {"patterns": [{"urlPattern": f"*/js/{script}*"}]})
        self._wire.on("Fetch.requestPaused", lambda event: self._held.append(event["requestId"]))
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-connection", "online")
        if script == "hands":
            page.wait_for_function("() => customElements.get('chat-sidebar')")
        else:
            in_hands(page)

    def let_go(self) -> Page:
        until(self.page, lambda: len(self._held) == 1)
        self._wire.send("Fetch.continueRequest", {"requestId": self._held.pop()})
        return self.page


@pytest.fixture(params=["desktop", "phone"])
def late(open_browser: Opener, shared_site: Site, newcomer: Visitor, request: pytest.FixtureRequest) -> Late:
    page = open_browser(shared_site, newcomer, phone=request.param == "phone")
    online(page)
    shared_site.provider.enqueue(answer("some **words**"))
    ask(page, "first")
    finished(page)
    return Late(page)


def press(page: Page, what: str) -> None:
    page.locator(what).first.dispatch_event("pointerdown")
    page.locator(what).first.dispatch_event("click")


@pytest.mark.parametrize(
    ("what", "there"),
    [
        ("article[data-role=assistant] a[href*='/share']", "page-dialog dialog[open]"),
        ("article[data-role=assistant] a[href$='/more']", "page-dialog dialog[open]"),
        ("article[data-role=user] [data-do=edit]", "message-editor textarea"),
        ("[data-do=pick-address]", "[data-address-row]"),
    ],
)
def test_what_is_pressed_before_its_script_is_there_waits_for_it(late: Late, what: str, there: str) -> None:
    address = late.page.url
    press(late.page, what)
    expect(late.let_go().locator(there).first).to_be_visible()
    assert late.page.url == address


def test_an_answer_is_copied_by_the_first_tap(late: Late) -> None:
    late.page.evaluate(COPIED)
    press(late.page, "article[data-role=assistant] [data-do=copy]")
    expect(late.let_go().locator("#status")).to_have_text("Copied")


def test_the_last_question_is_edited_by_the_first_key(late: Late) -> None:
    late.page.press("#text", "ArrowUp")
    expect(late.let_go().locator("message-editor textarea")).to_have_value("first")


def test_a_slash_that_brought_the_script_opens_the_prompts(late: Late) -> None:
    late.page.locator("#text").press_sequentially("/")
    expect(late.let_go().locator(".offer")).to_have_count(1)


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_a_picture_that_is_faster_than_its_tray_is_not_lost_and_replaces_no_page(late: Late, how: str) -> None:
    late.page.dispatch_event("body", "pointermove")
    content = base64.b64encode(photo((40, 30))).decode()
    given = {"how": how, "name": "cat.jpg", "type": "image/jpeg", "content": content, "text": ""}
    assert late.page.evaluate(GIVE, given) is False  # the browser does nothing of its own
    expect(late.let_go().locator("[data-pictures] [data-id]")).to_have_count(1)


def test_what_could_not_be_fetched_while_the_server_was_away_comes_when_it_is_back(
    open_browser: Opener, live_site: Site
) -> None:
    page = open_browser(live_site, live_site.visitor())
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    live_site.kill()
    with page.expect_event("requestfailed", lambda request: "/js/hands" in request.url):
        page.mouse.move(200, 200)
    live_site.start()
    page.wait_for_function("() => customElements.get('page-dialog')", timeout=20_000)


def test_without_connection_a_dialog_says_so_and_the_chat_stays(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    in_hands(page)
    page.wait_for_function("() => customElements.get('toast-list')")
    page.context.set_offline(True)
    page.keyboard.press("Control+k")
    expect(page.locator("toast-list")).to_contain_text("You are offline")
    assert page.url == f"{shared_site.url}/"


def test_no_key_does_anything_before_the_place_is_there_where_its_failure_would_be_told(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer)
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    late = Late(page, "later")
    page.keyboard.press("Control+k")
    frames(page, 10)
    expect(page.locator("page-dialog dialog")).to_be_hidden()
    expect(late.let_go().locator("page-dialog dialog")).to_be_visible()


def test_what_is_pressed_first_without_connection_waits_for_it(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer)
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    page.context.set_offline(True)
    with page.expect_event("requestfailed", lambda request: "/js/hands" in request.url):
        page.keyboard.press("Control+k")
    frames(page, 10)
    assert page.url == f"{shared_site.url}/"
    page.context.set_offline(False)
    expect(page.locator("page-dialog dialog")).to_be_visible()


def test_a_drawer_that_was_opened_before_its_script_has_the_page_to_itself(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer, phone=True)
    late = page.context.new_page()
    held: list[Route] = []
    late.route("**/js/later*", lambda route: held.append(route))
    late.goto(shared_site.url)
    late.get_by_role("button", name="Chats").click()
    expect(late.locator("#sidebar")).to_be_visible()
    until(late, lambda: bool(held))
    held[0].continue_()
    late.wait_for_function("() => document.querySelector('.page').inert")
