"""Everything of a person, or one chat with its pictures, as a ZIP that is made while it is sent.

``chats.json`` is the JSON of ``exporting``, ``account.json`` what there is beside it, ``chats/`` a Markdown file for
each chat, ``pictures/`` each picture once. In memory stand one piece of it and, as every ZIP needs at its end, the
names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from conversations.models import Attachment, AttachmentUse, Conversation, User
from conversations.transfer.account import account_of
from conversations.transfer.exporting import chats_of, document, file_of, in_batches, kept_by
from conversations.transfer.markdown import markdown_of
from conversations.transfer.naming import file_name

logger = logging.getLogger(__name__)

_PIECE: Final = 64 * 1024
_FIRST_YEAR, _LAST_YEAR = 1980, 2107
"""What the dates of a ZIP can tell."""


def archive_of(user: User) -> Iterator[bytes]:
    """Yield everything of a person piece by piece."""
    return _zipped(_everything_of(user))


def chat_archive_of(user: User, home: Conversation) -> Iterator[bytes]:
    """Yield one chat with its pictures."""
    return _zipped(_files_of(user, home))


def has_pictures(home: Conversation) -> bool:
    return _uses_in(home).filter(attachment__address="").exists()


File = tuple[ZipInfo, Iterator[bytes]]


def _zipped(files: Iterator[File]) -> Iterator[bytes]:
    line = _Line()
    with ZipFile(line, "w", ZIP_DEFLATED) as archive:
        for info, pieces in files:
            with archive.open(info, "w", force_zip64=info.filename == "chats.json") as file:
                for piece in pieces:
                    file.write(piece)
                    if line.size >= _PIECE:
                        yield line.taken()
            yield line.taken()
    yield line.taken()


def _everything_of(user: User) -> Iterator[File]:
    now = timezone.now()
    yield _info("chats.json", now), _encoded(chats_of(user))
    yield _info("account.json", now), _encoded(account_of(user))
    names = _Names()
    for home in kept_by(user):
        yield _readable(user, home, names.free(file_name(home, "md")))
    kept = {"message__conversation__deleted_at": None, "message__conversation__vanishes_at": None}
    yield from _pictures(user, AttachmentUse.objects.filter(**kept))


def _files_of(user: User, home: Conversation) -> Iterator[File]:
    yield _info("chats.json", timezone.now()), _encoded(document(user, [home], with_files=True))
    yield _readable(user, home, file_name(home, "md"))
    yield from _pictures(user, _uses_in(home))


def _uses_in(home: Conversation) -> QuerySet[AttachmentUse]:
    return AttachmentUse.objects.filter(message__conversation=home)


def _readable(user: User, home: Conversation, name: str) -> File:
    return _info(f"chats/{name}", home.touched_at), _encoded(markdown_of(home, user, pictures="../"))


def _pictures(user: User, uses: QuerySet[AttachmentUse]) -> Iterator[File]:
    shown = Attachment.objects.owned_by(user).filter(Exists(uses.filter(attachment=OuterRef("pk"))), address="")
    for some in in_batches(shown.order_by("pk")):
        for picture in some:
            if content := _content(picture):
                yield _info(file_of(picture), picture.created_at, ZIP_STORED), iter([content])


def _content(picture: Attachment) -> bytes:
    try:
        return picture.read(picture.picture_file)
    except FileNotFoundError:
        logger.error("The files of picture %s are gone", picture.pk)
        return b""


def _encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    return (piece.encode() for piece in pieces)


def _info(name: str, moment: datetime, how: int = ZIP_DEFLATED) -> ZipInfo:
    local = timezone.localtime(moment)
    year = min(max(local.year, _FIRST_YEAR), _LAST_YEAR)
    info = ZipInfo(name, (year, local.month, local.day, local.hour, local.minute, local.second))
    info.compress_type = how
    return info


class _Names:
    """File names, each given once, also where capitals do not count."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def free(self, name: str) -> str:
        key = name.casefold()
        self._last[key] = count = self._last.get(key, 0) + 1
        if count == 1:
            return name
        stem, _, ending = name.rpartition(".")
        return self.free(f"{stem} ({count}).{ending}")


class _Line:
    """What a ZIP is written to and taken from; there is no way back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, part: bytes, /) -> int:
        self._parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken
