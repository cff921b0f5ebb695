"""Text appears at the pace it arrives: never late, never backwards, never in the middle of a character."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.workbench import open_workbench

FRAME = 16
"""Milliseconds between two frames of the stopped clock."""
LATEST = 300 + FRAME
"""Milliseconds a character may be hidden after it came: the law of the code, and the frame that shows it."""

LOAD = """async () => { window.Reveal = (await import("/static/js/models/reveal.js")).Reveal; }"""

PLAY = """({ bursts, pause, piece }) => { window.played = (async () => {
  const root = document.body.appendChild(document.createElement("div"));
  root.append(Object.assign(document.createElement("p"), { lang: "en" }));
  const reveal = new Reveal(root);
  const arrivals = [];  // [length, when]
  const samples = [];   // [shown, when]
  let total = 0;
  const shown = () => {
    const range = CSS.highlights.get("ahead")?.values().next().value;
    if (!range) return total;
    const before = new Range();
    before.setStart(root, 0);
    before.setEnd(range.startContainer, range.startOffset);
    return before.toString().length;
  };
  const sample = () => {
    samples.push([shown(), performance.now()]);
    if (samples.at(-1)[0] < total || arrivals.length < bursts) requestAnimationFrame(sample);
  };
  requestAnimationFrame(sample);
  for (let burst = 0; burst < bursts; burst += 1) {
    root.firstChild.append(piece);
    total += piece.length;
    reveal.grown(total);
    arrivals.push([total, performance.now()]);
    await new Promise((done) => setTimeout(done, pause));
  }
  await new Promise((done) => setTimeout(done, 500));
  const latest = arrivals.map(([length, when]) => (samples.find(([seen]) => seen >= length)?.[1] ?? Infinity) - when);
  const backwards = samples.filter(([seen], index) => index > 0 && seen < samples[index - 1][0]).length;
  return { latest: Math.max(...latest), backwards, steps: samples.length, left: CSS.highlights.has("ahead"),
    first: samples.find(([seen]) => seen > 0)[1] - arrivals[0][1], pieces: samples.map(([seen]) => seen) };
})(); }"""


def play(page: Page, *, bursts: int, pause: int, piece: str) -> dict[str, Any]:
    """Let text arrive in a rhythm, on a clock that runs only as far as it is told."""
    page.clock.install()
    open_workbench(page).evaluate(LOAD)
    page.clock.pause_at(datetime.now() + timedelta(hours=1))
    page.evaluate(PLAY, {"bursts": bursts, "pause": pause, "piece": piece})
    page.clock.run_for(bursts * pause + 1_000)
    result: dict[str, Any] = page.evaluate("() => played")
    return result


@pytest.mark.parametrize(
    "rhythm",
    [
        {"bursts": 8, "pause": 500, "piece": "fifty tokens " * 16},
        {"bursts": 120, "pause": 12, "piece": "word "},
        {"bursts": 5, "pause": 700, "piece": "a"},
    ],
    ids=["bursts", "steady", "drops"],
)
def test_no_character_is_hidden_for_long_and_none_comes_back(page: Page, rhythm: dict[str, Any]) -> None:
    result = play(page, **rhythm)
    assert result["latest"] <= LATEST
    assert result["backwards"] == 0
    assert result["first"] <= 2 * FRAME
    assert result["left"] is False


def test_a_burst_is_shown_in_many_steps(page: Page) -> None:
    result = play(page, bursts=1, pause=0, piece="some words " * 20)
    assert len(set(result["pieces"])) >= 5


def test_a_character_of_many_code_points_is_shown_whole(page: Page) -> None:
    family = "👩‍👩‍👧‍👦"
    size = len(family.encode("utf-16-le")) // 2
    result = play(page, bursts=1, pause=0, piece=family * 6)
    assert all(seen % size == 0 for seen in result["pieces"])


def test_who_asks_for_calm_gets_all_text_at_once(browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = open_workbench(context.new_page())
    hidden = page.evaluate(
        """async () => {
          const { Reveal } = await import("/static/js/models/reveal.js");
          const { isCalm } = await import("/static/js/helpers/dom.js");
          const root = document.body.appendChild(document.createElement("div"));
          root.innerHTML = "<p>some text</p>";
          new Reveal(root, { instant: isCalm() }).grown(9);
          return CSS.highlights.has("ahead");
        }"""
    )
    context.close()
    assert hidden is False


def test_blocks_that_are_not_reached_yet_are_hidden_whole_and_shown_at_the_end(page: Page) -> None:
    result = open_workbench(page).evaluate(
        """async () => {
          const { Reveal } = await import("/static/js/models/reveal.js");
          const root = document.body.appendChild(document.createElement("div"));
          root.innerHTML = `<p>${"text ".repeat(60)}</p><ul><li>later</li></ul><hr>`;
          const reveal = new Reveal(root);
          reveal.grown(root.textContent.length);
          const ahead = [...root.children].map((block) => block.hasAttribute("data-ahead"));
          reveal.finish();
          return [ahead, root.querySelectorAll("[data-ahead]").length, CSS.highlights.has("ahead")];
        }"""
    )
    assert result == [[False, True, True], 0, False]
