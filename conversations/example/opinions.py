"""What the people of the example say of answers, and what a reviewer made of it. The log begins with real deeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from django.contrib.auth.models import Permission

from conversations.models import Case, CaseNote, Feedback, Message, ReviewScope, User

_RATED = 0.08
_VALUES = {"up": 76, "down": 20, "report": 4}
_PATIENCE = timedelta(days=12)
"""A case that is older has been resolved."""
_WHY = {
    "wrong": ("The figure in the second line is not ours.", "This clause says the opposite.", ""),
    "unhelpful": ("I asked for less text, not more.", "It answers another question.", ""),
    "broken": ("It stops in the middle of the table.", ""),
    "private": ("It repeats a customer's name.",),
    "other": ("", "Ask Chloé, she knows more."),
}
_OUTCOMES = (
    "Thank you. We have told the provider and use another model for this now.",
    "Thank you, you are right. The instructions of your group say it more clearly now.",
    "",
)
_NOTES = ("The same as last week, with the other model as well.", "Asked the owner, waits for an example.")


class Opinions:
    """Rates answers that are stored, and resolves the older cases as the third person of the example."""

    def __init__(self, chance: Random, people: Sequence[User]) -> None:
        self._chance = chance
        self._reviewer = people[min(2, len(people) - 1)]

    def write(self, messages: Sequence[Message]) -> None:
        """Write what is said of ``messages``, which are a year's in the order of their making."""
        answers = [one for one in messages if one.is_answer and one.status == Message.Status.COMPLETE]
        given = [self._said(one) for one in answers if self._chance.random() < _RATED]
        Feedback.objects.bulk_create(given)
        last = max((one.made_at for one in given), default=None)
        cases = [self._case(one, is_old=last - one.made_at > _PATIENCE) for one in given if last and one.value != "up"]
        Case.objects.bulk_create(cases)
        noted = [one for one in cases if self._chance.random() < 0.2]
        CaseNote.objects.bulk_create(
            CaseNote(case=one, author=self._reviewer, text=self._chance.choice(_NOTES), made_at=one.made_at)
            for one in noted
        )

    def appoint(self) -> None:
        """Let the reviewer see everybody's conversations, as an administrator would have."""
        self._reviewer.user_permissions.add(Permission.objects.get(codename="review"))
        ReviewScope.objects.get_or_create(reviewer=self._reviewer, group=None)

    def _said(self, answer: Message) -> Feedback:
        value = self._chance.choices(list(_VALUES), list(_VALUES.values()))[0]
        reason = self._chance.choice(list(_WHY))
        comment = self._chance.choice(_WHY[reason])
        return Feedback(
            message=answer, conversation_id=answer.conversation_id, value=value,
            reasons=[] if value == "up" else [reason], comment="" if value == "up" else comment,
            made_at=answer.created_at + timedelta(seconds=self._chance.randint(30, 900)),
        )  # fmt: skip

    def _case(self, said: Feedback, *, is_old: bool) -> Case:
        resolved = said.made_at + timedelta(hours=self._chance.randint(2, 90)) if is_old else None
        return Case(
            kind=said.value, urgency=Case.URGENCY[said.value], conversation_id=said.conversation_id,
            message_id=said.message_id, reasons=said.reasons, comment=said.comment, made_at=said.made_at,
            resolved_at=resolved, resolved_by=self._reviewer if is_old else None,
            outcome=self._chance.choice(_OUTCOMES) if is_old else "",
            assignee=self._reviewer if is_old or self._chance.random() < 0.3 else None,
        )  # fmt: skip
