"""Frames made of rows: what sockets are told about messages and conversations.

Synchronous, for a database thread; callers send the result. Imports presentation and protocol, never a door.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import cast
from uuid import UUID

from msgspec import UNSET

from conversations import presentation, quotas
from conversations.models import Conversation, Generation, Message
from conversations.presentation import SidebarRow
from conversations.protocol import ConversationFrame, End, MessageFrame, Snapshot, Status


def message_frames(messages: Iterable[UUID]) -> list[MessageFrame]:
    """Return whole messages; those that are gone are left out."""
    return [_message_frame(view) for view in presentation.several(messages)]


def newer_messages(conversation: Conversation, after: UUID | None) -> list[MessageFrame]:
    """Return what a page lacks that shows the branch up to ``after``; all of its newest page if it is elsewhere."""
    views = presentation.thread(conversation, conversation.leaf_id)
    known = [index for index, view in enumerate(views) if view.id == str(after)]
    return [_message_frame(view) for view in views[known[0] + 1 if known else 0 :]]


def end_frame(message: UUID) -> End | None:
    """Return the end of an answer as it is stored, or None if it still runs or is gone."""
    found = Message.objects.select_related("generation", "conversation__owner").filter(pk=message).first()
    if found is None or found.is_live:
        return None
    view = presentation.single(message, staff=found.conversation.owner.is_staff)
    if view is None:
        return None
    generation = found.generation
    allowance = quotas.words_of(found.conversation.owner)
    return End(
        message=message,
        seq=found.seq,
        length=len(found.text),
        status=cast(Status, found.status),
        html=presentation.article(view),
        usage=_usage(generation) if generation else UNSET,
        error=_error(view, generation) if generation and view.failure else UNSET,
        allowance=UNSET if allowance is None else allowance,
    )


def stored_snapshot(message: UUID) -> Snapshot | None:
    """Return an answer as it is stored: the last checkpoint of a running one."""
    found = Message.objects.filter(pk=message, role="assistant", conversation__deleted_at=None).first()
    if found is None:
        return None
    view = presentation.single(message)
    if view is None:
        return None
    return Snapshot(message, found.seq, len(found.text), view.blocks, cast(Status, found.status), found.reasoning)


def live_messages(conversation: UUID) -> list[UUID]:
    """Return the answers of a conversation that are being written."""
    running = Generation.objects.running().filter(conversation=conversation)
    return list(running.values_list("message_id", flat=True))


def conversation_frame(conversation: UUID) -> tuple[UUID, ConversationFrame] | None:
    """Return owner and sidebar row of a conversation, or None if it is gone or in no list."""
    found = Conversation.objects.present().filter(pk=conversation).first()
    if found is None or found.vanishes_at is not None:
        return None
    answering = bool(live_messages(conversation))
    row = replace(sidebar_row(found), is_answering=answering)
    html = presentation.partial("chat/_sidebar_row.html", row=row)
    return found.owner_id, ConversationFrame(conversation, found.title, answering, html)


def sidebar_row(conversation: Conversation) -> SidebarRow:
    return SidebarRow(
        id=str(conversation.pk),
        title=conversation.title,
        url=f"/c/{conversation.pk}",
        is_current=False,
        is_answering=bool(getattr(conversation, "is_answering", False)),
        is_unread=conversation.is_unread,
        place=_place(conversation),
    )


def _place(conversation: Conversation) -> str:
    if conversation.archived_at is not None:
        return "archived"
    if conversation.pinned_at is not None:
        return "pinned"
    return str(conversation.folder_id or "")


def _message_frame(view: presentation.MessageView) -> MessageFrame:
    return MessageFrame(
        conversation=UUID(view.conversation),
        message=UUID(view.id),
        parent=UUID(view.parent) if view.parent else None,
        role=view.role,
        html=presentation.article(view),
    )


def _usage(generation: Generation) -> dict[str, object]:
    return {
        "prompt_tokens": generation.prompt_tokens or 0,
        "completion_tokens": generation.completion_tokens or 0,
        "is_estimated": generation.is_estimated,
    }


def _error(view: presentation.MessageView, generation: Generation) -> dict[str, object]:
    failure = view.failure
    assert failure is not None
    return {
        "code": failure.code,
        "message": f"{failure.title}. {failure.sentence}",
        "retryable": failure.action in ("retry", "continue"),
        "trace_id": failure.trace_id,
        "retry_after": failure.retry_after,
    }
