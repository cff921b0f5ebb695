"""How long conversations live, and what is held back from that."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class RetentionRule(models.Model):
    """Conversations of a group's people are removed so many days after they were last used.

    Of several groups the shortest counts; the rule without a group is for people whose groups have none.
    """

    group = models.OneToOneField(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("group"),
        related_name="retention",
        help_text=_("Empty: everybody whose groups have no rule."),
    )
    days = models.PositiveIntegerField(
        _("days"), validators=[MinValueValidator(1)], help_text=_("After a chat was last used.")
    )

    objects: ClassVar[models.Manager[RetentionRule]] = models.Manager()

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(group=None), name="one_rule_for_everybody"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="retention_of_a_day_at_least"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return gettext("{group}: {days} days").format(group=self.group or gettext("everybody"), days=self.days)


class LegalHold(models.Model):
    """Nothing of this person, or of this conversation, is removed as long as the hold stands."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("person"),
        related_name="legal_holds",
    )
    conversation = models.ForeignKey(
        "conversations.Conversation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("conversation"),
        related_name="legal_holds",
    )
    reason = models.CharField(_("reason"), max_length=300)
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)

    objects: ClassVar[models.Manager[LegalHold]] = models.Manager()

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, conversation=None)
                | models.Q(person=None, conversation__isnull=False),
                name="hold_of_a_person_or_a_conversation",
            )
        ]

    def __str__(self) -> str:
        return self.reason

    def clean(self) -> None:
        if (self.person is None) == (self.conversation is None):
            raise ValidationError(gettext("Choose a person or a conversation, one of them."))
