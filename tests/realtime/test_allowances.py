"""Bounds on what a person may use, on the wire: nobody overruns them, and what was typed stays."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

from tests.fakes.scripts import Gate, answer, done, hold, sse
from tests.support.servers import postgres, redis
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import open_page


def allow(site: Site, person: Visitor, messages: int) -> None:
    site.rows(
        "INSERT INTO conversations_allowance (user_id, period, messages) VALUES (?, 'month', ?)", person.id, messages
    )


async def outcomes_of(sites: list[Site], person: Visitor, questions: int) -> list[str]:
    """Send from all processes at once, each question over a socket of its own."""

    async def one(number: int) -> str:
        async with open_page(sites[number % len(sites)], person) as page:
            ref = uuid4().hex
            await page.command("send", ref=ref, text=f"question {number}")
            while True:
                frame = await page.next()
                if frame["type"] in ("accepted", "refused"):
                    assert frame["ref"] == ref
                    return str(frame.get("code", "accepted"))

    return sorted(await asyncio.gather(*(one(number) for number in range(questions))))


async def test_twenty_parallel_questions_cannot_overrun_a_bound(live_site: Site) -> None:
    alice = live_site.visitor()
    allow(live_site, alice, 5)
    live_site.provider.default = answer("fine")
    assert await outcomes_of([live_site], alice, 20) == ["accepted"] * 5 + ["limit_reached"] * 15
    assert live_site.rows("SELECT count(*) FROM conversations_generation") == [(5,)]


async def test_nor_can_they_through_two_processes_on_postgresql() -> None:
    with postgres() as database, redis() as layer, running_site(DATABASE_URL=database, REDIS_URL=layer) as first:
        second = first.neighbour()
        try:
            alice = first.visitor()
            allow(first, alice, 5)
            first.provider.default = answer("fine")
            assert await outcomes_of([first, second], alice, 20) == ["accepted"] * 5 + ["limit_reached"] * 15
        finally:
            second.close()


async def test_a_refusal_at_the_bound_says_what_is_used_up_and_when_it_begins_anew(shared_site: Site) -> None:
    alice = shared_site.visitor(f"{uuid4()}@example.org")
    allow(shared_site, alice, 0)
    async with open_page(shared_site, alice) as page:
        await page.command("send", ref="at-the-bound", text="hello")
        refused = await page.next()
    assert refused["code"] == "limit_reached"
    assert refused["retryable"] is False
    assert "begins anew on" in refused["message"]


async def test_a_busy_provider_makes_a_line_that_is_shown_and_can_be_left(live_site: Site) -> None:
    live_site.provider.gate = Gate()
    live_site.provider.default = [sse("part"), hold(), done()]
    live_site.rows("UPDATE conversations_provider SET most_at_once = 1")
    people = [live_site.visitor(f"{name}@example.org") for name in ("alice", "bob", "carol")]
    async with AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(open_page(live_site, person)) for person in people]
        asked = [await page.ask() for page in pages]
        assert (await pages[1].until("queued"))["place"] == 1
        assert (await pages[2].until("queued"))["place"] == 2
        late = await stack.enter_async_context(open_page(live_site, people[2]))
        await late.command("watch", conversation=asked[2]["conversation"])
        assert (await late.until("snapshot"))["place"] == 2
        await pages[1].command("stop", message=asked[1]["answer"])
        assert (await pages[1].end_of(asked[1]["answer"]))["status"] == "stopped"
        assert (await pages[2].until("queued"))["place"] == 1
        live_site.provider.gate.open()
        assert (await pages[0].end_of(asked[0]["answer"]))["status"] == "complete"
        assert (await pages[2].until("queued"))["place"] == 0
        assert (await pages[2].end_of(asked[2]["answer"]))["status"] == "complete"
    assert len(live_site.provider.requests) == 2, "who left the line never reached the provider"
