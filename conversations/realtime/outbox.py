"""What waits to leave over one socket, and how much its reader may be behind.

The server under us never pushes back: 200 MB to a client that reads nothing were buffered in half a second
(reliability.md S4). So the page acknowledges what it has shown, and frames of a running answer stop while more
than ``WINDOW`` is unacknowledged; when it catches up, one snapshot replaces what was left out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from uuid import UUID

WINDOW = 256 * 1024
"""Characters of live frames in flight: minutes of text for a page that lives."""

BOUND = 1024 * 1024
"""Characters waiting here; beyond it the socket is closed and the page starts afresh."""

BEHIND = 4408
"""Close code for a reader that is too slow."""


class Outbox:
    def __init__(
        self,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[int], None],
        snapshot: Callable[[UUID], str | None],
    ) -> None:
        self._send, self._close, self._snapshot = send, close, snapshot
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self._in_flight: deque[tuple[UUID, int, int]] = deque()
        self._unacknowledged = 0
        self._behind: set[UUID] = set()

    def put(self, text: str) -> None:
        """Queue a frame that must arrive."""
        is_behind = self._waiting > 0  # a single frame may be larger than the bound: a long answer's end is
        self._waiting += len(text)
        if is_behind and self._waiting > BOUND:
            self._close(BEHIND)
            return
        self._queue.put_nowait(text)

    def put_live(self, message: UUID, seq: int, text: str) -> None:
        """Queue a frame of a running answer, unless the reader is behind."""
        if message in self._behind:
            return
        if self._unacknowledged + len(text) > WINDOW and self._in_flight:
            self._behind.add(message)
            return
        self._in_flight.append((message, seq, len(text)))
        self._unacknowledged += len(text)
        self.put(text)

    def acknowledge(self, message: UUID, seq: int) -> None:
        """Take off what the page has shown; send snapshots of what it missed once half the window is free."""
        kept: deque[tuple[UUID, int, int]] = deque()
        for about, number, size in self._in_flight:
            if about == message and number <= seq:
                self._unacknowledged -= size
            else:
                kept.append((about, number, size))
        self._in_flight = kept
        if self._behind and self._unacknowledged < WINDOW // 2:
            behind, self._behind = self._behind, set()
            for one in behind:
                if (text := self._snapshot(one)) is not None:
                    self.put(text)

    async def drain(self) -> None:
        """Send what is queued, for as long as the socket lives."""
        while True:
            text = await self._queue.get()
            self._waiting -= len(text)
            await self._send(text)
