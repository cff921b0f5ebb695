"""Who may review whose conversations, and when they did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id
from conversations.models.users import User

OPEN_FOR = timedelta(hours=8)
"""How long a transcript that was opened for a reason can be read again for the same one."""
MOST_REASON = 500
LEAST_REASON = 8


class ReviewScope(models.Model):
    """One reviewer may review the conversations of a group, or of everybody. Without a scope they see nobody's."""

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="review_scopes", verbose_name=_("reviewer")
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("group"),
        related_name="+",
        help_text=_("Empty: everybody, also who is in no group."),
    )

    class Meta:
        verbose_name = _("scope of a reviewer")
        verbose_name_plural = _("scopes of reviewers")
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "group"], name="one_scope_per_group"),
            models.UniqueConstraint(fields=["reviewer"], condition=models.Q(group=None), name="one_scope_of_everybody"),
        ]

    def __str__(self) -> str:
        return str(self.group or _("everybody"))


class ReviewOpeningQuerySet(models.QuerySet["ReviewOpening"]):
    def still_open(self) -> ReviewOpeningQuerySet:
        return self.filter(made_at__gt=timezone.now() - OPEN_FOR, is_export=False)

    def told(self, before: datetime) -> ReviewOpeningQuerySet:
        """Return those of which the person is told by now."""
        return self.filter(made_at__lte=before)


class ReviewOpening(models.Model):
    """A transcript was opened, or went out with an export: by whom, when and why. One row each time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="openings")
    reviewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=MOST_REASON)
    is_export = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[ReviewOpeningQuerySet] = ReviewOpeningQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [models.Index(fields=["conversation", "-made_at"], name="openings_of_a_conversation")]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.reason}"
