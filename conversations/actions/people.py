"""What a person does to their own account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from conversations.models import AttachmentUse, Conversation, Message, User

EXPORT_VERSION = 1


def export(user: User) -> Iterator[str]:
    """Yield a JSON document of everything a person wrote and got, a conversation at a time.

    ``{"version", "exported_at", "person", "conversations": [{"id", "title", "created_at", "messages": [...]}]}``; a
    message has its ``parent``, so that all branches are there; times are ISO 8601 in UTC.
    """
    person = {"email": user.email, "name": user.name, "language": user.language, "instructions": user.instructions}
    head = {"version": EXPORT_VERSION, "exported_at": timezone.now(), "person": person}
    yield _json(head)[:-1] + ', "conversations": ['
    for number, found in enumerate(
        Conversation.objects.present().owned_by(user).filter(vanishes_at=None).order_by("created_at").iterator()
    ):
        yield (",\n" if number else "\n") + _json(_conversation(found))
    yield "\n]}\n"


def delete_account(user: User) -> None:
    """Remove a person with their conversations, pictures and sessions for good; what they used stays counted."""
    user.delete()


def _conversation(found: Conversation) -> dict[str, object]:
    uses = AttachmentUse.objects.filter(message__conversation=found).select_related("attachment")
    pictures: dict[UUID, list[str]] = {}
    for use in uses.order_by("message", "position"):
        pictures.setdefault(use.message_id, []).append(use.attachment.name)
    rows = Message.objects.filter(conversation=found).select_related("generation").order_by("id")
    return {
        "id": found.pk,
        "title": found.title,
        "created_at": found.created_at,
        "messages": [_message(one, pictures.get(one.pk, [])) for one in rows],
    }


def _message(message: Message, pictures: list[str]) -> dict[str, object]:
    facts: dict[str, Any] = {
        "id": message.pk,
        "parent": message.parent_id,
        "role": message.role,
        "text": message.text,
        "created_at": message.created_at,
    }
    if pictures:
        facts["pictures"] = pictures
    if message.is_answer:
        generation = message.generation
        facts |= {"status": message.status, "model": generation.model_label if generation else ""}
        if message.reasoning:
            facts["reasoning"] = message.reasoning
    return facts


def _json(value: dict[str, Any] | datetime) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
