"""Show a chat to others by a link; make, list and revoke links; go on from what others have shown."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import access, presentation
from conversations.actions import sharing as verbs
from conversations.errors import NotFound, SignInFirst
from conversations.models import ShareLink, SitePolicy
from conversations.web.people import PersonRequest, for_people, is_script
from conversations.web.views.attachments import file_response

P = ParamSpec("P")

PAGE = presentation.PAGE
LINKS = 50
"""Links on one page of the list."""


# For who shares


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def share(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Say what a link would show, make one, and list those of this chat; ``?part=dialog`` is the inside of a page."""
    until = _id(request.GET.get("message"))
    part = verbs.part_for(request.user, conversation, until)
    made: ShareLink | None = None
    if request.method == "POST":
        made = verbs.share(
            request.user,
            conversation,
            until=until,
            title=request.POST.get("title", ""),
            lasts=request.POST.get("lasts", "month"),
            audience=request.POST.get("audience", ShareLink.Audience.ANYBODY),
            shows_thinking="thinking" in request.POST,
        )
        if not is_script(request):
            return redirect(f"{request.path}?made={made.pk}")
    elif mine := _id(request.GET.get("made")):
        made = access.share_link_for(request.user, mine)
    is_dialog = request.GET.get("part") == "dialog" or (request.method == "POST" and is_script(request))
    context = {
        "is_dialog": is_dialog,
        "part": part,
        "words": presentation.in_plain_words(part.last),
        "until": until,
        "made": _row(request, made) if made else None,
        "links": [_row(request, one) for one in part.conversation.share_links.order_by("-id")[:LINKS]],
        "for_people_only": SitePolicy.current().sharing == SitePolicy.Sharing.PEOPLE,
        "here": f"{request.path}?message={until}" if until else request.path,
    }
    return render(request, "share/_form.html" if is_dialog else "share/form.html", context)


@require_safe
@for_people
def links(request: PersonRequest) -> HttpResponse:
    """List all links of a person, page by page."""
    found = ShareLink.objects.owned_by(request.user).filter(conversation__deleted_at=None)
    if after := _id(request.GET.get("after")):
        found = found.filter(pk__lt=after)
    rows = list(found.defer("snapshot").select_related("conversation").order_by("-id")[: LINKS + 1])
    shown = [_row(request, one) for one in rows[:LINKS]]
    next_url = f"{reverse('settings:links')}?after={rows[LINKS - 1].pk}" if len(rows) > LINKS else ""
    return render(request, "settings/links.html", {"links": shown, "next_url": next_url})


@require_POST
@for_people
def revoke(request: PersonRequest, link: UUID) -> HttpResponse:
    """End a link, and go back to the list it was on."""
    gone = verbs.revoke(request.user, link)
    if is_script(request):
        return HttpResponse(status=204)
    messages.success(request, gettext("The link is revoked."))
    if request.POST.get("from") == "chat":
        return redirect("chat:share", gone.conversation_id)
    return redirect("settings:links")


def _row(request: HttpRequest, link: ShareLink) -> dict[str, object]:
    token = verbs.token_of(link)
    url = request.build_absolute_uri(reverse("share:show", args=[token])) if token else ""
    return {"link": link, "url": url}


# For who reads

Reader = Callable[Concatenate[HttpRequest, ShareLink, str, P], HttpResponse]


def with_link(view: Reader[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """Open a link for whoever asks; the same 404 for what is unknown, revoked and expired."""

    @wraps(view)
    def handle(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user if request.user.is_authenticated else None
        try:
            response = view(request, access.shared_link(token, user), token, *args, **kwargs)
        except SignInFirst:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        except NotFound as exc:
            raise Http404 from exc
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast(Callable[Concatenate[HttpRequest, str, P], HttpResponseBase], handle)


@require_safe
@with_link
def show(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    """Show a snapshot from its beginning, ``?from=`` a later message on."""
    first = _number(request.GET.get("from"), most=max(1, len(link.snapshot)))
    views = presentation.shared(verbs.seen_messages(link, first, PAGE), token=token, shows_thinking=link.shows_thinking)
    here, later = reverse("share:show", args=[token]), first + PAGE
    context = {
        "link": link,
        "turns": presentation.turns(views),
        "earlier_url": f"{here}?from={max(1, first - PAGE)}" if first > 1 else "",
        "later_url": f"{here}?from={later}" if later <= len(link.snapshot) else "",
        "copy_url": reverse("share:copy", args=[token]),
        "ref": secrets.token_urlsafe(12),
    }
    return render(request, "share/show.html", context)


@require_safe
@with_link
def picture(request: HttpRequest, link: ShareLink, token: str, number: int, position: int) -> HttpResponse:
    found = access.shared_picture(link, number, position)
    return file_response(found, found.picture_file, found.media_type, "private, no-cache")


@require_safe
@with_link
def thumbnail(request: HttpRequest, link: ShareLink, token: str, number: int, position: int) -> HttpResponse:
    found = access.shared_picture(link, number, position)
    return file_response(found, found.thumbnail_file, "image/webp", "private, no-cache")


@require_POST
@for_people
def copy(request: PersonRequest, token: str) -> HttpResponse:
    """Go on from a snapshot in a chat of one's own."""
    home = verbs.copy(request.user, token, request.POST.get("ref") or secrets.token_urlsafe(12))
    return redirect(reverse("chat:show", args=[home.pk]) + "#end")


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as exc:
        raise NotFound from exc


def _number(text: str | None, *, most: int) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise NotFound
    number = int(text)
    if not 1 <= number <= most:
        raise NotFound
    return number
