"""What administrators decide for the site: who may come in, what is announced, and how much a person may use."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

INVITATION_LASTS = timedelta(days=14)
MOST_STARTERS = 4
STARTER_LENGTH = 200


class SitePolicy(models.Model):
    """The one row that pages of the administration change; what is empty follows the environment."""

    class SignUp(models.TextChoices):
        OPEN = "open", _("Open: everybody may make an account")
        INVITATION = "invitation", _("By invitation only")
        OIDC = "oidc", _("By the company's sign-in or an invitation only")
        CLOSED = "closed", _("Closed")

    sign_up = models.CharField(
        _("sign-up"), max_length=12, choices=SignUp.choices, blank=True, help_text=_("Empty: what CHAT_SIGNUP says.")
    )
    domains = models.TextField(
        _("mail domains"),
        blank=True,
        help_text=_("One a line, such as example.org. Open sign-up takes addresses of these only. Empty: of all."),
    )

    class Sharing(models.TextChoices):
        ANYBODY = "anybody", _("With anybody who has the link")
        PEOPLE = "people", _("With people who are signed in here only")
        OFF = "off", _("Not at all")

    sharing = models.CharField(
        _("sharing of chats"),
        max_length=10,
        choices=Sharing.choices,
        default=Sharing.ANYBODY,
        help_text=_("Holds for links that exist already, too; they open again when it is allowed again."),
    )

    class ReviewNotice(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        WEEK = "week", _("After a week")
        MONTH = "month", _("After 30 days")
        NEVER = "never", _("Never")

    review_notice = models.CharField(
        _("people are told that a chat was reviewed"),
        max_length=10,
        choices=ReviewNotice.choices,
        default=ReviewNotice.AT_ONCE,
        help_text=_("They see the day and the reason in the chat. Delays are for investigations."),
    )
    starters = models.JSONField(null=True, blank=True, editable=False)
    """By language, what an empty chat offers: ``{"en": ["Explain an error message"]}``. Nothing: what is built in."""
    banner = models.CharField(_("banner"), max_length=300, blank=True, help_text=_("A sentence above every chat."))
    staff_need_mfa = models.BooleanField(
        _("staff need a second factor"),
        default=False,
        help_text=_("Without one, members of the staff are sent to set it up before they can administer."),
    )

    class Meta:
        verbose_name = _("policy of the site")
        verbose_name_plural = _("policy of the site")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_policy")]

    def __str__(self) -> str:
        return gettext("policy of the site")

    @classmethod
    def current(cls) -> SitePolicy:
        """Return the row, or an empty one that is not stored."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def starters_in(self, language: str) -> list[str]:
        """Return what an empty chat offers in a language; nothing where administrators have set nothing."""
        kept = self.starters if isinstance(self.starters, dict) else {}
        return [str(one) for one in kept.get(language, [])][:MOST_STARTERS]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(used_at=None, expires_at__gt=timezone.now())


def _in_two_weeks() -> datetime:
    return timezone.now() + INVITATION_LASTS


class Invitation(models.Model):
    """A link with which one person may make an account. Used once: a guarded update claims it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(
        _("e-mail"), blank=True, help_text=_("The link is sent there and works for this address only.")
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        help_text=_("Joined with the account."),
        verbose_name=_("group"),
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("invited by"),
        related_name="+",
    )
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires on"), default=_in_two_weeks)
    used_at = models.DateTimeField(_("used on"), null=True, blank=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        verbose_name=_("used by"),
        related_name="+",
    )

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return self.email or str(self.id)

    @property
    def is_open(self) -> bool:
        return self.used_at is None and self.expires_at > timezone.now()


class Allowance(models.Model):
    """How much one person, each member of a group, or everybody may use in a day or a month; empty is no bound.

    A person's own row counts before those of their groups, of which the most generous counts, and these before
    the one for everybody (``quotas``).
    """

    class Period(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("person"),
        related_name="allowances",
    )
    group = models.ForeignKey(
        "auth.Group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("group"),
        related_name="allowances",
    )
    period = models.CharField(_("period"), max_length=5, choices=Period.choices, default=Period.DAY)
    messages = models.PositiveIntegerField(_("messages"), null=True, blank=True)
    tokens = models.PositiveBigIntegerField(
        _("tokens"), null=True, blank=True, help_text=_("Of questions and answers together.")
    )
    cost = models.DecimalField(
        _("cost"), max_digits=12, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(Decimal(0))],
        help_text=_("In the currency of the models' prices."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None) | models.Q(group=None), name="allowance_for_one",
                violation_error_message=_("Choose a person or a group, not both; neither means everybody."),
            ),
            *(
                models.UniqueConstraint(fields=fields, condition=condition, name=f"one_allowance_of_{whose}_a_period")
                for whose, fields, condition in (
                    ("a_person", ["user", "period"], models.Q(user__isnull=False)),
                    ("a_group", ["group", "period"], models.Q(group__isnull=False)),
                    ("everybody", ["period"], models.Q(user=None, group=None)),
                )
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        whose = self.user or self.group or gettext("everybody")
        return gettext("{whose}, each {period}").format(whose=whose, period=self.get_period_display())
