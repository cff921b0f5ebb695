"""Values of a file that somebody else wrote, taken with care: each of the right kind, or refused with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from conversations.errors import Invalid

LONGEST_TEXT: Final = 2_000_000
"""Characters of one message; the longest answers of providers are a tenth of it."""
LONGEST_KEY: Final = 200

_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_BROKEN = re.compile("[\x00\ud800-\udfff]")


def members(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid("{place}: an object should stand here. Nothing was changed.", place=place)
    return value


def items(value: object, place: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise Invalid("{place}: a list should stand here. Nothing was changed.", place=place)
    return value


def key(value: object, place: str) -> str:
    """Return a name that messages call each other by."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or len(value) > LONGEST_KEY:
        raise Invalid("{place}: an id should stand here. Nothing was changed.", place=place)
    return clean(value)


def text(value: object, place: str) -> str:
    """Return a text as it is, but for what no database stores."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid("{place}: a text should stand here. Nothing was changed.", place=place)
    if len(value) > LONGEST_TEXT:
        raise Invalid("{place}: this text is longer than the site takes. Nothing was changed.", place=place)
    return clean(value)


def clean(value: str) -> str:
    """Return a text without NUL and halves of characters."""
    return _BROKEN.sub("\ufffd", value)


def line(value: object, longest: int) -> str:
    """Return a short text on one line, cut to what there is room for; nothing for what is no text."""
    return " ".join(clean(value).split())[:longest] if isinstance(value, str) else ""


def number(value: object, most: int = 2**31 - 1) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= most else None  # type: ignore[operator, return-value]


def time(value: object) -> datetime | None:
    """Return a moment given as ISO 8601 or as seconds, milliseconds or nanoseconds since 1970; None for no such."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            unit = 1e9 if value > 1e17 else 1e3 if value > 1e11 else 1
            found = datetime.fromtimestamp(value / unit, UTC)
        else:
            return None
        return found if _EARLIEST < found < _LATEST else None
    except (ValueError, OverflowError, OSError):
        return None
