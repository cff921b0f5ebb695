"""Take chats from a file: looked through as a whole first, then kept chat by chat.

A file waits with its person (``ChatFile``) between the two. Nothing of it becomes an id, an owner or a right; what is
here already, by the ids of the file, is left as it is. Keeping stops after ``SECONDS`` and goes on where it was when it
is asked again, so that no proxy's patience ends before a large archive does.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from typing import IO, Any, Final
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from conversations import conf
from conversations.actions import attachments, order, writing
from conversations.actions.chats import keep_chat
from conversations.actions.messages import first_words
from conversations.errors import Busy, ChatError, Invalid, TooLong
from conversations.models import Attachment, ChatFile, Conversation, User
from conversations.pictures import clean_name, remake_in_process
from conversations.transfer import belongings
from conversations.transfer.formats import Chat, Picture, Said
from conversations.transfer.sources import Source, opened

logger = logging.getLogger(__name__)

SECONDS: Final = 15.0
"""How long one request keeps chats; nginx gives up after sixty seconds without an answer."""

_BATCH = 50


@dataclass(slots=True)
class Report:
    """What a file holds, as its person is shown it before they decide."""

    kind: str = ""
    chats: int = 0
    messages: int = 0
    branches: int = 0
    pictures: int = 0
    lost_pictures: int = 0  # named, but not in the file, or in an answer
    empty: int = 0  # chats without a message that could be shown
    here: int = 0  # chats that were taken before, or were never gone
    done: int = 0  # chats that were kept so far, once they began
    left_out: int = 0  # pictures of these that were in the file and could not be kept
    prompts: int = 0  # these and presets: that are not here already
    presets: int = 0
    unkept: int = 0  # of these, once they were to be kept

    @property
    def new(self) -> int:
        return self.chats - self.here

    @property
    def brings(self) -> bool:
        """Tell whether anything of the file is not here."""
        return self.new > 0 or self.prompts > 0 or self.presets > 0


def offer(user: User, name: str, file: File[bytes]) -> Report:
    """Look through an uploaded file and keep it until the person decides; an earlier one goes.

    Raises ``TooLong`` or, with the place of what is wrong, ``Invalid``; then nothing is kept.
    """
    if (file.size or 0) > conf.import_bytes():
        raise too_large()
    report = _looked_through(user, file)
    discard(user)
    kept = ChatFile(owner=user, name=clean_name(name)[:100], report=asdict(report))
    file.seek(0)
    storages["pictures"].save(kept.file, file)
    kept.save(force_insert=True)
    return report


def too_large() -> TooLong:
    """Return the refusal of a file beyond the bound."""
    return TooLong("This file is larger than {size} MB.", size=conf.import_bytes() // 1024**2)


def offered_to(user: User) -> tuple[ChatFile, Report] | None:
    """Return the file that waits for its person, and what is in it."""
    found = ChatFile.objects.filter(owner=user).first()
    return (found, Report(**found.report)) if found else None


def discard(user: User) -> None:
    """Forget the file that waits. Raises ``Busy`` while it is being taken."""
    with transaction.atomic():
        if (
            ChatFile.objects.filter(owner=user).exists()
            and not ChatFile.objects.filter(owner=user).undecided().exists()
        ):
            raise Busy("The chats of this file are being taken over at this moment.")
        for found in ChatFile.objects.filter(owner=user):
            found.delete()


def take(user: User, *, seconds: float = SECONDS) -> Report:
    """Keep the chats of the file that waits, as many as there is time for; ``done`` tells how far it came.

    Raises ``Invalid`` where none waits, ``Busy`` where another tab is at it. The last chat takes the file away.
    """
    found = ChatFile.objects.filter(owner=user).first()
    if found is None:
        raise Invalid("No file is waiting. Choose one first.")
    if not ChatFile.objects.filter(pk=found.pk).undecided().update(claimed_at=timezone.now()):
        raise Busy("The chats of this file are being taken over at this moment.")
    report, end = Report(**found.report), time.monotonic() + seconds
    try:
        with ExitStack() as stack, storages["pictures"].open(found.file) as file:
            source = opened(file, stack)
            for chats in _batches(source.chats):
                known = _known(user, chats)
                for key, chat in chats:
                    if key in known or not chat.said:
                        continue
                    _keep(user, key, chat, source, report)
                    if time.monotonic() > end:  # asked after one was kept, so that every request comes further
                        return report
            report.unkept = belongings.keep(user, source.beside)
        found.delete()
        report.done = report.new
        return report
    finally:
        ChatFile.objects.filter(pk=found.pk).update(claimed_at=None, report=asdict(report))


def sweep() -> int:
    """Forget files that nobody decided about; return how many. Daily."""
    forgotten = list(ChatFile.objects.forgotten())
    for found in forgotten:
        found.delete()
    return len(forgotten)


def _looked_through(user: User, file: IO[bytes] | File[bytes]) -> Report:
    report, seen = Report(), set[str]()
    with ExitStack() as stack:
        source = opened(file, stack)
        for chats in _batches(source.chats):
            known = _known(user, chats)
            for key, chat in chats:
                if key in seen:
                    continue
                seen.add(key)
                report.kind = key.partition(" ")[0]
                if not chat.said:
                    report.empty += 1
                    continue
                report.chats += 1
                report.here += key in known
                _count(chat, source, report)
        prompts, presets = belongings.new_of(user, source.beside)
        report.prompts, report.presets = len(prompts), len(presets)
    if not report.chats and not report.empty:
        raise Invalid("There is no chat in this file. Nothing was changed.")
    return report


def _count(chat: Chat, source: Source, report: Report) -> None:
    report.messages += len(chat.said)
    parents = {one.parent for one in chat.said}
    report.branches += sum(one.key not in parents for one in chat.said)
    pictures = [picture for one in chat.said for picture in one.pictures]
    report.pictures += len(pictures)
    taken = sum(source.has(picture) for one in chat.said for picture in _shown(one))
    report.lost_pictures += len(pictures) - taken


# Keeping


def _known(user: User, chats: Iterable[tuple[str, Chat]]) -> set[str]:
    """Return the keys of those that are here: taken before, or this person's own that were never gone."""
    names = {_import_key(key, chat): key for key, chat in chats}
    ids = {found: key for key, _ in chats if key.startswith("chatsite ") and (found := _id(key.partition(" ")[2]))}
    mine = Conversation.objects.owned_by(user).present()
    taken = mine.filter(import_key__in=names).values_list("import_key", flat=True)
    present = mine.filter(pk__in=ids).values_list("pk", flat=True)
    return {names[str(one)] for one in taken} | {ids[one] for one in present}


