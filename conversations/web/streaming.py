"""Files that are made while they are sent, so that a long one never stands in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

_PIECE = 64 * 1024
"""Bytes that are made at a time: enough that going to the thread of the database and back costs little."""


class Streamed(StreamingHttpResponse):
    """An answer out of a plain iterator, which Django's own would run to its end before it sends the first byte."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = cast(Iterator[bytes], self.streaming_content)
        while piece := await sync_to_async(_next_of)(pieces):
            yield piece


def _next_of(pieces: Iterator[bytes]) -> bytes:
    """Return what fills a piece; nothing when all was given."""
    parts: list[bytes] = []
    size = 0
    while size < _PIECE and (part := next(pieces, None)) is not None:
        parts.append(part)
        size += len(part)
    return b"".join(parts)
