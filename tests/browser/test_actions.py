"""What can be done with a message, and where the page and the focus are afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, frames, last_answer, online, press_stop, prose
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, error, finish, hold, pause, sse, status
from tests.support.site import Site, Visitor

CODE = "Look:\n\n```python\nprint(1 < 2)\nprint(2)\n```\n\nThat **is** all."


@pytest.fixture
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return online(open_browser(shared_site, newcomer, permissions=["clipboard-read", "clipboard-write"]))


def read_clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_copy_takes_the_markdown_and_the_formatted_text(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer(CODE))
    ask(chat, "code please")
    finished(chat)
    last_answer(chat).get_by_role("button", name="Copy answer").click()
    expect(chat.locator("#status")).to_have_text(re.compile("Copied"))
    assert read_clipboard(chat) == CODE
    html = chat.evaluate("async () => (await (await navigator.clipboard.read())[0].getType('text/html')).text()")
    assert "<strong>is</strong>" in html
    assert "button" not in html
    last_answer(chat).get_by_role("button", name="Copy code").click()
    assert read_clipboard(chat) == "print(1 < 2)\nprint(2)"


def test_copy_works_where_the_browser_offers_no_clipboard(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("plain text"))
    ask(chat, "q")
    finished(chat)
    chat.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    button = last_answer(chat).get_by_role("button", name="Copy answer")
    button.click()
    expect(chat.locator("#status")).to_have_text(re.compile("Copied"))
    expect(button).to_be_focused()
    field(chat).focus()
    chat.keyboard.press("Control+v")
    expect(field(chat)).to_have_value("plain text")


def test_code_can_be_copied_while_it_is_written(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("```python\nx = 1\n"), hold(), sse("y = 2\n```\n", finish()), done())
    ask(chat, "code")
    expect(prose(chat)).to_contain_text("x = 1")
    prose(chat).get_by_role("button", name="Copy code").click()
    assert read_clipboard(chat).startswith("x = 1")
    shared_site.provider.release()
    finished(chat)
    expect(prose(chat).get_by_role("button", name="Copy code")).to_have_count(1)


def test_the_trace_id_is_copied_by_its_button(chat: Page, shared_site: Site) -> None:
    for _ in range(3):
        shared_site.provider.enqueue(status(500, error(trace_id="trace-42")))
    ask(chat, "will fail")
    finished(chat, "failed")
    chat.get_by_role("button", name="Copy trace id").click()
    assert read_clipboard(chat) == "trace-42"


def test_the_menu_of_another_answer_marks_who_has_answered(chat: Page, shared_site: Site) -> None:
    chat.select_option("#model", "other-model")
    ask(chat, "who are you?")
    finished(chat)
    chat.get_by_role("button", name="Choose who answers").click()
    marked = chat.locator("#model-menu [aria-current=true]")
    expect(marked).to_have_text("Other Model")
    marked.click()
    finished(chat)
    chat.get_by_role("button", name="Choose who answers").click()
    chat.get_by_role("group", name="Choose who answers").get_by_role("button", name="Test Model").click()
    expect(last_answer(chat).get_by_role("heading", level=2)).to_have_text("Test Model")
    finished(chat)
    chat.get_by_role("button", name="Choose who answers").click()
    expect(marked).to_have_text("Test Model")


def test_retry_counts_down_and_then_works(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(status(429, error("rate_limited"), {"Retry-After": "3600"}))
    ask(chat, "too fast")
    finished(chat, "failed")
    button = chat.locator("[data-do=retry]")
    expect(button).to_have_text(re.compile(r"Retry in 3\d{3} s"))
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(last_answer(chat)).to_have_attribute("data-status", "failed")


def test_nothing_moves_when_an_answer_ends(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse(CODE), hold(), sse(finish()), done())
    ask(chat, "steady")
    expect(prose(chat)).to_contain_text("That is all.")
    frames(chat, 30)
    before = state(chat)
    shared_site.provider.release()
    finished(chat)
    frames(chat, 30)
    assert {**state(chat), "height": 0} == {**before, "height": 0}
    assert state(chat)["nodes"] is True


def state(page: Page) -> dict[str, Any]:
    return dict(
        page.evaluate(
            """() => {
              const blocks = [...document.querySelectorAll("[data-blocks]")].at(-1);
              window.kept ??= [...blocks.children];
              return { y: scrollY, top: blocks.getBoundingClientRect().top, html: blocks.innerHTML,
                nodes: kept.every((node) => node.isConnected), height: document.documentElement.scrollHeight };
            }"""
        )
    )


def test_what_is_selected_and_focused_in_an_answer_outlives_its_end(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    text = "Some words and a [link](https://example.org/x) in it. "
    shared_site.provider.enqueue(sse(text), hold(), sse("More."), sse(finish()), done())
    ask(chat, "select")
    expect(prose(chat).get_by_role("link")).to_be_visible()
    chat.evaluate(
        """() => {
          const text = [...document.querySelectorAll("[data-blocks] p")].at(-1).firstChild;
          getSelection().setBaseAndExtent(text, 5, text, 10);
        }"""
    )
    prose(chat).get_by_role("link").evaluate("(link) => link.focus({ preventScroll: true })")
    shared_site.provider.release()
    finished(chat)
    assert chat.evaluate("String(getSelection())") == "words"
    expect(prose(chat).get_by_role("link")).to_be_focused()


def test_a_switched_version_stays_under_the_pointer_and_is_said(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("long " * 900))
    ask(chat, "q")
    finished(chat)
    shared_site.provider.enqueue(answer("short"))
    chat.get_by_role("button", name="Answer again").click()
    finished(chat)
    expect(prose(chat)).to_have_text("short")
    shared_site.provider.enqueue(answer("below"))
    ask(chat, "a second turn")
    finished(chat)
    for name in ("Previous version", "Next version", "Previous version"):
        link = chat.get_by_role("navigation", name="Versions of this answer").get_by_role("link", name=name)
        link.scroll_into_view_if_needed()
        frames(chat, 20)
        before = link.bounding_box()
        link.click()
        number = "1 of 2" if name == "Previous version" else "2 of 2"
        expect(chat.locator("#status")).to_have_text(f"Version {number}")
        frames(chat, 30)
        nav = chat.get_by_role("navigation", name="Versions of this answer").bounding_box()
        assert before is not None
        assert nav is not None
        assert abs(nav["y"] - before["y"]) <= 2
        assert chat.evaluate("document.activeElement.closest('nav')?.ariaLabel").startswith("Versions of this answer")
    expect(chat.locator(".question")).to_have_count(1)


def test_the_focus_never_falls_to_the_page(chat: Page, shared_site: Site) -> None:
    def has_place() -> bool:
        return bool(chat.evaluate("document.activeElement !== document.body && document.activeElement.isConnected"))

    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("text"), hold(), done())
    ask(chat, "q")
    expect(prose(chat)).to_have_text("text")
    press_stop(chat)
    finished(chat, "stopped")
    assert has_place()
    shared_site.provider.enqueue(answer(" more"))
    chat.get_by_role("button", name="Continue").click()
    finished(chat)
    assert has_place()
    shared_site.provider.enqueue(answer("again"))
    chat.get_by_role("button", name="Answer again").click()
    finished(chat)
    expect(prose(chat)).to_have_text("again")
    assert has_place()
    chat.get_by_role("link", name="Previous version").click()
    expect(prose(chat)).to_have_text("text more")
    assert has_place()
    chat.get_by_label("Edit question").click()
    chat.get_by_role("button", name="Cancel").click()
    assert has_place()
    row = chat.locator("[data-row]").first
    row.locator("a").first.focus()
    chat.keyboard.press("F2")
    expect(chat.locator("[data-renaming]")).to_be_focused()
    chat.keyboard.press("Escape")
    expect(row.locator("a").first).to_be_focused()


def test_the_status_line_speaks_seldom(chat: Page, shared_site: Site) -> None:
    chat.evaluate(
        """() => {
          window.said = [];
          const line = document.querySelector("#status");
          new MutationObserver(() => said.push(line.textContent)).observe(line, { childList: true });
        }"""
    )
    shared_site.provider.enqueue(*[[sse(f"word{n} "), pause(0.006)] for n in range(1000)], sse(finish()), done())
    ask(chat, "a thousand")
    expect(last_answer(chat)).to_have_attribute("data-status", "complete", timeout=30_000)
    expect(chat.locator("#status")).to_contain_text("finished, 1,000 words", timeout=8_000)
    said = chat.evaluate("said")
    assert 2 <= len(said) <= 4
    assert said[0] == "Sent"


def test_what_is_told_of_an_answer_shows_at_its_buttons_at_once(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("not so good"))
    ask(chat, "q")
    finished(chat)
    good = last_answer(chat).get_by_role("button", name="Good answer")
    bad = last_answer(chat).get_by_role("link", name="Bad answer, or report it")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    for name, now, words in [("Bad answer", "true", "will look at it"), ("Take back", None, "taken back")]:
        bad.click()
        chat.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
        expect(chat.get_by_role("dialog")).to_contain_text(words)
        expect(good).to_have_attribute("aria-pressed", "false")
        assert bad.get_attribute("aria-current") == now
        chat.keyboard.press("Escape")
