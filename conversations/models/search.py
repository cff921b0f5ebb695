"""What the search index knows of each text: which message or title it is. The words themselves stand beside it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SearchEntry(models.Model):
    """A message, a part of a long one, or the title of a chat (``message`` is None).

    The words are no column that Django knows: ``conversations_words`` in SQLite (FTS5, ``rowid`` is our ``id``; a
    trigger removes a row there with its entry here) and the columns ``words`` and ``owner`` in PostgreSQL. Later
    migrations that rebuild this table in SQLite must make the trigger anew (``search.index.prepare``).
    """

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(
        "conversations.Message", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    part = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager[SearchEntry]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "part"], name="one_entry_per_part"),
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(message=None), name="one_entry_per_title"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id or self.conversation_id} {self.part}"
