"""Every command for every visitor, with ids of every kind, over the real socket of a running site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from conversations import protocol
from tests.doors.belongings import Things, absent_things, malformed_things
from tests.doors.matrix import COMMANDS, SILENT
from tests.fakes.scripts import Gate, answer, done, finish, hold, sse
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import Page, open_page

WORD = "kingfisher"
SIGNED_OUT = 4401


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def owner(site: Site) -> Visitor:
    return site.visitor(f"{WORD}-{uuid4().hex}@example.org")


def fields_of(kind: str) -> list[Any]:
    return list(COMMANDS[kind][1])


async def things_on(site: Site, owner: Visitor, word: str) -> Things:
    """Let ``owner`` ask something with ``word`` in question, answer, title and the name of a picture."""
    site.provider.enqueue(answer(f"{word} ", "answer"))
    site.provider.title = f"{word} title"
    async with open_page(site, owner) as page:
        asked = await page.ask(f"{word} question")
        await page.end_of(asked["answer"])
        await page.until("conversation", conversation=asked["conversation"], title=f"{word} title")
        attachment = uuid4()
        site.rows(
            "INSERT INTO conversations_attachment (id, owner_id, name, address, digest, media_type, size, touched_at,"
            " created_at) VALUES (?, ?, ?, ?, ?, '', 0, '2030-01-01', '2030-01-01')",
            attachment, owner.id, f"{word}.png", f"https://example.org/{word}.png", uuid4().hex,
        )  # fmt: skip
    return Things(asked["conversation"], asked["question"], asked["answer"], str(attachment))


async def deleted_things_on(site: Site, owner: Visitor, word: str) -> Things:
    made = await things_on(site, owner, word)
    site.rows("UPDATE conversations_conversation SET deleted_at = '2030-01-01' WHERE id = ?", UUID(made.conversation))
    site.rows("DELETE FROM conversations_attachment WHERE id = ?", UUID(made.attachment))
    return made


async def say(page: Page, kind: str, fields: dict[str, Any]) -> None:
    ref = {"ref": uuid4().hex} if kind in ("send", "edit", "regenerate", "continue") else {}
    await page.command(kind, **ref, **fields)


async def said_to(page: Page, kind: str, fields: dict[str, Any], fence: Things) -> list[dict[str, Any]]:
    """Send a command, and return all frames that come before the answer to a watch of ``fence``."""
    await heard_until(page, fence)
    await say(page, kind, fields)
    return await heard_until(page, fence)


async def heard_until(page: Page, fence: Things) -> list[dict[str, Any]]:
    """Watch ``fence``, and return what comes before the answer to that; on a new page, what its person was told."""
    await page.command("watch", conversation=fence.conversation, after=fence.answer)
    seen = len(page.frames)
    while page.frames[seen:] == [] or page.frames[-1] != {"type": "watched", "conversation": fence.conversation}:
        await page.next()
    return [frame for frame in page.frames[seen:-1] if frame["type"] != "beat"]


def of_the_ref(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in frame.items() if name not in ("ref", "trace_id")} for frame in frames]


def test_every_command_has_its_row_and_every_row_its_command() -> None:
    known = {command.__struct_config__.tag for command in get_args(protocol.Command)}
    missing, stale = known - COMMANDS.keys(), COMMANDS.keys() - known
    assert not missing, f"tests/doors/matrix.py does not say who may use {sorted(missing)}: add a row to COMMANDS"
    assert not stale, f"tests/doors/matrix.py has rows for commands that are gone: {sorted(stale)}"


@pytest.mark.parametrize("kind", COMMANDS)
async def test_the_owner_is_understood(site: Site, owner: Visitor, kind: str) -> None:
    """The premise of all that follows: these very commands are not refused as absent to the one they belong to."""
    for make in fields_of(kind):
        mine = await things_on(site, owner, f"{WORD}-own")
        async with open_page(site, owner) as page:
            fence = await things_on(site, owner, "fence")
            frames = await said_to(page, kind, make(mine, mine), fence)
            assert not [frame for frame in frames if frame.get("code") in ("not_found", "invalid", "no_model")], frames


@pytest.mark.parametrize("is_staff", [False, True], ids=["other", "staff"])
@pytest.mark.parametrize("kind", COMMANDS)
async def test_a_command_about_what_is_anothers_is_answered_as_about_what_is_absent(
    site: Site, owner: Visitor, kind: str, is_staff: bool
) -> None:
    thief = site.visitor(f"{uuid4().hex}@example.org", staff=is_staff)
    present = await things_on(site, owner, f"{WORD}-private")
    deleted = await deleted_things_on(site, owner, f"{WORD}-deleted")
    mine = await things_on(site, thief, "mine")
    asked = len(site.provider.requests)
    kinds = {"foreign": present, "deleted": deleted, "absent": absent_things(), "malformed": malformed_things("1=1")}
    for make in fields_of(kind):
        async with open_page(site, thief) as page:
            told = {of: await said_to(page, kind, make(it, mine), mine) for of, it in kinds.items()}
        assert WORD not in json.dumps(page.frames)
        assert [frame.get("code") for frame in told["malformed"]] == ["invalid"]
        assert of_the_ref(told["foreign"]) == of_the_ref(told["deleted"]) == of_the_ref(told["absent"])
        expected = [] if COMMANDS[kind][0] == SILENT else ["not_found"]
        assert [frame.get("code") for frame in told["foreign"]] == expected
    assert len(site.provider.requests) == asked


@pytest.mark.parametrize("kind", COMMANDS)
async def test_somebody_deactivated_is_shut_out_at_their_next_word(site: Site, owner: Visitor, kind: str) -> None:
    present = await things_on(site, owner, f"{WORD}-private")
    for make in fields_of(kind):
        async with open_page(site, owner) as page:
            await heard_until(page, present)
            seen = len(page.frames)
            site.rows("UPDATE conversations_user SET is_active = ? WHERE id = ?", False, owner.id)
            await say(page, kind, make(present, present))  # nothing after it: a write into what closes can break it off
            code = await page.closed()
        site.rows("UPDATE conversations_user SET is_active = ? WHERE id = ?", True, owner.id)
        assert code == SIGNED_OUT
        assert [frame for frame in page.frames[seen:] if frame["type"] != "beat"] == []


@pytest.mark.parametrize("who", ["anonymous", "deactivated"])
async def test_without_a_person_no_command_is_heard(site: Site, owner: Visitor, who: str) -> None:
    present = await things_on(site, owner, f"{WORD}-private")
    if who == "deactivated":
        site.rows("UPDATE conversations_user SET is_active = ? WHERE id = ?", False, owner.id)
    headers = {"Cookie": owner.cookie} if who == "deactivated" else {}
    address = site.url.replace("http", "ws", 1) + "/ws/"
    for kind in COMMANDS:
        command = json.dumps({"type": kind, "ref": uuid4().hex, **fields_of(kind)[0](present, present)})
        async with connect(address, origin=site.url, additional_headers=headers) as socket:
            with suppress(ConnectionClosed):  # the site may be quicker
                await socket.send(command)
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == SIGNED_OUT


async def test_who_was_refused_hears_nothing_of_what_is_written_there_later(site: Site, owner: Visitor) -> None:
    thief = site.visitor(f"{uuid4().hex}@example.org")
    mine = await things_on(site, thief, "mine")
    site.provider.gate = Gate()
    site.provider.enqueue(sse(f"{WORD} one "), hold(), sse(f"{WORD} two"), sse(finish()), done())
    async with open_page(site, owner) as hers, open_page(site, thief) as page:
        asked = await hers.ask(f"{WORD} question")
        await hers.text_beyond(asked["answer"], 3)
        it = Things(asked["conversation"], asked["question"], asked["answer"], str(uuid4()))
        for kind in COMMANDS:
            for make in fields_of(kind):
                await said_to(page, kind, make(it, mine), mine)
        site.provider.release()
        assert (await hers.end_of(asked["answer"]))["status"] == "complete"  # nor has anybody stopped it
        await hers.until("conversation", conversation=asked["conversation"], answering=False)
        await said_to(page, "unwatch", {"conversation": mine.conversation}, mine)
    assert WORD in json.dumps(hers.frames)
    assert WORD not in json.dumps(page.frames)
