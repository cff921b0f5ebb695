"""File names out of titles, which may hold anything."""

from __future__ import annotations

import re
import unicodedata

from django.utils import timezone
from django.utils.translation import gettext

from conversations.models import Conversation

_LONGEST = 120
"""Bytes: file systems take 255 for a name, and some 260 characters for a whole path."""
_TAKEN = re.compile(r'[\\/:*?"<>|]')


def file_name(home: Conversation, ending: str) -> str:
    """Return day and title of a conversation as every file system takes them."""
    day = timezone.localtime(home.created_at).date().isoformat()
    return f"{day} {plain_words(home.title) or gettext('Chat')}.{ending}"


def plain_words(title: str) -> str:
    """Return a title without what separates paths, cannot be seen or turns the direction of writing; cut to fit."""
    words = " ".join(_TAKEN.sub("-", unicodedata.normalize("NFC", title)).split())
    seen = "".join(sign for sign in words if not unicodedata.category(sign).startswith("C"))
    return seen.encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore").strip(" .")
