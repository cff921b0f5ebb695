"""A conversation: a title, an owner, and the leaf of its message tree that is shown."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id
from conversations.models.users import User

TITLE_LENGTH = 200


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def owned_by(self, user: User) -> ConversationQuerySet:
        return self.filter(owner=user)

    def present(self) -> ConversationQuerySet:
        return self.filter(deleted_at=None)

    def latest_first(self) -> ConversationQuerySet:
        return self.order_by("-touched_at", "-id")


class Conversation(models.Model):
    """Deleting only sets ``deleted_at``, so that it can be undone; a daily purge removes the rows."""

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
        indexes = [
            models.Index(
                fields=["owner", "-touched_at", "-id"],
                condition=models.Q(deleted_at=None),
                name="conversation_list",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)