def _import_key(key: str, chat: Chat) -> str:
    """Return what a chat is remembered by: a chat that has grown since is another one, and nothing of it is lost."""
    whole = "\n".join([key, *(one.key for one in chat.said)])
    return hashlib.sha256(whole.encode()).hexdigest()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _keep(user: User, key: str, chat: Chat, source: Source, report: Report) -> None:
    title = chat.title or first_words(next((one.text for one in chat.said if one.text), ""))
    there = {one.key: [picture for picture in _shown(one) if source.has(picture)] for one in chat.said}
    pictures = {name: _pictures(user, some, source) for name, some in there.items() if some}
    with transaction.atomic():
        made = keep_chat(user, replace(chat, title=title), pictures, _import_key(key, chat))
        if made is not None:
            _put_in_place(user, made, chat, source.beside.manners.get(chat.key, {}))
    if made is not None:
        report.done += 1
        report.left_out += sum(len(there[name]) - len(kept) for name, kept in pictures.items())


def _shown(said: Said) -> tuple[Picture, ...]:
    """Return the pictures of a question: an answer of this site has none."""
    return said.pictures if said.role == "user" else ()


def _put_in_place(user: User, made: Conversation, chat: Chat, manner: Mapping[str, Any]) -> None:
    """Give a chat its folder, tags, pin, manner and place in the archive; it goes without what is refused here."""
    tags = ", ".join(name.replace(",", " ") for name in chat.tags[: order.MOST_TAGS_OF_ONE])
    if chat.folder:
        with suppress(ChatError):
            order.arrange(user, made.pk, new=chat.folder)
    if tags:
        with suppress(ChatError):
            order.arrange(user, made.pk, tags=tags)
    if chat.is_pinned:
        with suppress(ChatError):
            order.pin(user, made.pk)
    if manner:
        with suppress(ChatError):
            writing.tune(user, made.pk, **manner)
    if chat.is_archived:
        order.archive(user, made.pk)


def _pictures(user: User, pictures: Iterable[Picture], source: Source) -> list[Attachment]:
    """Store what can be read of them, made anew as every upload is."""
    bounds, kept = conf.pictures(), list[Attachment]()
    for picture in pictures:
        try:
            if picture.address:
                kept.append(attachments.keep_address(user, picture.address))
                continue
            read = partial(source.read, picture, bounds.upload_bytes)
            made = remake_in_process(read, longest=bounds.longest_side, most_pixels=bounds.most_pixels)
            kept.append(attachments.keep_picture(user, picture.name, made))
        except ChatError as exc:
            logger.info("A picture was left out of an import: %s", exc)
    return kept


def _batches(chats: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(chats, _BATCH)):
        yield some
