"""Chats as this site's JSON, a piece at a time.

Ids are read first and rows a few at a time, each batch by a query of its own: neither memory nor a cursor of the
database is held for as long as somebody's slow line takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.utils import timezone

from conversations.models import Attachment, AttachmentUse, Conversation, Generation, Message, User
from conversations.transfer.formats import FORMAT, VERSION, Chat, Picture, Run, Said, chat_head, said_facts

_BATCH: Final = 100

Row = TypeVar("Row", bound=Model)


def chats_of(user: User, *, with_files: bool = True) -> Iterator[str]:
    """Yield the JSON of everything that a person keeps; ``with_files`` says that its pictures stand beside it."""
    return document(user, kept_by(user), with_files=with_files)


def document(user: User, chats: Iterable[Conversation], *, with_files: bool) -> Iterator[str]:
    """Yield the JSON of ``chats`` with all their branches."""
    person = {"email": user.email, "name": user.name, "language": user.language, "instructions": user.instructions}
    head = {"format": FORMAT, "version": VERSION, "exported_at": timezone.now(), "person": person}
    yield to_json(head)[:-1] + ', "conversations": ['
    for number, home in enumerate(chats):
        yield (",\n" if number else "\n") + to_json(chat_head(_head_of(home)))[:-1] + ', "messages": ['
        for position, said in enumerate(_said_in(home, with_files=with_files)):
            yield (",\n" if position else "\n") + to_json(said_facts(said))
        yield "]}"
    yield "\n]}\n"


def kept_by(user: User) -> Iterator[Conversation]:
    """Yield what belongs to a person for good, oldest first: archived chats as well, temporary ones never."""
    mine = Conversation.objects.present().owned_by(user).filter(vanishes_at=None).order_by("created_at", "pk")
    for some in in_batches(mine.select_related("folder").prefetch_related("tags")):
        yield from some


def in_batches(found: QuerySet[Row]) -> Iterator[list[Row]]:
    """Yield the rows of a query in their order; those that are gone by their turn are left out."""
    return by_ids(found, list(found.prefetch_related(None).values_list("pk", flat=True)))


def by_ids(found: QuerySet[Row], ids: Sequence[UUID]) -> Iterator[list[Row]]:
    """Yield the rows of these ids, in this order."""
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        rows = found.in_bulk(some)
        yield [rows[one] for one in some if one in rows]


def pictures_of(messages: Iterable[Message]) -> dict[UUID, list[Attachment]]:
    """Return the pictures of questions, in their order."""
    found: dict[UUID, list[Attachment]] = {}
    questions = [one.pk for one in messages if not one.is_answer]
    uses = AttachmentUse.objects.filter(message__in=questions).select_related("attachment")
    for use in uses.order_by("message", "position"):
        found.setdefault(use.message_id, []).append(use.attachment)
    return found


def file_of(picture: Attachment) -> str:
    """Return the path of a picture beside the JSON; empty for one at a public address."""
    return "" if picture.address else f"pictures/{picture.picture_file.rpartition('/')[2]}"


def to_json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _head_of(home: Conversation) -> Chat:
    return Chat(
        key=str(home.pk),
        title=home.title,
        created_at=home.created_at,
        touched_at=home.touched_at,
        leaf=str(home.leaf_id) if home.leaf_id else None,
        folder=home.folder.name if home.folder else "",
        tags=tuple(sorted(tag.name for tag in home.tags.all())),
        is_pinned=home.pinned_at is not None,
        is_archived=home.archived_at is not None,
    )


def _said_in(home: Conversation, *, with_files: bool) -> Iterator[Said]:
    """Yield all messages, parents before their children: ids grow with time."""
    messages = Message.objects.filter(conversation=home).order_by("pk")
    for some in in_batches(messages.defer("blocks").select_related("generation")):
        pictures = pictures_of(some)
        for one in some:
            yield _said(one, [_picture(picture, with_files=with_files) for picture in pictures.get(one.pk, ())])


def _said(message: Message, pictures: Sequence[Picture]) -> Said:
    run = message.generation if message.is_answer else None
    return Said(
        key=str(message.pk),
        parent=str(message.parent_id) if message.parent_id else None,
        role=message.role,
        text=message.text,
        status=Message.Status.INTERRUPTED if message.is_live else message.status,
        created_at=message.created_at,
        reasoning=message.reasoning,
        pictures=tuple(pictures),
        run=_run(run, is_live=message.is_live) if run else None,
    )


def _run(run: Generation, *, is_live: bool) -> Run:
    sources: list[Any] = run.sources
    return Run(
        model=run.model_label,
        started_at=run.started_at,
        ended_at=run.ended_at,
        reasoning_seconds=run.reasoning_seconds,
        prompt_tokens=run.prompt_tokens,
        completion_tokens=run.completion_tokens,
        is_estimated=run.is_estimated,
        finish_reason=run.finish_reason,
        error_code="interrupted" if is_live else run.error_code,
        sources=tuple((address, title) for address, title in sources),
    )


def _picture(picture: Attachment, *, with_files: bool) -> Picture:
    return Picture(picture.name, file_of(picture) if with_files else "", picture.address)
