"""The page of results over a site on PostgreSQL finds what the one on SQLite finds."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.fakes.scripts import answer
from tests.support.servers import postgres
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import open_page

QUERIES = {
    "tide": 2,
    "tid": 2,
    '"high water"': 1,
    '"water high"': 0,
    "海水": 1,
    "月": 1,
    "zebra": 0,
    "'; DROP": 0,
    "\\": 0,
}


def found(site: Site, visitor: Visitor, text: str) -> list[str]:
    page = httpx.get(f"{site.url}/search", params={"q": text}, headers={"Cookie": visitor.cookie})
    assert page.status_code == 200
    return re.findall(r'class="hit" href="([^"]+)#m-', page.text)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_messages_are_found_by_their_words(kind: str) -> None:
    if kind == "sqlite":
        with running_site() as site:
            await search_in(site)
    else:
        with postgres() as address, running_site(DATABASE_URL=address) as site:
            await search_in(site)


async def search_in(site: Site) -> None:
    alice, bob = site.visitor(), site.visitor("bob@example.org")
    site.provider.default = answer("The tide brings **high water** 海水 twice.")
    async with open_page(site, alice) as page:
        asked = await page.ask("How does the tide follow the 月?")
        await page.end_of(asked["answer"])
    assert {text: len(found(site, alice, text)) for text in QUERIES} == QUERIES
    assert found(site, bob, "tide") == []
    assert found(site, alice, "brings") == [f"/c/{asked['conversation']}?at={asked['answer']}"]
