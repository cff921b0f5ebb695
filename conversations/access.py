"""The only way from an id to a row for a person.

What is absent, deleted or somebody else's raises the same ``NotFound``: a door cannot tell them apart and so
cannot leak which it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet

from conversations.errors import NotFound, SignInFirst
from conversations.models import (
    Attachment,
    AttachmentUse,
    Case,
    Conversation,
    Folder,
    Generation,
    Message,
    Preset,
    Prompt,
    ReviewOpening,
    ReviewScope,
    ShareLink,
    SitePolicy,
    Tag,
    User,
)
from conversations.models.conversations import ConversationQuerySet, lasting
from conversations.models.feedback import CaseQuerySet

Row = TypeVar("Row", bound=Model)

_LAST_POSITION = 32_767
"""What the column of positions can hold."""


def conversation_for(user: User, conversation: UUID) -> Conversation:
    found = Conversation.objects.present().owned_by(user).filter(pk=conversation)
    return _one(found.select_related("chat_model", "tuning"))


def conversations_for(user: User, conversations: Sequence[UUID]) -> list[Conversation]:
    """Return conversations in the order asked for, each once; ``NotFound`` if any of them is not there."""
    found = Conversation.objects.present().owned_by(user).in_bulk(list(conversations))
    if any(one not in found for one in conversations):
        raise NotFound
    return [found[one] for one in dict.fromkeys(conversations)]


def folder_for(user: User, folder: UUID) -> Folder:
    return _one(Folder.objects.owned_by(user).filter(pk=folder))


def preset_for(user: User, preset: UUID) -> Preset:
    """Return a person's own preset, or one of the site's."""
    return _one(Preset.objects.usable_by(user).filter(pk=preset).select_related("chat_model"))


def own_preset_for(user: User, preset: UUID) -> Preset:
    return _one(Preset.objects.owned_by(user).filter(pk=preset))


def own_prompt_for(user: User, prompt: UUID) -> Prompt:
    return _one(Prompt.objects.owned_by(user).filter(pk=prompt))


def tag_for(user: User, tag: UUID) -> Tag:
    return _one(Tag.objects.owned_by(user).filter(pk=tag))


def deleted_conversations_for(user: User, conversations: Sequence[UUID]) -> list[Conversation]:
    """Return conversations whose deletion can still be undone, each once; ``NotFound`` if any of them is not there."""
    found = Conversation.objects.owned_by(user).exclude(deleted_at=None).in_bulk(list(conversations))
    if any(one not in found for one in conversations):
        raise NotFound
    return [found[one] for one in dict.fromkeys(conversations)]


def deleted_conversation_for(user: User, conversation: UUID) -> Conversation:
    """Return a conversation whose deletion can still be undone."""
    return _one(Conversation.objects.owned_by(user).exclude(deleted_at=None).filter(pk=conversation))


def message_for(user: User, message: UUID) -> Message:
    """Return a message with its conversation and its latest generation."""
    mine = Message.objects.filter(conversation__owner=user, conversation__deleted_at=None)
    found = mine.filter(lasting("conversation__"), pk=message)
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


def share_link_for(user: User, link: UUID) -> ShareLink:
    """Return a link of one's own, expired or not."""
    return _one(ShareLink.objects.owned_by(user).filter(pk=link).select_related("conversation"))


def shared_link(token: str, user: User | None) -> ShareLink:
    """Return the link that a token opens, for anybody or, where it says so, for whoever is signed in.

    One for people only tells a stranger with ``SignInFirst``; unknown, revoked and expired ones are all ``NotFound``,
    and so is every link while the site shares nothing.
    """
    policy = SitePolicy.current().sharing
    if policy == SitePolicy.Sharing.OFF:
        raise NotFound
    link = _one(ShareLink.objects.open().by_token(token).select_related("conversation"))
    is_for_people = link.audience == ShareLink.Audience.PEOPLE or policy == SitePolicy.Sharing.PEOPLE
    if user is None and is_for_people:
        raise SignInFirst
    return link


def shared_picture(link: ShareLink, number: int, position: int) -> Attachment:
    """Return a picture of the ``number``-th message of a snapshot, counted from 1."""
    if not 1 <= number <= len(link.snapshot):
        raise NotFound
    message = link.seen[number - 1].message
    uses = AttachmentUse.objects.filter(message=message, message__conversation=link.conversation_id)
    return _one(uses.filter(position=min(position, _LAST_POSITION)).select_related("attachment")).attachment


def for_usage(user: User) -> None:
    """Let somebody of the staff see what everybody uses, if that is their right; to others there is no such page."""
    rights = ("conversations.see_usage", "conversations.view_usagerecord")
    if not user.is_staff or not any(user.has_perm(right) for right in rights):
        raise NotFound


def reviewable_for(user: User) -> ConversationQuerySet:
    """Return what a reviewer may see of: neither deleted nor temporary, of people within their scopes.

    ``NotFound`` for whoever has no such permission or no scope: the desk does not exist for them.
    """
    if not user.has_perm("conversations.review"):
        raise NotFound
    groups = list(ReviewScope.objects.filter(reviewer=user).values_list("group", flat=True))
    if not groups:
        raise NotFound
    present = Conversation.objects.present().filter(vanishes_at=None)
    return present if None in groups else present.filter(owner__in=User.objects.filter(groups__in=groups))


def review_groups_for(user: User) -> QuerySet[Group]:
    """Return the groups that a reviewer may narrow their list to: they learn of no other, not even its name."""
    groups = list(ReviewScope.objects.filter(reviewer=user).values_list("group", flat=True))
    return Group.objects.all() if None in groups else Group.objects.filter(pk__in=groups)


def reviewable_conversation_for(user: User, conversation: UUID) -> Conversation:
    return _one(reviewable_for(user).filter(pk=conversation).select_related("owner", "chat_model"))


def review_opening_for(user: User, opening: UUID) -> ReviewOpening:
    """Return what a reviewer opened lately, as long as they still may."""
    mine = ReviewOpening.objects.still_open().filter(pk=opening, reviewer=user)
    return _one(mine.filter(conversation__in=reviewable_for(user)).select_related("conversation__owner"))


def reviewed_picture(opening: ReviewOpening, attachment: UUID) -> Attachment:
    """Return a picture of a conversation that is open for review."""
    uses = AttachmentUse.objects.filter(message__conversation=opening.conversation_id, attachment=attachment)
    return _one(uses.select_related("attachment")).attachment


def cases_for(user: User) -> CaseQuerySet:
    """Return the cases about conversations that a reviewer may see."""
    return Case.objects.filter(conversation__in=reviewable_for(user))


def case_for(user: User, case: UUID) -> Case:
    return _one(
        cases_for(user).filter(pk=case).select_related("conversation__owner", "conversation__chat_model", "assignee")
    )


def check_auditor(user: User) -> None:
    """Raise ``NotFound`` unless this person may read the log."""
    if not user.has_perm("conversations.view_auditentry"):
        raise NotFound


def _one(found: QuerySet[Row]) -> Row:
    row = found.first()
    if row is None:
        raise NotFound
    return row
