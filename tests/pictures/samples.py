"""Files as people send them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

MARK = "SECRET-MARK-7731"
"""Hidden in every kind of metadata; it must be nowhere afterwards."""


def photo(size: tuple[int, int] = (400, 300), *, kind: str = "JPEG", orientation: int = 1, **options: Any) -> bytes:
    """Return a picture, red on its left half and blue on its right, that says where and by whom it was taken."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = MARK
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    if kind == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("Comment", MARK)
        chunks.add_itxt("XML:com.adobe.xmp", f"<x>{MARK}</x>")
        options["pnginfo"] = chunks
    if kind in ("JPEG", "GIF"):
        options["comment"] = MARK.encode()
    return saved(picture, kind, **({"exif": exif} if kind in ("JPEG", "PNG", "WEBP", "AVIF") else {}), **options)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def claimed_png(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that claims to be of any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def animation(frames: int = 3) -> bytes:
    pictures = [Image.new("RGB", (40, 40), (60 * number, 0, 0)) for number in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n"

BAD = {
    "an SVG": (SVG, "no picture"),
    "an HTML page": (HTML, "no picture"),
    "a PDF": (PDF, "no picture"),
    "plain text": (b"hello " * 50, "no picture"),
    "a TIFF, whose reader stays shut": (saved(Image.new("RGB", (9, 9)), "TIFF"), "no picture"),
    "a HEIC file": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
    "a truncated JPEG": (photo()[:700], "broken"),
    "a truncated PNG": (photo(kind="PNG")[:200], "broken"),
    "a JPEG's first bytes": (b"\xff\xd8\xff\xe0", "broken"),
    "a PNG's first bytes": (b"\x89PNG\r\n\x1a\n", "broken"),
    "50,000 by 50,000 pixels": (claimed_png(50_000, 50_000), "million pixels"),
    "more pixels than a number holds": (claimed_png(2**31 - 1, 2**31 - 1), "million pixels"),
    "a size of nothing": (claimed_png(0, 0), "broken"),
    "an HTML page behind a GIF's name": (b"GIF89a" + HTML, "broken"),
}
