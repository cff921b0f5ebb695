"""Who moves the page: growth while following, the reader at any time, nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.workbench import open_workbench

BODY = """<header style="position: sticky; top: 0; height: 50px"></header>
<main id="thread"><section class="turn"><article tabindex="-1"><p>first</p></article></section></main>
<div id="dock" style="position: sticky; bottom: 0"><textarea id="field"></textarea></div>"""

START = """async () => {
  const { ScrollKeeper } = await import("/static/js/models/scroll-keeper.js");
  const thread = document.querySelector("#thread");
  window.keeper = new ScrollKeeper(thread);
  keeper.start();
  window.grow = (count = 1, where = "append") => {
    for (let line = 0; line < count; line += 1) {
      thread[where](Object.assign(document.createElement("p"), { textContent: "a line of the answer" }));
    }
  };
  window.frames = async (count, each = () => {}) => {
    for (let frame = 0; frame < count; frame += 1) {
      await new Promise(requestAnimationFrame);
      each(frame);
    }
  };
  grow(80);
  await frames(40);
}"""


@pytest.fixture
def thread(page: Page) -> Page:
    page.set_viewport_size({"width": 800, "height": 600})
    open_workbench(page, body=BODY)
    page.evaluate(START)
    return page


def position(page: Page) -> dict[str, Any]:
    return dict(page.evaluate("() => ({ y: scrollY, following: keeper.following, gap: keeper.gap })"))


def test_growth_is_followed_to_the_end(thread: Page) -> None:
    thread.evaluate("() => frames(60, () => grow())")
    thread.evaluate("() => frames(60)")
    assert position(thread) == {**position(thread), "following": True}
    assert position(thread)["gap"] <= 2


def wheel_up(page: Page) -> None:
    page.mouse.move(400, 300)
    page.mouse.wheel(0, -200)


def page_up(page: Page) -> None:
    page.locator("article").first.evaluate("(node) => node.focus({ preventScroll: true })")
    page.keyboard.press("PageUp")


def drag_the_scroll_bar(page: Page) -> None:
    page.evaluate("() => scrollBy(0, -300)")


def find_in_page(page: Page) -> None:
    page.evaluate("() => document.querySelector('article').scrollIntoView()")


@pytest.mark.parametrize("move", [wheel_up, page_up, drag_the_scroll_bar, find_in_page])
def test_a_reader_who_moves_up_is_not_moved_again(thread: Page, move: Callable[[Page], None]) -> None:
    move(thread)
    thread.evaluate("() => frames(40)")
    before = position(thread)
    assert before["following"] is False
    thread.evaluate("() => frames(100, () => grow())")
    assert position(thread)["y"] == before["y"]


def test_a_move_up_during_the_glide_is_the_readers(thread: Page) -> None:
    thread.evaluate("() => { grow(60); return frames(2); }")
    wheel_up(thread)
    thread.evaluate("() => frames(60)")
    assert position(thread)["following"] is False


def test_the_reader_who_comes_back_to_the_end_follows_again(thread: Page) -> None:
    wheel_up(thread)
    thread.evaluate("() => frames(30)")
    thread.mouse.wheel(0, 4000)
    thread.evaluate("() => frames(30)")
    assert position(thread)["following"] is True
    thread.evaluate("() => frames(40, () => grow())")
    thread.evaluate("() => frames(60)")
    assert position(thread) == {**position(thread), "following": True}
    assert position(thread)["gap"] <= 2


def test_keys_in_the_field_move_nothing(thread: Page) -> None:
    thread.locator("#field").evaluate("(field) => field.focus({ preventScroll: true })")
    for key in ("Home", "ArrowUp"):
        thread.keyboard.press(key)
    thread.evaluate("() => frames(20)")
    assert position(thread)["following"] is True


def test_a_page_that_gets_shorter_stays_with_its_follower(thread: Page) -> None:
    thread.evaluate("() => { for (const line of [...thread.children].slice(-20)) line.remove(); return frames(30); }")
    assert position(thread)["following"] is True
    assert position(thread)["gap"] <= 2


def test_older_messages_above_move_the_reader_by_nothing(thread: Page) -> None:
    wheel_up(thread)
    thread.evaluate("() => frames(30)")
    moved = thread.evaluate(
        """async () => {
          const line = [...thread.children].find((node) => node.getBoundingClientRect().top > 100);
          const before = line.getBoundingClientRect().top;
          grow(30, "prepend");
          await frames(20);
          return [line.getBoundingClientRect().top - before, keeper.following];
        }"""
    )
    assert abs(moved[0]) <= 1
    assert moved[1] is False


def test_a_control_stays_under_the_pointer_when_what_is_above_shrinks(thread: Page) -> None:
    moved = thread.evaluate(
        """async () => {
          const button = document.createElement("button");
          thread.append(button);
          grow(3);
          await frames(40);
          const before = button.getBoundingClientRect().top;
          keeper.hold(button, () => { for (const line of [...thread.children].slice(40, 60)) line.remove(); });
          await frames(30);
          return button.getBoundingClientRect().top - before;
        }"""
    )
    assert abs(moved) <= 1


def test_a_control_stays_under_the_pointer_when_what_is_below_goes(thread: Page) -> None:
    moved = thread.evaluate(
        """async () => {
          const button = document.createElement("button");
          thread.children[60].after(button);
          scrollTo(0, button.offsetTop - 100);
          await frames(10);
          const before = button.getBoundingClientRect().top;
          keeper.hold(button, () => { while (button.nextSibling) button.nextSibling.remove(); });
          await frames(30);
          return button.getBoundingClientRect().top - before;
        }"""
    )
    assert abs(moved) <= 1
