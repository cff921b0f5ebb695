"""Rename, delete and restore conversations."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import access, conf
from conversations.actions import retention
from conversations.errors import Invalid, TooLong
from conversations.models import Conversation, User
from conversations.models.conversations import TITLE_LENGTH
from conversations.names import on_one_line
from conversations.search import index


def rename(user: User, conversation: UUID, title: str) -> Conversation:
    """Give a conversation a title of the person's own; an empty one changes nothing."""
    found = access.conversation_for(user, conversation)
    title = on_one_line(title)
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


def leave(user: User, conversation: UUID) -> None:
    """Remove a temporary conversation for good; one under a legal hold is only hidden."""
    found = access.conversation_for(user, conversation)
    if found.vanishes_at is None:
        raise Invalid("This chat is not temporary. Delete it instead.")
    mine = Conversation.objects.filter(pk=found.pk)
    if retention.held(mine).exists():
        mine.update(deleted_at=timezone.now())
    else:
        mine.delete()


def purge() -> int:
    """Remove what was deleted ``CHAT_PURGE_DAYS`` ago, and temporary ones; return how many conversations. Hourly."""
    now = timezone.now()
    gone = Q(deleted_at__lt=now - conf.purge_after()) | Q(vanishes_at__lt=now)
    found = Conversation.objects.filter(gone)
    return found.exclude(pk__in=retention.held(found).values("pk")).delete()[1].get("conversations.Conversation", 0)


def restore(user: User, conversation: UUID) -> Conversation:
    """Undo a deletion. Restoring what is present does nothing."""
    if Conversation.objects.present().owned_by(user).filter(pk=conversation).exists():
        return access.conversation_for(user, conversation)
    found = access.deleted_conversation_for(user, conversation)
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])
    return found
