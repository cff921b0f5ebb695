"""A new SECRET_KEY: what goes on with the old one among the fallbacks, and what is told without it."""

from __future__ import annotations

import http.client
import os
import re
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed

from conversations import catalogue, secrets
from conversations.models import Provider
from conversations.models.ids import new_id
from tests.support.site import Site, Visitor
from tests.support.socket import open_page

NEW = "a new secret of more than thirty-two characters"
KEY = "sk-typed-by-an-administrator"


def loaded(site: Site, visitor: Visitor, path: str = "/") -> tuple[int, str, str]:
    """Return status, ``Set-Cookie`` and text of a page."""
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as line:
        line.request("GET", path, headers={"Cookie": visitor.cookie})
        reply = line.getresponse()
        return reply.status, " ".join(reply.headers.get_all("Set-Cookie") or []), reply.read().decode()


def add_provider(site: Site) -> None:
    """Add what an administrator would: a provider with a key of its own, and its model ``kept``."""
    provider = new_id()
    site.rows(
        "INSERT INTO conversations_provider (id, name, base_url, sealed_secret, sealed_headers, origin, is_enabled)"
        " VALUES (?, 'Other', ?, ?, '', 'admin', TRUE)",
        provider, site.provider.base_url, secrets.seal(KEY),
    )  # fmt: skip
    site.rows(
        "INSERT INTO conversations_chatmodel (id, provider_id, key, name, label, description, can_see, can_browse,"
        ' can_reason, "order", is_enabled)'
        " VALUES (?, ?, 'kept', 'kept', 'Kept', '', FALSE, FALSE, FALSE, 1, TRUE)",
        new_id(), provider,
    )  # fmt: skip


def restart(site: Site, **environment: str) -> None:
    site.terminate()
    assert site.wait() == 0
    site.environment |= environment
    site.start()


async def test_with_the_old_key_among_the_fallbacks_nobody_notices_and_it_can_be_dropped_later(live_site: Site) -> None:
    site, alice = live_site, live_site.visitor()
    add_provider(site)
    restart(site, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=site.environment["SECRET_KEY"])
    async with open_page(site, alice) as page:
        status, cookies, _ = loaded(site, alice)
        assert status == 200
        assert re.findall(r"sessionid=(\w+)", cookies) == [alice.session], "a new id would sign other tabs out"
        accepted = await page.ask("still there?", model="kept")
        assert (await page.end_of(accepted["answer"]))["status"] == "complete"
    assert site.provider.requests[0].headers["authorization"] == f"Bearer {KEY}"
    restart(site, SECRET_KEY_FALLBACKS="")
    assert loaded(site, alice)[0] == 200
    async with open_page(site, alice) as page:
        accepted = await page.ask("and now?", model="kept")
        assert (await page.end_of(accepted["answer"]))["status"] == "complete"
    assert site.provider.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_without_the_old_key_people_sign_in_again_and_administrators_are_told_of_the_keys(
    live_site: Site, settings: Settings
) -> None:
    site, alice = live_site, live_site.visitor()
    add_provider(site)
    restart(site, SECRET_KEY=NEW)
    site.wait_for_log(r"key of the provider 'Other' was sealed under another SECRET_KEY: put that one into")
    assert loaded(site, alice)[0] == 302
    async with open_page(site, alice) as page:
        with pytest.raises(ConnectionClosed):
            await page.next()
        assert page.socket.close_code == 4401
    settings.SECRET_KEY = NEW
    sue = site.visitor("sue@example.org", staff=True)
    async with open_page(site, sue) as page:
        accepted = await page.ask("anyone?", model="kept")
        told = next(frame for frame in page.frames if frame.get("message") == accepted["answer"])
        assert "The site cannot open the key it keeps for the provider." in told["html"]
        assert site.text_of(accepted["answer"]) == ("failed", "")
        accepted = await page.ask("and another?", model="test-model")
        assert (await page.end_of(accepted["answer"]))["status"] == "complete"
    assert [request.model for request in site.provider.requests if request.model == "kept"] == []
    _, _, listed = loaded(site, sue, "/admin/conversations/provider/")
    assert "cannot be opened: enter it again" in listed
    assert "Traceback" not in site.log


def test_a_list_of_fallbacks_can_be_given_as_a_file(live_site: Site) -> None:
    alice = live_site.visitor()
    kept = live_site.folder / "fallbacks"
    kept.write_text(f"an older one, {live_site.environment['SECRET_KEY']}\n", encoding="utf-8")
    restart(live_site, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS_FILE=os.fspath(kept))
    assert loaded(live_site, alice)[0] == 200


@pytest.mark.django_db
def test_what_cannot_be_opened_stays_as_it_is_until_its_key_comes_back(settings: Settings) -> None:
    old, sealed = settings.SECRET_KEY, secrets.seal(KEY)
    provider = Provider.objects.create(name="Other", base_url="https://example.org", sealed_secret=sealed)
    settings.SECRET_KEY = NEW
    catalogue.seal_anew()
    provider.refresh_from_db()
    assert provider.sealed_secret == sealed
    with pytest.raises(secrets.CannotOpen):
        catalogue.endpoint_of(provider)
    settings.SECRET_KEY_FALLBACKS = [old]
    catalogue.seal_anew()
    settings.SECRET_KEY_FALLBACKS = []
    provider.refresh_from_db()
    assert catalogue.endpoint_of(provider).secret == KEY
