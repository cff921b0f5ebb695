"""From what went wrong to how the answer ends: the one bridge between the provider's errors and our states."""

from __future__ import annotations

from conversations.generation.ports import Outcome
from conversations.upstream import UpstreamError

_CUT = frozenset({"interrupted", "timeout_stall"})
"""The answer had begun and may go on: *Continue* is offered, not only *Retry*."""


def outcome_of(error: Exception, *, has_text: bool) -> Outcome:
    """Return the end of a run that raised ``error``; what had come so far is kept in every case."""
    if not isinstance(error, UpstreamError):
        error = UpstreamError("internal", "The server made a mistake.", retryable=True)
    is_cut = error.code == "interrupted" or (has_text and error.code in _CUT)
    return Outcome(status="interrupted" if is_cut else "failed", error=error)
