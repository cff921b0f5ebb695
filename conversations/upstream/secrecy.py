"""A provider's words, made fit to be shown and logged: one line, bounded, harmless, without the secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST_CHARACTERS: Final = 500
_READ_AT_MOST: Final = 20_000  # of a long body; what is cut here was not going to be shown
_HIDDEN: Final = "[key]"
_LONG: Final = 8

_ESCAPE_SEQUENCE: Final = re.compile(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b.?", re.DOTALL)
# Line ends and blanks become one blank; other controls, direction overrides and invisible marks vanish.
_SPACES: Final = re.compile(r"\s+")
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_LOOKS_LIKE_A_KEY: Final = re.compile(
    r"\b(sk|pk|rk|gsk|xai)[-_][\w*.…-]{12,}|\bhf_\w{12,}|\bAIza[\w-]{12,}|\bBearer [\w*.…~+/=-]{8,}"
)


def one_line(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` as at most 500 characters of one line, with the secrets taken out before it is cut."""
    text = _ESCAPE_SEQUENCE.sub("", text[:_READ_AT_MOST])
    text = _SPACES.sub(" ", text)
    text = _INVISIBLE.sub("", text).strip()
    text = without(secrets, text)
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"


def without(secrets: Iterable[str], text: str) -> str:
    """Return ``text`` without the secrets, without their longer beginnings and ends, and without other keys.

    Providers repeat a wrong key, whole or shortened. A short secret (``none``, ``ollama``) is a common word and
    is only taken out where it stands alone.
    """
    for secret in map(str.strip, secrets):
        if len(secret) >= _LONG:
            text = text.replace(secret, _HIDDEN)
            for size in range(len(secret) - 1, _LONG - 1, -1):
                text = text.replace(secret[:size], _HIDDEN).replace(secret[-size:], _HIDDEN)
        elif secret:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", _HIDDEN, text)
    return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)
