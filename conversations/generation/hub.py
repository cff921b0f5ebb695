"""The sockets of this process, by conversation and by person: frames go to them directly.

Measured (docs/performance.md): a frame through the in-memory channel layer costs more than reading, rendering and
sending it, so the layer carries only what must cross to other processes (``mesh``). All calls are synchronous and
belong to the event loop; joining and taking a snapshot in one step therefore leaves no gap.
"""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from typing import Protocol
from uuid import UUID

LOADING_SECONDS = 15.0
"""How long a page may take from the HTML it is made of to its socket; what a person is told meanwhile waits for it."""
_REMEMBERED = 5_000
"""Frames of all people together that wait for pages; one is the row of a sidebar, about 2 KB."""


class Socket(Protocol):
    """What the hub knows of an open socket; neither call may block or raise."""

    user: UUID
    session: str

    def deliver(self, text: str) -> None:
        """Send a frame that must arrive."""

    def deliver_live(self, message: UUID, seq: int, text: str) -> None:
        """Send a frame of a running answer; one that does not fit is dropped and repaired by a snapshot."""

    def close_soon(self, code: int) -> None:
        """Close the socket without waiting for it."""


class Hub:
    def __init__(self) -> None:
        self._watchers: defaultdict[UUID, set[Socket]] = defaultdict(set)
        self._people: defaultdict[UUID, set[Socket]] = defaultdict(set)
        self._told: OrderedDict[tuple[UUID, UUID | None], tuple[float, str]] = OrderedDict()

    # Who is there

    def join(self, socket: Socket) -> None:
        """Add a socket; it is told what its page may be too old to show."""
        self._people[socket.user].add(socket)
        self._forget()
        for (user, _), (_, text) in self._told.items():
            if user == socket.user:
                socket.deliver(text)

    def leave(self, socket: Socket) -> None:
        _discard(self._people, socket.user, socket)
        for conversation in [key for key, sockets in self._watchers.items() if socket in sockets]:
            _discard(self._watchers, conversation, socket)

    def watch(self, conversation: UUID, socket: Socket) -> None:
        self._watchers[conversation].add(socket)

    def unwatch(self, conversation: UUID, socket: Socket) -> None:
        _discard(self._watchers, conversation, socket)

    def count(self, user: UUID) -> int:
        return len(self._people.get(user, ()))

    @property
    def watched(self) -> list[UUID]:
        return list(self._watchers)

    @property
    def sockets(self) -> list[Socket]:
        return [socket for sockets in self._people.values() for socket in sockets]

    def is_watched(self, conversation: UUID) -> bool:
        return conversation in self._watchers

    # What they get

    def live(self, conversation: UUID, message: UUID, seq: int, text: str) -> None:
        for socket in tuple(self._watchers.get(conversation, ())):
            socket.deliver_live(message, seq, text)

    def tell_watchers(self, conversation: UUID, text: str, *, but: Socket | None = None) -> None:
        for socket in tuple(self._watchers.get(conversation, ())):
            if socket is not but:
                socket.deliver(text)

    def tell_person(self, user: UUID, about: UUID | None, text: str) -> None:
        """Send a frame that holds the state of something, never a step; the last about it waits for late pages."""
        self._told.pop((user, about), None)
        self._told[user, about] = (time.monotonic(), text)
        self._forget()
        for socket in tuple(self._people.get(user, ())):
            socket.deliver(text)

    def _forget(self) -> None:
        late = time.monotonic() - LOADING_SECONDS
        while self._told and (len(self._told) > _REMEMBERED or next(iter(self._told.values()))[0] < late):
            self._told.popitem(last=False)

    def close_sessions(self, sessions: set[str], code: int) -> None:
        for socket in self.sockets:
            if socket.session in sessions:
                socket.close_soon(code)


def _discard(index: defaultdict[UUID, set[Socket]], key: UUID, socket: Socket) -> None:
    sockets = index.get(key)
    if sockets is not None:
        sockets.discard(socket)
        if not sockets:
            del index[key]
