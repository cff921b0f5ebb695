"""The log of what people with power did: each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

BEGINNING = "0" * 64
"""What stands for the entry before the first."""


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads and appends."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("Entries of the log are not changed.")

    def delete(self) -> NoReturn:
        raise TypeError("Entries of the log are not deleted.")


class AuditEntry(models.Model):
    """Who did what, when, to what. Written by ``audit.record`` and by nothing else; never changed, never deleted.

    Names stand here as they were, not as foreign keys: an account that is deleted stays in the log.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    id = models.UUIDField(default=new_id, unique=True, editable=False)
    made_at = models.DateTimeField(_("made on"), default=timezone.now, db_index=True)
    actor_id = models.UUIDField(null=True, db_index=True)
    actor = models.CharField(_("who"), max_length=254, blank=True)
    address = models.CharField(_("from where"), max_length=45, blank=True)
    action = models.CharField(_("what"), max_length=60, db_index=True)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    target = models.CharField(_("id"), max_length=64, blank=True)
    label = models.CharField(_("to what"), max_length=200, blank=True)
    details = models.JSONField(_("details"), default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[AuditEntryQuerySet] = AuditEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("entry of the log")
        verbose_name_plural = _("log")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Entries of the log are not deleted.")

    def digest(self) -> str:
        """Return the hash of what this entry says and of the one before."""
        said = [
            self.number, self.id.hex, self.made_at.timestamp(), self.actor_id.hex if self.actor_id else "", self.actor,
            self.action, self.kind, self.target, self.label, self.details, self.previous,
        ]  # fmt: skip
        if self.address:  # the first entries had none: theirs must still hold
            said.append(self.address)
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


class AuditHead(models.Model):
    """The end of the log, one row: whoever appends takes its lock, so that entries follow each other."""

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=BEGINNING)

    def __str__(self) -> str:
        return str(self.number)
