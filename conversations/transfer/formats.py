"""A chat as plain values, and as the JSON that this site writes and reads.

``{"format": "chatsite", "version": 2, "exported_at", "person", "conversations": [chat, …]}``. A chat has its messages
in ``messages`` as a tree: each names its ``parent`` and comes after it, siblings stand in their order; beside them its
``folder``, ``tags``, ``pinned`` and ``archived``. The ``file`` of a picture is its path beside the JSON. Times are
ISO 8601 in UTC; what is empty is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

FORMAT: Final = "chatsite"
VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a question: a file beside the JSON, or a public address."""

    name: str
    file: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """How an answer came about, as its caption tells."""

    model: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reasoning_seconds: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    is_estimated: bool = False
    finish_reason: str = ""
    error_code: str = ""
    sources: tuple[tuple[str, str], ...] = ()  # address and title of each, as the provider numbers them


@dataclass(frozen=True, slots=True)
class Said:
    """One message. ``key`` is its name in this chat, ``parent`` that of the one above; siblings follow in order."""

    key: str
    parent: str | None
    role: str  # "user" or "assistant"
    text: str
    status: str = "complete"
    created_at: datetime | None = None
    reasoning: str = ""
    pictures: tuple[Picture, ...] = ()
    run: Run | None = None
    blocks: tuple[str, ...] | None = None
    """The present rendering of the text, where it is known; never written to a file."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation with all its branches; ``leaf`` is the last message of the one that is shown."""

    key: str
    title: str
    created_at: datetime | None = None
    touched_at: datetime | None = None
    leaf: str | None = None
    said: list[Said] = field(default_factory=list)
    folder: str = ""
    tags: tuple[str, ...] = ()
    is_pinned: bool = False
    is_archived: bool = False


def chat_head(chat: Chat) -> dict[str, Any]:
    """Return what is told of a chat before its ``messages``."""
    head = {"id": chat.key, "title": chat.title, "created_at": chat.created_at, "touched_at": chat.touched_at}
    place = {"folder": chat.folder, "tags": chat.tags, "pinned": chat.is_pinned, "archived": chat.is_archived}
    return {**head, "leaf": chat.leaf, **{name: given for name, given in place.items() if given}}


def said_facts(said: Said) -> dict[str, Any]:
    """Return one message as its JSON object."""
    facts: dict[str, Any] = {"id": said.key, "parent": said.parent, "role": said.role, "text": said.text}
    facts["created_at"] = said.created_at
    if said.role == "assistant":
        facts["status"] = said.status
    if said.reasoning:
        facts["reasoning"] = said.reasoning
    if said.pictures:
        facts["pictures"] = [_filled(one) for one in said.pictures]
    if said.run is not None:
        facts["run"] = _filled(said.run)
    return facts


def _filled(value: Picture | Run) -> dict[str, Any]:
    """Return the fields that hold something, in their order."""
    pairs: Iterator[tuple[str, Any]] = ((one.name, getattr(value, one.name)) for one in fields(value))
    return {name: given for name, given in pairs if given not in ("", None, False, ())}
