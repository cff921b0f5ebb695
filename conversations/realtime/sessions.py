"""Who is behind a socket, asked again and again: rights must not outlive their removal on an open socket."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.utils.crypto import constant_time_compare

from conversations import process
from conversations.models import User

SIGNED_OUT = 4401


@dataclass(frozen=True, slots=True)
class Visitor:
    user: UUID
    session: str


def visitor(scope: dict[str, Any]) -> Visitor | None:
    """Return who the session cookie of a connection belongs to, or None."""
    key = _cookie(scope.get("headers", []), settings.SESSION_COOKIE_NAME)
    user = still_there(key) if key else None
    return Visitor(user.pk, key) if user is not None and key else None


def still_there(session: str) -> User | None:
    """Return the active person of a session that still holds, or None.

    Two queries. A changed password ends sessions, as it does for pages, by the hash of it kept in the session.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore(session)
    known = store.load()
    if SESSION_KEY not in known:
        return None
    user = User.objects.filter(pk=known[SESSION_KEY], is_active=True).first()
    if user is None:
        return None
    expected = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    given = known.get(HASH_SESSION_KEY, "")
    return user if any(constant_time_compare(given, one) for one in expected) else None


def connect_signals() -> None:
    user_logged_out.connect(_close_sockets, dispatch_uid="close sockets of an ended session")


def _close_sockets(sender: object, request: Any, **_: object) -> None:
    session = getattr(request, "session", None)
    key = getattr(session, "session_key", None)
    if key:
        async_to_sync(_close)(key)


async def _close(session: str) -> None:
    process.hub.close_sessions({session}, SIGNED_OUT)


def _cookie(headers: list[tuple[bytes, bytes]], name: str) -> str | None:
    for header, value in headers:
        if header == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                return None
            if morsel is not None:
                return morsel.value
    return None
