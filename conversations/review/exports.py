"""A selection as a file, one message a line, a hundred conversations in memory at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from conversations.actions.review import note_exported
from conversations.models import Conversation, Message, User
from conversations.review.filters import Filters
from conversations.review.listing import every

COLUMNS = (
    "conversation", "person", "title", "message", "parent", "made_at", "role", "status", "model", "error", "trace_id",
    "prompt_tokens", "completion_tokens", "cost", "text",
)  # fmt: skip
FORMS = {"jsonl": "application/x-ndjson", "csv": "text/csv"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def exported(user: User, found: QuerySet[Conversation], filters: Filters, reason: str, form: str) -> Iterator[str]:
    """Give the file piece by piece; what goes out is kept for its owners before it does."""
    if form == "csv":
        yield "\ufeff" + _csv(COLUMNS)  # the mark lets spreadsheets read UTF-8
    for conversations in every(found, filters):
        note_exported(user, conversations, reason)
        for conversation in conversations:
            for row in _rows(conversation):
                yield _csv(row) if form == "csv" else _json(row)


def neutral(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(conversation: Conversation) -> Iterator[tuple[Any, ...]]:
    messages = Message.objects.filter(conversation=conversation).select_related("generation__usage").order_by("id")
    for one in messages.defer("blocks", "reasoning").iterator(chunk_size=200):
        run = one.generation
        usage = getattr(run, "usage", None)
        yield (
            str(conversation.pk), conversation.owner.email, conversation.title, str(one.pk),
            str(one.parent_id or ""), one.created_at.isoformat(), one.role, one.status, run.model_label if run else "",
            run.error_code if run else "", run.trace_id if run else "", run.prompt_tokens if run else None,
            run.completion_tokens if run else None, str(usage.cost) if usage else None, one.text,
        )  # fmt: skip


def _json(row: tuple[Any, ...]) -> str:
    return json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"


class _Line:
    """A file of one line, for the writer of the standard library."""

    def write(self, text: str) -> str:
        return text


def _csv(row: tuple[Any, ...]) -> str:
    return str(csv.writer(_Line()).writerow([neutral(value) for value in row]))
