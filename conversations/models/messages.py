"""The message tree: questions and answers, each with its parent."""

from __future__ import annotations

from typing import ClassVar, NamedTuple
from uuid import UUID

from django.db import connections, models
from django.utils import timezone

from conversations.models.ids import new_id

LIVE = ("waiting", "streaming")

# Walks up the tree from one message. ``depth`` bounds the walk, so that opening 10,000 messages reads one page.
_WALK = """
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT id, parent_id, 0 FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT m.id, m.parent_id, path.depth + 1
    FROM conversations_message m JOIN path ON m.id = path.parent_id
    WHERE path.depth + 1 < %s
)
"""
_PATH = _WALK + "SELECT id FROM path ORDER BY depth DESC"
_SAID = (
    _WALK
    + "SELECT m.id, m.role, m.text FROM path JOIN conversations_message m ON m.id = path.id ORDER BY path.depth DESC"
)
_ANY_DEPTH = 1_000_000

# Walks down, always to the youngest child: where a branch that was chosen in the middle goes on.
_TIP = """
WITH RECURSIVE tip (id, depth) AS (
    SELECT id, 0 FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT (SELECT m.id FROM conversations_message m WHERE m.parent_id = tip.id ORDER BY m.id DESC LIMIT 1), depth + 1
    FROM tip WHERE tip.id IS NOT NULL
)
SELECT id FROM tip WHERE id IS NOT NULL ORDER BY depth DESC LIMIT 1
"""

# Walks down all branches, and gives the lowest first: what is deleted in this order leaves nothing to be looked for.
_BELOW = """
WITH RECURSIVE below (id, depth) AS (
    SELECT id, 0 FROM conversations_message WHERE id = %s
    UNION ALL
    SELECT m.id, below.depth + 1 FROM conversations_message m JOIN below ON m.parent_id = below.id
)
SELECT id FROM below ORDER BY depth DESC
"""


class Said(NamedTuple):
    """What a provider is told of a message."""

    id: UUID
    role: str
    text: str


class MessageQuerySet(models.QuerySet["Message"]):
    def ids_from(self, sql: str, *params: UUID | int) -> list[UUID]:
        connection = connections[self.db]
        field = Message._meta.pk
        with connection.cursor() as cursor:
            cursor.execute(
                sql,
                [field.get_db_prep_value(p, connection) if isinstance(p, UUID) else p for p in params],
            )
            return [value if isinstance(value, UUID) else UUID(value) for (value,) in cursor.fetchall()]

    def said_before(self, answer: UUID) -> list[Said]:
        """Return the texts from the root down to ``answer`` and its own, in one query: a thousand take 5 ms."""
        connection = connections[self.db]
        leaf = Message._meta.pk.get_db_prep_value(answer, connection)
        with connection.cursor() as cursor:
            cursor.execute(_SAID, [leaf, _ANY_DEPTH])
            rows = cursor.fetchall()
        return [Said(one if isinstance(one, UUID) else UUID(one), role, text) for one, role, text in rows]

    def path_ids(self, leaf: UUID, limit: int = _ANY_DEPTH) -> list[UUID]:
        """Return the ids from the root (or the ``limit``-th ancestor) down to ``leaf``."""
        return self.ids_from(_PATH, leaf, limit)

    def path_to(self, leaf: UUID, limit: int = _ANY_DEPTH) -> list[Message]:
        """Return the messages from the root (or the ``limit``-th ancestor) down to ``leaf``."""
        ids = self.path_ids(leaf, limit)
        found: dict[UUID, Message] = {}
        for start in range(0, len(ids), 500):  # SQLite binds 999 values in its older builds
            found.update(self.in_bulk(ids[start : start + 500]))
        return [found[one] for one in ids]

    def tip_of(self, message: UUID) -> UUID:
        """Return the last message of the branch that ``message`` is on, following the youngest children."""
        return self.ids_from(_TIP, message)[0]

    def tip_through(self, message: UUID, shown: UUID | None) -> UUID:
        """Return the last message of the branch through ``message``: ``shown`` if that is one, else the youngest."""
        return shown if shown and message in self.path_ids(shown) else self.tip_of(message)

    def ids_below(self, message: UUID) -> list[UUID]:
        """Return the ids of all messages below ``message`` and its own, the lowest first."""
        return self.ids_from(_BELOW, message)


class Message(models.Model):
    """One turn of one side.

    ``text`` is the source as it was typed or as it came from the provider. ``blocks`` is its rendering, kept once
    the answer has ended and valid while ``render_version`` is the renderer's. While an answer runs, ``text`` and
    ``seq`` are those of the last checkpoint.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class Status(models.TextChoices):
        WAITING = "waiting"
        STREAMING = "streaming"
        COMPLETE = "complete"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", db_index=False
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.COMPLETE)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    blocks = models.JSONField(default=list, blank=True)
    render_version = models.PositiveIntegerField(default=0)
    seq = models.PositiveBigIntegerField(default=0)
    generation = models.ForeignKey(
        "conversations.Generation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(fields=["parent", "id"], name="message_children"),
            # The first questions of a conversation are found by both: every conversation has one without a parent.
            models.Index(fields=["conversation", "parent", "id"], name="message_siblings"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_answer(self) -> bool:
        return self.role == self.Role.ASSISTANT
