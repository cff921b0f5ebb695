"""The log of what people with power did, as a chain of hashes.

``record`` appends inside the caller's transaction: what is undone is not logged, what is logged was done. ``verify``
finds entries that were changed, removed or put elsewhere in the database. Whoever can rewrite the whole table can
also make a chain that holds; the hash of the last entry, noted elsewhere, is the proof against that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from conversations.models import AuditEntry, AuditHead, User
from conversations.models.audit import BEGINNING

_HEAD = 1
_address: ContextVar[str] = ContextVar("address", default="")

MOST_FAULTS = 50
"""Faults that a check names; a log that has more was not touched by accident."""


class Kind(StrEnum):
    CHANGED = "changed"  # does not say what its hash says, or stands elsewhere
    MISSING = "missing"
    LOOSE = "loose"  # holds by itself, but does not follow on the one before
    END = "end"  # is not the one that was written last


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the entries from ``first`` to ``last``."""

    kind: Kind
    first: int
    last: int


@dataclass(slots=True)
class Verdict:
    """What a check found: entries that are there, the hash of the last one, and the first faults."""

    count: int = 0
    hash: str = BEGINNING
    faults: list[Fault] = field(default_factory=list)
    has_more: bool = False

    @property
    def holds(self) -> bool:
        return not self.faults

    def find(self, kind: Kind, first: int, last: int | None = None) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, first, first if last is None else last))
        else:
            self.has_more = True


@contextmanager
def coming_from(address: str) -> Iterator[None]:
    """Note where a request comes from in every entry that it makes."""
    token = _address.set(address[:45])
    try:
        yield
    finally:
        _address.reset(token)


@transaction.atomic
def record(
    actor: User | None,
    action: str,
    *,
    kind: str = "",
    target: UUID | str = "",
    label: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry. ``action`` is like ``review.opened``; ``details`` are plain values without what people wrote."""
    AuditHead.objects.get_or_create(pk=_HEAD)
    AuditHead.objects.filter(pk=_HEAD).update(number=F("number") + 1)  # takes the lock in both databases
    head = AuditHead.objects.get(pk=_HEAD)
    entry = AuditEntry(
        number=head.number,
        actor_id=actor.pk if actor else None,
        actor=actor.email if actor else "",
        address=_address.get(),
        action=action,
        kind=kind,
        target=str(target)[:64],
        label=label[:200],
        details=details or {},
        previous=head.hash,
    )
    entry.hash = entry.digest()
    entry.save()
    AuditHead.objects.filter(pk=_HEAD).update(hash=entry.hash)
    return entry


def verify() -> Verdict:
    """Walk the whole log in constant memory: every hash, every link, every number, and the end."""
    verdict, number, was_whole = Verdict(), 0, True
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=500):
        verdict.count += 1
        is_next = entry.number <= number + 1
        if not is_next:
            verdict.find(Kind.MISSING, number + 1, entry.number - 1)
        is_whole = entry.number > 0 and entry.digest() == entry.hash
        if not is_whole:
            verdict.find(Kind.CHANGED, entry.number)
        elif is_next and was_whole and entry.previous != verdict.hash:  # else what is before it is the fault
            verdict.find(Kind.LOOSE, entry.number)
        number, verdict.hash, was_whole = entry.number, entry.hash, is_whole
    head = AuditHead.objects.filter(pk=_HEAD).first() or AuditHead()
    if head.number > number:
        verdict.find(Kind.MISSING, number + 1, head.number)
    elif was_whole and (head.number, head.hash) != (number, verdict.hash):
        verdict.find(Kind.END, number)
    return verdict
