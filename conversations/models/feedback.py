"""What people say of answers, and the cases that reviewers make of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

MOST_COMMENT = 1_000
MOST_LABELS = 10
LONGEST_LABEL = 30


class Feedback(models.Model):
    """What the owner of a conversation says of one answer; saying it again replaces it."""

    class Value(models.TextChoices):
        UP = "up", _("Good answer")
        DOWN = "down", _("Bad answer")
        REPORT = "report", _("Report to the reviewers")

    class Reason(models.TextChoices):
        WRONG = "wrong", _("It is wrong")
        UNHELPFUL = "unhelpful", _("It does not answer the question")
        HARMFUL = "harmful", _("It is harmful or insulting")
        PRIVATE = "private", _("It tells something private")
        BROKEN = "broken", _("It is broken or cut off")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.OneToOneField("conversations.Message", on_delete=models.CASCADE, related_name="feedback")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="+")
    value = models.CharField(max_length=6, choices=Value.choices)
    reasons = models.JSONField(default=list, blank=True)
    comment = models.CharField(max_length=MOST_COMMENT, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Feedback]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["value", "conversation"], name="feedback_value")]

    def __str__(self) -> str:
        return f"{self.value} {self.message_id}"


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> CaseQuerySet:
        return self.filter(resolved_at=None)

    def most_urgent_first(self) -> CaseQuerySet:
        return self.order_by("-urgency", "made_at", "id")


class Case(models.Model):
    """Something that reviewers should look at: a report, a bad answer, or what one of them has flagged.

    Open until it is resolved with a sentence for the person, if there is anything to tell.
    """

    class Kind(models.TextChoices):
        REPORT = "report", _("Report")
        DOWN = "down", _("Bad answer")
        FLAG = "flag", _("Flag")

    URGENCY: ClassVar[dict[str, int]] = {"report": 3, "flag": 2, "down": 1}

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    urgency = models.PositiveSmallIntegerField()
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="cases")
    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, null=True, related_name="+")
    reasons = models.JSONField(default=list, blank=True)
    comment = models.CharField(max_length=MOST_COMMENT, blank=True)
    labels = models.JSONField(default=list, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=MOST_COMMENT, blank=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=models.Q(resolved_at=None, kind__in=["report", "down"]),
                name="one_open_case_per_message",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["-urgency", "made_at", "id"], name="cases_by_urgency"),
            models.Index(fields=["conversation", "resolved_at"], name="cases_of_a_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class CaseNote(models.Model):
    """A note of a reviewer to the others; never changed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=MOST_COMMENT)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[CaseNote]] = models.Manager()

    def __str__(self) -> str:
        return self.text[:40]
