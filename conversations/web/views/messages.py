"""Sending and its siblings as plain forms, for pages without or before JavaScript."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from conversations import access, presentation
from conversations.actions import messages as verbs
from conversations.errors import ChatError, Invalid, NotFound
from conversations.failure_words import told
from conversations.generation import control
from conversations.web.people import PersonRequest, for_people
from conversations.web.views.conversations import page


@require_POST
@for_people
def send(request: PersonRequest) -> HttpResponse:
    """Send a question; where that is refused, show the page again with the text still in the composer."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    conversation = _id(request.POST.get("conversation"))
    try:
        started = _checked(
            request,
            lambda: verbs.send_message(
                request.user,
                ref=_ref(request),
                text=text,
                conversation=conversation,
                parent=_id(request.POST.get("parent")),
                model=request.POST.get("model") or None,
                is_temporary="temporary" in request.POST,
            ),
        )
    except NotFound:
        raise
    except ChatError as exc:
        found = access.conversation_for(request.user, conversation) if conversation else None
        context = page(request, found, draft_text=text, refusal=told(exc))
        return render(request, "chat/show.html", context, status=exc.status)
    return _begun(started)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def edit(request: PersonRequest, message: UUID) -> HttpResponse:
    found = access.message_for(request.user, message)
    if found.is_answer:
        raise Invalid("Only a question can be edited.")
    if request.method != "POST":
        return render(request, "chat/edit.html", {"message": found, "pictures": presentation.pictures_of(found)})
    kept = [one for one in map(_id, request.POST.getlist("attachments")) if one]
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        started = _checked(
            request,
            lambda: verbs.edit_message(request.user, ref=_ref(request), message=message, text=text, attachments=kept),
        )
    except ChatError as exc:
        found.text = text
        context = {"message": found, "pictures": presentation.pictures_of(found), "refusal": told(exc)}
        return render(request, "chat/edit.html", context, status=exc.status)
    return _begun(started)


@require_POST
@for_people
def regenerate(request: PersonRequest, message: UUID) -> HttpResponse:
    model = request.POST.get("model") or None
    return _begun(
        _checked(request, lambda: verbs.regenerate(request.user, ref=_ref(request), message=message, model=model))
    )


@require_POST
@for_people
def go_on(request: PersonRequest, message: UUID) -> HttpResponse:
    return _begun(_checked(request, lambda: verbs.continue_answer(request.user, ref=_ref(request), message=message)))


@require_POST
@for_people
def stop(request: PersonRequest, message: UUID) -> HttpResponse:
    found = access.message_for(request.user, message)
    async_to_sync(control.stop)(found.pk)
    return redirect(reverse("chat:show", args=[found.conversation_id]) + "#end")


def _checked(request: PersonRequest, verb: Callable[[], verbs.Started]) -> verbs.Started:
    control.check_open()
    control.check_speed(request.user.pk)
    return verb()


def _begun(started: verbs.Started) -> HttpResponse:
    async_to_sync(control.began)(started)
    return redirect(reverse("chat:show", args=[started.conversation]) + "#end")


def _ref(request: PersonRequest) -> str:
    """Return the form's own key, so that a page sent twice asks once; one is made where there is none."""
    ref = request.POST.get("ref", "")
    is_usable = 8 <= len(ref) <= 64 and ref.isascii() and ref.replace("-", "").replace("_", "").isalnum()
    return ref if is_usable else secrets.token_urlsafe(18)


def _id(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound from exc
