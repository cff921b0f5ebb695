"""Ordering, forking and deleting on PostgreSQL, by the forms of a site that runs on it."""

from __future__ import annotations

import re
from uuid import UUID

import httpx

from tests.fakes.scripts import answer
from tests.support.servers import postgres
from tests.support.site import Site, running_site
from tests.support.socket import open_page


async def test_chats_are_ordered_forked_and_deleted_on_postgresql_too() -> None:
    with postgres() as address, running_site(DATABASE_URL=address) as site:
        assert site.provider is not None
        site.provider.enqueue(answer("a lighthouse"))
        visitor = site.visitor()
        async with open_page(site, visitor) as page:
            asked = await page.ask("Where to?")
            await page.end_of(asked["answer"])
        with httpx.Client(base_url=site.url, cookies={"sessionid": visitor.session}) as client:
            Desk(site, client).tidy_up(f"/c/{asked['conversation']}", asked["answer"])


class Desk:
    def __init__(self, site: Site, client: httpx.Client) -> None:
        self.site, self.client = site, client
        page = client.get("/").text
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
        assert found is not None
        self.token = found[1]

    def post(self, path: str, **fields: object) -> str:
        headers = {"Referer": self.site.url, "Origin": self.site.url}
        sent = self.client.post(path, data={"csrfmiddlewaretoken": self.token, **fields}, headers=headers)
        assert sent.status_code == 302, (path, sent.status_code, sent.text[:2000])
        return sent.headers["Location"]

    def ids(self, sql: str) -> list[UUID]:
        return [UUID(str(one)) for (one,) in self.site.rows(sql)]

    def tidy_up(self, chat: str, reply: str) -> None:
        self.post(f"{chat}/order", folder="", name="Travel", tags="red, blue")
        self.post("/folders/new", name="Work")
        work, travel = self.ids("SELECT id FROM conversations_folder ORDER BY position DESC")
        self.post(f"/folders/{work}/shift", to="up")
        assert self.ids("SELECT id FROM conversations_folder ORDER BY position") == [work, travel]
        self.client.cookies["folders"] = travel.hex[-8:]
        assert chat in self.client.get("/").text
        copy = self.post(f"/m/{reply}/fork").removesuffix("#end")
        assert "a lighthouse" in self.client.get(copy).text
        self.post(f"/m/{reply}/delete")
        assert "a lighthouse" not in self.client.get(chat).text
        assert "a lighthouse" in self.client.get(copy).text
        self.post(f"{chat}/pin")
        self.post("/chats/act", act="archive", chat=[chat.rpartition("/")[2], copy.rpartition("/")[2]], next="/chats")
        for path, shown in (("/chats", 0), ("/chats?in=archive", 2), (f"/chats?folder={travel}", 0)):
            assert self.client.get(path).text.count('name="chat"') == shown, path
        self.post(f"/folders/{travel}/delete")
