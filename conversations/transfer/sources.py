"""An uploaded file that is open: its chats one by one, and what is beside them.

It is a JSON file of chats, or a ZIP that holds one with pictures beside it: of this site, ChatGPT or Open WebUI.
"""

from __future__ import annotations

import base64
import binascii
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import IO, Final

from django.core.files.base import File

from conversations.errors import Invalid, TooLong
from conversations.transfer import belongings, foreign, own
from conversations.transfer.belongings import Belongings
from conversations.transfer.elements import CHATS, Elements
from conversations.transfer.formats import FORMAT, VERSION, Chat, Picture

MOST_ENTRIES: Final = 50_000
MOST_UNPACKED: Final = 2 * 1024**3
"""Bytes of a ZIP's entries together, which a bomb would exceed; pictures hardly shrink, so honest archives do not."""

_SITE = "this site"
_LISTS = ("chats.json", "conversations.json")
_UNREADABLE = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError)
"""What ``zipfile`` raises for an entry that is damaged, locked, or packed in a way it does not know."""
_LIKENESS = re.compile(r"data:image/[a-z+.-]+;base64,")


@dataclass(slots=True)
class Source:
    """What a file holds: its chats, and the pictures beside them."""

    chats: Iterator[tuple[str, Chat]]
    archive: zipfile.ZipFile | None = None
    names: dict[str, str] = field(default_factory=dict)
    beside: Belongings = field(default_factory=Belongings)

    def has(self, picture: Picture) -> bool:
        return bool(picture.address or self._is_inside(picture) or self._name(picture))

    def read(self, picture: Picture, most: int) -> bytes:
        """Return the content of a picture. Raises ``Invalid`` where it is not there or too large."""
        if self._is_inside(picture):
            with suppress(binascii.Error, ValueError):
                return base64.b64decode(picture.file.partition(",")[2], validate=True)
        name = self._name(picture)
        if self.archive is not None and name and self.archive.getinfo(name).file_size <= most:
            with suppress(*_UNREADABLE):
                return self.archive.read(name)
        raise Invalid("This picture is not in the file.")

    @staticmethod
    def _is_inside(picture: Picture) -> bool:
        return _LIKENESS.match(picture.file) is not None

    def _name(self, picture: Picture) -> str:
        return self.names.get(picture.file, "")


def opened(file: IO[bytes] | File[bytes], stack: ExitStack) -> Source:
    """Return what a JSON file holds, or the ZIP that holds one; the ZIP is closed with ``stack``.

    Raises ``Invalid`` and ``TooLong``, as does going through the chats, with the place of what is wrong.
    """
    file.seek(0)
    is_zip = file.read(2) == b"PK"
    file.seek(0)
    if not is_zip:
        return Source(_chats_in(file))
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise Invalid("This ZIP archive is broken. Nothing was changed.") from exc
    if len(entries) > MOST_ENTRIES or sum(one.file_size for one in entries) > MOST_UNPACKED:
        raise TooLong("This ZIP archive holds more than the site unpacks. Nothing was changed.")
    names = [one.filename for one in entries]
    lists = [
        name
        for name in names
        if (base := name.rpartition("/")[2]) in _LISTS or re.fullmatch(r"conversations-\d+\.json", base)
    ]
    if not lists:
        raise Invalid("There is no chats.json and no conversations.json in this ZIP archive. Nothing was changed.")
    return Source(_chats_of_all(archive, sorted(lists)), archive, _by_name(names), _beside(archive, names, lists))


def _beside(archive: zipfile.ZipFile, names: list[str], lists: list[str]) -> Belongings:
    """Return what the archive holds beside the chats, where it is one of this site."""
    there = next((name for name in names if name.rpartition("/")[2] == belongings.FILE), "")
    if not there or not any(name.endswith(_LISTS[0]) for name in lists):
        return Belongings()
    if archive.getinfo(there).file_size > belongings.LARGEST:
        raise TooLong("This ZIP archive holds more than the site unpacks. Nothing was changed.")
    try:
        content = archive.read(there)
    except _UNREADABLE as exc:
        raise _cannot_be_unpacked(there) from exc
    return belongings.belongings_in(content)


def _cannot_be_unpacked(name: str) -> Invalid:
    return Invalid("“{name}” in this ZIP archive cannot be unpacked. Nothing was changed.", name=name)


def _chats_of_all(archive: zipfile.ZipFile, lists: list[str]) -> Iterator[tuple[str, Chat]]:
    for name in lists:
        try:
            with archive.open(name) as file:
                yield from _chats_in(file)
        except _UNREADABLE as exc:
            raise _cannot_be_unpacked(name) from exc


def _by_name(names: Iterable[str]) -> dict[str, str]:
    """Return the entries by what chats call them: ours by their path, ChatGPT's by the id their name begins with."""
    found: dict[str, str] = {}
    for name in names:
        found[name] = name
        base = name.rpartition("/")[2]
        if given := re.match(r"file[-_][A-Za-z0-9]+", base):
            found.setdefault(given.group(), name)
            found.setdefault(base, name)
    return found


def _chats_in(file: IO[bytes]) -> Iterator[tuple[str, Chat]]:
    """Yield each chat with the key that it is known by from then on."""
    elements = Elements(file)
    for number, element in enumerate(elements):
        place = f"{CHATS}[{number}]" if elements.head else f"[{number}]"
        if elements.head.get("format") == FORMAT:
            _check_version(elements.head.get("version"))
            kind, chat = _SITE, own.chat_of(element, place)
        elif kind := foreign.kind_of(element):
            chat = foreign.chat_of(kind, element, place)
        else:
            raise Invalid(
                "{place}: this is no chat of this site, of ChatGPT or of Open WebUI. Nothing was changed.", place=place
            )
        yield f"{_SHORT[kind]} {chat.key}", chat


_SHORT = {_SITE: "chatsite", foreign.CHATGPT: "chatgpt", foreign.OPEN_WEBUI: "openwebui"}


def _check_version(version: object) -> None:
    if not isinstance(version, int) or isinstance(version, bool) or not 1 < version <= VERSION:
        raise Invalid("This file was made by another version of this site. Nothing was changed.")
