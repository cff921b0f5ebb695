"""The settings as typed values; everybody below the doors reads them here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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
    reserved_answer: int  # tokens


def limits() -> Limits:
    return Limits(
        text=settings.CHAT_MAX_TEXT,
        answer=settings.CHAT_MAX_ANSWER,
        history=settings.CHAT_MAX_HISTORY,
        sockets=settings.CHAT_MAX_SOCKETS,
        commands_per_minute=settings.CHAT_COMMANDS_PER_MINUTE,
        reserved_answer=settings.CHAT_RESERVED_ANSWER,
    )


@dataclass(frozen=True, slots=True)
class Pictures:
    """Bounds on pictures."""

    most_sent: int
    upload_bytes: int
    most_pixels: int
    longest_side: int  # pixels of what is kept
    storage_bytes: int
    uploads_per_minute: int
    are_sent_by_address: bool


def pictures() -> Pictures:
    return Pictures(
        most_sent=settings.CHAT_MAX_PICTURES,
        upload_bytes=settings.CHAT_MAX_UPLOAD_MB * 1024 * 1024,
        most_pixels=settings.CHAT_MAX_MEGAPIXELS * 1_000_000,
        longest_side=settings.CHAT_PICTURE_SIZE,
        storage_bytes=settings.CHAT_STORAGE_MB * 1024 * 1024,
        uploads_per_minute=settings.CHAT_UPLOADS_PER_MINUTE,
        are_sent_by_address=settings.CHAT_PICTURES_BY_ADDRESS,
    )


def import_bytes() -> int:
    """Return the size of the largest file that chats are taken from."""
    return int(settings.CHAT_MAX_IMPORT_MB) * 1024 * 1024


def site_origin() -> str:
    """Return the address of this site for others, or nothing where it is not set."""
    return settings.SITE_ORIGINS[0] if settings.SITE_ORIGINS else ""


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


def purge_after() -> timedelta:
    return timedelta(days=settings.CHAT_PURGE_DAYS)
