"""Public ids: UUID version 7, so that indexes grow at one end and nobody can count or guess rows."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7 and 6.2, method 3): 60 bits of time, 62 random bits.

    The time is that of a quarter of a microsecond, so that rows of one millisecond sort as they were made.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    return _id_of(milliseconds, (rest << 12) // 1_000_000)


def ids_in_order(count: int) -> list[UUID]:
    """Return new ids that sort as they stand, for rows that come at once but follow each other: one a millisecond."""
    last = time.time_ns() // 1_000_000
    return [_id_of(last - count + 1 + index) for index in range(count)]


def _id_of(milliseconds: int, fraction: int | None = None) -> UUID:
    fraction = secrets.randbits(12) if fraction is None else fraction
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62))
