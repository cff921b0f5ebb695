"""Rename, delete and restore conversations."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import access, conf
from conversations.errors import TooLong
from conversations.models import Conversation, User
from conversations.models.conversations import TITLE_LENGTH
from conversations.search import index


def rename(user: User, conversation: UUID, title: str) -> Conversation:
    """Give a conversation a title of the person's own; an empty one changes nothing."""
    found = access.conversation_for(user, conversation)
    title = " ".join(title.replace("\x00", "").split())
    if len(title) > TITLE_LENGTH:
        raise TooLong("A title has at most {count} characters.", count=TITLE_LENGTH)
    if title:
        found.title, found.title_from = title, Conversation.TitleFrom.PERSON
        with transaction.atomic():
            found.save(update_fields=["title", "title_from"])
            index.put_title(found)
    return found


def delete(user: User, conversation: UUID) -> Conversation:
    """Hide a conversation; ``restore`` brings it back until the purge."""
    found = access.conversation_for(user, conversation)
    found.deleted_at = timezone.now()
    found.save(update_fields=["deleted_at"])
    return found


def purge() -> int:
    """Remove what was deleted ``CHAT_PURGE_DAYS`` ago for good; return how many conversations. Daily."""
    long_ago = timezone.now() - conf.purge_after()
    return Conversation.objects.filter(deleted_at__lt=long_ago).delete()[1].get("conversations.Conversation", 0)


def restore(user: User, conversation: UUID) -> Conversation:
    """Undo a deletion. Restoring what is present does nothing."""
    if Conversation.objects.present().owned_by(user).filter(pk=conversation).exists():
        return access.conversation_for(user, conversation)
    found = access.deleted_conversation_for(user, conversation)
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])
    return found
