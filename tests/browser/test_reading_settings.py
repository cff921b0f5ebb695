"""How pages are read is a choice: it holds at once, in the first HTML of the next page, and for a screen reader."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished, online, prose
from tests.conftest import Opener
from tests.fakes.scripts import Gate, done, finish, pause, role, sse, wait
from tests.support.site import Site, Visitor

LISTEN = """() => {
  window.said = [];
  const line = document.querySelector("#status");
  new MutationObserver(() => window.said.push(line.textContent.trim())).observe(line, { childList: true, characterData: true, subtree: true });
}"""


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_label(label).select_option(value)
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.wait_for_load_state()


def said(page: Page) -> list[str]:
    heard: list[str] = page.evaluate("() => window.said")
    return heard


def text_size(page: Page) -> float:
    size: float = page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)")
    return size


def test_reading_is_a_choice_that_holds_at_once(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = open_browser(shared_site, newcomer, path="/settings/reading")
    assert text_size(page) == 16
    choose(page, "Text size", "l")
    assert text_size(page) == 18
    choose(page, "Width of lines", "wide")
    choose(page, "Theme", "dark")
    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
    choose(page, "Smooth text", "off")
    choose(page, "A screen reader says", "sentences")

    page.clock.install()
    page.goto(shared_site.url)
    online(page)
    assert text_size(page) == 18
    assert page.evaluate("() => document.documentElement.dataset.width") == "wide"
    page.wait_for_function("() => customElements.get('chat-sidebar')")  # what comes later is there
    page.evaluate(LISTEN)
    first, second, last = Gate(), Gate(), Gate()
    shared_site.provider.enqueue([
        sse(role(), "One is here. Two is", " 3"), wait(first),
        sse(".5 wide.\n\n```\nNo. Code.\n```\n\nFour"), pause(0.3),
        sse(" fo"), wait(second),
        sse("llows! And a la"), wait(last), sse("st one", finish()), done(),
    ])  # fmt: skip
    ask(page, "Count")
    expect(prose(page)).to_have_text("One is here. Two is 3")
    assert page.evaluate("() => CSS.highlights.size") == 0  # nothing waits to be revealed
    assert said(page) == ["Sent"]
    page.clock.fast_forward(5_000)
    assert said(page) == ["Sent", "One is here."]
    first.open()
    expect(prose(page)).to_contain_text("Four fo")
    page.clock.fast_forward(5_000)
    assert said(page)[2:] == ["Two is 3.5 wide."]
    second.open()
    expect(prose(page)).to_contain_text("And a la")
    page.clock.fast_forward(5_000)
    assert said(page)[3:] == ["Four follows!"]
    last.open()
    finished(page)
    page.clock.fast_forward(5_000)
    assert said(page)[4:] == ["And a last one Answer finished, 15 words."]

    page.goto(f"{shared_site.url}/settings/reading")
    choose(page, "A screen reader says", "off")
    page.goto(shared_site.url)
    online(page)
    page.evaluate(LISTEN)
    shared_site.provider.enqueue([sse(role(), "Nobody says this.", finish()), done()])
    ask(page, "Quiet")
    finished(page)
    page.clock.fast_forward(10_000)
    assert said(page) == []
