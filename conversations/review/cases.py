"""The queue and its cases."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import access
from conversations.actions import feedback as verbs
from conversations.errors import ChatError
from conversations.failure_words import told
from conversations.models import Case, Feedback
from conversations.models.feedback import MOST_COMMENT
from conversations.review import listing
from conversations.web.people import PersonRequest, for_people

PAGE = 50
_STATES = ("open", "mine", "free", "resolved")


@require_safe
@for_people
def queue(request: PersonRequest) -> HttpResponse:
    """Show the cases, the most urgent and oldest first."""
    state = request.GET.get("state", "open")
    state = state if state in _STATES else "open"
    found = _cases(request, state)
    if kind := request.GET.get("kind"):
        found = found.filter(kind=kind[:10])
    rows = list(found.select_related("conversation__owner", "assignee")[: PAGE + 1])
    context = {"cases": rows[:PAGE], "has_more": len(rows) > PAGE, "state": state, "kind": kind or ""}
    return render(request, "review/queue.html", {**context, "kinds": Case.Kind.choices})


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def case(request: PersonRequest, case: UUID) -> HttpResponse:
    """Show a case; a POST does one thing with it and comes back, or goes on to the next one when it is resolved."""
    found = access.case_for(request.user, case)
    refusal = ""
    if request.method == "POST":
        following = _neighbours(request, found)[1]
        try:
            is_resolved = _act(request, case)
        except ChatError as exc:
            if exc.status == 404:
                raise
            refusal = told(exc)
        else:
            return redirect("review:case", following.pk if is_resolved and following else found.pk)
    previous, following = _neighbours(request, found)
    words = dict(Feedback.Reason.choices)
    context = {
        "case": found, "line": listing.lines([found.conversation])[0], "notes": found.notes.select_related("author"),
        "previous": previous, "following": following, "refusal": refusal, "labels": ", ".join(found.labels),
        "reasons": [words.get(one, one) for one in found.reasons], "most": MOST_COMMENT, "typed": request.POST,
    }  # fmt: skip
    return render(request, "review/case.html", context, status=400 if refusal else 200)


@require_POST
@for_people
def flag(request: PersonRequest, conversation: UUID) -> HttpResponse:
    made = verbs.flag(request.user, conversation, request.POST.get("comment", "")[:MOST_COMMENT])
    return redirect("review:case", made.pk)


def _act(request: PersonRequest, case: UUID) -> bool:
    """Do what the form asks for; True if that resolved the case."""
    text = request.POST.get("text", "")
    match request.POST.get("do"):
        case "note":
            verbs.note(request.user, case, text)
        case "label":
            verbs.label(request.user, case, text)
        case "take":
            verbs.assign(request.user, case, to_me=True)
        case "release":
            verbs.assign(request.user, case, to_me=False)
        case "resolve":
            verbs.resolve(request.user, case, text)
            return True
    return False


def _cases(request: PersonRequest, state: str = "open") -> QuerySet[Case]:
    found = access.cases_for(request.user)
    if state == "resolved":
        return found.exclude(resolved_at=None).order_by("-resolved_at", "id")
    found = found.open().most_urgent_first()
    if state == "mine":
        return found.filter(assignee=request.user)
    return found.filter(assignee=None) if state == "free" else found


def _neighbours(request: PersonRequest, here: Case) -> tuple[Case | None, Case | None]:
    """Return the open cases before and after this one in the queue."""
    later = Q(urgency__lt=here.urgency) | Q(urgency=here.urgency, made_at__gt=here.made_at)
    later |= Q(urgency=here.urgency, made_at=here.made_at, pk__gt=here.pk)
    cases = _cases(request).exclude(pk=here.pk)
    return cases.exclude(later).last(), cases.filter(later).first()
