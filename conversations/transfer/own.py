"""A chat of this site's own JSON (``formats``), read back."""

from __future__ import annotations

from typing import Any

from conversations.errors import Invalid
from conversations.models import Message
from conversations.models.folders import NAME_LENGTH
from conversations.transfer import given
from conversations.transfer.formats import Chat, Picture, Run, Said

_STATUSES = {str(one) for one in (Message.Status.COMPLETE, Message.Status.STOPPED, Message.Status.FAILED)}
_STATUSES.add(str(Message.Status.INTERRUPTED))


def chat_of(element: object, place: str) -> Chat:
    """Return the chat. Raises ``Invalid`` with the place of what is wrong in it."""
    facts = given.members(element, place)
    said = [
        _said(one, f"{place}.messages[{number}]")
        for number, one in enumerate(given.items(facts.get("messages"), f"{place}.messages"))
    ]
    known: set[str] = set()
    for number, one in enumerate(said):
        if one.key in known:
            raise Invalid(
                "{place}: this id is there twice. Nothing was changed.", place=f"{place}.messages[{number}].id"
            )
        if one.parent is not None and one.parent not in known:
            at = f"{place}.messages[{number}].parent"
            raise Invalid("{place}: no message above has this id. Nothing was changed.", place=at)
        known.add(one.key)
    leaf = facts.get("leaf")
    tags = facts.get("tags")
    return Chat(
        key=given.key(facts.get("id"), f"{place}.id"),
        title=given.line(facts.get("title"), 200),
        created_at=given.time(facts.get("created_at")),
        touched_at=given.time(facts.get("touched_at")),
        leaf=leaf if isinstance(leaf, str) and leaf in known else (said[-1].key if said else None),
        said=said,
        folder=given.line(facts.get("folder"), NAME_LENGTH),
        tags=tuple(name for one in tags if (name := given.line(one, NAME_LENGTH))) if isinstance(tags, list) else (),
        is_pinned=facts.get("pinned") is True,
        is_archived=facts.get("archived") is True,
    )


def _said(element: object, place: str) -> Said:
    facts = given.members(element, place)
    role, parent, status = facts.get("role"), facts.get("parent"), facts.get("status")
    if role not in ("user", "assistant"):
        raise Invalid("{place}: “user” or “assistant” should stand here. Nothing was changed.", place=f"{place}.role")
    pictures = facts.get("pictures") or []
    return Said(
        key=given.key(facts.get("id"), f"{place}.id"),
        parent=None if parent is None else given.key(parent, f"{place}.parent"),
        role=role,
        text=given.text(facts.get("text"), f"{place}.text"),
        status=status if role == "assistant" and isinstance(status, str) and status in _STATUSES else "complete",
        created_at=given.time(facts.get("created_at")),
        reasoning=given.text(facts.get("reasoning"), f"{place}.reasoning"),
        pictures=tuple(_picture(one, place) for one in given.items(pictures, f"{place}.pictures")),
        run=_run(facts["run"], f"{place}.run") if role == "assistant" and "run" in facts else None,
    )


def _picture(element: object, place: str) -> Picture:
    facts = given.members(element, f"{place}.pictures")
    return Picture(
        given.line(facts.get("name"), 100), given.line(facts.get("file"), 200), given.line(facts.get("address"), 2_000)
    )


def _run(element: object, place: str) -> Run:
    facts = given.members(element, place)
    sources = facts.get("sources")
    return Run(
        model=given.line(facts.get("model"), 100),
        started_at=given.time(facts.get("started_at")),
        ended_at=given.time(facts.get("ended_at")),
        reasoning_seconds=given.number(facts.get("reasoning_seconds")),
        prompt_tokens=given.number(facts.get("prompt_tokens")),
        completion_tokens=given.number(facts.get("completion_tokens")),
        is_estimated=facts.get("is_estimated") is True,
        finish_reason=given.line(facts.get("finish_reason"), 30),
        error_code=given.line(facts.get("error_code"), 30),
        sources=tuple(one for each in sources[:200] if (one := _source(each))) if isinstance(sources, list) else (),
    )


def _source(value: Any) -> tuple[str, str] | None:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(one, str) for one in value):
        return None
    address = given.line(value[0], 2_000)
    return (address, given.line(value[1], 300)) if address.startswith(("https://", "http://")) else None
