"""What can be done with a turn beside asking again: go on from it elsewhere, and delete it."""

from __future__ import annotations

from uuid import UUID

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions import turns as verbs
from conversations.generation import control, publisher
from conversations.generation.registry import registry
from conversations.protocol import ThreadChanged
from conversations.web.people import PersonRequest, for_people, is_script


@require_safe
@for_people
def more(request: PersonRequest, message: UUID) -> HttpResponse:
    """Offer it, and say how much a deletion would take; ``?part=dialog`` is the inside of a page."""
    is_dialog = request.GET.get("part") == "dialog"
    context = {"turn": verbs.turn_for(request.user, message), "message": message, "is_dialog": is_dialog}
    return render(request, "chat/_more.html" if is_dialog else "chat/more.html", context)


@require_POST
@for_people
def fork(request: PersonRequest, message: UUID) -> HttpResponse:
    made = verbs.fork(request.user, message)
    async_to_sync(registry.announce_conversation)(made.pk)
    return redirect(reverse("chat:show", args=[made.pk]) + "#end")


@require_POST
@for_people
def delete(request: PersonRequest, message: UUID) -> HttpResponse:
    """Stop what is being written there, delete it, and tell every page that shows it."""
    async_to_sync(_stop)(verbs.turn_for(request.user, message).live)
    conversation = verbs.delete_turn(request.user, message)
    async_to_sync(_tell)(conversation)
    if is_script(request):
        return HttpResponse(status=204)
    return redirect(reverse("chat:show", args=[conversation]) + "#end")


async def _stop(messages: list[UUID]) -> None:
    for message in messages:
        await control.stop(message)


async def _tell(conversation: UUID) -> None:
    publisher.tell_watchers(conversation, ThreadChanged(conversation))
    await registry.announce_conversation(conversation)
