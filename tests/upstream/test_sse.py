"""Bytes cut anywhere decode to the same events, by the rules of the WHATWG's event stream."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.upstream.sse import EventTooLarge, SSEDecoder

STREAMS = {
    "line feeds": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "carriage returns": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "both": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
    "comments": (b": PROCESSING\n\ndata: a\n: more\n\n", ["a"]),
    "several data lines": (b"data: a\ndata: b\n\n", ["a\nb"]),
    "no blank after the colon": (b"data:a\n\n", ["a"]),
    "other fields": (b"event: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"]),
    "U+2028 inside": ("data: a\u2028b\u0085c\n\n".encode(), ["a\u2028b\u0085c"]),
    "characters of four bytes": ("data: 你😀\n\n".encode(), ["你😀"]),
    "no blank line at the end": (b"data: a\n\ndata: b", ["a", "b"]),
}


def decoded(pieces: list[bytes]) -> list[str]:
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)] + decoder.finish()
    return [bytes(event.data).decode() for event in events if event.data]


@pytest.mark.parametrize(("stream", "data"), STREAMS.values(), ids=STREAMS.keys())
def test_a_stream_decodes_to_its_events_whole_and_by_the_byte(stream: bytes, data: list[str]) -> None:
    assert decoded([stream]) == data
    assert decoded([bytes([byte]) for byte in stream]) == data


@given(st.sampled_from(list(STREAMS.values())), st.lists(st.integers(0, 60), max_size=6))
def test_a_stream_cut_anywhere_decodes_to_the_same_events(case: tuple[bytes, list[str]], places: list[int]) -> None:
    stream, data = case
    borders = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    assert decoded([stream[a:b] for a, b in pairwise(borders)]) == data


def test_a_line_without_end_is_given_up_at_the_limit() -> None:
    decoder = SSEDecoder(limit=1_000)
    with pytest.raises(EventTooLarge):
        decoder.feed(b"data: " + b"x" * 2_000)
