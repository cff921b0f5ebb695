"""The line in front of a provider that is busy: who is next, and how long the line is.

A provider is busy while as many answers run as it allows (``Provider.most_at_once``, in this process), or after it has
said so (429) until something flows again; meanwhile one asks at a time, and its ``Retry-After`` is waited for by the
client. Whoever has the fewest answers running is next, then whoever had the fewest turns since the line formed, then
whoever came first: somebody with ten open questions does not keep the others from their one. Leaving the line is
being cancelled.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from conversations.generation.ports import GenerationJob
from conversations.upstream import ChatRequest, Delta, Endpoint, UpstreamError

Moved = Callable[[int], None]
"""Told the place in the line, 1 is next, whenever it changes; 0 once it is one's turn."""


@dataclass(eq=False, slots=True)
class _Ticket:
    owner: UUID
    round: int
    moved: Moved
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    place: int = 0


class Line:
    """The line in front of one provider."""

    def __init__(self) -> None:
        self._running: Counter[UUID] = Counter()
        self._waiting: list[_Ticket] = []  # in the order they came
        self._rounds: dict[UUID, int] = {}  # of everybody's latest answer; each of theirs is a round later
        self._round = 0  # of the answer that was let in last
        self._most: int | None = None
        self._is_held = False

    @property
    def is_idle(self) -> bool:
        return not self._running and not self._waiting

    @asynccontextmanager
    async def place(self, owner: UUID, most: int | None, told: asyncio.Event, moved: Moved) -> AsyncIterator[None]:
        """Wait for one's turn, and give it on at the end; nothing is said before ``told``."""
        self._most = most
        if self._waiting or not self._has_room:
            await self._queue(owner, told, moved)
        else:
            self._running[owner] += 1
            self._take_round(owner)
        try:
            yield
        finally:
            self._running -= Counter({owner: 1})
            self._advance()
            if self.is_idle:
                self._rounds.clear()

    def hold(self) -> None:
        """The provider says that it is busy: from now on one asks at a time."""
        self._is_held = True

    def flows(self) -> None:
        """The provider answers again."""
        if self._is_held:
            self._is_held = False
            self._advance()

    @property
    def _has_room(self) -> bool:
        running = self._running.total()
        return (self._most is None or running < self._most) and not (self._is_held and running)

    async def _queue(self, owner: UUID, told: asyncio.Event, moved: Moved) -> None:
        ticket = _Ticket(owner, self._take_round(owner), moved)
        self._waiting.append(ticket)
        try:
            await told.wait()
            self._advance()
            await ticket.turn.wait()
        except BaseException:
            if ticket.turn.is_set():
                self._running -= Counter({owner: 1})
            else:
                self._waiting.remove(ticket)
            self._advance()
            raise

    def _take_round(self, owner: UUID) -> int:
        self._rounds[owner] = max(self._round, self._rounds.get(owner, -1) + 1)
        return self._rounds[owner]

    def _advance(self) -> None:
        while self._waiting and self._has_room:
            ticket = self._in_order()[0]
            self._waiting.remove(ticket)
            self._running[ticket.owner] += 1
            self._round = max(self._round, ticket.round)
            ticket.turn.set()
            self._tell(ticket, 0)
        for place, ticket in enumerate(self._in_order(), 1):
            self._tell(ticket, place)

    def _in_order(self) -> list[_Ticket]:
        """Return the line in the order of its turns: each turn counts as an answer of its owner."""
        counted = Counter(self._running)
        ranks = []
        for number, ticket in enumerate(self._waiting):
            ranks.append((counted[ticket.owner], ticket.round, number))
            counted[ticket.owner] += 1
        return [self._waiting[number] for _, _, number in sorted(ranks)]

    @staticmethod
    def _tell(ticket: _Ticket, place: int) -> None:
        if ticket.place != place:
            ticket.place = place
            ticket.moved(place)


class Lines:
    """One line for each provider of this process."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}

    def of(self, endpoint: Endpoint) -> Line:
        key = (endpoint.name, endpoint.base_url)
        if key not in self._lines:
            self._lines = {known: line for known, line in self._lines.items() if not line.is_idle}
        return self._lines.setdefault(key, Line())


class Asking(Protocol):
    """What the line needs of the client."""

    def stream_chat(
        self, endpoint: Endpoint, request: ChatRequest, *, on_retry: Callable[[UpstreamError, float], None] | None
    ) -> AsyncGenerator[list[Delta], None]: ...


class QueuedUpstream:
    """The client, for one answer that waits in line."""

    def __init__(self, client: Asking, line: Line, job: GenerationJob, told: asyncio.Event, moved: Moved) -> None:
        self._client, self._line, self._job, self._told, self._moved = client, line, job, told, moved

    async def stream_chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[list[Delta], None]:
        async with (
            self._line.place(self._job.owner, self._job.most_at_once, self._told, self._moved),
            aclosing(self._client.stream_chat(endpoint, request, on_retry=self._refused)) as deltas,
        ):
            async for batch in deltas:
                self._line.flows()
                yield batch

    def _refused(self, error: UpstreamError, pause: float) -> None:
        if error.code == "rate_limited":
            self._line.hold()
