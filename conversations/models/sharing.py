"""Links under which a part of a conversation can be read by others."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.conversations import TITLE_LENGTH
from conversations.models.ids import new_id
from conversations.models.users import User


class Seen(NamedTuple):
    """A message of a snapshot, and how much of its text and its thinking there was then."""

    message: UUID
    text: int
    reasoning: int


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def owned_by(self, owner: User) -> ShareLinkQuerySet:
        return self.filter(owner=owner)

    def open(self) -> ShareLinkQuerySet:
        """Return what can be read: not expired, of a chat that is not deleted."""
        lasting = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(lasting, conversation__deleted_at=None)

    def by_token(self, token: str) -> ShareLinkQuerySet:
        return self.filter(digest=digest_of(token))


class ShareLink(models.Model):
    """A snapshot of one branch, and the secret that opens it. Revoking deletes the row.

    ``snapshot`` names messages and how much of each there was, and copies nothing: what is deleted is gone here, too,
    and what was added later is not shown. The database finds a link by the digest of its token. The token itself is
    kept sealed, because its owner can look up the address again; a copy of the database alone opens nothing.
    """

    class Audience(models.TextChoices):
        ANYBODY = "anybody", _("Anybody who has the link")
        PEOPLE = "people", _("People who are signed in here")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="share_links")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links", db_index=False
    )
    title = models.CharField(max_length=TITLE_LENGTH)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    sealed_token = models.TextField(editable=False)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.ANYBODY)
    shows_thinking = models.BooleanField(default=False)
    snapshot = models.JSONField(editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ShareLinkQuerySet] = ShareLinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["owner", "-id"], name="share_links_of_a_person")]

    def __str__(self) -> str:
        return self.title

    @property
    def seen(self) -> list[Seen]:
        """Return the messages of the snapshot, oldest first."""
        return [Seen(UUID(message), text, reasoning) for message, text, reasoning in self.snapshot]

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


def new_token() -> str:
    """Return 128 random bits as they stand in an address."""
    return secrets.token_urlsafe(16)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
