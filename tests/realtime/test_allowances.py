"""Bounds on what a person may use, on the wire: nobody overruns them, and what was typed stays."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.fakes.scripts import answer
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
