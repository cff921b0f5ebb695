"""Keep whole chats: what was imported, and copies of what others have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.models import Attachment, AttachmentUse, Conversation, Generation, Message, User
from conversations.models.ids import ids_in_order, new_id
from conversations.rendering import VERSION
from conversations.search import index
from conversations.search.words import language_of
from conversations.transfer.formats import Chat, Run, Said

_BATCH = 200
"""Rows of one statement: SQLite binds 999 values in its older builds, and texts are large."""

Pictures = Mapping[str, Sequence[Attachment]]


def keep_chat(user: User, chat: Chat, pictures: Pictures, import_key: str) -> Conversation | None:
    """Make a conversation of ``chat``; None if one was made of it before under the same ``import_key``.

    ``pictures`` are the person's own, by the key of their message. Parents come before their children, siblings in
    order. Nothing of a file becomes an id, an owner or a right.
    """
    mine = Conversation.objects.owned_by(user).filter(import_key=import_key)
    if mine.present().exists():
        return None
    try:
        with transaction.atomic():
            mine.update(import_key=None)  # one that was deleted may come again, and be restored beside it
            return _kept(user, chat, pictures, import_key)
    except IntegrityError:  # at the same moment in another tab
        return None


def _kept(user: User, chat: Chat, pictures: Pictures, import_key: str) -> Conversation:
    now = timezone.now()
    home = Conversation.objects.create(
        owner=user,
        title=chat.title,
        title_from=Conversation.TitleFrom.PERSON,
        import_key=import_key,
        created_at=chat.created_at or now,
        touched_at=chat.touched_at or now,
        language=language_of(next((said.text for said in chat.said if said.text), "")),
    )
    ids = dict(zip((said.key for said in chat.said), ids_in_order(len(chat.said)), strict=True))
    for start in range(0, len(chat.said), _BATCH):
        _keep_some(home, chat.said[start : start + _BATCH], ids, pictures)
    index.put_title(home)
    leaf = ids[chat.leaf] if chat.leaf is not None else None
    Conversation.objects.filter(pk=home.pk).update(leaf=leaf)
    return home


def _keep_some(home: Conversation, some: Sequence[Said], ids: Mapping[str, UUID], pictures: Pictures) -> None:
    runs = {said.key: _run(home, ids[said.key], said) for said in some if said.role == Message.Role.ASSISTANT}
    rows = [_row(home, said, ids, runs.get(said.key)) for said in some]
    Message.objects.bulk_create(rows)
    Generation.objects.bulk_create(runs.values())
    index.add(index.Text(home.owner_id, home.pk, row.pk, row.text) for row in rows)
    AttachmentUse.objects.bulk_create(
        AttachmentUse(message_id=ids[said.key], attachment=one, position=position)
        for said in some
        for position, one in enumerate(pictures.get(said.key, ()))
    )


def _row(home: Conversation, said: Said, ids: Mapping[str, UUID], run: Generation | None) -> Message:
    return Message(
        pk=ids[said.key],
        conversation=home,
        parent_id=ids[said.parent] if said.parent is not None else None,
        role=said.role,
        status=said.status,
        text=said.text,
        reasoning=said.reasoning,
        blocks=list(said.blocks or ()),
        render_version=0 if said.blocks is None else VERSION,
        generation_id=run.pk if run else None,  # it comes after the message: both know their ids before
        created_at=said.created_at or home.created_at,
    )


def _run(home: Conversation, answer: UUID, said: Said) -> Generation:
    run = said.run or Run()
    pk = new_id()
    return Generation(
        pk=pk,
        message_id=answer,
        conversation=home,
        owner_id=home.owner_id,
        ref=f"kept {pk}",
        status=said.status,
        model_label=run.model,
        started_at=run.started_at or said.created_at or home.created_at,
        ended_at=run.ended_at,
        reasoning_seconds=run.reasoning_seconds,
        prompt_tokens=run.prompt_tokens,
        completion_tokens=run.completion_tokens,
        is_estimated=run.is_estimated,
        finish_reason=run.finish_reason,
        error_code=run.error_code,
        sources=[list(one) for one in run.sources],
    )
