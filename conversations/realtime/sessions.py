"""Who is behind a socket, asked again and again: rights must not outlive their removal on an open socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async as in_database
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_out
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare

from conversations import process
from conversations.models import User

logger = logging.getLogger(__name__)

SIGNED_OUT = 4401
WATCH_SECONDS = 3.0
"""How often open sockets are looked at; with a slow query they are still shut within five seconds."""


@dataclass(frozen=True, slots=True)
class Visitor:
    user: UUID
    session: str
    language: str


def visitor(scope: dict[str, Any]) -> Visitor | None:
    """Return who the session cookie of a connection belongs to, or None."""
    key = _cookie(scope.get("headers", []), settings.SESSION_COOKIE_NAME)
    user = still_there(key) if key else None
    return Visitor(user.pk, key, _language(scope, user)) if user is not None and key else None


def _language(scope: dict[str, Any], user: User) -> str:
    """Return what the person has chosen, else what the browser asks for: what their pages speak."""
    if user.language in dict(settings.LANGUAGES):
        return user.language
    headers = scope.get("headers", [])
    asked = HttpRequest()
    asked.COOKIES = {settings.LANGUAGE_COOKIE_NAME: _cookie(headers, settings.LANGUAGE_COOKIE_NAME) or ""}
    asked.META["HTTP_ACCEPT_LANGUAGE"] = dict(headers).get(b"accept-language", b"").decode("latin-1")
    return translation.get_language_from_request(asked)


def still_there(session: str) -> User | None:
    """Return the active person of a session that still holds, or None.

    Two queries. A changed password ends sessions, as it does for pages, by the hash of it kept in the session.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore(session)
    known = store.load()
    if SESSION_KEY not in known:
        return None
    user = User.objects.filter(pk=known[SESSION_KEY], is_active=True).first()
    return user if user is not None and _fits(user, known) else None


def ended(sessions: Collection[str]) -> set[str]:
    """Return those sessions that hold no more; two queries however many there are."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    known = {row.session_key: store().decode(row.session_data) for row in _rows(store, sessions)}
    people = User.objects.filter(pk__in={data.get(SESSION_KEY) for data in known.values()} - {None}, is_active=True)
    present = {str(user.pk): user for user in people}
    return {key for key in sessions if not _holds(known.get(key, {}), present)}


def _rows(store: Any, sessions: Collection[str]) -> Any:
    return store.get_model_class().objects.filter(session_key__in=list(sessions), expire_date__gt=timezone.now())


def _holds(known: dict[str, Any], present: dict[str, User]) -> bool:
    user = present.get(str(known.get(SESSION_KEY)))
    return user is not None and _fits(user, known)


def _fits(user: User, known: dict[str, Any]) -> bool:
    expected = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    given = known.get(HASH_SESSION_KEY, "")
    return any(constant_time_compare(given, one) for one in expected)


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


async def watch() -> None:
    """Close the sockets of sessions that have ended elsewhere: a log-out or a deactivation in another process, too."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        sessions = {socket.session for socket in process.hub.sockets}
        try:
            gone = await in_database(ended)(sessions) if sessions else set()
        except DatabaseError:
            logger.exception("The sessions of open sockets could not be checked; the next round will")
            continue
        if gone:
            process.hub.close_sessions(gone, SIGNED_OUT)
