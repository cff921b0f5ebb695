"""The site as it is hosted: two processes on one PostgreSQL and one Redis behind a proxy that sticks to nothing."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from uuid import UUID

import pytest

from conversations.rendering import render
from tests.fakes.scripts import Gate, answer, done, hold, numbered, sse
from tests.fakes.upstream import ScriptedProvider
from tests.pictures.samples import photo
from tests.support.proxy import Proxy, running_proxy
from tests.support.servers import free_port, postgres, redis
from tests.support.site import PASSWORD, Site, Visitor, running_site
from tests.support.socket import open_page


@dataclass(frozen=True)
class Hosted:
    first: Site
    second: Site
    proxy: Proxy

    def process_of(self, answer: str) -> int:
        """Return the port of the process that wrote an answer."""
        ((pid,),) = self.first.rows(
            "SELECT p.pid FROM conversations_generation g JOIN conversations_serverprocess p ON p.id = g.process_id"
            " WHERE g.message_id = ?",
            UUID(answer),
        )
        return {self.first.pid: port_of(self.first), self.second.pid: port_of(self.second)}[pid]


class Browser:
    """Somebody with cookies; every request is a connection of its own."""

    def __init__(self, site: Proxy | Site) -> None:
        self._site, self._cookies = site, CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> bytes:
        with self._opener.open(self._site.url + path, timeout=30) as reply:
            content: bytes = reply.read()
        return content

    def post(self, path: str, body: bytes, **headers: str) -> tuple[str, bytes]:
        """Return where it led and what was there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self._site.url + path, body, named)
        with self._opener.open(request, timeout=30) as reply:
            return reply.url.removeprefix(self._site.url), reply.read()

    def fill(self, path: str, **fields: str) -> str:
        """Load a form, fill it in and send it; return where it led."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).decode())
        assert token
        return self.post(path, urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode())[0]

    def cookie(self, name: str) -> str:
        return next(cookie.value or "" for cookie in self._cookies if cookie.name == name)


def port_of(site: Site) -> int:
    return int(site.url.rpartition(":")[2])


@pytest.fixture(scope="module")
def hosted() -> Iterator[Hosted]:
    with postgres() as database, redis() as layer, running_site(DATABASE_URL=database, REDIS_URL=layer) as first:
        first.visitor("sue@example.org", staff=True)  # nobody may sign up before the first administrator
        second = first.neighbour(shares_files=True)
        try:
            with running_proxy(first.folder, first.url, second.url) as proxy:
                yield Hosted(first, second, proxy)
        finally:
            second.close()


@pytest.fixture
def person(hosted: Hosted, request: pytest.FixtureRequest) -> tuple[Browser, Visitor]:
    """Somebody who signed up, signed out and in again, each step served by whichever process came next."""
    browser, email = Browser(hosted.proxy), f"{abs(hash(request.node.nodeid))}@example.org"
    assert browser.fill("/accounts/signup/", email=email, password1=PASSWORD) == "/"
    assert browser.fill("/accounts/logout/") == "/accounts/login/"
    assert browser.fill("/accounts/login/", login=email, password=PASSWORD) == "/"
    ((user,),) = hosted.first.rows("SELECT id FROM conversations_user WHERE email = ?", email)
    return browser, Visitor(user, email, browser.cookie("sessionid"))


async def test_an_answer_runs_here_while_its_tab_hangs_there(hosted: Hosted, person: tuple[Browser, Visitor]) -> None:
    """Frames, title, stop and end cross over; the text is exact to the character, and both processes show it."""
    (browser, visitor), provider = person, hosted.first.provider
    async with open_page(hosted.proxy, visitor) as here, open_page(hosted.proxy, visitor) as there:
        here_port, there_port = hosted.proxy.taken[-2:]
        assert {here_port, there_port} == {port_of(hosted.first), port_of(hosted.second)}
        provider.enqueue(numbered(300, per_second=150))
        accepted = await here.ask("count")
        message = accepted["answer"]
        await there.command("watch", conversation=accepted["conversation"])
        await there.until("watched")
        ended = [await page.end_of(message) for page in (there, here)]
        text = next(request.text for request in reversed(provider.requests) if request.sent)
        assert len(text.split()) == 300
        assert [end["status"] for end in ended] == ["complete", "complete"]
        assert there.answers[message].gaps == 0
        assert there.answers[message].blocks == here.answers[message].blocks == render(text)
        assert hosted.first.text_of(message) == ("complete", text)
        assert hosted.process_of(message) == here_port
        await there.until("conversation", title="A scripted title")
        provider.gate = Gate()
        provider.enqueue(sse("running"), hold(), done())
        more = await here.ask("stop me", conversation=accepted["conversation"], parent=message)
        await there.text_beyond(more["answer"], 0)
        await there.command("stop", message=more["answer"])
        assert [(await page.end_of(more["answer"]))["status"] for page in (here, there)] == ["stopped", "stopped"]
        assert hosted.process_of(more["answer"]) == here_port
    pages = [browser.get(f"/c/{accepted['conversation']}").decode() for _ in range(2)]
    assert hosted.proxy.taken[-1] != hosted.proxy.taken[-2]
    assert all(text.strip() in page and "running" in page for page in pages)


async def test_a_picture_comes_in_here_and_is_shown_and_sent_there(
    hosted: Hosted, person: tuple[Browser, Visitor]
) -> None:
    (browser, visitor), provider = person, hosted.first.provider
    token, name = browser.cookie("csrftoken"), "cat.jpg"
    _, told = browser.post("/attachments", photo(), X_CSRFToken=token, X_File_Name=name, Content_Type="image/jpeg")
    taken_by, kept = hosted.proxy.taken[-1], json.loads(told)
    shown = [browser.get(f"/attachments/{kept['id']}") for _ in range(2)]
    assert hosted.proxy.taken[-2] != taken_by
    assert shown[0] == shown[1]
    assert shown[0].startswith(b"\xff\xd8")
    async with open_page(hosted.proxy, visitor) as page:
        assert hosted.proxy.taken[-1] != taken_by
        provider.enqueue(answer("a cat"))
        accepted = await page.ask("what is this?", attachments=[kept["id"]], model="test-vision")
        assert (await page.end_of(accepted["answer"]))["status"] == "complete"
    asked: Any = next(request for request in reversed(provider.requests) if request.model == "test-vision")
    assert [part["type"] for part in asked.messages[-1]["content"]] == ["text", "image_url"]


def test_processes_that_start_together_on_an_empty_database_migrate_it_once(tmp_path: Path) -> None:
    with postgres() as database, redis() as layer, ScriptedProvider() as provider, ExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two", "three")]
        sites = []
        for folder in folders:
            folder.mkdir()
            shared = {"CHAT_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": database, "REDIS_URL": layer}
            sites.append(Site(folder, provider, **shared))
            stack.callback(sites[-1].close)
        with ThreadPoolExecutor(len(sites)) as pool:
            list(pool.map(Site.start, sites))
        assert all(site.is_ready() for site in sites)
        assert all("Traceback" not in site.log for site in sites)


def test_people_can_sign_in_while_redis_is_away_and_attempts_stay_limited() -> None:
    with running_site(REDIS_URL=f"redis://127.0.0.1:{free_port()}/0") as site:
        site.visitor("sue@example.org", staff=True)
        browser = Browser(site)
        assert browser.fill("/accounts/signup/", email="alice@example.org", password1=PASSWORD) == "/"
        assert browser.fill("/accounts/logout/") == "/accounts/login/"
        assert browser.fill("/accounts/login/", login="alice@example.org", password=PASSWORD) == "/"
        assert not site.is_ready(), "a proxy should prefer processes that reach it"
        stranger = Browser(site)
        for _ in range(19):
            assert stranger.fill("/accounts/signup/", email="") == "/accounts/signup/"
        with pytest.raises(HTTPError, match="429"):
            stranger.fill("/accounts/signup/", email="")
