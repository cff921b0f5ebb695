"""How it feels: what moves and what does not, where a chat opens, what a long answer costs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, frames, last_answer, online, prose, until
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, error, finish, hold, pause, sse, status
from tests.support.axe import found_wrong
from tests.support.site import Site, Visitor

LONG = "\n\n".join(
    f"Paragraph {number} has some words in it, enough for a line or two of text." for number in range(60)
)
RICH = """## Heading

#### Deeper

# Higher

Words with **bold** and `code`.

```python
def f(x):
    return x < 1
```

| a | b |
|---|--:|
| 1 | 2 |

- [x] done
- [ ] open

$$x^2$$
"""


@pytest.fixture(params=[False, True], ids=["desktop", "phone"])
def chat(request: pytest.FixtureRequest, open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return online(open_browser(shared_site, newcomer, phone=request.param))


def place(page: Page, selector: str) -> dict[str, Any]:
    return dict(
        page.evaluate(
            """(selector) => {
              const box = [...document.querySelectorAll(selector)].at(-1).getBoundingClientRect();
              const bar = document.querySelector(".bar").getBoundingClientRect().bottom;
              const dock = document.querySelector(".dock").getBoundingClientRect().top;
              return { top: box.top - bar, bottom: dock - box.bottom, y: scrollY,
                height: document.documentElement.scrollHeight };
            }""",
            selector,
        )
    )


def test_a_question_glides_to_the_top_and_its_answer_fills_prepared_room(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer(LONG))
    ask(chat, "first")
    finished(chat)
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("one "), hold(), sse("two. " * 10), sse(finish()), done())
    ask(chat, "second")
    expect(prose(chat)).to_have_text("one ")
    frames(chat, 60)
    before = place(chat, "article[data-role=user]")
    assert 0 <= before["top"] <= 32
    shared_site.provider.release()
    finished(chat)
    frames(chat, 40)
    after = place(chat, "article[data-role=user]")
    assert (after["y"], after["height"]) == (before["y"], before["height"])
    expect(chat.locator(".turn[data-anchor]")).to_have_count(1)


def test_a_chat_opens_at_its_end_in_the_first_frame_and_without_scripts(
    chat: Page, shared_site: Site, newcomer: Visitor, open_browser: Opener
) -> None:
    shared_site.provider.enqueue(answer(LONG))
    ask(chat, "long")
    finished(chat)
    path = chat.url.removeprefix(shared_site.url) + "#end"
    chat.add_init_script(
        "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => { window.first = scrollY; }))"
    )
    chat.goto("about:blank")
    chat.goto(shared_site.url + path)
    online(chat)
    frames(chat, 30)
    first, now = chat.evaluate("[window.first, scrollY]")
    assert first > 500
    assert abs(first - now) <= 2
    plain = open_browser(shared_site, newcomer, path=path, java_script_enabled=False)
    expect(plain.locator("footer").last).to_be_in_viewport()


def test_who_reads_above_is_left_alone_and_led_back_by_one_button(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer(LONG))
    ask(chat, "first")
    finished(chat)
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("begun"), hold(), sse("\n\n" + LONG), sse(finish()), done())
    ask(chat, "second")
    expect(prose(chat)).to_have_text("begun")
    frames(chat, 60)
    chat.evaluate("() => scrollBy(0, -700)")
    frames(chat, 10)
    expect(chat.locator("#thread")).to_have_attribute("data-following", "false")
    before = chat.evaluate("scrollY")
    shared_site.provider.release()
    finished(chat)
    frames(chat, 30)
    assert chat.evaluate("scrollY") == before
    button = chat.locator("[data-do=jump]")
    expect(button).to_have_text(re.compile(r"Latest\s+1 new"))
    button.click()
    expect(button).to_be_hidden()
    expect(chat.locator("#thread")).to_have_attribute("data-following", "true")
    frames(chat, 60)
    assert chat.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY") <= 2


SHIFTS = """() => {
  window.shifts = [];
  const note = (list) => shifts.push(...list.getEntries().map(({ value, sources }) => [value, sources[0]?.node?.nodeName]));
  new PerformanceObserver(note).observe({ type: "layout-shift" });
}"""


def test_rows_that_come_move_no_column_of_their_table_and_neither_does_its_end(chat: Page, shared_site: Site) -> None:
    rows = [
        " | b |\n| 1 | short | no |\n",
        "| 2 | far more words than the header has, as rows are | " + "yes " * 20 + "|\n",
    ]
    shared_site.provider.gate = Gate()
    letters = [step for sign in "letters" for step in (sse(sign), pause(0.05))]
    head = "| # | Name | A description |\n|---|:-:|---|\n"
    shared_site.provider.enqueue(sse(head, "| 0 | a"), hold(), letters, sse(*rows, finish()), done())
    ask(chat, "a table")
    expect(chat.locator("[data-blocks] td").first).to_have_text("0")
    places = "(ths) => ths.map((th) => [th.getBoundingClientRect().x, th.getBoundingClientRect().width])"
    before = chat.locator("[data-blocks] th").evaluate_all(places)
    chat.evaluate(SHIFTS)
    assert before[0][1] < before[1][1] < before[2][1], "a number, a name, a description"
    shared_site.provider.release()
    finished(chat)
    frames(chat, 20)
    expect(chat.locator("[data-blocks] tr")).to_have_count(4)
    assert chat.locator("[data-blocks] th").evaluate_all(places) == before
    assert chat.evaluate("shifts") == []


def test_a_long_answer_is_followed_and_nothing_above_it_moves(chat: Page, shared_site: Site) -> None:
    chat.evaluate(
        """() => {
          window.shifts = [];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) {
              const real = entry.sources.filter(({ node }) => node && node.nodeType === 1);
              if (real.length && !entry.hadRecentInput) shifts.push(entry.value);
            }
          }).observe({ type: "layout-shift", buffered: true });
        }"""
    )
    words = [[sse(piece + " "), pause(0.004)] for piece in LONG.replace("\n\n", " \n\n ").split(" ")]
    shared_site.provider.enqueue(*words, sse(finish()), done())
    ask(chat, "a long one")
    expect(last_answer(chat)).to_have_attribute("data-status", "complete", timeout=30_000)
    frames(chat, 70)
    assert chat.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY") <= 2
    assert chat.evaluate("shifts.reduce((sum, value) => sum + value, 0)") <= 0.001


def test_no_raw_marker_is_ever_seen(chat: Page, shared_site: Site) -> None:
    text = (
        "Some **bold** words, `code`, a [link](https://example.org/x) and *more*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    shared_site.provider.enqueue(*[[sse(one), pause(0.004)] for one in text], sse(finish()), done())
    chat.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            const text = [...document.querySelectorAll("[data-blocks]")].at(-1)?.textContent ?? "";
            if (/\\*\\*|`|\\]\\(|\\|/.test(text)) seen.add(text);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    ask(chat, "markers")
    finished(chat)
    assert chat.evaluate("[...seen]") == []


def test_typing_while_a_long_answer_streams_loses_no_letter(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(*[[sse(f"word{n} "), pause(0.002)] for n in range(1500)], sse(finish()), done())
    ask(chat, "go")
    expect(prose(chat)).to_contain_text("word9")
    field(chat).press_sequentially("typing while it writes", delay=20)
    expect(field(chat)).to_have_value("typing while it writes")
    expect(last_answer(chat)).to_have_attribute("data-status", "complete", timeout=30_000)


def test_a_silent_provider_is_seen_to_be_waited_for(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(hold(), sse("late"), sse(finish()), done())
    ask(chat, "slow")
    pulse = last_answer(chat).locator("[data-pulse]")
    expect(pulse).to_be_visible()
    expect(pulse).to_contain_text(re.compile(r"still waiting – \d+ s"), timeout=12_000)
    shared_site.provider.release()
    finished(chat)
    expect(last_answer(chat).locator("[data-pulse]")).to_be_hidden()


def test_the_dots_of_a_wait_hold_still_while_somebody_types(chat: Page, shared_site: Site) -> None:
    """Each frame that they draw is one that a key waits for."""
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(hold(), sse("late"), sse(finish()), done())
    ask(chat, "slow")
    dot = last_answer(chat).locator("[data-pulse] i").first
    expect(dot).to_have_css("animation-play-state", "running")

    def is_still() -> bool:
        field(chat).press("a")
        return bool(dot.evaluate("dot => getComputedStyle(dot).animationPlayState") == "paused")

    until(chat, is_still)
    expect(dot).to_have_css("animation-play-state", "running")
    shared_site.provider.release()
    finished(chat)


def test_the_list_of_chats_is_a_drawer_on_a_phone(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = online(open_browser(shared_site, newcomer, phone=True))
    drawer = page.locator("#sidebar")
    opener = page.get_by_role("button", name="Chats")
    expect(drawer).to_be_hidden()
    opener.click()
    expect(drawer).to_be_visible()
    page.wait_for_function("() => document.querySelector('.page').inert")
    expect(drawer.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(opener).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_for_assistive_technology(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, scheme: str
) -> None:
    page = online(open_browser(shared_site, newcomer, color_scheme=scheme))
    check(page, "empty")
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse(RICH), hold(), sse(finish()), done())
    ask(page, "everything")
    expect(prose(page)).to_contain_text("done")
    check(page, "streaming")
    shared_site.provider.release()
    finished(page)
    check(page, "finished")
    page.get_by_label("Edit question").click()
    check(page, "edit")
    page.keyboard.press("Escape")
    shared_site.provider.enqueue(status(401, error("invalid_api_key")))
    ask(page, "fails")
    finished(page, "failed")
    check(page, "error")


def test_error_pages_are_right_for_assistive_technology(page: Page, live_site: Site) -> None:
    visitor = live_site.visitor()
    page.context.add_cookies([{"name": "sessionid", "value": visitor.session, "url": live_site.url}])
    live_site.rows("ALTER TABLE conversations_conversation RENAME TO gone")
    for path, title in (("/nowhere", "nothing here"), ("/", "went wrong")):
        page.goto(live_site.url + path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        expect(page.get_by_text("Trace id:")).to_be_visible()
        expect(page.get_by_role("link", name="Back to the chats")).to_be_visible()
        check(page, path)
    page.route("**/send", lambda route: route.continue_(method="POST", post_data="text=no+token"))
    page.goto(live_site.url + "/send")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not allowed")
    check(page, "/send")


def check(page: Page, state: str) -> None:
    frames(page, 20)
    assert found_wrong(page, state) == []
