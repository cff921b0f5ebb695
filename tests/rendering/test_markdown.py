"""Our own rules: what the Markdown of an answer becomes on the page."""

from __future__ import annotations

import re

import pytest

from conversations.rendering import IncrementalRenderer, apply_patches, incremental, render
from conversations.rendering.completion import completed


def levels(blocks: list[str]) -> list[int]:
    return [int(level) for level in re.findall(r"<h([1-6])>", "".join(blocks))]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ([1, 2, 3, 2, 1], [3, 4, 5, 4, 3]),
        ([2, 3, 2], [3, 4, 3]),
        ([3, 1, 2], [3, 3, 4]),
        ([1, 4, 3, 4], [3, 4, 4, 5]),
        ([1, 2, 3, 4, 5, 6], [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_begin_below_the_speakers_name_and_skip_no_level(source: list[int], shown: list[int]) -> None:
    text = "\n\n".join(f"{'#' * level} heading\n\ntext" for level in source)
    assert levels(render(text)) == shown


def test_a_heading_keeps_its_level_while_others_come_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 0)
    renderer, page = IncrementalRenderer(), list[str]()
    shown: list[list[int]] = []
    for piece in ("### a\n\ntext\n\n", "##### b\n\ntext\n\n", "# c\n\ntext\n\n", "## d\n\ntext\n\n"):
        page = apply_patches(page, renderer.feed(piece))
        shown.append(levels(page))
    assert shown == [[3], [3, 4], [3, 4, 3], [3, 4, 3, 4]]


def test_a_heading_repaired_by_a_late_definition_keeps_its_level() -> None:
    (first, second, _) = render("## a\n\n### [b]\n\n# c\n\n[b]: https://example.org/\n")
    assert (first, second[:4]) == ("<h3>a</h3>", "<h4>")
    assert "https://example.org/" in second


def test_the_box_of_a_task_says_whether_it_is_done() -> None:
    (html,) = render("- [x] one\n- [ ] two\n")
    assert re.findall(r"<input [^>]*>", html) == [
        '<input type="checkbox" disabled="" checked="" aria-label="done">',
        '<input type="checkbox" disabled="" aria-label="to do">',
    ]


def test_a_table_is_shown_once_its_columns_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 0)
    renderer, page = IncrementalRenderer(), list[str]()
    shown = []
    for piece in ("Words.\n\n", "| # | Name |", "\n|--", ":|---|", "\n", "| 1"):
        page = apply_patches(page, renderer.feed(piece))
        shown.append("".join(page).count("</th>"))
    assert shown == [0, 0, 0, 0, 2, 2]


def test_a_cell_at_the_end_of_its_column_is_shown_once_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 0)
    renderer, page = IncrementalRenderer(), list[str]()
    seen = []
    for sign in "| a | b | c |\n|---|--:|:-:|\n| xy | 12 | no |\n":
        page = apply_patches(page, renderer.feed(sign))
        seen.append(re.findall(r"<td[^>]*>([^<]*)</td>", "".join(page)))
    rows = [row for number, row in enumerate(seen) if row and row != seen[number - 1]]
    assert rows == [["x", "", ""], ["xy", "", ""], ["xy", "12", ""], ["xy", "12", "no"]]


def test_lines_that_only_look_like_a_table_are_shown_as_they_come() -> None:
    assert completed("| a\n| note:") == "| a\n| note:"


def test_columns_say_whether_their_names_are_short_or_long() -> None:
    (html,) = render("| # | Name | 面积平方公里 | Number of it |\n|---|---|---|--:|\n| 1 | a | 2 | 3 |\n")
    assert re.findall(r"<th( [^>]*)?>", html) == [' class="narrow"', "", ' class="broad"', ' class="r broad"']
