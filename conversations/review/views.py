"""The pages of the desk."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import access
from conversations.actions import review as verbs
from conversations.errors import Invalid
from conversations.failure_words import told
from conversations.models.review import LEAST_REASON, MOST_REASON, OPEN_FOR
from conversations.review import exports, listing
from conversations.review.filters import Filters
from conversations.review.transcript import transcript
from conversations.web.people import PersonRequest, for_people
from conversations.web.streaming import Streamed
from conversations.web.views.attachments import file_response

_MOST_DRAWN = 50
_LONGEST_QUERY = 2000


@require_safe
@for_people
def conversations(request: PersonRequest) -> HttpResponse:
    """Show the list, narrowed by what is in the address, or a sample of it."""
    return render(request, "review/list.html", _listed(request))


@require_POST
@for_people
def export(request: PersonRequest) -> HttpResponseBase:
    """Send the selection that the address names as a file, for a reason."""
    found, filters = access.reviewable_for(request.user), _filters(request)
    form = request.POST.get("form", "")
    if not filters.is_valid() or form not in exports.FORMS:
        return render(request, "review/list.html", _listed(request), status=400)
    try:
        reason = verbs.begin_export(request.user, request.POST.get("reason", ""), filters.given, form)
    except Invalid as exc:
        return render(request, "review/list.html", {**_listed(request), "refusal": told(exc)}, status=400)
    selection = filters.apply(found)
    return Streamed(
        exports.exported(request.user, selection, filters, reason, form),
        content_type=f"{exports.FORMS[form]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="review-{timezone.localdate():%Y-%m-%d}.{form}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def reason(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Ask why somebody's conversation is to be read; with a reason, open it."""
    found = access.reviewable_conversation_for(request.user, conversation)
    refusal, given = "", request.POST.get("reason", "") or _reason_of_case(request, found.pk)
    if request.method == "POST":
        try:
            opening = verbs.open_transcript(request.user, conversation, given)
        except Invalid as exc:
            refusal = told(exc)
        else:
            return redirect(_with_list(request, reverse("review:transcript", args=[opening.pk])))
    context: dict[str, object] = {"line": listing.lines([found])[0], "refusal": refusal, "given": given}
    context |= {"least": LEAST_REASON, "most": MOST_REASON, "list": _list(request)}
    return render(request, "review/reason.html", context, status=400 if refusal else 200)


@require_safe
@for_people
def show(request: PersonRequest, opening: UUID) -> HttpResponse:
    """Show the transcript that was opened."""
    found = access.review_opening_for(request.user, opening)
    first = request.GET.get("first", "0")
    start = int(first) if first.isascii() and first.isdecimal() and len(first) < 9 else 0
    context = {
        "opening": found,
        "line": listing.lines([found.conversation])[0],
        "transcript": transcript(found, start),
        "until": found.made_at + OPEN_FOR,
        "list": _list(request),
    }
    return render(request, "review/transcript.html", context)


@require_safe
@for_people
def picture(request: PersonRequest, opening: UUID, attachment: UUID) -> HttpResponse:
    """Show a picture of the transcript that was opened."""
    found = access.reviewed_picture(access.review_opening_for(request.user, opening), attachment)
    small = "small" in request.GET
    file, kind = (found.thumbnail_file, "image/webp") if small else (found.picture_file, found.media_type)
    return file_response(found, file, kind, "private, no-store")


def _reason_of_case(request: PersonRequest, conversation: UUID) -> str:
    """Suggest why a conversation is read that has come into the queue."""
    try:
        case = (
            access.cases_for(request.user)
            .filter(pk=UUID(request.GET.get("case", "")), conversation=conversation)
            .first()
        )
    except ValueError:
        return ""
    if case is None:
        return ""
    if case.kind == "flag":
        return gettext("It was flagged for review")
    return gettext("You reported an answer in it") if case.kind == "report" else gettext("You rated an answer in it")


def _list(request: PersonRequest) -> str:
    """Return the query of the list that somebody came from; whatever it says is only ever the list's."""
    return request.GET.get("list", "")[:_LONGEST_QUERY]


def _with_list(request: PersonRequest, address: str) -> str:
    return f"{address}?{urlencode({'list': _list(request)})}" if _list(request) else address


def _filters(request: PersonRequest) -> Filters:
    return Filters(request.GET, access.review_groups_for(request.user))


def _listed(request: PersonRequest) -> dict[str, object]:
    found, filters = access.reviewable_for(request.user), _filters(request)
    query = request.GET.copy()
    here = query.urlencode()
    after = "".join(query.pop("after", [])[:1])
    given = [(name, value) for name, value in query.items() if name in filters.fields and value]
    context: dict[str, object] = {
        "filters": filters, "query": query.urlencode(), "least": LEAST_REASON, "given": given, "here": here,
    }  # fmt: skip
    if not filters.is_valid():
        return {**context, "lines": [], "next_url": ""}
    selection = filters.apply(found)
    draw, per = request.GET.get("draw", ""), request.GET.get("per", "")
    if draw.isascii() and draw.isdecimal() and per in ("week", "model"):
        seed = request.GET.get("seed", "")
        if not (seed.isascii() and seed.isdecimal() and len(seed) < 10):
            seed = str(secrets.randbelow(1_000_000))
        query["seed"] = seed
        lines = listing.sample(selection, filters, min(int(draw[:6]), _MOST_DRAWN), per, int(seed))
        return {**context, "lines": lines, "next_url": "", "is_sample": True, "again": query.urlencode()}
    page = listing.page(selection, filters, after)
    next_url = ""
    if page.after:
        query["after"] = page.after
        next_url = f"?{query.urlencode()}"
    return {**context, "lines": page.lines, "next_url": next_url}
