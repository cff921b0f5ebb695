"""One socket that never gives up, and commands that are never lost on the way: with a network made of values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.workbench import open_workbench

START = """async () => {
  const { ChatSocket } = await import("/static/js/models/chat-socket.js");
  window.made = [];
  const connect = (url) => {
    const fake = { url, sent: [], closed: 0, at: performance.now() };
    fake.send = (text) => fake.sent.push(JSON.parse(text));
    fake.close = () => { fake.closed += 1; };
    made.push(fake);
    return fake;
  };
  window.line = new ChatSocket({ url: "ws://test/", connect });
  window.states = [];
  window.frames = [];
  line.addEventListener("state", () => states.push(line.state));
  line.addEventListener("frame", ({ detail }) => frames.push(detail.frame));
  window.last = () => made.at(-1);
  window.say = (frame) => last().onmessage({ data: JSON.stringify(frame) });
  line.start();
  last().onopen();
}"""


@pytest.fixture
def line(page: Page) -> Page:
    page.clock.install()
    open_workbench(page)
    page.clock.pause_at(datetime.now() + timedelta(hours=1))  # time goes on where a test says so
    page.evaluate(START)
    return page


def after(page: Page, milliseconds: int) -> None:
    page.clock.run_for(milliseconds)


def read(page: Page, what: str) -> Any:
    return page.evaluate(f"() => {what}")


def test_a_lost_socket_is_made_anew_with_growing_pauses(line: Page) -> None:
    pauses = []
    for _ in range(8):
        line.evaluate("() => { window.lost = performance.now(); last().onclose({ code: 1006 }); }")
        after(line, 16_000)
        pauses.append(read(line, "made.at(-1).at - lost"))
    assert 200 <= pauses[0] <= 600
    assert all(pause <= 15_100 for pause in pauses)
    assert pauses[-1] > 7_000
    assert read(line, "made.length") == 9


def test_a_frame_makes_the_next_pause_short_again(line: Page) -> None:
    for _ in range(5):
        line.evaluate("() => last().onclose({ code: 1006 })")
        after(line, 16_000)
    line.evaluate("() => { last().onopen(); say({ type: 'beat' }); last().onclose({ code: 1012 }); }")
    after(line, 600)
    assert read(line, "made.length") == 7


def test_silence_counts_as_death_and_beats_as_life(line: Page) -> None:
    for _ in range(4):
        after(line, 10_000)
        line.evaluate("() => say({ type: 'beat' })")
    assert read(line, "made.length") == 1
    after(line, 27_000)
    assert read(line, "[made.length, made[0].closed]") == [2, 1]
    assert read(line, "frames.length") == 0


def test_going_offline_is_told_at_once_and_coming_back_connects_at_once(line: Page) -> None:
    line.evaluate("() => dispatchEvent(new Event('offline'))")
    assert read(line, "line.state") == "offline"
    line.evaluate("() => dispatchEvent(new Event('online'))")
    assert read(line, "[line.state, made.length]") == ["connecting", 2]


def test_a_page_that_is_put_away_holds_no_socket_and_takes_one_when_it_is_back(line: Page) -> None:
    line.evaluate("() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert read(line, "made[0].closed") == 1
    after(line, 60_000)
    assert read(line, "made.length") == 1
    line.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert read(line, "made.length") == 2


def test_an_ended_session_is_not_knocked_at_again(line: Page) -> None:
    line.evaluate("() => last().onclose({ code: 4401 })")
    after(line, 120_000)
    assert read(line, "[line.state, made.length]") == ["ended", 1]


def test_words_of_a_dropped_socket_are_not_heard(line: Page) -> None:
    heard = line.evaluate(
        """() => {
          const old = last();
          const hear = old.onmessage;
          old.onclose({ code: 1006 });
          hear({ data: JSON.stringify({ type: "end" }) });
          return frames.length;
        }"""
    )
    assert heard == 0


OUTBOX = """async () => {
  const { Outbox } = await import("/static/js/models/outbox.js");
  const memory = new Map();
  const storage = { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value),
    removeItem: (key) => memory.delete(key) };
  const sent = [];
  const box = (person = "one") => new Outbox((command) => sent.push(command.ref), person, storage);
  const first = box();
  const result = { put: first.put({ type: "send", ref: "one", text: "x" }) };
  first.flush();
  result.ofOthers = box("two").commands.length;
  const second = box();
  second.flush();
  result.afterReload = [...sent];
  result.taken = second.take("one").text;
  result.twice = second.take("one") ?? null;
  box().flush();
  result.afterAnswer = sent.length;
  result.tooLong = box().put({ type: "send", ref: "two", text: "ü".repeat(40000) });
  result.left = box().commands.length;
  return result;
}"""


def test_a_command_is_sent_until_it_is_answered_also_after_a_reload(page: Page) -> None:
    assert open_workbench(page).evaluate(OUTBOX) == {
        "put": True,
        "ofOthers": 0,
        "afterReload": ["one", "one", "one"],
        "taken": "x",
        "twice": None,
        "afterAnswer": 3,
        "tooLong": False,
        "left": 0,
    }


LIVE = """async () => {
  const { LiveMessage } = await import("/static/js/models/live-message.js");
  const shown = [];
  const blocks = { textLength: 0, apply: (patches) => shown.push(...patches), show: (all) => shown.push(["all", ...all]) };
  const reveal = { grown() {}, begin() {}, finish() {} };
  const sent = [];
  const send = (command) => { sent.push([command.type, command.seq ?? null]); return true; };
  const message = new LiveMessage({ id: "m", blocks, reveal, send });
  message.delta({ seq: 5, patches: ["lost"] });
  message.delta({ seq: 6, patches: ["lost"] });
  message.snapshot({ seq: 6, blocks: ["a"] });
  message.delta({ seq: 6, patches: ["old"] });
  message.delta({ seq: 7, patches: ["b"] });
  message.delta({ seq: 9, patches: ["gap"] });
  message.snapshot({ seq: 9, blocks: ["a", "b", "c"] });
  message.delta({ seq: 10, patches: ["d"] }, 70 * 1024);
  return { shown, sent };
}"""


def test_frames_are_taken_in_order_and_a_gap_is_mended_by_a_snapshot(page: Page) -> None:
    result = open_workbench(page).evaluate(LIVE)
    assert result["shown"] == [["all", "a"], "b", ["all", "a", "b", "c"], "d"]
    assert result["sent"] == [["resync", None], ["resync", None], ["ack", 10]]
