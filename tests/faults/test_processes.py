"""Real processes, real signals: what killing the server costs, and what it must never cost.

``FAULT_KILLS=20 make test ARGS=tests/faults`` kills the server that many times; three are enough for every day.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from uuid import UUID

from tests.fakes.scripts import Gate, answer, done, finish, hold, numbered, sse
from tests.support.servers import postgres, redis
from tests.support.site import Site, reloaded, running_site
from tests.support.socket import Page, open_page

KILLS = int(os.environ.get("FAULT_KILLS", "3"))


async def test_kill_minus_nine_loses_at_most_a_second_and_offers_to_go_on(live_site: Site) -> None:
    """Kills at random moments during 20 answers; reliability.md F9."""
    site, alice = live_site, live_site.visitor()
    site.provider.default = lambda request: numbered(4_000, per_second=50)
    chance = random.Random(7)
    for _ in range(KILLS):
        asked: dict[str, str] = {}
        shown: dict[str, int] = {}
        known = len(site.provider.requests)
        async with open_page(site, alice) as page:
            for number in range(20):
                accepted = await page.ask(f"question {number}")
                asked[accepted["answer"]] = accepted["question"]
            await _read_for(page, 1.5 + chance.random())
            shown = {message: page.answers[message].length for message in asked}
        sent = {request.text for request in site.provider.requests[known:]}
        site.kill()
        site.start()
        for number, (message, question) in enumerate(asked.items()):
            status, text = await _settled(site, message)
            assert status == "interrupted"
            assert site.text_of(question) == ("complete", f"question {number}")
            assert any(whole.startswith(text) for whole in sent), "the text is a prefix of what was sent"
            assert shown[message] - len(text) <= 50 * 5 * 1.5, "at most about a second of text is lost"
        assert site.rows("PRAGMA integrity_check") == [("ok",)]
    async with open_page(site, alice) as page:
        site.provider.default = answer("and on")
        message = next(iter(asked))
        ((conversation,),) = site.rows("SELECT conversation_id FROM conversations_message WHERE id = ?", UUID(message))
        assert f'formaction="/m/{message}/continue"' in reloaded(site, alice, UUID(str(conversation)))
        before = site.text_of(message)[1]
        await page.command("continue", ref="continue-1", message=message)
        assert (await page.end_of(message))["status"] == "complete"
        assert site.text_of(message) == ("complete", before + "and on")


async def test_sigterm_lets_answers_finish_refuses_new_ones_and_exits_cleanly(live_site: Site) -> None:
    site, alice = live_site, live_site.visitor()
    site.provider.gate = Gate()
    site.provider.enqueue(sse("before "), hold(), sse("after"), sse(finish()), done())
    async with open_page(site, alice) as page:
        accepted = await page.ask()
        await page.text_beyond(accepted["answer"], 0)
        site.terminate()
        await asyncio.to_thread(site.wait_until_draining)
        await page.command("send", ref="too-late-1", text="one more")
        refused = await page.until("refused", ref="too-late-1")
        assert (refused["code"], refused["retryable"]) == ("stopping", True)
        site.provider.release()
        assert (await page.end_of(accepted["answer"]))["status"] == "complete"
    assert await asyncio.to_thread(site.wait) == 0
    assert site.text_of(accepted["answer"]) == ("complete", "before after")


async def test_what_does_not_finish_in_time_is_stored_as_interrupted() -> None:
    with running_site(CHAT_DRAIN_SECONDS="1") as site:
        alice = site.visitor()
        site.provider.gate = Gate()
        site.provider.enqueue(sse("so far"), hold(), done())
        async with open_page(site, alice) as page:
            accepted = await page.ask()
            await page.text_beyond(accepted["answer"], 0)
            site.terminate()
            assert (await page.end_of(accepted["answer"]))["status"] == "interrupted"
        assert await asyncio.to_thread(site.wait) == 0
        assert site.text_of(accepted["answer"]) == ("interrupted", "so far")


async def test_a_frozen_process_is_noticed_by_another_and_cannot_change_the_end() -> None:
    """Two processes on PostgreSQL and Redis; one is stopped for longer than its beat may be silent."""
    with postgres() as database, redis() as layer, running_site(DATABASE_URL=database, REDIS_URL=layer) as first:
        second = first.neighbour()
        try:
            alice = first.visitor()
            first.provider.gate = Gate()
            first.provider.enqueue(sse("kept"), hold(), sse(" and never this"), sse(finish()), done())
            async with open_page(first, alice) as page:
                accepted = await page.ask()
                await page.text_beyond(accepted["answer"], 0)
            await _stored(first, accepted["answer"], "kept")
            first.process.send_signal(signal.SIGSTOP)
            async with open_page(second, alice) as page:
                await page.command("watch", conversation=accepted["conversation"])
                end = await page.end_of(accepted["answer"])
                assert end["status"] == "interrupted"
            first.process.send_signal(signal.SIGCONT)
            first.provider.release()
            first.provider.requests[0].wait_until_ended()
            async with open_page(first, alice) as page:  # it lives on and takes new work
                more = await page.ask("again")
                await page.end_of(more["answer"])
            assert first.text_of(accepted["answer"]) == ("interrupted", "kept")
        finally:
            second.close()


async def test_an_answer_runs_in_one_process_while_the_page_hangs_on_another() -> None:
    """PostgreSQL and Redis: frames, stop and title cross over, and the text is exact."""
    with postgres() as database, redis() as layer, running_site(DATABASE_URL=database, REDIS_URL=layer) as first:
        second = first.neighbour()
        try:
            alice = first.visitor()
            first.provider.enqueue(numbered(200, per_second=100))
            async with open_page(first, alice) as here, open_page(second, alice) as there:
                accepted = await here.ask("count")
                await there.command("watch", conversation=accepted["conversation"])
                await there.until("watched")
                end = await there.end_of(accepted["answer"])
                await here.end_of(accepted["answer"])
                assert end["status"] == "complete"
                held = there.answers[accepted["answer"]]
                assert held.blocks == here.answers[accepted["answer"]].blocks
                assert held.gaps == 0
                await there.until("conversation", title="A scripted title")
                first.provider.gate = Gate()
                first.provider.enqueue(sse("running"), hold(), done())
                more = await here.ask("stop me", conversation=accepted["conversation"], parent=accepted["answer"])
                await here.text_beyond(more["answer"], 0)
                await there.command("stop", message=more["answer"])
                assert (await here.end_of(more["answer"]))["status"] == "stopped"
        finally:
            second.close()


async def _read_for(page: Page, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while True:
                await page.next()
    except TimeoutError:
        return


async def _settled(site: Site, message: str) -> tuple[str, str]:
    async with asyncio.timeout(20):
        while (found := site.text_of(message))[0] in ("waiting", "streaming"):
            await asyncio.sleep(0.05)
    return found


async def _stored(site: Site, message: str, text: str) -> None:
    async with asyncio.timeout(10):
        while site.text_of(message)[1] != text:
            await asyncio.sleep(0.05)
