"""Whoever types goes first: what an answer brings is drawn between the keys, in order, and never late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, frames, in_hands, online, prose, still
from tests.browser.test_paging import lengthened
from tests.browser.workbench import open_workbench
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor

LATEST = 300
"""Milliseconds text may wait: the law of the reveal, which shows at once what comes while somebody types."""
PAINTED = 16
"""Milliseconds after a key in which it should have the screen to itself."""

LOAD = """async () => {
  const { ChatSocket } = await import("/static/js/models/chat-socket.js");
  window.wire = { close() {} };
  const socket = new ChatSocket({ url: "ws://nowhere/", connect: () => wire });
  window.given = []; // [number, kind, when it was given]
  socket.addEventListener("frame", ({ detail: { frame } }) => given.push([frame.seq, frame.type, performance.now()]));
  socket.start();
  wire.onopen();
}"""

PLAY = """({ gap, keys, words, end }) => {
  const field = document.querySelector("textarea");
  window.keys = [];
  window.came = []; // [number, when it came]
  const press = () => {
    window.keys.push(performance.now());
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));
    field.value = words;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    if (window.keys.length < keys) setTimeout(press, gap);
  };
  const receive = (seq) => {
    came.push([seq, performance.now()]);
    wire.onmessage({ data: JSON.stringify({ type: seq === end ? "end" : "delta", seq }) });
    if (seq < 100) setTimeout(receive, 20, seq + 1);
  };
  if (keys) setTimeout(press, 5);
  receive(1);
}"""


def play(page: Page, *, gap: int = 0, keys: int = 0, words: str = "abc", end: int = 0) -> dict[str, Any]:
    """Let a hundred frames come, one each 20 ms, while keys are pressed each ``gap`` ms; all on a stopped clock."""
    page.clock.install()
    open_workbench(page, body="<textarea></textarea>")
    page.clock.pause_at(datetime.now() + timedelta(hours=1))
    page.evaluate(LOAD)
    page.evaluate(PLAY, {"gap": gap, "keys": keys, "words": words, "end": end})
    page.clock.run_for(4_000)
    return page.evaluate("({ given, came, keys })")


def waits(seen: dict[str, Any]) -> list[float]:
    assert [number for number, *_ in seen["given"]] == list(range(1, 101)), "all of them, in order"
    return [given[-1] - came[-1] for given, came in zip(seen["given"], seen["came"], strict=True)]


@pytest.mark.parametrize("gap", [33, 60, 120, 170, 245, 400])
def test_no_frame_is_given_while_a_key_is_painted_and_none_waits_for_long(page: Page, gap: int) -> None:
    seen = play(page, gap=gap, keys=4_000 // gap)
    assert max(waits(seen)) <= LATEST
    since_key = [min(when - key for key in seen["keys"] if key <= when) for *_, when in seen["given"][1:]]
    assert [since for since in since_key if since < PAINTED] == []


def test_nothing_waits_where_nobody_types(page: Page) -> None:
    assert max(waits(play(page))) == 0


def test_nothing_waits_for_keys_in_an_empty_field(page: Page) -> None:
    assert max(waits(play(page, gap=120, keys=10, words=""))) == 0


def test_half_a_second_after_the_last_key_nothing_waits_any_more(page: Page) -> None:
    seen = play(page, gap=100, keys=5)
    assert max(waits(seen)[:20]) > 0
    assert max(waits(seen)[50:]) == 0


def test_what_ends_an_answer_is_given_at_once_and_after_all_that_came_before(page: Page) -> None:
    seen = play(page, gap=60, keys=60, end=50)
    assert waits(seen)[49] == 0
    assert seen["given"][49][1] == "end"


def traced(page: Page, act: Callable[[], None]) -> list[dict[str, Any]]:
    """Return what the browser notes of its work from ``act`` to the second frame after it."""
    assert page.context.browser is not None
    devtools = page.context.browser.new_browser_cdp_session()
    events: list[dict[str, Any]] = []
    ended: list[object] = []
    devtools.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    devtools.on("Tracing.tracingComplete", lambda data: ended.append(data))
    devtools.send("Tracing.start", {"traceConfig": {"includedCategories": ["devtools.timeline"]}})
    act()
    frames(page, 2)
    devtools.send("Tracing.end")
    while not ended:
        page.evaluate("0")  # which lets events come
    devtools.detach()
    return events


def styled(page: Page, act: Callable[[], None]) -> int:
    """Return how many elements the browser styled again."""
    return sum(
        event["args"].get("elementCount", 0) for event in traced(page, act) if event["name"] == "UpdateLayoutTree"
    )


def laid_out(page: Page, act: Callable[[], None]) -> list[int]:
    """Return of each time the browser laid something out how many boxes it went through."""
    return [event["args"]["beginData"]["totalObjects"] for event in traced(page, act) if event["name"] == "Layout"]


@pytest.mark.parametrize("text", ["a word", "many words " * 40], ids=["one line", "many lines"])
def test_a_key_lays_out_its_field_alone(open_browser: Opener, shared_site: Site, newcomer: Visitor, text: str) -> None:
    path, _ = lengthened(shared_site, newcomer, 40)
    page = online(open_browser(shared_site, newcomer, path=path + "#end"))
    in_hands(page)
    field(page).fill(text)
    still(page)  # the room around the field has its new height, and the page its new end
    boxes = laid_out(page, lambda: page.keyboard.press("x"))
    assert boxes
    assert max(boxes) < 10, "the field, its text and its scroll bars"
    assert max(laid_out(page, lambda: page.set_viewport_size({"width": 900, "height": 700}))) > 1000, "the page"


@pytest.mark.parametrize("is_phone", [False, True], ids=["desktop", "phone"])
def test_a_new_line_in_the_field_styles_nothing_that_was_said(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, is_phone: bool
) -> None:
    path, _ = lengthened(shared_site, newcomer, 40)
    page = online(open_browser(shared_site, newcomer, path=path + "#end", phone=is_phone))
    shared_site.provider.enqueue(answer("x"))
    ask(page, "a question")
    expect(page.locator(".turn[data-anchor]")).to_have_count(1)
    expect(prose(page)).to_have_text("x")
    field(page).fill("one\ntwo")
    frames(page, 3)
    height = page.locator(".dock").evaluate("(dock) => dock.offsetHeight")
    anchored = page.locator(".turn[data-anchor]")
    room = anchored.evaluate("(turn) => turn.offsetHeight")
    count = styled(page, lambda: page.keyboard.insert_text("\nthree"))
    assert page.locator(".dock").evaluate("(dock) => dock.offsetHeight") > height, "the field grew"
    assert anchored.evaluate("(turn) => turn.offsetHeight") < room, "and left less room"
    everything = styled(page, lambda: page.evaluate("document.documentElement.style.setProperty('--any', '1')"))
    assert 0 < count < everything / 5, "which a property that is inherited would have"
