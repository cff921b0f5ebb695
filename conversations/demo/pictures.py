"""What can be seen in a picture: its format, its size in pixels and its main colours."""

from __future__ import annotations

import base64
import binascii
import colorsys
import io
import struct
from collections import Counter
from typing import Final, cast
from urllib.parse import unquote_to_bytes, urlsplit

from PIL import Image

_HUES: Final = (
    (15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "turquoise"), (255, "blue"),
    (290, "violet"), (340, "pink"), (360, "red"),
)  # fmt: skip
"""Upper ends of hues in degrees."""


def describe(url: str) -> str:
    """Return what can be said about a picture by its address, in words for a list."""
    if not url.startswith("data:"):
        host = urlsplit(url).hostname if url.startswith(("http://", "https://")) else None
        return f"a picture at `{host}`, which I do not fetch" if host else "something that is no picture address"
    content = _content_of(url)
    if content is None:
        return "a `data:` address that cannot be decoded"
    kind, size = measure(content)
    if size is None:
        return f"{len(content):,} bytes that I do not recognise as a picture"
    seen = f", mostly {', '.join(names)}" if (names := colours_of(content)) else ""
    return f"a **{kind}** picture of **{size[0]} × {size[1]}** pixels ({len(content):,} bytes){seen}"


def colours_of(content: bytes) -> list[str]:
    """Return the names of up to three main colours, most of it first; nothing where it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.draft("RGB", (64, 64))
            small = picture.convert("RGB").resize((48, 48))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []
    counts: Counter[str] = Counter()
    for count, colour in small.getcolors(48 * 48) or []:
        counts[_name_of(cast(tuple[int, int, int], colour))] += count
    return [name for name, count in counts.most_common(3) if count > 48 * 48 / 20]


def _name_of(colour: tuple[int, int, int]) -> str:
    """Return a plain word for a colour, by its hue, lightness and saturation."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    if lightness < 0.12:
        return "black"
    if lightness > 0.92:
        return "white"
    if saturation < 0.15:
        return "grey"
    return next(name for most, name in _HUES if hue * 360 <= most)


def measure(content: bytes) -> tuple[str, tuple[int, int] | None]:
    """Return format and size of a PNG, JPEG, GIF or WebP; size None where it is neither or is cut."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return "PNG", struct.unpack(">II", content[16:24])
        if content[:6] in (b"GIF87a", b"GIF89a"):
            return "GIF", struct.unpack("<HH", content[6:10])
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return "WebP", _webp_size(content)
        if content.startswith(b"\xff\xd8"):
            return "JPEG", _jpeg_size(content)
    except (struct.error, IndexError):
        pass
    return "", None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    match content[12:16]:
        case b"VP8X":
            return (
                1 + int.from_bytes(content[24:27], "little"),
                1 + int.from_bytes(content[27:30].ljust(3, b"\0"), "little"),
            )
        case b"VP8L":
            bits = int.from_bytes(content[21:25], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack("<HH", content[26:30])
            return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk the segments to the first frame header (SOF0 … SOF15 without the three that are something else)."""
    at = 2
    while at + 9 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return None


def _content_of(url: str) -> bytes | None:
    head, comma, body = url.partition(",")
    if not comma:
        return None
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None
