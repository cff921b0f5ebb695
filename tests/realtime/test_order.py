"""What all open pages of a person are told when chats change places, turns go, and answers are seen."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.fakes.scripts import answer, sse, stall
from tests.support.site import Site, Visitor
from tests.support.socket import open_page


async def post(site: Site, visitor: Visitor, path: str, **fields: Any) -> None:
    """Send a form as the page's script does."""
    token = "a" * 32
    cookies = {"sessionid": visitor.session, "csrftoken": token}
    headers = {"X-CSRFToken": token, "X-Requested-With": "fetch", "Origin": site.url}
    async with httpx.AsyncClient(base_url=site.url, cookies=cookies, headers=headers) as client:
        sent = await client.post(path, data=fields)
    assert sent.status_code == 204, sent.text


async def test_every_page_of_a_person_hears_that_the_list_has_changed_and_nobody_else(
    shared_site: Site, newcomer: Visitor
) -> None:
    stranger = shared_site.visitor("stranger-of-orders@example.org")
    shared_site.provider.enqueue(answer("x"))
    async with (
        open_page(shared_site, newcomer) as one,
        open_page(shared_site, newcomer) as two,
        open_page(shared_site, stranger) as other,
    ):
        chat = (await one.ask())["conversation"]
        for path, fields in [
            (f"/c/{chat}/pin", {}),
            (f"/c/{chat}/order", {"folder": "", "name": "Travel"}),
            ("/folders/new", {"name": "Work"}),
            ("/chats/act", {"act": "archive", "chat": chat}),
        ]:
            await post(shared_site, newcomer, path, **fields)
            for page in (one, two):
                await page.until("sidebar")
        await post(shared_site, newcomer, "/chats/act", act="delete", chat=chat)
        for page in (one, two):
            await page.until("conversation_deleted", conversation=chat)
        await other.command("resync", message=chat)
        while (await other.next())["type"] != "refused":
            pass
    assert {frame["type"] for frame in other.frames} <= {"refused", "beat"}


async def test_a_page_that_was_loading_when_something_changed_is_told_as_soon_as_it_can_hear(
    shared_site: Site, newcomer: Visitor
) -> None:
    stranger = shared_site.visitor("stranger-of-late-pages@example.org")
    shared_site.provider.enqueue(answer("x"))
    async with open_page(shared_site, newcomer) as early:
        asked = await early.ask()
        chat = asked["conversation"]
        await early.end_of(asked["answer"])
        await post(shared_site, newcomer, f"/c/{chat}/rename", title="Another name")
        await post(shared_site, newcomer, f"/c/{chat}/pin")
        await early.until("sidebar")
    async with open_page(shared_site, newcomer) as late, open_page(shared_site, stranger) as other:
        await late.until("conversation", title="Another name")
        await late.until("sidebar")
        await other.command("resync", message=chat)
        while (await other.next())["type"] != "refused":
            pass
    assert {frame["type"] for frame in other.frames} <= {"refused", "beat"}


async def test_chats_that_come_back_together_are_there_again_in_pages_that_show_them(
    shared_site: Site, newcomer: Visitor
) -> None:
    shared_site.provider.enqueue(answer("x"))
    async with open_page(shared_site, newcomer) as page:
        asked = await page.ask()
        chat = asked["conversation"]
        await page.end_of(asked["answer"])
        await post(shared_site, newcomer, "/chats/act", act="delete", chat=chat)
        await page.until("conversation_deleted", conversation=chat)
        await post(shared_site, newcomer, "/chats/act", act="restore", chat=chat)
        await page.until("conversation", conversation=chat)


async def test_an_answer_is_unread_in_all_pages_until_one_says_that_it_was_seen(
    shared_site: Site, newcomer: Visitor
) -> None:
    shared_site.provider.enqueue(answer("x"))
    async with open_page(shared_site, newcomer) as one, open_page(shared_site, newcomer) as two:
        asked = await one.ask()
        while "data-unread" not in (await two.until("conversation", answering=False))["html"]:
            pass
        await one.command("seen", conversation=asked["conversation"])
        while "data-unread" in (await two.until("conversation"))["html"]:
            pass


async def test_a_turn_that_is_being_answered_is_stopped_and_goes(shared_site: Site, newcomer: Visitor) -> None:
    shared_site.provider.enqueue(sse("begun"), stall())
    async with open_page(shared_site, newcomer) as one, open_page(shared_site, newcomer) as two:
        asked = await one.ask()
        await one.text_beyond(asked["answer"], 0)
        await two.command("watch", conversation=asked["conversation"])
        await two.until("watched")
        await post(shared_site, newcomer, f"/m/{asked['question']}/delete")
        for page in (one, two):
            await page.until("thread", conversation=asked["conversation"])
        await asyncio.to_thread(shared_site.provider.requests[-1].wait_until_ended)
    assert await asyncio.to_thread(
        shared_site.rows, "SELECT 1 FROM conversations_generation g WHERE g.ref = ?", asked["ref"]
    ) == []  # fmt: skip
