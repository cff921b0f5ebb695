"""A conversation: a title, an owner, and the leaf of its message tree that is shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.folders import Tag
from conversations.models.ids import new_id
from conversations.models.users import User

if TYPE_CHECKING:
    from conversations.models.writing import Tuning

TITLE_LENGTH = 200
LIFE = timedelta(days=1)
"""How long a temporary conversation can be opened."""


def lasting(prefix: str = "") -> models.Q:
    """Return the condition that a conversation has not vanished; ``prefix`` leads to it from another row."""
    field = f"{prefix}vanishes_at"
    return models.Q(**{field: None}) | models.Q(**{f"{field}__gt": timezone.now()})


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User) -> ConversationQuerySet:
        return self.filter(owner=user)

    def present(self) -> ConversationQuerySet:
        """Return those that can be opened: not deleted, and not temporary ones whose time is over."""
        return self.filter(lasting(), deleted_at=None)

    def listed(self) -> ConversationQuerySet:
        """Return those of every list: neither archived nor temporary."""
        return self.filter(deleted_at=None, archived_at=None, vanishes_at=None)

    def loose(self) -> ConversationQuerySet:
        """Return those listed by their day alone: neither pinned nor in a folder."""
        return self.listed().filter(pinned_at=None, folder=None)

    def pinned(self) -> ConversationQuerySet:
        return self.listed().filter(pinned_at__isnull=False)

    def unread(self) -> ConversationQuerySet:
        return self.listed().filter(answered_at__gt=models.F("seen_at"))

    def archived(self) -> ConversationQuerySet:
        return self.filter(deleted_at=None, archived_at__isnull=False, vanishes_at=None)

    def latest_first(self) -> ConversationQuerySet:
        return self.order_by("-touched_at", "-id")


class Conversation(models.Model):
    """Deleting only sets ``deleted_at``, so that it can be undone; a daily purge removes the rows.

    A list shows each conversation once: archived ones in the archive, else pinned ones by themselves, else those of a
    folder there, else by day. One that ``vanishes_at`` is temporary and in no list.
    """

    class TitleFrom(models.TextChoices):
        FIRST_WORDS = "first_words"
        CHAT_MODEL = "chat_model"
        PERSON = "person"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    title_from = models.CharField(max_length=20, choices=TitleFrom.choices, default=TitleFrom.FIRST_WORDS)
    leaf = models.ForeignKey(
        "conversations.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    chat_model = models.ForeignKey(
        "conversations.ChatModel", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    import_key = models.CharField(max_length=64, null=True, blank=True, editable=False)  # noqa: DJ001 – unique where set
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    vanishes_at = models.DateTimeField(null=True, blank=True)
    folder = models.ForeignKey(
        "conversations.Folder",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="conversations",
        db_index=False,
    )
    tags: models.ManyToManyField[Tag, models.Model] = models.ManyToManyField(
        "conversations.Tag", blank=True, related_name="conversations"
    )
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    cost_units = models.PositiveBigIntegerField(default=0, editable=False)  # usage.UNITS; booked with each answer
    language = models.CharField(max_length=8, blank=True, editable=False)  # of the first question, by its script

    objects: ClassVar[ConversationQuerySet] = ConversationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            # The same chat taken over twice, even at the same moment, is one.
            models.UniqueConstraint(
                fields=["owner", "import_key"],
                condition=models.Q(import_key__isnull=False),
                name="one_conversation_per_import",
            ),
        ]
        permissions = [("review", _("Can review conversations, within their scopes"))]
        indexes = [
            models.Index(
                fields=["-touched_at", "-id"], condition=models.Q(deleted_at=None), name="conversation_review"
            ),
            models.Index(fields=["-cost_units", "-id"], condition=models.Q(deleted_at=None), name="conversation_cost"),
            models.Index(
                fields=["owner", "-touched_at", "-id"],
                condition=models.Q(deleted_at=None, archived_at=None, vanishes_at=None),
                name="conversations_listed",
            ),
            models.Index(
                fields=["owner", "-touched_at", "-id"],
                condition=models.Q(deleted_at=None, archived_at=None, vanishes_at=None, pinned_at=None, folder=None),
                name="conversations_by_day",
            ),
            models.Index(
                fields=["owner", "-pinned_at", "-id"],
                condition=models.Q(pinned_at__isnull=False),
                name="conversations_pinned",
            ),
            models.Index(
                fields=["owner", "-archived_at", "-id"],
                condition=models.Q(archived_at__isnull=False),
                name="conversations_archived",
            ),
            models.Index(
                fields=["folder", "-touched_at", "-id"],
                condition=models.Q(folder__isnull=False),
                name="conversations_in_a_folder",
            ),
            models.Index(
                fields=["folder"],
                condition=models.Q(answered_at__gt=models.F("seen_at")),
                name="conversations_unread",
            ),
            models.Index(
                fields=["vanishes_at"], condition=models.Q(vanishes_at__isnull=False), name="conversations_vanishing"
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def own_tuning(self) -> Tuning | None:
        """Return how this very conversation is answered, if it says."""
        return getattr(self, "tuning", None)

    @property
    def is_unread(self) -> bool:
        """Tell whether an answer has ended since the person looked last."""
        return self.answered_at is not None and self.seen_at is not None and self.answered_at > self.seen_at
