"""Rate and report answers, and work through the cases that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import access, audit
from conversations.errors import Invalid, TooLong
from conversations.models import Case, CaseNote, Conversation, Feedback, User
from conversations.models.feedback import LONGEST_LABEL, MOST_COMMENT, MOST_LABELS


@transaction.atomic
def give(user: User, message: UUID, value: str, reasons: Sequence[str] = (), comment: str = "") -> Feedback | None:
    """Keep what a person says of an answer; an empty ``value`` takes it back.

    A bad answer or a report becomes a case, or changes the open one. Raises ``Invalid``, ``TooLong``, ``NotFound``.
    """
    found = access.message_for(user, message)
    if not found.is_answer or found.is_live:
        raise Invalid("Only an answer that has ended can be rated.")
    if not value:
        Feedback.objects.filter(message=found).delete()
        Case.objects.open().filter(message=found, assignee=None, notes=None).exclude(kind=Case.Kind.FLAG).delete()
        return None
    if value not in Feedback.Value.values or any(one not in Feedback.Reason.values for one in reasons):
        raise Invalid("Choose one of the answers that are offered.")
    said = {"value": value, "reasons": sorted(set(reasons)), "comment": _checked(comment), "made_at": timezone.now()}
    given, _ = Feedback.objects.update_or_create(message=found, defaults={**said, "conversation": found.conversation})
    if value == Feedback.Value.UP:
        Case.objects.open().filter(message=found, assignee=None, notes=None, kind=Case.Kind.DOWN).delete()
        return given
    fields = {"kind": value, "urgency": Case.URGENCY[value], "reasons": given.reasons, "comment": given.comment}
    Case.objects.open().exclude(kind=Case.Kind.FLAG).update_or_create(
        message=found, defaults=fields, create_defaults={**fields, "conversation": found.conversation}
    )
    return given


@transaction.atomic
def flag(user: User, conversation: UUID, comment: str) -> Case:
    """Put a conversation into the queue."""
    home = access.reviewable_conversation_for(user, conversation)
    case = Case.objects.create(
        kind=Case.Kind.FLAG, urgency=Case.URGENCY["flag"], conversation=home, comment=_checked(comment)
    )
    _log(user, "case.flagged", case)
    return case


def note(user: User, case: UUID, text: str) -> None:
    found, text = access.case_for(user, case), _checked(text)
    if not text:
        raise Invalid("There is nothing to note yet.")
    CaseNote.objects.create(case=found, author=user, text=text)


def label(user: User, case: UUID, text: str) -> None:
    """Give a case the labels in ``text``, divided by commas; none takes them off."""
    found = access.case_for(user, case)
    labels = list(dict.fromkeys(filter(None, (" ".join(one.split()) for one in _checked(text).split(",")))))
    if len(labels) > MOST_LABELS or any(len(one) > LONGEST_LABEL for one in labels):
        raise TooLong("At most {count} labels of {length} characters.", count=MOST_LABELS, length=LONGEST_LABEL)
    Case.objects.filter(pk=found.pk).update(labels=labels)


@transaction.atomic
def assign(user: User, case: UUID, *, to_me: bool) -> None:
    """Take a case, or give it back to the queue."""
    found = access.case_for(user, case)
    Case.objects.filter(pk=found.pk).update(assignee=user if to_me else None)
    _log(user, "case.taken" if to_me else "case.released", found)


@transaction.atomic
def resolve(user: User, case: UUID, outcome: str) -> None:
    """Close a case; ``outcome`` is a sentence that the person reads in the conversation, or nothing."""
    found = access.case_for(user, case)
    fields = {"resolved_at": timezone.now(), "resolved_by": user, "outcome": _checked(outcome)}
    if not Case.objects.open().filter(pk=found.pk).update(**fields):
        raise Invalid("Somebody has resolved this case meanwhile.")
    _log(user, "case.resolved", found)


def outcomes_for(conversation: Conversation) -> list[Case]:
    """Return what the owner is told of their reports, the latest first, at most five."""
    told = Case.objects.filter(conversation=conversation)
    if not told.exists():  # as nearly always
        return []
    told = told.filter(resolved_at__isnull=False).exclude(outcome="").exclude(kind=Case.Kind.FLAG)
    return list(told.order_by("-resolved_at")[:5])


def _log(user: User, action: str, case: Case) -> None:
    audit.record(user, action, kind="case", target=case.pk, label=case.conversation.owner.email)


def _checked(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > MOST_COMMENT:
        raise TooLong("At most {count} characters.", count=MOST_COMMENT)
    return text
