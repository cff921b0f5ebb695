"""The line in front of a busy provider: its bound, its fairness, and leaving it."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from conversations.generation.waiting import Line
from tests.generation.ports import settle

ALICE, BOB, CAROL = uuid4(), uuid4(), uuid4()


class Someone:
    """An answer that takes its place, runs until it is let go, and notes what it was told."""

    def __init__(self, line: Line, owner: UUID, most: int | None = 1) -> None:
        self.places: list[int] = []
        self.runs, self._done, self._told = False, asyncio.Event(), asyncio.Event()
        self._told.set()
        self.task = asyncio.create_task(self._live(line, owner, most))

    async def _live(self, line: Line, owner: UUID, most: int | None) -> None:
        async with line.place(owner, most, self._told, self.places.append):
            self.runs = True
            try:
                await self._done.wait()
            finally:
                self.runs = False

    async def end(self) -> None:
        self._done.set()
        await asyncio.wait([self.task])
        await settle()

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])
        await settle()


async def arrive(line: Line, *owners: UUID, most: int | None = 1) -> list[Someone]:
    found = []
    for owner in owners:
        found.append(Someone(line, owner, most))
        await settle()
    return found


async def test_no_more_run_than_the_provider_takes_and_the_others_see_their_place() -> None:
    first, second, third = await arrive(Line(), ALICE, BOB, CAROL)
    assert [one.runs for one in (first, second, third)] == [True, False, False]
    assert (second.places, third.places) == ([1], [2])
    await first.end()
    assert [one.runs for one in (second, third)] == [True, False]
    assert (second.places, third.places) == ([1, 0], [2, 1])
    for one in (second, third):
        await one.end()


async def test_who_has_fewer_answers_running_comes_first() -> None:
    line = Line()
    running, greedy, again, modest = await arrive(line, ALICE, ALICE, ALICE, BOB)
    assert (greedy.places[-1], again.places[-1], modest.places[-1]) == (2, 3, 1)
    await running.end()
    assert modest.runs
    for one in (modest, greedy, again):
        await one.end()
    assert line.is_idle


async def test_leaving_the_line_moves_the_others_up() -> None:
    line = Line()
    first, second, third = await arrive(line, ALICE, BOB, CAROL)
    await second.leave()
    assert third.places == [2, 1]
    await first.leave()
    assert third.runs
    await third.end()
    assert line.is_idle


async def test_a_provider_that_says_it_is_busy_is_asked_by_one_at_a_time_until_it_answers() -> None:
    line = Line()
    (first,) = await arrive(line, ALICE, most=None)
    line.hold()
    second, third = await arrive(line, BOB, CAROL, most=None)
    assert [second.runs, third.runs] == [False, False]
    await first.end()
    assert [second.runs, third.runs] == [True, False]
    line.flows()
    await settle()
    assert third.runs
    for one in (second, third):
        await one.end()


@given(st.lists(st.tuples(st.sampled_from([ALICE, BOB, CAROL]), st.booleans()), max_size=12))
def test_everybody_gets_their_turn_and_nobody_is_counted_twice(people: list[tuple[UUID, bool]]) -> None:
    async def play() -> None:
        line = Line()
        crowd = await arrive(line, *(owner for owner, _ in people), most=2)
        for someone, (_, leaves) in zip(list(crowd), people, strict=True):
            if leaves:
                await someone.leave()
                crowd.remove(someone)
        while crowd:
            running = [one for one in crowd if one.runs]
            assert len(running) == min(2, len(crowd))
            await running[0].end()
            crowd.remove(running[0])
        assert line.is_idle

    asyncio.run(play())
