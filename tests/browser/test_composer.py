"""The form at the bottom: nothing typed is lost, keys do what they say, Send and Stop share a place."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import (
    DRAFTS,
    ask,
    field,
    finished,
    frames,
    in_hands,
    last_answer,
    online,
    press_stop,
    prose,
    until,
)
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, error, finish, hold, sse
from tests.support.site import Site, Visitor


@pytest.fixture
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return online(open_browser(shared_site, newcomer))


@pytest.fixture
def running(chat: Page, shared_site: Site) -> Page:
    """A chat in which an answer is being written, until it is released."""
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("some text"), hold(), sse(" and more"), sse(finish()), done())
    ask(chat, "a question")
    expect(prose(chat)).to_have_text("some text")
    return chat


def test_a_send_that_would_do_nothing_says_what_to_do(chat: Page) -> None:
    send = chat.get_by_role("button", name="Send")
    expect(send).to_have_attribute("aria-disabled", "true")
    expect(send).to_have_accessible_description("Ask anything")
    send.focus()
    expect(send).to_be_focused()
    field(chat).fill("something")
    expect(send).to_have_attribute("aria-disabled", "false")
    expect(send).to_have_attribute("title", "Send")


def test_the_own_message_is_there_before_the_key_is_up(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("x"))
    field(chat).fill("quick")
    shown = chat.evaluate(
        """() => {
          const field = document.querySelector("[name=text]");
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
          const said = document.querySelector("article[data-role=user] .question")?.textContent;
          const waiting = document.querySelector("article[data-role=assistant]")?.dataset.status;
          return [said, waiting, field.value];
        }"""
    )
    assert shown == ["quick", "waiting", ""]
    expect(field(chat)).to_be_focused()


def test_what_is_sent_while_an_answer_is_written_waits_for_its_end(running: Page, shared_site: Site) -> None:
    row = running.locator("queued-question")
    field(running).fill("the next one")
    field(running).press("Enter")
    expect(field(running)).to_have_value("")
    expect(row).to_contain_text("the next one")
    expect(running.locator("#status")).to_contain_text("Will be sent when this answer ends")
    field(running).fill("and this")
    field(running).press("Enter")
    row.get_by_role("button", name="Edit").click()
    expect(row).to_be_hidden()
    expect(field(running)).to_have_value("the next one\n\nand this")
    field(running).press("Enter")
    running.reload()
    online(running)
    expect(row).to_contain_text("and this")
    expect(running.locator(".question")).to_have_count(1)
    field(running).fill("half typed")
    shared_site.provider.enqueue(answer("second"))
    shared_site.provider.release()
    expect(prose(running)).to_have_text("second")
    expect(running.locator(".question").last).to_have_text("the next one\n\nand this")
    expect(row).to_be_hidden()
    expect(field(running)).to_have_value("half typed")


def test_what_waits_can_be_sent_at_once_or_not_at_all(running: Page, shared_site: Site) -> None:
    row = running.locator("queued-question")
    for text in ("never mind", "now"):
        field(running).fill(text)
        field(running).press("Enter")
        expect(row).to_contain_text(text)
        if text == "never mind":
            row.get_by_role("button", name="Remove").click()
            expect(row).to_be_hidden()
            expect(field(running)).to_be_focused()
    shared_site.provider.enqueue(answer("at once"))
    row.get_by_role("button", name="Send now").click()
    expect(prose(running)).to_have_text("at once")
    expect(running.locator(".question").last).to_have_text("now")
    expect(running.locator("article[data-role=assistant]").first).to_have_attribute("data-status", "stopped")


def test_what_waits_comes_back_into_the_field_when_the_answer_fails(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("so far"), hold(), sse(error()), done())
    ask(chat, "first")
    expect(prose(chat)).to_have_text("so far")
    field(chat).fill("second")
    field(chat).press("Enter")
    expect(chat.locator("queued-question")).to_contain_text("second")
    shared_site.provider.release()
    finished(chat, "failed")
    expect(field(chat)).to_have_value("second")
    expect(chat.locator("queued-question")).to_be_hidden()
    expect(chat.locator(".question")).to_have_count(1)


def test_a_double_click_on_send_does_not_stop(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("not stopped"))
    field(chat).fill("double")
    chat.get_by_role("button", name="Send").dblclick()
    finished(chat)
    expect(prose(chat)).to_have_text("not stopped")


def test_escape_stops_and_the_focus_has_a_place(running: Page) -> None:
    field(running).press("Escape")
    finished(running, "stopped")
    expect(prose(running)).to_have_text("some text")
    expect(field(running)).to_be_focused()


def test_a_stop_before_the_first_word_ends_the_answer(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(hold(), sse("never"), done())
    ask(chat, "stop at once")
    press_stop(chat)
    finished(chat, "stopped")
    shared_site.provider.release()


def test_arrow_up_in_an_empty_field_edits_the_last_question(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("x"))
    ask(chat, "first words")
    finished(chat)
    field(chat).press("ArrowUp")
    editor = chat.locator("message-editor textarea")
    expect(editor).to_be_focused()
    expect(editor).to_have_value("first words")
    editor.press("Escape")
    expect(chat.locator("message-editor")).to_have_count(0)
    expect(chat.locator(".question")).to_be_visible()
    expect(chat.get_by_label("Edit question")).to_be_focused()


def test_an_edit_is_sent_with_control_and_enter_and_keeps_its_own_draft(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("x"))
    ask(chat, "with mistake")
    finished(chat)
    chat.get_by_label("Edit question").click()
    editor = chat.locator("message-editor textarea")
    editor.fill("without")
    editor.press("Enter")
    expect(editor).to_have_value("without\n")
    editor.fill("without")
    shared_site.provider.enqueue(answer("the new answer"))
    editor.press("Control+Enter")
    expect(prose(chat)).to_have_text("the new answer")
    expect(chat.locator(".question")).to_have_text("without")
    expect(field(chat)).to_be_focused()


def test_what_is_too_long_comes_back_with_the_reason(chat: Page) -> None:
    text = "ü" * 40_000
    field(chat).evaluate("(node, text) => { node.value = text; node.dispatchEvent(new Event('input')); }", text)
    field(chat).press("Enter")
    expect(chat.locator("chat-composer [data-refusal]")).to_contain_text("longer than the site takes")
    expect(field(chat)).to_have_value(text)
    expect(chat.locator("article")).to_have_count(0)
    expect(chat.locator("[data-hero]")).to_be_visible()


def test_a_refused_question_comes_back_in_front_of_what_was_typed_since(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("x"))
    ask(chat, "exists")
    finished(chat)
    home = chat.url.rsplit("/", 1)[1]
    chat.context.set_offline(True)
    shared_site.rows("UPDATE conversations_conversation SET deleted_at = '2026-01-01' WHERE id = ?", UUID(home))
    ask(chat, "to a chat that is gone")
    field(chat).fill("typed since")
    chat.context.set_offline(False)
    refusal = chat.locator("chat-composer [data-refusal]")
    expect(refusal).to_contain_text("does not exist", timeout=20_000)
    expect(field(chat)).to_have_value("to a chat that is gone\n\ntyped since")
    expect(chat.locator(".question")).to_have_count(1)


def test_a_draft_belongs_to_its_chat_and_survives_a_reload_while_an_answer_streams(
    running: Page, shared_site: Site
) -> None:
    field(running).fill("half a thought")
    frames(running, 20)
    url = running.url
    running.goto(shared_site.url)
    expect(field(running)).to_have_value("")
    running.goto(url)
    expect(field(running)).to_have_value("half a thought")
    running.reload()
    expect(field(running)).to_have_value("half a thought")
    shared_site.provider.release()
    finished(running)
    expect(field(running)).to_have_value("half a thought")


@pytest.mark.parametrize("is_saved", [True, False], ids=["saved", "just typed"])
def test_signing_out_leaves_no_draft_in_this_browser_and_signing_in_brings_it_back(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, is_saved: bool
) -> None:
    page = online(open_browser(shared_site, newcomer))
    in_hands(page)
    page.locator("[popovertarget=account-menu]").click()
    if is_saved:
        with page.expect_response("**/draft"):
            field(page).fill("private")
        page.wait_for_function(f"() => {DRAFTS} === 1")
        page.locator("form[data-logout]").evaluate("(form) => form.requestSubmit()")
    else:
        page.locator("form[data-logout]").evaluate(
            """(form) => {
              const field = document.querySelector("chat-composer textarea");
              field.value = "private";
              field.dispatchEvent(new Event("input", { bubbles: true }));
              form.requestSubmit();
            }"""
        )
    page.wait_for_url("**/accounts/**")
    assert page.evaluate(DRAFTS) == 0
    back = replace(newcomer, session=shared_site.session_of(shared_site.person(newcomer)))
    again = online(open_browser(shared_site, back))
    expect(field(again)).to_have_value("private")


def test_signing_out_waits_until_what_was_just_typed_is_kept(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    in_hands(page)
    held: list[Route] = []
    asked: list[str] = []
    page.route("**/draft", lambda route: held.append(route))
    page.on("request", lambda request: asked.append(request.url))
    field(page).press_sequentially("last words")
    page.locator("form[data-logout]").evaluate("(form) => form.requestSubmit()")
    until(page, lambda: bool(held))
    frames(page, 5)
    assert not any("logout" in url for url in asked)
    held[0].continue_()
    page.wait_for_url("**/accounts/**")
    assert page.evaluate(DRAFTS) == 0


def test_with_the_script_held_back_typing_and_sending_work(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer)
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.goto(shared_site.url, wait_until="commit")
    field(page).fill("typed before the script")
    for route in held:
        route.continue_()
    page.unroute("**/*.js")
    online(page)
    expect(field(page)).to_have_value("typed before the script")
    expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "false")


def test_enter_breaks_lines_on_a_phone(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = online(open_browser(shared_site, newcomer, phone=True))
    field(page).press_sequentially("one")
    field(page).press("Enter")
    field(page).press_sequentially("two")
    expect(field(page)).to_have_value("one\ntwo")
    shared_site.provider.enqueue(answer("x"))
    field(page).press("Control+Enter")
    expect(page.locator(".question")).to_have_text("one\ntwo")
    finished(page)


def test_a_starter_fills_the_field_and_waits(chat: Page) -> None:
    starter = chat.locator("[data-do=starter]").first
    words = starter.inner_text()
    starter.click()
    expect(field(chat)).to_have_value(words)
    expect(field(chat)).to_be_focused()
    expect(last_answer(chat)).to_have_count(0)


def test_a_starter_wipes_nothing_that_was_typed(chat: Page) -> None:
    field(chat).fill("half a thought")
    starter = chat.locator("[data-do=starter]").first
    starter.click()
    expect(field(chat)).to_have_value(f"half a thought\n\n{starter.inner_text()}")


LOW = "@layer components { .composer__text textarea { field-sizing: fixed !important; } }"


@pytest.mark.parametrize("can_grow", [True, False], ids=["by itself", "by the page"])
def test_the_field_is_as_high_as_its_text_at_every_width(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, can_grow: bool
) -> None:
    page = open_browser(shared_site, newcomer)
    if not can_grow:
        page.add_init_script("CSS.supports = () => false")
        page.reload()
        page.evaluate(
            "(low) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(low); document.adoptedStyleSheets = [sheet]; }",
            LOW,
        )
    online(page)
    heights = []
    for text in ("", "one", "words " * 40, "1\n2\n3\n4\n5", "one", ""):
        field(page).fill(text)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            frames(page, 2)
            seen = field(page).evaluate(
                "(field) => [field.scrollHeight - field.clientHeight, field.offsetHeight, field.parentElement.offsetHeight]"
            )
            assert seen == [0, seen[1], seen[1]], "all of it is seen, and nothing lies over it"
            heights.append(seen[1])
    low, narrow_low, *_, last, narrow_last = heights
    assert (low, narrow_low) == (last, narrow_last)
    assert heights[5] > heights[4] > low, "more on a narrow screen"
    field(page).fill("a line\n" * 60)
    assert field(page).evaluate(
        "(field) => field.scrollHeight > field.clientHeight && field.offsetHeight < innerHeight / 2"
    )


def test_where_nothing_takes_a_question_the_form_is_sent_with_the_model_that_was_chosen(
    chat: Page, shared_site: Site
) -> None:
    shared_site.provider.enqueue(answer("x"))
    chat.evaluate("document.addEventListener('chat:ask', (event) => event.stopImmediatePropagation(), true)")
    chat.get_by_role("combobox", name="Model").select_option("Other Model")
    ask(chat, "by the form")
    finished(chat)
    assert shared_site.provider.requests[-1].model == "other-model"
