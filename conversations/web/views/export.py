"""A chat as a file or on paper, and everything of a person in one file."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from conversations import access
from conversations.errors import NotFound
from conversations.models import Conversation, User
from conversations.transfer import archive as archives
from conversations.transfer import exporting, markdown, page
from conversations.transfer.naming import file_name
from conversations.web.people import PersonRequest, for_people
from conversations.web.streaming import Streamed, as_asked

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "zip": "application/zip",
}


@require_safe
@for_people
def choose(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Show what a chat can be taken along as; ``?part=dialog`` is the inside of a page."""
    found = access.conversation_for(request.user, conversation)
    is_dialog = request.GET.get("part") == "dialog"
    context = {"conversation": found, "has_pictures": archives.has_pictures(found), "is_dialog": is_dialog}
    return render(request, "transfer/_export.html" if is_dialog else "transfer/export.html", context)


@require_safe
@for_people
def file(request: PersonRequest, conversation: UUID, form: str) -> Streamed:
    found = access.conversation_for(request.user, conversation)
    return _download(_file(request.user, found, form), file_name(found, form), form)


@require_safe
@for_people
def on_paper(request: PersonRequest, conversation: UUID) -> Streamed:
    """Show the whole branch at once, for the printer."""
    found = access.conversation_for(request.user, conversation)
    frame = render_to_string("transfer/print.html", {"conversation": found, "now": timezone.now()}, request)
    return Streamed(as_asked(page.framed(frame, found)), content_type=TYPES["html"])


@require_safe
@for_people
def chats(request: PersonRequest) -> Streamed:
    """Send all chats as one JSON file."""
    return _download(exporting.chats_of(request.user, with_files=False), _dated("json"), "json")


@require_safe
@for_people
def archive(request: PersonRequest) -> Streamed:
    """Send everything, pictures and settings as well, as one ZIP."""
    return _download(archives.archive_of(request.user), _dated("zip"), "zip")


def _file(user: User, found: Conversation, form: str) -> Iterator[str] | Iterator[bytes]:
    if form == "md":
        return markdown.markdown_of(found, user)
    if form == "json":
        return exporting.document(user, [found], with_files=False)
    if form == "html":
        return page.file_of(found)
    if form == "zip":
        return archives.chat_archive_of(user, found)
    raise NotFound


def _dated(form: str) -> str:
    return f"chats-{timezone.localdate().isoformat()}.{form}"


def _download(pieces: Iterator[str] | Iterator[bytes], name: str, form: str) -> Streamed:
    disposition = content_disposition_header(True, name) or "attachment"
    return Streamed(as_asked(pieces), content_type=TYPES[form], headers={"Content-Disposition": disposition})
