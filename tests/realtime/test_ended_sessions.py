"""Rights that end while a socket is open: nothing more is delivered there, and it is shut within five seconds."""

from __future__ import annotations

import asyncio
import time
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from conversations.realtime.sessions import SIGNED_OUT
from tests.fakes.scripts import Gate, done, finish, hold, sse
from tests.support.site import PASSWORD, Site, Visitor
from tests.support.socket import open_page

WITHIN = 5.0
TOKEN = "0123456789abcdef0123456789abcdef"


def somebody(site: Site) -> Visitor:
    """Return somebody whose password the site itself can check: the tests' own hasher is not its."""
    made = site.visitor()
    hasher = PBKDF2PasswordHasher()
    password = hasher.encode(PASSWORD, hasher.salt())
    site.rows("UPDATE conversations_user SET password = ? WHERE id = ?", password, made.id)
    return Visitor(made.id, made.email, site.session_of(site.person(made)))


def submit(site: Site, visitor: Visitor, path: str, **fields: str) -> None:
    cookies = f"{visitor.cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": TOKEN}).encode()
    request = urllib.request.Request(f"{site.url}{path}", body, {"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200


def log_out(site: Site, visitor: Visitor) -> None:
    submit(site, visitor, "/accounts/logout/")


def leave(site: Site, visitor: Visitor) -> None:
    """Delete the account, after giving the password once more."""
    submit(site, visitor, "/accounts/reauthenticate/?next=/settings/delete", password=PASSWORD)
    submit(site, visitor, "/settings/delete", email=visitor.email)
    assert not site.rows("SELECT id FROM conversations_user WHERE id = ?", visitor.id)


def deactivate(site: Site, visitor: Visitor) -> None:
    """As an administrator does, whichever process serves their page."""
    site.rows("UPDATE conversations_user SET is_active = ? WHERE id = ?", False, visitor.id)


def change_password(site: Site, visitor: Visitor) -> None:
    site.rows("UPDATE conversations_user SET password = ? WHERE id = ?", make_password("another one"), visitor.id)


def end_session(site: Site, visitor: Visitor) -> None:
    site.rows("DELETE FROM django_session WHERE session_key = ?", visitor.session)


@pytest.mark.parametrize("end", [log_out, deactivate, change_password, end_session, leave])
async def test_an_open_socket_is_shut_and_gets_no_more_of_a_running_answer(
    live_site: Site, end: Callable[[Site, Visitor], None]
) -> None:
    site, alice = live_site, somebody(live_site)
    site.provider.gate = Gate()
    site.provider.enqueue(sse("seen "), hold(), sse("never seen"), sse(finish()), done())
    async with open_page(site, alice) as page:
        accepted = await page.ask()
        await page.text_beyond(accepted["answer"], 0)
        began = time.monotonic()
        await asyncio.to_thread(end, site, alice)
        assert await page.closed() == SIGNED_OUT
        assert time.monotonic() - began < WITHIN
        site.provider.release()
        assert "never seen" not in str(page.frames)
    async with open_page(site, alice) as again:
        assert await again.closed() == SIGNED_OUT


async def test_a_socket_of_another_session_of_the_same_person_stays_open(live_site: Site) -> None:
    site, alice = live_site, live_site.visitor()
    other = Visitor(alice.id, alice.email, site.session_of(site.person(alice)))
    async with open_page(site, alice) as shut, open_page(site, other) as open_still:
        end_session(site, alice)
        assert await shut.closed() == SIGNED_OUT
        accepted = await open_still.ask()
        assert (await open_still.end_of(accepted["answer"]))["status"] == "complete"
