"""The law: however a text is cut, the patches add up to the rendering of the whole."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.rendering import IncrementalRenderer, apply_patches, incremental, render
from tests.rendering.corpus import EXAMPLES, PIECES


def played(pieces: list[str]) -> list[str]:
    """Return what a page shows at the end; on the way the renderer's own blocks must equal the page's."""
    renderer, page = IncrementalRenderer(), []
    for piece in pieces:
        page = apply_patches(page, renderer.feed(piece))
        assert page == renderer.blocks
    page = apply_patches(page, renderer.finish())
    assert page == renderer.blocks
    assert renderer.length == sum(map(len, pieces))
    return page


def cut(text: str, places: list[int]) -> list[str]:
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    return [text[a:b] for a, b in pairwise(borders)]


@pytest.fixture(autouse=True)
def _never_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render at every feed: the work budget would hide most intermediate states in a fast test."""
    monkeypatch.setattr(incremental, "_LEISURE", 0)


markdown = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@settings(max_examples=400, deadline=None)
@given(markdown, st.lists(st.integers(0, 10_000), max_size=12))
def test_markdown_cut_anywhere_renders_as_the_whole(text: str, places: list[int]) -> None:
    assert played(cut(text, places)) == render(text)


@settings(max_examples=150, deadline=None)
@given(markdown)
def test_markdown_fed_by_the_character_renders_as_the_whole(text: str) -> None:
    assert played(list(text)) == render(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(0, 10_000), max_size=12))
@example("a\r", [0])
@example("\r\n\r", [1, 2])
@example("```\r\nx\r", [4, 5])
@example("a\x00b\ud7ff\U0001f600", [1, 4])
def test_any_text_cut_anywhere_renders_as_the_whole(text: str, places: list[int]) -> None:
    assert played(cut(text, places)) == render(text)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_renders_as_the_whole_by_the_character_and_by_chance(text: str) -> None:
    whole = render(text)
    assert played(list(text)) == whole
    chance = random.Random(text)
    for _ in range(3):
        assert played(cut(text, [chance.randrange(10_000) for _ in range(5)])) == whole


def test_a_definition_that_arrives_late_repairs_what_used_it() -> None:
    renderer = IncrementalRenderer()
    page = apply_patches([], renderer.feed("see [a] and [b].\n\nmiddle\n\n"))
    assert "<a" not in page[0]
    page = apply_patches(page, renderer.feed("[A]: https://example.org/x\n\nend\n"))
    assert '<a href="https://example.org/x"' in page[0]
    page = apply_patches(page, renderer.finish())
    assert page == render("see [a] and [b].\n\nmiddle\n\n[A]: https://example.org/x\n\nend\n")


def test_a_half_typed_definition_does_not_win_over_the_whole_one() -> None:
    text = "[a]: https://example.org/long\n\n[a]"
    assert played(list(text)) == render(text)
    assert "example.org/long" in render(text)[-1]


def test_a_block_beyond_the_bound_is_plain_however_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "LONGEST_BLOCK", 50)
    monkeypatch.setattr(incremental, "_PIECE", 7)
    text = "start\n\n" + "- item *x*\n" * 9 + "\n\nafter **bold**\n\n" + "x" * 120 + "\n\nend"
    whole = render(text)
    assert any(block.startswith('<pre class="plain"') for block in whole)
    assert whole[-1] == "<p>end</p>"
    for seed in range(60):
        chance = random.Random(seed)
        assert played(cut(text, [chance.randrange(10_000) for _ in range(chance.randrange(40))])) == whole


def test_text_beyond_the_cap_is_plain_however_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "MOST_CHARACTERS", 40)
    text = "para **bold**\n\n```py\nx = 1\n```\n\nmore **bold** and more\n\nend <b>"
    whole = render(text)
    assert whole[-1].endswith("&lt;b&gt;</pre>")
    for seed in range(40):
        chance = random.Random(seed)
        assert played(cut(text, [chance.randrange(10_000) for _ in range(chance.randrange(20))])) == whole


def test_resting_between_renderings_changes_nothing_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 10_000)
    for text in EXAMPLES:
        assert played(list(text)) == render(text)


def test_after_catching_up_the_page_holds_what_it_would_without_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed, text in enumerate(EXAMPLES):
        chance = random.Random(seed)
        resting, awake, page = IncrementalRenderer(), IncrementalRenderer(), []
        for piece in cut(text, [chance.randrange(10_000) for _ in range(12)]):
            monkeypatch.setattr(incremental, "_LEISURE", 10_000)
            page = apply_patches(page, resting.feed(piece))
            page = apply_patches(page, resting.catch_up())
            monkeypatch.setattr(incremental, "_LEISURE", 0)
            awake.feed(piece)
            assert resting.behind_for is None
            assert page == resting.blocks == awake.blocks
        assert apply_patches(page, resting.finish()) == render(text)


def test_an_open_fence_is_appended_to_and_never_sent_again() -> None:
    renderer = IncrementalRenderer()
    renderer.feed("```python\n")
    for number in range(200):
        patches = renderer.feed(f"value_{number} = {number}  # comment\n")
        assert sum(len(html or "") for _, _, html in patches) < 400
    assert played(["```python\n", "x = '''a\n", "b''' + 1\n", "```", "\n"]) == render(
        "```python\nx = '''a\nb''' + 1\n```\n"
    )


TABLES = [
    "> Intro\n>\n> | a | b |\n> |---|---|\n> | 1 | 2 |\n\nAfter",
    "- | a | b |\n  |---|---|\n  | 1 | 2 |\n",
    "1. one\n\n   | a | b |\n   |---|---|\n   | 1 | 2 |\n2. two\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c | d |\n|---|---|\n| 3 | 4 |\n",
    "| a | b |\n|---|---|\n| `x y` | **z** |\n| | |\n",
]


@pytest.mark.parametrize("text", TABLES)
def test_of_a_table_that_comes_by_the_character_no_mark_is_seen(text: str) -> None:
    renderer = IncrementalRenderer()
    for sign in text:
        renderer.feed(sign)
        shown = re.sub(r"<[^>]*>", "", "".join(renderer.blocks))
        assert not re.search(r"[|`*]|--", shown), shown


def test_an_escaped_pipe_ends_no_cell() -> None:
    renderer = IncrementalRenderer()
    for sign in "| a | b |\n|---|---|\n| `x \\| y` | 3 |\n":
        renderer.feed(sign)
        assert "`" not in "".join(renderer.blocks)
