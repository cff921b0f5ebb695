"""The settings as typed values; everybody below the doors reads them here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from conversations.upstream import Timeouts


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in characters, except where the name says otherwise."""

    text: int
    answer: int
    history: int
    sockets: int
    commands_per_minute: int


def limits() -> Limits:
    return Limits(
        text=settings.CHAT_MAX_TEXT,
        answer=settings.CHAT_MAX_ANSWER,
        history=settings.CHAT_MAX_HISTORY,
        sockets=settings.CHAT_MAX_SOCKETS,
        commands_per_minute=settings.CHAT_COMMANDS_PER_MINUTE,
    )


def timeouts() -> Timeouts:
    return Timeouts(
        connect=settings.CHAT_CONNECT_TIMEOUT,
        first=settings.CHAT_FIRST_BYTE_TIMEOUT,
        stall=settings.CHAT_STALL_TIMEOUT,
    )


def title_model() -> str:
    """Return the key of the model that makes titles; empty: the one that answered."""
    return str(settings.CHAT_TITLE_MODEL)


def drain_seconds() -> int:
    return int(settings.CHAT_DRAIN_SECONDS)
