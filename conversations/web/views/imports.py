"""What a person has here: taking it along, bringing chats from elsewhere, and what was deleted lately."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import conf
from conversations.errors import ChatError
from conversations.failure_words import told
from conversations.models import Conversation
from conversations.transfer import importing
from conversations.web.people import PersonRequest, for_people
from conversations.web.views import order

MOST_DELETED = 50
"""Chats that the list of deleted ones shows, the latest first."""


@require_safe
@for_people
def show(request: PersonRequest) -> HttpResponse:
    """Show the page; ``?too_large`` is where the server leads whose file it did not take in (``serve``)."""
    if "too_large" in request.GET:
        refusal = importing.too_large()
        return _page(request, told(refusal), status=refusal.status)
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def bring(request: PersonRequest) -> HttpResponse:
    """Look through an uploaded file; what is in it is shown before anything is kept."""
    if request.method != "POST":
        return redirect("settings:data")
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        return _page(request, gettext("Choose a file first."), status=400)
    try:
        importing.offer(request.user, file.name or "", file)
    except ChatError as refusal:
        return _page(request, told(refusal), status=refusal.status)
    return redirect("settings:data")


@require_POST
@for_people
def take(request: PersonRequest) -> HttpResponse:
    """Keep chats of the file that waits; the page offers to go on where one request was not enough."""
    try:
        report = importing.take(request.user)
    except ChatError as refusal:
        return _page(request, told(refusal), status=refusal.status)
    order.announce(request.user)
    if report.done >= report.new:
        words = ngettext("{count} chat was imported.", "{count} chats were imported.", report.new)
        messages.success(request, words.format(count=report.new) if report.new else gettext("Imported."))
        if report.left_out:
            _tell_left_out(request, report.left_out)
        if report.unkept:
            words = ngettext(
                "{count} prompt or preset could not be kept.",
                "{count} prompts and presets could not be kept.",
                report.unkept,
            )
            messages.warning(request, words.format(count=report.unkept))
    return redirect("settings:data")


def _tell_left_out(request: PersonRequest, count: int) -> None:
    words = ngettext(
        "{count} picture could not be kept: damaged, of a kind that is not taken, or without room.",
        "{count} pictures could not be kept: damaged, of a kind that is not taken, or without room.",
        count,
    )
    messages.warning(request, words.format(count=count))


@require_POST
@for_people
def discard(request: PersonRequest) -> HttpResponse:
    try:
        importing.discard(request.user)
    except ChatError as refusal:
        return _page(request, told(refusal), status=refusal.status)
    return redirect("settings:data")


def _page(request: PersonRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    waiting = importing.offered_to(request.user)
    deleted = Conversation.objects.owned_by(request.user).filter(deleted_at__isnull=False, vanishes_at=None)
    latest = deleted.order_by("-deleted_at")[:MOST_DELETED]
    context = {
        "refusal": refusal,
        "file": waiting[0] if waiting else None,
        "report": waiting[1] if waiting else None,
        "most": conf.import_bytes() // 1024**2,
        "deleted": [(one, one.deleted_at + conf.purge_after()) for one in latest if one.deleted_at],
    }
    return render(request, "settings/data.html", context, status=status)
