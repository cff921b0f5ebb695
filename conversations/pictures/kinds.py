"""Which files are taken, by what they begin with, never by what they are called."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Remade:
    """A clean picture: upright, bounded, without metadata. ``thumbnail`` is a WebP of at most 480 pixels."""

    content: bytes
    media_type: str  # image/jpeg or image/png
    width: int  # pixels
    height: int  # pixels
    thumbnail: bytes


def format_of(content: bytes) -> str | None:
    """Return Pillow's name of the one decoder that may look at this, or None for everything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in (b"avif", b"avis"):
        return "AVIF"
    return None


def is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def clean_name(name: str) -> str:
    """Return a file's name as it may be shown: no folders, no control, direction or format characters."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    shown = " ".join(shown.split()).strip(". ")
    if len(shown) > _LONGEST_NAME:
        stem, dot, ending = shown.rpartition(".")
        shown = f"{stem[: _LONGEST_NAME - 11]}…{dot}{ending[:8]}" if dot else shown[:_LONGEST_NAME]
    return shown or "picture"
