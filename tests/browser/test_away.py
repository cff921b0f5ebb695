"""Away and back: without network, without session, without page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, online, pick_from_row, prose
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, finish, hold, sse
from tests.support.site import Site, Visitor


@pytest.fixture
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    page = online(open_browser(shared_site, newcomer))
    shared_site.provider.enqueue(answer("first answer"))
    ask(page, "first question")
    finished(page)
    return page


def test_being_offline_is_said_after_a_while_stays_and_is_taken_back(chat: Page) -> None:
    bar = chat.locator("connection-bar")
    expect(bar).to_be_hidden()
    chat.context.set_offline(True)
    expect(chat.locator("html")).to_have_attribute("data-connection", re.compile("offline|connecting"))
    expect(bar).to_be_hidden(timeout=500)
    expect(bar).to_be_visible()
    expect(bar).to_contain_text(re.compile("next try in|Connecting"))
    chat.context.set_offline(False)
    expect(bar).to_contain_text("Connected")
    expect(bar).to_be_hidden()


def test_a_question_waits_for_the_connection_also_over_a_reload_and_is_sent_once(chat: Page, shared_site: Site) -> None:
    before = len(shared_site.provider.requests)
    chat.context.set_offline(True)
    ask(chat, "sent while away")
    question = chat.locator("article[data-role=user]").last
    expect(question).to_have_attribute("data-status", "sending")
    expect(question).to_contain_text("Waits for the connection")
    send = chat.get_by_role("button", name="Waits for the connection")
    expect(send).to_have_attribute("aria-disabled", "true")
    send.evaluate("(button) => button.click()")  # does nothing: there is nothing to stop
    expect(chat.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    expect(field(chat)).to_have_value("")
    expect(field(chat)).to_be_enabled()
    shared_site.provider.enqueue(answer("after the pause"))
    chat.context.set_offline(False)
    expect(prose(chat)).to_have_text("after the pause", timeout=20_000)
    finished(chat)
    expect(chat.locator(".question")).to_have_text(["first question", "sent while away"])
    chat.reload()
    online(chat)
    expect(chat.locator(".question")).to_have_text(["first question", "sent while away"])
    assert len(shared_site.provider.requests) == before + 1


def test_a_waiting_question_can_be_taken_back(chat: Page) -> None:
    chat.context.set_offline(True)
    ask(chat, "on second thoughts")
    chat.get_by_role("button", name="Take back").click()
    expect(field(chat)).to_have_value("on second thoughts")
    expect(field(chat)).to_be_focused()
    expect(chat.locator(".question")).to_have_text(["first question"])
    chat.context.set_offline(False)
    online(chat)
    expect(chat.locator(".question")).to_have_text(["first question"])


def test_a_question_that_waits_survives_a_restart_of_server_and_page(live_site: Site, open_browser: Opener) -> None:
    page = online(open_browser(live_site, live_site.visitor()))
    url = page.url
    live_site.kill()
    ask(page, "nobody is there")
    expect(page.locator(".question")).to_have_text("nobody is there")
    page.goto("about:blank")  # or this page would send it itself, and its address would be the chat's
    live_site.start()
    page.goto(url)
    expect(page.locator(".question")).to_have_text("nobody is there")
    finished(page)
    expect(page.locator(".question")).to_have_count(1)
    assert len(live_site.provider.requests) == 1


def test_an_answer_goes_on_after_the_network_was_away(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("**one** "), hold(), *[sse(f"word{n} ") for n in range(30)], sse(finish()), done())
    ask(chat, "go on")
    expect(prose(chat)).to_contain_text("one")
    chat.evaluate(
        "() => { window.kept = [...document.querySelectorAll('[data-blocks]')].at(-1).querySelector('strong'); }"
    )
    chat.context.set_offline(True)
    expect(chat.locator("connection-bar")).to_be_visible()
    shared_site.provider.release()
    chat.context.set_offline(False)
    finished(chat)
    expect(prose(chat)).to_have_text("one " + " ".join(f"word{n}" for n in range(30)))
    assert chat.evaluate("kept.isConnected")


def test_an_ended_session_says_so_and_keeps_the_text(chat: Page, shared_site: Site, newcomer: Visitor) -> None:
    field(chat).fill("do not lose me")
    shared_site.rows("DELETE FROM django_session WHERE session_key = ?", newcomer.session)
    chat.context.set_offline(True)
    expect(chat.locator("html")).to_have_attribute("data-connection", re.compile("offline|connecting"))
    chat.context.set_offline(False)
    expect(chat.locator("connection-bar")).to_contain_text("signed out", timeout=20_000)
    expect(chat.get_by_role("link", name="Sign in again")).to_be_visible()
    expect(field(chat)).to_have_value("do not lose me")


def sign_in(page: Page, site: Site, visitor: Visitor) -> None:
    """Become somebody in this browser, as by another tab."""
    page.context.clear_cookies(name="sessionid")
    key = site.session_of(site.person(visitor))
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": site.url}])


def test_a_tab_goes_on_when_its_person_has_signed_in_again_elsewhere(
    chat: Page, shared_site: Site, newcomer: Visitor
) -> None:
    shared_site.rows("DELETE FROM django_session WHERE session_key = ?", newcomer.session)
    ask(chat, "waits for me")
    expect(chat.locator("connection-bar")).to_contain_text("signed out", timeout=20_000)
    field(chat).fill("typed since")
    shared_site.provider.enqueue(answer("welcome back"))
    sign_in(chat, shared_site, newcomer)
    chat.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(prose(chat)).to_have_text("welcome back")
    expect(chat.locator(".question")).to_have_text(["first question", "waits for me"])
    expect(field(chat)).to_have_value("typed since")


def test_what_waits_is_sent_by_nobody_else(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = online(open_browser(shared_site, newcomer))
    other = shared_site.visitor(f"other-{newcomer.email}")
    shared_site.rows("DELETE FROM django_session WHERE session_key = ?", newcomer.session)
    ask(page, "a secret")
    expect(page.locator("connection-bar")).to_contain_text("signed out", timeout=20_000)
    before = len(shared_site.provider.requests)
    sign_in(page, shared_site, other)
    page.goto(shared_site.url)
    online(page)
    expect(field(page)).to_have_value("")
    ask(page, "my own")  # what waits would have gone before it
    finished(page)
    expect(page.locator(".question")).to_have_text(["my own"])
    asked = [one.body for one in shared_site.provider.requests[before:]]
    assert asked
    assert not [body for body in asked if b"a secret" in body]


def test_going_back_finds_the_chat_and_its_running_answer(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("before "), hold(), sse("after"), sse(finish()), done())
    ask(chat, "go back")
    expect(prose(chat)).to_contain_text("before")
    chat.goto(shared_site.url)
    chat.go_back()
    online(chat)
    shared_site.provider.release()
    finished(chat)
    expect(prose(chat)).to_have_text("before after")


def test_a_chat_deleted_elsewhere_is_noticed(
    chat: Page, open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    other = online(open_browser(shared_site, newcomer))
    pick_from_row(other, other.locator("[data-row]").first, "delete")
    expect(chat.locator("chat-composer [data-refusal]")).to_contain_text("has been deleted")
    expect(chat.locator("[data-row]")).to_have_count(0)
    expect(chat.locator(".question")).to_have_text("first question")
