"""Two hundred people at once, each with a word of their own: it reaches nobody else, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest

from tests.fakes.scripts import Script, done, finish, pause, role, sse, stall
from tests.fakes.upstream import RecordedRequest
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import Page, open_page

PEOPLE = 200
AT_ONCE = 60
STOPPED, CUT = 0.3, 0.2
"""Shares of the answers that are stopped and of the sockets that are cut, both in the middle."""
STOP_ME = " (to be stopped)"
SEED = 20_260_101
CANARY = re.compile(r"canary[0-9a-f]{16}")


@dataclass
class Person:
    visitor: Visitor
    word: str
    seen: list[str] = field(default_factory=list)
    conversation: str = ""

    def take(self, page: Page) -> None:
        """Keep what came over a socket, and what a page made of it: a word may come in pieces."""
        self.seen.append(json.dumps(page.frames))
        self.seen.extend("".join(answer.blocks) for answer in page.answers.values())


def echo(request: RecordedRequest) -> Script:
    """Answer with the question, whole and in pieces; what is to be stopped has no end of its own."""
    question = request.messages[-1]["content"]
    (word,) = set(CANARY.findall(question))
    pieces = [f"{word} and again ", word[:9], word[9:], f" **{word}**\n\n", f"```\n{word}\n```\n\n", f"- {word}\n"]
    steps = [step for piece in pieces for step in (sse(piece), pause(0.02))]
    return [sse(role()), *steps, stall()] if STOP_ME in question else [sse(role()), *steps, sse(finish()), done()]


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        assert site.provider is not None
        site.provider.default = echo
        site.provider.title = None  # titles are asked for like answers, with the question in them
        yield site


def people_of(site: Site, chance: random.Random) -> list[Person]:
    words = [f"canary{chance.randbytes(8).hex()}" for _ in range(PEOPLE)]
    return [Person(site.visitor(f"person{number}@example.org"), word) for number, word in enumerate(words)]


async def visit(site: Site, person: Person, chance: random.Random) -> None:
    """Ask twice; see the answer to its end, stop it, or lose the socket in the middle and come back."""
    asked = None
    for turn in ("first", "second"):
        fate = chance.random()
        text = f"{turn} {person.word}" + (STOP_ME if fate < STOPPED else "")
        above = {"conversation": asked["conversation"], "parent": asked["answer"]} if asked else {}
        async with open_page(site, person.visitor) as page:
            asked = await page.ask(text, **above)
            person.conversation = asked["conversation"]
            if fate < STOPPED + CUT:
                await page.text_beyond(asked["answer"], 0)
            if fate < STOPPED:
                await page.command("stop", message=asked["answer"])
            if STOPPED <= fate < STOPPED + CUT:
                page.socket.transport.abort()
            else:
                await page.end_of(asked["answer"])
            person.take(page)
        if STOPPED <= fate < STOPPED + CUT:
            await come_back(site, person, asked["answer"])


async def come_back(site: Site, person: Person, answer: str) -> None:
    async with open_page(site, person.visitor) as page:
        await page.command("watch", conversation=person.conversation)
        await page.until("watched")
        if is_live(page, answer):
            await page.end_of(answer)
        person.take(page)


def is_live(page: Page, answer: str) -> bool:
    held = page.answers.get(answer)
    return held is not None and held.seq is not None and held.end is None


async def look(site: Site, person: Person, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{site.url}/c/{person.conversation}", headers={"Cookie": person.visitor.cookie})
    assert answer.status_code == 200
    person.seen.append(answer.text)


async def test_no_word_of_anybody_reaches_anybody_else(site: Site) -> None:
    chance = random.Random(SEED)
    people = people_of(site, chance)
    room = asyncio.Semaphore(AT_ONCE)

    async def come(person: Person, luck: random.Random) -> None:
        async with room:
            await visit(site, person, luck)

    await asyncio.gather(*(come(person, random.Random(chance.random())) for person in people))
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=8)) as client:
        await asyncio.gather(*(look(site, person, client) for person in people))

    for person in people:
        assert set(CANARY.findall("\n".join(person.seen))) == {person.word}
    check_rows(site, {person.visitor.id: person.word for person in people})
    statuses = [status for (status,) in site.rows("SELECT status FROM conversations_generation")]
    assert len(statuses) == 2 * PEOPLE
    assert statuses.count("stopped") > 2 * PEOPLE * STOPPED * 0.8
    assert set(statuses) <= {"complete", "stopped"}
    assert not CANARY.search(site.log)


def check_rows(site: Site, words: dict[UUID, str]) -> None:
    """See that what belongs to somebody holds their word and no other's, down to the provider's view of it."""
    assert site.provider is not None
    rows = site.rows(
        "SELECT c.owner_id, c.title, m.text, m.reasoning, m.blocks, g.owner_id, g.error_message FROM"
        " conversations_message m JOIN conversations_conversation c ON c.id = m.conversation_id"
        " LEFT JOIN conversations_generation g ON g.message_id = m.id"
    )
    assert len(rows) == 4 * len(words)
    for owner, title, text, reasoning, blocks, writer, error in rows:
        assert writer in (None, owner)
        found = CANARY.findall(f"{title} {text} {reasoning} {blocks} {error}")
        assert set(found) == {words[UUID(str(owner))]}
    for request in site.provider.requests:
        assert len(set(CANARY.findall(request.body.decode()))) == 1
