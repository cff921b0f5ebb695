"""How often a running answer is shown: at once, then at most every 33 ms, more rarely as the process gets busy.

A frame costs much the same however much text it carries, and so does a network read; wider intervals are what a
busy process saves on, and the page's reveal hides them. All answers of a process share one ``Pace``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

SHORTEST = 0.033
"""Two frames of a 60 Hz screen: faster would be invisible."""

LONGEST = 0.2
"""Slower would show: the reveal promises that no character waits longer than 300 ms."""

CALM, BUSY = 0.35, 0.85
"""Share of one core: below ``CALM`` the interval is the shortest, from ``BUSY`` on the longest."""


class Pace:
    """The interval of the moment, from how much processor time the process used lately."""

    def __init__(
        self,
        *,
        wall: Callable[[], float],
        cpu: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wall, self._cpu, self._sleep = wall, cpu, sleep
        self._wall_at, self._cpu_at = wall(), cpu()
        self.interval = SHORTEST

    def measure(self) -> None:
        """Take one reading; to be called a few times a second while anything runs."""
        wall, cpu = self._wall(), self._cpu()
        elapsed = wall - self._wall_at
        if elapsed <= 0:
            return
        share = (cpu - self._cpu_at) / elapsed
        self._wall_at, self._cpu_at = wall, cpu
        self.interval += (interval_for(share) - self.interval) * 0.5

    async def rest(self) -> None:
        """Leave what arrives unread for one interval while the process is busy: it could not be shown earlier.

        A calm process does not rest: the end of a short answer would come later for nothing.
        """
        if self.interval > 2 * SHORTEST:
            await self._sleep(self.interval)


def interval_for(share: float) -> float:
    """Return the interval in seconds for a share of one core in use."""
    strain = min(1.0, max(0.0, (share - CALM) / (BUSY - CALM)))
    return SHORTEST + strain * (LONGEST - SHORTEST)
