"""Text that is safe to keep: no NUL, no lone surrogate, whatever a provider sends.

PostgreSQL takes neither, UTF-8 has no surrogates, and some providers cut an emoji into two JSON escapes that
travel in two deltas. So each kind of text flows through a ``Joiner`` that puts such halves together.
"""

from __future__ import annotations

import re

_BAD = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return ``text`` with surrogate pairs joined, and U+FFFD for NUL and for surrogates without a partner."""
    if not _BAD.search(text):
        return text
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Joiner:
    """Clean a text that comes in pieces."""

    def __init__(self) -> None:
        self._high = ""  # the first half of a pair, whose second half the next piece may bring

    def feed(self, piece: str) -> str:
        if self._high:
            piece = self._high + piece
            self._high = ""
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            self._high = piece[-1]
            piece = piece[:-1]
        # The fast test: ASCII without NUL, or anything without a bad character.
        return piece if not _BAD.search(piece) else clean(piece)

    def finish(self) -> str:
        """Return U+FFFD for a half that never found its partner."""
        rest, self._high = self._high, ""
        return "\ufffd" if rest else ""
