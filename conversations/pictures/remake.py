"""The process that decodes: ``python -m conversations.pictures.remake``, one file each, then it is gone.

It reads the file from standard input and writes a head (one line of JSON) and the results to standard output. A
decoder that is fooled, hangs or eats memory costs this process only: it is niced, bounded and killed in time.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from conversations.errors import marked
from conversations.pictures.kinds import Remade, format_of, is_heic

THUMBNAIL: Final = 480
"""Pixels of the thumbnail's long side: twice the 240 it is shown at."""
_JPEG_QUALITY: Final = 88
_LARGEST_PNG: Final = 3 * 1024 * 1024
"""Bytes above which an opaque PNG becomes a JPEG: a photo saved as PNG."""
_MEMORY: Final = 1024 * 1024 * 1024
"""Bytes of address space; 50 million pixels of four bytes, twice, and room for the libraries."""
_NICENESS: Final = 10
"""Answers that are being written come first."""

TOO_MANY_PIXELS: Final = marked("This picture has more than {pixels} million pixels. Please make it smaller.")
BROKEN: Final = marked("This picture is broken or incomplete: it cannot be read to its end.")
UNKNOWN: Final = marked("This is no picture that can be sent. Allowed are PNG, JPEG, WebP, GIF and AVIF.")
"""AVIF where the decoder was built with it."""
HEIC: Final = marked("HEIC pictures cannot be read here. Please save it as JPEG.")


class PictureRefused(Exception):
    """The file is not taken; ``sentence`` with its ``values`` is for the person."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values))
        self.sentence = sentence
        self.values = values


def remake(content: bytes, *, longest: int, most_pixels: int) -> Remade:
    """Decode a file and make a clean picture of it.

    ``longest``: pixels of the long side of the result. ``most_pixels``: what may be decoded at all, checked from
    the header. Of an animation the first frame is taken. Raises ``PictureRefused``.
    """
    kind = format_of(content)
    if kind is None:
        raise PictureRefused(HEIC) if is_heic(content) else PictureRefused(UNKNOWN)
    Image.MAX_IMAGE_PIXELS = None  # we count ourselves, before decoding
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind]) as source:
                if source.width * source.height > most_pixels:
                    raise PictureRefused(TOO_MANY_PIXELS, pixels=most_pixels // 1_000_000)
                source.draft("RGB", (longest, longest))  # a JPEG is decoded at the size that is needed
                source.load()
                picture = ImageOps.exif_transpose(source)
                return _remade(picture, kind, longest)
    except PictureRefused:
        raise
    except UnidentifiedImageError:
        raise PictureRefused(BROKEN) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, OverflowError) as exc:
        raise PictureRefused(BROKEN) from exc  # what Pillow's readers are known to raise


def _remade(picture: Image.Image, kind: str, longest: int) -> Remade:
    has_alpha = picture.has_transparency_data
    clean = picture.convert("RGBA" if has_alpha else "RGB")
    clean.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    clean = _in_srgb(clean, picture.info.get("icc_profile"))
    # A fresh image: ``info`` (profiles, comments, EXIF, XMP) stays behind with the old one.
    fresh = Image.new(clean.mode, clean.size)
    fresh.paste(clean)
    wants_png = has_alpha or kind in ("PNG", "GIF")
    stored, media_type = (_saved(fresh, "PNG"), "image/png") if wants_png else (b"", "")
    if not stored or (len(stored) > _LARGEST_PNG and not has_alpha):
        stored, media_type = _saved(fresh, "JPEG", quality=_JPEG_QUALITY), "image/jpeg"
    small = fresh.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS, reducing_gap=2.0)
    thumbnail = _saved(small, "WEBP", quality=80, method=2)
    return Remade(stored, media_type, fresh.width, fresh.height, thumbnail)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colours as they were meant: phones write wide ones, and the profile that says so does not stay."""
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB")) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _saved(picture: Image.Image, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def main() -> None:
    longest, most_pixels = (int(word) for word in sys.argv[1:3])
    os.nice(_NICENESS)
    with suppress(ValueError, OSError):  # not every system knows this bound
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    out = sys.stdout.buffer
    try:
        try:
            made = remake(sys.stdin.buffer.read(), longest=longest, most_pixels=most_pixels)
        except MemoryError:
            raise PictureRefused(TOO_MANY_PIXELS, pixels=most_pixels // 1_000_000) from None
    except PictureRefused as exc:
        out.write(json.dumps({"refused": exc.sentence, "values": exc.values}).encode() + b"\n")
    else:
        head = {"media_type": made.media_type, "width": made.width, "height": made.height, "size": len(made.content)}
        out.write(json.dumps(head).encode() + b"\n" + made.content + made.thumbnail)


if __name__ == "__main__":
    main()
