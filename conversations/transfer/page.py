"""The shown branch of a chat for reading elsewhere: a file that needs nothing but itself, or a page for the printer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from conversations import presentation
from conversations.models import Attachment, Conversation, Message
from conversations.presentation import MessageView, PictureView
from conversations.transfer.exporting import by_ids

HERE: Final = "<!-- turns -->"
"""Where a page for all turns is cut; no value can hold it, because a value's signs are escaped."""
_PARTS: Final = (
    "layers", "tokens", "reset", "base", "layout", "components/message", "components/prose", "components/code",
    "components/table", "components/thinking", "components/sources", "components/picture", "components/failure",
    "components/icon", "utilities", "print",
)  # fmt: skip
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK: Final = re.compile(r"\s*\n\s*")


def file_of(home: Conversation) -> Iterator[str]:
    """Yield one HTML file without script; its style and its pictures are inside."""
    facts = {"conversation": home, "now": timezone.now(), "site_name": settings.SITE_NAME, "style": _style()}
    yield from framed(render_to_string("transfer/file.html", facts), home, is_alone=True)


def framed(page: str, home: Conversation, *, is_alone: bool = False) -> Iterator[str]:
    """Yield a page with all turns of the shown branch in their place."""
    head, foot = page.split(HERE)
    yield head
    for turn in presentation.paired(_views(home, is_alone=is_alone)):
        yield presentation.partial("chat/_turn.html", turn=turn)
    yield foot


def _views(home: Conversation, *, is_alone: bool) -> Iterator[MessageView]:
    path = Message.objects.path_ids(home.leaf_id) if home.leaf_id else []
    for some in by_ids(Message.objects.all(), path):
        for view in presentation.on_paper(some):
            yield replace(view, pictures=[_inside(one) for one in view.pictures]) if is_alone else view


def _inside(picture: PictureView) -> PictureView:
    """Return a picture that brings its own content; one whose files are lost is told by its name."""
    kept = None if picture.address else Attachment.objects.filter(pk=UUID(picture.id)).first()
    if kept is None:
        return replace(picture, url="")
    try:
        encoded = kept.read(kept.encoded_file).decode("ascii")
    except FileNotFoundError:
        return replace(picture, url="")
    return replace(picture, url=f"data:{kept.media_type};base64,{encoded}")


@cache
def _style() -> SafeString:
    """Return those parts of the site's stylesheet that messages need, as an element."""
    paths = [finders.find(f"css/{part}.css") for part in _PARTS] + [finders.find("transfer/paper.css")]
    css = "\n".join(Path(str(path)).read_text(encoding="utf-8") for path in paths if path)
    return mark_safe(f"<style>{_BLANK.sub(chr(10), _COMMENT.sub('', css))}</style>")
