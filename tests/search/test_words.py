"""What a text can be found by, and what a person may type to find it."""

from __future__ import annotations

import doctest
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conversations.search import queries, words
from conversations.search.queries import for_fts5, for_tsquery, parse
from conversations.search.snippets import excerpt
from conversations.search.words import fold, tokenize


@pytest.mark.parametrize("module", [words, queries], ids=lambda module: module.__name__.rpartition(".")[2])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Naïve CAFÉ", ["naive", "cafe"]),
        ("ＡＢＣ ﬁne", ["abc", "fine"]),
        ("İstanbul ΟΔΟΣ", ["istanbul", "οδοσ"]),
        ("snake_case.py", ["snake", "case", "py"]),
        ("手机壳", ["手机", "机壳"]),
        ("用iPhone拍照", ["iphone", "拍照"]),
        ("テスト・データ", ["テス", "スト", "デー", "ータ"]),
        ("한국어", ["한국", "국어"]),
        ("हिन्दी भाषा।", ["हिन्दी", "भाषा"]),
        ("x" * 100, ["x" * 64]),
        ("«»—…!", []),
    ],
)
def test_words_are_folded_and_unspaced_scripts_become_pairs(text: str, expected: list[str]) -> None:
    assert tokenize(text).words == expected


def test_single_characters_stand_beside_the_order() -> None:
    assert tokenize("手机 与 a").singles == ["手", "机", "与"]
    assert parse("与").singles == ("与",)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [("moo", True), ("moo ", False), ('"moo"', False), ("moo*", True), ("m", False), ("moo!", False), ("手机", False)],
)
def test_only_a_word_that_is_still_being_typed_may_go_on(text: str, is_open: bool) -> None:
    assert parse(text).phrases == () or parse(text).phrases[-1].is_open is is_open


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_nothing_that_is_typed_can_break_out_of_its_quotes(text: str) -> None:
    query = parse(text)
    for written in [for_fts5(query, "m1"), for_tsquery(query)]:
        for term in [word for phrase in query.phrases for word in phrase.words] + list(query.singles):
            assert not set(term) & set("\"'\\:*&|!()<> \x00")
            assert term in written


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.text(max_size=20))
def test_an_excerpt_says_what_the_text_says(text: str, wanted: str) -> None:
    assume("](" not in text)
    shown = "".join(piece.text for piece in excerpt(text, parse(wanted), width=1000))
    quiet = str.maketrans("", "", "*`#|~-:")
    assert "".join(shown.translate(quiet).split()) == "".join(text.translate(quiet).split())


def test_an_excerpt_shows_the_words_of_a_link_and_its_address_only_where_that_was_looked_for() -> None:
    text = "Told by [the tide tables](https://sea.example/ports) of old"
    assert "".join(piece.text for piece in excerpt(text, parse("tide"))) == "Told by the tide tables of old"
    assert [piece.text for piece in excerpt(text, parse("ports")) if piece.is_found] == ["ports"]


def test_an_excerpt_leaves_out_what_draws_a_table_and_takes_no_time_for_much_of_it() -> None:
    shown = excerpt("| Planet | Moons |\n|:--|:-:|\n| Mars | two |", parse("Mars"), width=1000)
    assert "".join(piece.text for piece in shown).split() == ["Planet", "Moons", "Mars", "two"]
    began = time.process_time()
    for much in ("|", "[", "[x](", '![x](y "'):
        excerpt(much * 20_000 + "x", parse("x"), width=100)
    assert time.process_time() - began < 5, "linear: a pattern that backtracks would take minutes"


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="aé手机ß 。x"))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_an_excerpt_begins_where_most_of_the_query_stands() -> None:
    text = "tide " + "and nothing else " * 40 + "the moon and the tide"
    pieces = excerpt(text, parse("moon tide"))
    assert pieces[0].text == "… "
    assert [piece.text for piece in pieces if piece.is_found] == ["moon", "tide"]
