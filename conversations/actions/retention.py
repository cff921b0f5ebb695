"""Remove what has lived long enough, leave what is held, and keep a receipt without content."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import audit
from conversations.models import Attachment, AttachmentUse, Conversation, LegalHold, Message, RetentionRule, User
from conversations.models.conversations import ConversationQuerySet

_BATCH = 50
SOON = timedelta(days=30)
"""From when on an owner is told."""


def held(found: ConversationQuerySet) -> ConversationQuerySet:
    """Return those of a selection that a legal hold keeps."""
    holds = LegalHold.objects
    return found.filter(owner__in=holds.exclude(person=None).values("person")) | found.filter(
        pk__in=holds.exclude(conversation=None).values("conversation")
    )


def is_held(user: User) -> bool:
    """Tell whether a person, or one of their conversations, is under a legal hold."""
    return held(Conversation.objects.owned_by(user)).exists() or LegalHold.objects.filter(person=user).exists()


def expires_at(conversation: Conversation) -> datetime | None:
    """Return when a conversation will be removed unless it is used again; None if it will not be."""
    days = _days_of(conversation.owner_id)
    if days is None or held(Conversation.objects.filter(pk=conversation.pk)).exists():
        return None
    return conversation.touched_at + timedelta(days=days)


def days_left(conversation: Conversation) -> int | None:
    """Return how many days its owner still has, if they are few."""
    end = expires_at(conversation)
    if end is None or end - timezone.now() > SOON:
        return None
    return max(0, math.ceil((end - timezone.now()) / timedelta(days=1)))


def purge() -> int:
    """Remove conversations whose time is over, with pictures and index entries; return how many. Daily.

    Each group leaves a receipt in the log: how many conversations, messages and pictures, and nothing of them.
    """
    count = 0
    ruled = RetentionRule.objects.exclude(group=None).values("group")
    for rule in RetentionRule.objects.select_related("group").order_by("days"):
        owners = User.objects.filter(groups=rule.group) if rule.group else User.objects.exclude(groups__in=ruled)
        long_ago = timezone.now() - timedelta(days=rule.days)
        over = Conversation.objects.filter(owner__in=owners, touched_at__lt=long_ago)
        count += _purge(over, rule)
    return count


def remove(conversations: list[UUID]) -> dict[str, int]:
    """Remove conversations for good, with the pictures that only they used; return what went."""
    uses = AttachmentUse.objects.filter(message__conversation__in=conversations)
    pictures = set(uses.values_list("attachment", flat=True))
    with transaction.atomic():
        messages = Message.objects.filter(conversation__in=conversations).count()
        Conversation.objects.filter(pk__in=conversations).delete()
    gone = 0
    for picture in Attachment.objects.filter(pk__in=pictures, uses=None):
        picture.delete_files()
        picture.delete()
        gone += 1
    return {"conversations": len(conversations), "messages": messages, "pictures": gone}


def _purge(over: ConversationQuerySet, rule: RetentionRule) -> int:
    gone = {"conversations": 0, "messages": 0, "pictures": 0}
    kept = held(over).values("pk")
    while batch := list(over.exclude(pk__in=kept).values_list("pk", flat=True)[:_BATCH]):
        for name, number in remove(batch).items():
            gone[name] += number
    if gone["conversations"]:
        audit.record(None, "retention.purged", kind="group", label=str(rule), details={"days": rule.days, **gone})
    return gone["conversations"]


def _days_of(user: UUID) -> int | None:
    rules: dict[int | None, int] = dict(RetentionRule.objects.values_list("group", "days"))
    if not rules:
        return None
    groups = User.groups.through.objects.filter(user=user).values_list("group", flat=True)
    mine = [rules[group] for group in groups if group in rules]
    return min(mine) if mine else rules.get(None)
