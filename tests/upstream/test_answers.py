"""Whole answers: what is read in them, and how they end, however the network cuts them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.upstream import Delta, Finished, Limits, ReasoningDelta, TextDelta, UpstreamError, UsageDelta
from conversations.upstream.answers import AnswerDecoder
from conversations.upstream.failures import Reply
from tests.fakes.scripts import chunk, finish, reasoning, usage
from tests.upstream.streams import ALL, DONE, Row, content, stream


class Reading:
    """All that comes of one body."""

    def __init__(self, pieces: Iterable[bytes], limits: Limits = Limits(), *, is_cut: bool = False) -> None:  # noqa: B008
        decoder = AnswerDecoder(limits, Reply(200, {"x-request-id": "req-7"}, ["sk-secret-secret"], now=0))
        self.deltas: list[Delta] = []
        for piece in pieces:
            self.deltas += decoder.feed(piece)
            if decoder.failure is not None or decoder.is_over:
                break
        else:
            self.deltas += decoder.finish(is_cut=is_cut)
        self.failure: UpstreamError | None = decoder.failure
        self.text = "".join(delta.text for delta in self.deltas if isinstance(delta, TextDelta))
        self.reasoning = "".join(delta.text for delta in self.deltas if isinstance(delta, ReasoningDelta))
        self.usage = [delta for delta in self.deltas if isinstance(delta, UsageDelta)]
        self.reasons = [delta.reason for delta in self.deltas if isinstance(delta, Finished)]

    @property
    def end(self) -> str:
        """The finish reasons, and the code of a failure behind a ``!``."""
        return "".join(self.reasons) + (f"!{self.failure.code}" if self.failure else "")


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("size", [1, 2, 5, 16, 61, 300, 4_096, 10_000_000])
@pytest.mark.parametrize("row", ALL.values(), ids=ALL.keys())
def test_every_kind_of_answer_is_read_however_it_is_cut(row: Row, size: int) -> None:
    if len(row.body) // size > 20_000:
        size = 997  # the deep ones are long; a byte at a time shows nothing more

    reading = Reading(pieces(row.body, size))

    assert (reading.text, reading.reasoning, reading.end) == (row.text, row.reasoning, row.end)


@settings(max_examples=60)
@given(row=st.sampled_from([row for row in ALL.values() if len(row.body) < 20_000]), draw=st.data())
def test_an_answer_cut_at_random_places_is_the_same_answer(row: Row, draw: st.DataObject) -> None:
    cuts = sorted(draw.draw(st.sets(st.integers(0, len(row.body)), max_size=20)))
    parts = [row.body[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(row.body)], strict=True)]

    reading = Reading(parts)

    assert (reading.text, reading.reasoning, reading.end) == (row.text, row.reasoning, row.end)


@settings(max_examples=200)
@given(body=st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(list(ALL.values())), max_size=3).map(
    lambda rows: b"".join(row.body[:500] for row in rows)
)))  # fmt: skip
def test_no_bytes_whatever_raise_and_all_of_them_come_to_an_end(body: bytes) -> None:
    reading = Reading(pieces(body, 7))

    assert (len(reading.reasons) == 1) or reading.failure is not None
    for text in (reading.text, reading.reasoning):
        text.encode("utf-8")
        assert "\x00" not in text


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), max_size=8), ascii=st.booleans()
)
def test_any_text_arrives_exactly(texts: list[str], ascii: bool) -> None:
    events = (json.dumps(chunk({"content": text}), ensure_ascii=ascii).encode() for text in texts)
    body = b"".join(b"data: %b\n\n" % event for event in events) + stream(finish(), DONE)

    assert Reading(pieces(body, 11)).text == "".join(texts)


def test_the_deltas_keep_their_order() -> None:
    body = stream(reasoning("hm"), "a", chunk({"content": "b"}, finish_reason="stop"), usage(3, 4), DONE)

    assert Reading([body]).deltas == [
        ReasoningDelta("hm"),
        TextDelta("a"),
        TextDelta("b"),
        Finished("stop"),
        UsageDelta(3, 4),
    ]


def test_usage_is_told_with_its_details_and_only_when_it_changes() -> None:
    counts = {
        "prompt_tokens": 10,
        "completion_tokens": 20.0,
        "completion_tokens_details": {"reasoning_tokens": 5},
        "prompt_tokens_details": {"cached_tokens": 8},
    }
    body = stream({**chunk({"content": "a"}), "usage": counts}, {"choices": [], "usage": counts}, finish())

    assert Reading([body]).usage == [UsageDelta(10, 20, reasoning_tokens=5, cached_tokens=8)]


@pytest.mark.parametrize(
    "counts",
    [
        {},
        {"prompt_tokens": 1},
        {"prompt_tokens": -1, "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"prompt_tokens": "1", "completion_tokens": 1},
        {"prompt_tokens": 1.5, "completion_tokens": 1},
        {"prompt_tokens": float("nan"), "completion_tokens": 1},
        {"prompt_tokens": 10**30, "completion_tokens": 1},
        {"prompt_tokens": 2**31, "completion_tokens": 1},
    ],
    ids=str,
)
def test_usage_that_cannot_be_counted_is_no_usage(counts: dict[str, object]) -> None:
    reading = Reading([stream("a", {"choices": [], "usage": counts}, finish())])

    assert (reading.usage, reading.text, reading.end) == ([], "a", "stop")


def test_a_connection_that_breaks_after_the_finish_reason_has_given_a_whole_answer() -> None:
    assert Reading([stream("a", finish())], is_cut=True).end == "stop"


def test_half_an_object_on_a_connection_that_breaks_is_a_cut_and_not_nonsense() -> None:
    assert Reading([b'{"choices":[{"message":{"content":"a'], is_cut=True).end == "!interrupted"


def test_the_text_that_came_before_an_error_in_the_same_read_is_kept() -> None:
    reading = Reading([stream("a", "b", {"error": {"message": "boom"}}, "c")])

    assert (reading.text, reading.end) == ("ab", "!provider_error")


def test_a_failure_within_an_answer_carries_the_trace_id_of_its_headers() -> None:
    failure = Reading([stream("a")]).failure

    assert failure is not None
    assert (failure.trace_id, failure.status, failure.retryable) == ("req-7", 200, True)


def test_the_trace_id_of_the_error_itself_comes_first_and_the_secret_nowhere() -> None:
    event = {"error": {"message": "bad key sk-secret-secret"}, "trace_id": "t-9"}

    failure = Reading([stream(event)]).failure

    assert failure is not None
    assert (failure.trace_id, failure.message) == ("t-9", "bad key [key]")


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_an_answer_that_is_too_long_is_kept_up_to_the_limit(size: int) -> None:
    body = stream(*(f"{number:09} " for number in range(20)), finish(), DONE)

    reading = Reading(pieces(body, size), Limits(answer=105))

    assert reading.text == "".join(f"{number:09} " for number in range(10)) + "00000"
    assert reading.end == "!too_large"


def test_reasoning_counts_towards_the_limit() -> None:
    reading = Reading([stream(reasoning("123456"), "123456", finish())], Limits(answer=10))

    assert (reading.reasoning, reading.text, reading.end) == ("123456", "1234", "!too_large")


@pytest.mark.parametrize(
    "body",
    [b"data: " + b"x" * 2_000, b'{"a": "' + b"x" * 2_000, stream("x" * 2_000), b"<" + b"x" * 2_000],
    ids=["a line", "one object", "an event", "a page"],
)
def test_a_piece_that_is_too_large_is_given_up(body: bytes) -> None:
    assert Reading(pieces(body, 100), Limits(event=1_000)).end == "!too_large"


def test_bytes_without_text_are_bounded_too() -> None:
    body = stream(*({"choices": []} for _ in range(200)), "a", finish())

    assert Reading(pieces(body, 100), Limits(body=2_000)).end == "!too_large"


def test_twenty_thousand_deltas_are_neither_lost_nor_swapped() -> None:
    words = [f"{number} " for number in range(20_000)]
    body = b"".join(content(word) for word in words) + stream(finish(), DONE)

    assert Reading(pieces(body, 16_384)).text == "".join(words)
