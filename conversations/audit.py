"""The log of what people with power did, as a chain of hashes.

``record`` appends inside the caller's transaction: what is undone is not logged, what is logged was done. ``verify``
finds entries that were changed, removed or put elsewhere in the database. Whoever can rewrite the whole table can
also make a chain that holds; the hash of the last entry, noted elsewhere, is the proof against that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from conversations.models import AuditEntry, AuditHead, User
from conversations.models.audit import BEGINNING

_HEAD = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: how many entries hold, the hash of the last one, and the number of the first that fails."""

    count: int
    hash: str
    broken_at: int | None = None


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
    count, last = 0, BEGINNING
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=500):
        if entry.number != count + 1 or entry.previous != last or entry.digest() != entry.hash:
            return Verdict(count, last, broken_at=count + 1)
        count, last = entry.number, entry.hash
    head = AuditHead.objects.filter(pk=_HEAD).first() or AuditHead()
    if (head.number, head.hash) != (count, last):
        return Verdict(count, last, broken_at=count + 1)
    return Verdict(count, last)
