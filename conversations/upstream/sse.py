"""Server-sent events from bytes, by the rules of the WHATWG HTML standard, section "event stream". Sans-IO.

Lines end in LF, CR or CRLF and in nothing else (U+2028 and its kin are text), a CRLF may be cut in two by the
network, a byte order mark at the very start is skipped. Data stay bytes: the reader of an event decodes them
once, so that a character cut by the network is whole again here.

Two departures, both because providers end their streams carelessly: ``finish`` returns a last event that has
no blank line behind it, and ``retry`` and ``id`` are read over, as nobody reconnects to a model.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

_BOM = b"\xef\xbb\xbf"
_PREFIX = b"data: "


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event; ``name`` is empty where the stream gives none."""

    data: bytes
    name: str = ""


class EventTooLarge(Exception):
    """A line, or the data lines of one event together, exceed the limit."""


class SSEDecoder:
    """Feed bytes cut anywhere, get the events that are complete.

    After ``EventTooLarge`` the decoder is spent. Memory is bounded by ``limit`` and one network read.
    """

    def __init__(self, limit: int = 8 * 1024 * 1024) -> None:
        self._limit = limit
        self._line = bytearray()  # the line that has begun; empty at a line's start
        self._after_cr = False  # the last byte was CR: a LF that follows belongs to it
        self._at_start = True  # the byte order mark may still come
        self._data: list[bytes] = []
        self._data_size = 0
        self._name = ""

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that ``chunk`` completes."""
        if (events := self._whole_events(chunk)) is not None:
            return events
        return self._events(self._lines(chunk))

    def finish(self) -> list[Event]:
        """Return the event that has begun and lacks only its line end or its blank line."""
        line = bytes(self._line)
        self._line.clear()
        return self._events([line, b""] if line else [b""])

    def _whole_events(self, chunk: bytes) -> list[Event] | None:
        """Read a chunk made of nothing but ``data: …\\n\\n``: what nearly every network read is.

        Returns None for all else, having changed nothing.
        """
        if not chunk.startswith(_PREFIX) or not chunk.endswith(b"\n\n") or b"\r" in chunk:
            return None
        if self._line or self._data or self._name or self._after_cr or len(chunk) > self._limit:
            return None
        blocks = chunk[:-2].split(b"\n\n")
        for block in blocks:
            if not block.startswith(_PREFIX) or b"\n" in block:
                return None
        self._at_start = False
        return [Event(block[6:]) for block in blocks]

    def _lines(self, chunk: bytes) -> list[bytes]:
        """Return the lines that ``chunk`` completes, keeping the rest."""
        if self._at_start and not (chunk := self._without_bom(chunk)):
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and self._line:
            lines[0] = bytes(self._line) + lines[0]
            self._line.clear()
        self._line += rest
        if len(self._line) > self._limit:
            raise EventTooLarge
        return lines

    def _without_bom(self, chunk: bytes) -> bytes:
        start = bytes(self._line) + chunk
        if len(start) < len(_BOM) and _BOM.startswith(start):
            self._line[:] = start
            return b""
        self._at_start = False
        self._line.clear()
        return start.removeprefix(_BOM)

    def _events(self, lines: Iterable[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line:
                self._field(line)
            else:
                if self._data:
                    events.append(Event(b"\n".join(self._data), self._name))
                self._data = []
                self._data_size = 0
                self._name = ""
        return events

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            value = value.removeprefix(b" ")
            self._data.append(value)
            self._data_size += len(value) + 1
            if self._data_size > self._limit:
                raise EventTooLarge
        elif name == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")
