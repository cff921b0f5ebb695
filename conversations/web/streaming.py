"""Files that are made while they are sent, so that a long one never stands in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import tzinfo
from typing import TypeVar, cast

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

Piece = TypeVar("Piece")
_PIECE = 64 * 1024
"""Bytes that are made at a time: enough that going to the thread of the database and back costs little."""


class Streamed(StreamingHttpResponse):
    """An answer out of a plain iterator, which Django's own would run to its end before it sends the first byte."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = cast(Iterator[bytes], self.streaming_content)
        while piece := await sync_to_async(_next_of)(pieces):
            yield piece


def as_asked(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Make pieces in the language and the zone of the request, which are forgotten when its view has returned."""
    return _in(pieces, translation.get_language(), timezone.get_current_timezone())


def _in(pieces: Iterator[Piece], language: str, zone: tzinfo) -> Iterator[Piece]:
    while True:
        with translation.override(language), timezone.override(zone):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _next_of(pieces: Iterator[bytes]) -> bytes:
    """Return what fills a piece; nothing when all was given."""
    parts: list[bytes] = []
    size = 0
    while size < _PIECE and (part := next(pieces, None)) is not None:
        parts.append(part)
        size += len(part)
    return b"".join(parts)
