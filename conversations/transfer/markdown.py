"""The shown branch of a chat as Markdown: what was typed and what the provider sent, not what the screen made of it.

Thinking is left out; the JSON has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from conversations.failure_words import words_for
from conversations.models import Attachment, Conversation, Generation, Message, User
from conversations.rendering import closed
from conversations.transfer.exporting import by_ids, file_of, pictures_of

_SIGNS: Final = re.compile(r"[\\`*_\[\]<>#|~$&]")
_ADDRESS: Final = "!#$%&'*+,/:;=?@[]~"
"""What may stand in an address between angle brackets, beside letters and digits."""


def markdown_of(home: Conversation, owner: User, *, pictures: str = "") -> Iterator[str]:
    """Yield the branch message by message; ``pictures`` leads to where their files are, if they go along."""
    begun, now = _time(home.created_at), _time(timezone.now())
    told = gettext("Begun on {begun}, exported on {now}").format(begun=begun, now=now)
    yield f"# {plain(home.title) or gettext('Chat')}\n\n*{plain(told)}*\n"
    path = Message.objects.path_ids(home.leaf_id) if home.leaf_id else []
    rows = Message.objects.defer("blocks", "reasoning").select_related("generation")
    for some in by_ids(rows, path):
        shown = pictures_of(some)
        for one in some:
            yield "\n" + "\n\n".join(_parts(one, owner, shown.get(one.pk, []), pictures)) + "\n"


def plain(text: str) -> str:
    """Return a line that Markdown shows as it is; a backslash and a bracket would begin a formula."""
    return _SIGNS.sub(lambda sign: "&#91;" if sign[0] == "[" else f"\\{sign[0]}", " ".join(text.split()))


def _parts(message: Message, owner: User, pictures: Sequence[Attachment], place: str) -> Iterator[str]:
    run = message.generation if message.is_answer else None
    asker = owner.name or gettext("You")  # not the address: files are passed on
    who = (run and run.model_label) or gettext("Answer") if message.is_answer else asker
    yield f"## {plain(who)} · {plain(_time(message.created_at))}"
    yield from (_picture(one, place) for one in pictures)
    if text := message.text.strip("\n"):
        yield closed(text)
    if end := _end(message, run):
        yield f"*{plain(end)}*"
    if run and run.sources:
        yield plain(gettext("Sources:"))
        lines = (
            f"{number}. {_link(title or address, address)}" for number, (address, title) in enumerate(run.sources, 1)
        )
        yield "\n".join(lines)


def _picture(picture: Attachment, place: str) -> str:
    if picture.address:
        return _link(picture.name, picture.address)
    if place:
        return f"![{plain(picture.name)}]({place}{file_of(picture)})"
    return plain(gettext("Picture: {name}").format(name=picture.name))


def _end(message: Message, run: Generation | None) -> str:
    """Say why an answer is not whole."""
    if message.is_live:
        return gettext("This answer was still being written.")
    if message.status == Message.Status.STOPPED:
        return gettext("Stopped")
    if message.status in (Message.Status.FAILED, Message.Status.INTERRUPTED):
        return words_for(run.error_code if run else "")[0]
    return ""


def _link(words: str, address: str) -> str:
    return f"[{plain(words)}](<{quote(address, safe=_ADDRESS)}>)"


def _time(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
