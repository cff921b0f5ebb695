"""Lines that people write: names of chats, folders, tags and links, and the reasons of reviewers."""

from __future__ import annotations

import unicodedata


def on_one_line(name: str) -> str:
    """Return it with single blanks and no line end; an empty text where nothing of it could be seen."""
    line = " ".join(name.replace("\x00", "").split())
    return line if any(unicodedata.category(character)[0] not in "CZ" for character in line) else ""
