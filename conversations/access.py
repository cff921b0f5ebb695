"""The only way from an id to a row for a person.

What is absent, deleted or somebody else's raises the same ``NotFound``: a door cannot tell them apart and so
cannot leak which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from conversations.errors import NotFound
from conversations.models import Attachment, Conversation, Generation, Message, User

Row = TypeVar("Row", bound=Model)


def conversation_for(user: User, conversation: UUID) -> Conversation:
    found = Conversation.objects.present().owned_by(user).filter(pk=conversation)
    return _one(found.select_related("chat_model"))


def deleted_conversation_for(user: User, conversation: UUID) -> Conversation:
    """Return a conversation whose deletion can still be undone."""
    return _one(Conversation.objects.owned_by(user).exclude(deleted_at=None).filter(pk=conversation))


def message_for(user: User, message: UUID) -> Message:
    """Return a message with its conversation and its latest generation."""
    found = Message.objects.filter(pk=message, conversation__owner=user, conversation__deleted_at=None)
    return _one(found.select_related("conversation", "conversation__chat_model", "generation"))


def generation_by_ref(user: User, ref: str) -> Generation | None:
    """Return what this person's command ``ref`` started, if it was carried out before."""
    found = Generation.objects.filter(owner=user, ref=ref, conversation__deleted_at=None)
    return found.select_related("message").first()


def attachment_for(user: User, attachment: UUID) -> Attachment:
    return _one(Attachment.objects.owned_by(user).filter(pk=attachment))


def attachments_for(user: User, attachments: Sequence[UUID]) -> list[Attachment]:
    """Return pictures in the order asked for, each once; ``NotFound`` if any of them is absent or another's."""
    found = Attachment.objects.owned_by(user).in_bulk(list(attachments))
    if any(one not in found for one in attachments):
        raise NotFound("A picture is gone or was never yours. Take it off and attach it again.")
    return [found[one] for one in dict.fromkeys(attachments)]


def _one(found: QuerySet[Row]) -> Row:
    row = found.first()
    if row is None:
        raise NotFound
    return row
