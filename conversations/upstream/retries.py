"""When to ask a provider again: pure decisions, no clock of their own.

Only before the first delta, only for failures that tend to pass, at most twice, and only while nobody has
waited long. A wait that the provider asks for (``Retry-After``) is honoured up to 30 seconds; a longer one is
told to the person instead of being waited for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from conversations.upstream.errors import UpstreamError

MOST_RETRIES: Final = 2
LONGEST_WAIT: Final = 30.0
PATIENCE: Final = 8.0
"""Seconds of attempts (without asked-for waits) after which no new one begins: a person has waited enough."""

_FIRST_PAUSE: Final = 0.5
_PASSING_CODES: Final = frozenset({"rate_limited", "provider_error", "unreachable"})
_PASSING_STATUSES: Final = frozenset({408, 409, 425, 429})
_A_DAY: Final = 86_400.0


def pause_before_retry(error: UpstreamError, *, retries: int, spent: float, chance: float) -> float | None:
    """Return the seconds to wait before asking again, or None to give up.

    ``retries`` were made so far, ``spent`` seconds went into attempts, ``chance`` in [0, 1) spreads the herd.
    """
    if retries >= MOST_RETRIES or spent > PATIENCE or not _may_pass(error):
        return None
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= LONGEST_WAIT else None
    return _FIRST_PAUSE * float(2**retries) * (1.0 + chance / 2)


def _may_pass(error: UpstreamError) -> bool:
    if not error.retryable or error.code not in _PASSING_CODES:
        return False
    return error.status is None or error.status < 400 or error.status >= 500 or error.status in _PASSING_STATUSES


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds a provider asks us to wait; its dates are compared with ``now`` (Unix time)."""
    if (milliseconds := _seconds(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if (seconds := _seconds(value)) is not None or not value:
        return seconds
    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - now), _A_DAY)
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(seconds, _A_DAY) if math.isfinite(seconds) and seconds >= 0 else None
