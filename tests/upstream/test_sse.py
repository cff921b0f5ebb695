"""Bytes to events, by the WHATWG rules, wherever the network cuts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.upstream.sse import Event, EventTooLarge, SSEDecoder


def decode(*pieces: bytes) -> list[Event]:
    decoder = SSEDecoder()
    return feed(decoder, *pieces) + decoder.finish()


def feed(decoder: SSEDecoder, *pieces: bytes) -> list[Event]:
    return [event for piece in pieces for event in decoder.feed(piece)]


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in decode(*pieces)]


STREAMS = {
    "one event": (b"data: a\n\n", [b"a"]),
    "two events in one read": (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    "carriage return and line feed": (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    "line ends mixed": (b"data: a\r\n\ndata: b\n\r\ndata: c\r\r\n", [b"a", b"b", b"c"]),
    "no blank after the colon": (b"data:a\n\n", [b"a"]),
    "only one blank is taken off": (b"data:  a \n\n", [b" a "]),
    "several data lines": (b"data: a\ndata: b\ndata:\n\n", [b"a\nb\n"]),
    "a field without a colon": (b"data\n\n", [b""]),
    "empty data": (b"data:\n\n", [b""]),
    "no data at all": (b"event: ping\n\n: hello\n\n\n\n", []),
    "comments between": (b": PROCESSING\n\n:\ndata: a\n: more\n\n", [b"a"]),
    "unknown fields": (b"id: 7\nretry: 10\nfoo: bar\ndata: a\n\n", [b"a"]),
    "a field name is exact": (b"Data: a\n data: b\ndata : c\n\n", []),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
    "only one byte order mark": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [b"b"]),
    "a byte order mark later on": (b"data: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n", [b"a", b"c"]),
    "other line ends of Unicode": (
        "data: a\u2028b\u2029c\u0085d\x0b\x0c\x1c\x1d\x1ee\n\n".encode(),
        ["a\u2028b\u2029c\u0085d\x0b\x0c\x1c\x1d\x1ee".encode()],
    ),
    "characters of several bytes": ("data: é€👩‍🚀\n\n".encode(), ["é€👩‍🚀".encode()]),
    "bytes that are no UTF-8": (b"data: \xff\xfe\n\n", [b"\xff\xfe"]),
    "a NUL": (b"data: a\x00b\n\n", [b"a\x00b"]),
    "the end without a blank line": (b"data: a\n\ndata: b\n", [b"a", b"b"]),
    "the end without a line end": (b"data: a\n\ndata: b", [b"a", b"b"]),
    "nothing": (b"", []),
    "many blank lines": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n", [b"a", b"b"]),
}


@pytest.mark.parametrize(("stream", "expected"), STREAMS.values(), ids=STREAMS.keys())
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_a_stream_is_read_by_the_rules_however_it_is_cut(stream: bytes, expected: list[bytes], size: int) -> None:
    assert data_of(*(stream[at : at + size] for at in range(0, len(stream), size))) == expected


def test_the_name_of_an_event_is_kept_and_does_not_stick() -> None:
    events = decode(b"event: error\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n")

    assert events == [Event(b"a", "error"), Event(b"b"), Event(b"c")]


def test_an_event_comes_out_as_soon_as_its_blank_line_is_there() -> None:
    decoder = SSEDecoder()

    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [Event(b"a")]
    assert decoder.feed(b"data: b\r\n\r") == [Event(b"b")]
    assert decoder.feed(b"\n") == []
    assert decoder.finish() == []


def test_whole_events_after_half_an_event_do_not_overtake_it() -> None:
    assert data_of(b"data: a\n", b"data: b\n\n", b"data: c\n\n") == [b"a\nb", b"c"]


LINES = st.lists(
    st.one_of(
        st.builds(
            lambda name, value: name + value,
            st.sampled_from([b"data: ", b"data:", b"event: ", b": ", b"id: ", b"", b"data", b"\xef\xbb\xbfdata: "]),
            st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
        ),
        st.just(b""),
        st.binary(max_size=6),
    ),
    max_size=12,
)


@given(lines=LINES, ends=st.lists(st.sampled_from([b"\n", b"\r", b"\r\n"]), min_size=1), draw=st.data())
def test_bytes_cut_anywhere_decode_to_the_same_events(
    lines: list[bytes], ends: list[bytes], draw: st.DataObject
) -> None:
    stream = b"".join(line + ends[at % len(ends)] for at, line in enumerate(lines))
    cuts = sorted(draw.draw(st.sets(st.integers(0, len(stream)))))
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert decode(*pieces) == decode(*(bytes([byte]) for byte in stream)) == decode(stream)


@pytest.mark.parametrize("size", [1, 50, 1_000])
def test_a_line_without_an_end_is_given_up_at_the_limit(size: int) -> None:
    stream = b"data: " + b"x" * 5_000

    with pytest.raises(EventTooLarge):
        feed(SSEDecoder(limit=1_000), *(stream[at : at + size] for at in range(0, len(stream), size)))


def test_an_event_of_many_lines_is_given_up_at_the_limit() -> None:
    with pytest.raises(EventTooLarge):
        feed(SSEDecoder(limit=1_000), *[b"data: 0123456789\n"] * 200)


def test_one_read_may_be_larger_than_the_limit_if_its_events_are_not() -> None:
    assert len(SSEDecoder(limit=1_000).feed(b"data: 0123456789\n\n" * 200)) == 200
