"""Back to a page that the browser has kept whole: it must be let into that cache, and live again after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.steps import ask, field, finished, frames, online, prose
from tests.conftest import CHROMIUM, FLAGS, Opener
from tests.fakes.scripts import Gate, answer, done, finish, hold, sse
from tests.support.chromium import find
from tests.support.site import Site, Visitor


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with the cache that Playwright turns off."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM or find(), args=FLAGS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    page = online(open_browser(shared_site, newcomer))
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("before "), hold(), sse("after"), sse(finish()), done())
    ask(page, "a question")
    expect(prose(page)).to_contain_text("before")
    return page


def leave(page: Page, site: Site) -> None:
    page.evaluate("() => addEventListener('pageshow', ({ persisted }) => { window.persisted = persisted; })")
    page.goto(f"{site.url}/chats")


def come_back(page: Page) -> None:
    with page.expect_response(
        "**/c/*part=thread"
    ):  # what the page asks for at once: an older state must not come later
        page.go_back(wait_until="commit")  # a page from the cache is not loaded again
    assert page.evaluate("window.persisted"), page.evaluate(
        "JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)"
    )
    online(page)


def test_back_finds_the_same_page_with_its_answer_going_on(chat: Page, shared_site: Site) -> None:
    field(chat).fill("half a thought")
    leave(chat, shared_site)
    come_back(chat)
    expect(field(chat)).to_have_value("half a thought")
    expect(prose(chat)).to_have_text("before ")
    shared_site.provider.release()
    finished(chat)
    expect(prose(chat)).to_have_text("before after")
    shared_site.provider.enqueue(answer("and on"))
    ask(chat, "the next question")
    finished(chat)
    expect(prose(chat)).to_have_text("and on")


def test_back_shows_what_has_ended_meanwhile(
    chat: Page, open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    other = online(open_browser(shared_site, newcomer, path=chat.url.removeprefix(shared_site.url)))
    leave(chat, shared_site)
    shared_site.provider.release()
    finished(other)
    shared_site.provider.enqueue(answer("asked elsewhere"))
    ask(other, "a second question")
    expect(prose(other)).to_have_text("asked elsewhere")
    finished(other)
    come_back(chat)
    expect(chat.locator(".question")).to_have_text(["a question", "a second question"])
    expect(chat.locator("[data-blocks]")).to_have_text(["before after", "asked elsewhere"])
    finished(chat)
    frames(chat, 10)
    expect(chat.locator("connection-bar")).to_be_hidden()
