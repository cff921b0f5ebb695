"""What answers used: reserved before a provider is asked, settled when they have ended. Rows outlive their chats."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.catalogue import Prices
from conversations.models.ids import new_id

UNITS = 100_000_000
"""Sums of cost are kept in hundred-millionths, as integers: SQLite would add decimals as floats."""


def day_of(moment: datetime) -> date:
    """Return the day of a moment on the site, whoever asks."""
    return moment.astimezone(timezone.get_default_timezone()).date()


def today() -> date:
    return day_of(timezone.now())


class UsageRecord(Prices):
    """One answer. While ``is_reserved``, the figures are what it may use at most, as far as that is known.

    ``day`` is that of the site when the question was asked, and the prices are those that held then: later ones
    change neither.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        verbose_name=_("owner"),
        related_name="+",
        db_index=False,
    )
    generation = models.OneToOneField(
        "conversations.Generation",
        on_delete=models.SET_NULL,
        null=True,
        verbose_name=_("generation"),
        related_name="usage",
    )
    chat_model = models.ForeignKey(
        "conversations.ChatModel",
        on_delete=models.SET_NULL,
        null=True,
        verbose_name=_("model"),
        related_name="+",
        db_index=False,
    )
    model_label = models.CharField(_("model label"), max_length=100, blank=True)
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    day = models.DateField(_("day"), default=today)
    messages = models.PositiveSmallIntegerField(_("messages"), default=1)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), default=0)
    cached_tokens = models.PositiveIntegerField(_("cached prompt tokens"), default=0)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=16, decimal_places=8, default=Decimal(0))
    first_ms = models.PositiveIntegerField(_("milliseconds to the first character"), null=True, blank=True)
    is_failed = models.BooleanField(_("failed"), default=False)
    is_reserved = models.BooleanField(_("reserved"), default=True)
    is_estimated = models.BooleanField(_("estimated"), default=False)

    class Meta:
        verbose_name = _("use of a model")
        verbose_name_plural = _("uses of models")
        indexes = [models.Index(fields=["owner", "made_at"], name="usage_of_a_person")]
        permissions = [("see_usage", _("Can see what everybody uses"))]

    def __str__(self) -> str:
        return f"{self.prompt_tokens} + {self.completion_tokens} tokens"


class Sums(models.Model):
    """What settled records add up to; ``usage.book`` keeps these in step with them, in the same transaction."""

    answers = models.PositiveIntegerField(_("answers"))
    messages = models.PositiveIntegerField(_("messages"))
    failures = models.PositiveIntegerField(_("failures"))
    prompt_tokens = models.PositiveBigIntegerField(_("prompt tokens"))
    completion_tokens = models.PositiveBigIntegerField(_("completion tokens"))
    cost_units = models.PositiveBigIntegerField(_("cost"))
    estimated_units = models.PositiveBigIntegerField(_("estimated cost"))
    first_ms = models.PositiveBigIntegerField(_("milliseconds to the first character"))
    firsts = models.PositiveIntegerField(_("answers with a first character"))

    class Meta:
        abstract = True


class UsageDay(Sums):
    """A day of everybody with one model, as it was called then."""

    day = models.DateField(_("day"))
    model_label = models.CharField(_("model label"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage of days")
        constraints = [models.UniqueConstraint(fields=["day", "model_label"], name="one_usage_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.model_label}"


class UsageMonth(Sums):
    """A month of one person with one model; the person is empty once the account is deleted."""

    month = models.DateField(_("month"), help_text=_("Its first day."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        verbose_name=_("owner"),
        related_name="+",
    )
    model_label = models.CharField(_("model label"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("usage of a month")
        verbose_name_plural = _("usage of months")
        constraints = [models.UniqueConstraint(fields=["month", "owner", "model_label"], name="one_usage_a_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.model_label}"


class PersonDay(Sums):
    """A day of one person with one model. It goes with the account: days and months keep the sums."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name=_("owner"), related_name="+", db_index=False
    )
    day = models.DateField(_("day"), db_index=True)
    model_label = models.CharField(_("model label"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("a person's usage of a day")
        verbose_name_plural = _("people's usage of days")
        constraints = [
            models.UniqueConstraint(fields=["owner", "day", "model_label"], name="one_usage_of_a_person_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.model_label}"
