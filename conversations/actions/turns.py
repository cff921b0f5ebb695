"""Delete a question with what hangs below it, and go on from a message in a chat of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import access
from conversations.actions import retention
from conversations.actions.chats import keep_chat
from conversations.actions.writing import copy_tuning
from conversations.errors import Busy, Forbidden
from conversations.models import Attachment, AttachmentUse, Conversation, Generation, Message, User
from conversations.models.ids import new_id
from conversations.rendering import VERSION
from conversations.transfer.formats import Chat, Run, Said

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, and everything that goes with it: its answers and what was said below them."""

    question: Message
    messages: list[UUID]  # the lowest first, the question last
    live: list[UUID]
    has_text: bool  # the message that led here, to be quoted or copied

    @property
    def others(self) -> int:
        return len(self.messages) - 1


def turn_for(user: User, message: UUID) -> Turn:
    """Return the turn that a question or an answer belongs to."""
    found = access.message_for(user, message)
    question = found.parent if found.is_answer and found.parent else found
    below = Message.objects.ids_below(question.pk)
    running = Generation.objects.running().filter(conversation=found.conversation_id)
    live = set(running.values_list("message_id", flat=True))
    return Turn(question, below, [one for one in below if one in live], has_text=bool(found.text))


def delete_turn(user: User, message: UUID) -> UUID:
    """Remove a turn for good and show what is left; return the conversation.

    An answer that is still being written there ends without a trace: whoever calls stops it first. Raises ``Busy``
    where something is said below it at this moment, and ``Forbidden`` while a legal hold keeps the conversation.
    """
    try:
        with transaction.atomic():
            turn = turn_for(user, message)
            home = Conversation.objects.select_for_update().get(pk=turn.question.conversation_id)
            if retention.held(Conversation.objects.filter(pk=home.pk)).exists():
                raise Forbidden(
                    "This chat is being kept for legal reasons. Nothing of it can be removed at the moment."
                )
            for start in range(0, len(turn.messages), _BATCH):
                Message.objects.filter(pk__in=turn.messages[start : start + _BATCH]).delete()
            if home.leaf_id in turn.messages:
                Conversation.objects.filter(pk=home.pk).update(leaf=_leaf_beside(turn.question))
            return home.pk
    except IntegrityError as exc:
        raise Busy("Something is being written below this. Try again in a moment.") from exc


def _leaf_beside(gone: Message) -> UUID | None:
    """Return where the branch goes on without a question: in another version of it, or above."""
    if gone.parent_id is not None:
        return Message.objects.tip_of(gone.parent_id)
    first = Message.objects.filter(conversation=gone.conversation_id, parent=None).order_by("-id").first()
    return Message.objects.tip_of(first.pk) if first else None


def fork(user: User, message: UUID) -> Conversation:
    """Make a conversation of one's own of the branch down to ``message``; pictures are shared, nothing is counted."""
    last = access.message_for(user, message)
    path = Message.objects.path_to(last.pk)
    if any(one.is_live for one in path):
        raise Busy("The answer is still being written. Wait for it or stop it first.")
    home = last.conversation
    chat = Chat(key=str(home.pk), title=home.title, leaf=str(last.pk), said=_said(path))
    with transaction.atomic():
        made = keep_chat(user, chat, _pictures(path), f"fork {new_id()}")
        assert made is not None, "the key is new"
        Conversation.objects.filter(pk=made.pk).update(
            folder=home.folder_id, chat_model=home.chat_model_id, language=home.language, seen_at=timezone.now()
        )
        copy_tuning(home, made)
    return made


def _said(path: Sequence[Message]) -> list[Said]:
    runs = Generation.objects.in_bulk([one.generation_id for one in path if one.generation_id])
    above = [None, *(str(one.pk) for one in path)]
    return [
        Said(
            key=str(one.pk),
            parent=parent,
            role=one.role,
            text=one.text,
            status=one.status,
            created_at=one.created_at,
            reasoning=one.reasoning,
            run=_run(runs.get(one.generation_id)) if one.is_answer else None,
            blocks=tuple(one.blocks) if one.is_answer and one.render_version == VERSION else None,
        )
        for one, parent in zip(path, above, strict=False)
    ]


def _run(run: Generation | None) -> Run | None:
    return (
        None
        if run is None
        else Run(
            model=run.model_label,
            started_at=run.started_at,
            ended_at=run.ended_at,
            reasoning_seconds=run.reasoning_seconds,
            prompt_tokens=run.prompt_tokens,
            completion_tokens=run.completion_tokens,
            is_estimated=run.is_estimated,
            finish_reason=run.finish_reason,
            error_code=run.error_code,
        )
    )


def _pictures(path: Sequence[Message]) -> dict[str, list[Attachment]]:
    found: dict[str, list[Attachment]] = {}
    questions = [one.pk for one in path if not one.is_answer]
    for start in range(0, len(questions), _BATCH):
        uses = AttachmentUse.objects.filter(message__in=questions[start : start + _BATCH]).select_related("attachment")
        for use in uses.order_by("message", "position"):
            found.setdefault(str(use.message_id), []).append(use.attachment)
    return found
