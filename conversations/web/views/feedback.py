"""What a person says of an answer: a thumb at once, the rest on a small page that is a dialog over the chat."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from conversations import access
from conversations.actions import feedback as verbs
from conversations.errors import ChatError
from conversations.failure_words import told
from conversations.models import Feedback
from conversations.models.feedback import MOST_COMMENT
from conversations.web.people import PersonRequest, for_people, is_script


@require_POST
@for_people
def rate(request: PersonRequest, message: UUID) -> HttpResponse:
    """Keep a thumb up, or take back what was said."""
    value = request.POST.get("value", "")
    verbs.give(request.user, message, value if value == Feedback.Value.UP else "")
    if is_script(request):
        return HttpResponse(status=204)
    found = access.message_for(request.user, message)
    return redirect(reverse("chat:show", args=[found.conversation_id]) + f"?at={message}#m-{message}")


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def tell(request: PersonRequest, message: UUID) -> HttpResponse:
    """Ask what is wrong with an answer, and thank for it."""
    found = access.message_for(request.user, message)
    is_part = is_script(request)
    context: dict[str, object] = {"message": found, "is_dialog": is_part, "most": MOST_COMMENT}
    context["given"] = given = Feedback.objects.filter(message=found).first() or Feedback(message=found)
    status = 200
    if request.method == "POST":
        reasons, comment = request.POST.getlist("reasons"), request.POST.get("comment", "")
        value = request.POST.get("value", "")
        try:
            verbs.give(request.user, message, value, reasons, comment)
            context |= {"is_done": True, "value": value}
        except ChatError as exc:
            if exc.status == 404:
                raise
            given.value, given.reasons, given.comment = value, reasons, comment
            context["refusal"], status = told(exc), 200 if is_part else exc.status
    context["reasons"] = [(code, words, code in given.reasons) for code, words in Feedback.Reason.choices]
    template = "feedback/_form.html" if is_part else "feedback/form.html"
    return render(request, template, context, status=status)
