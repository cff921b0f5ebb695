"""Providers and the models they serve; an AI model is always called ``ChatModel`` here."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

_NOT_BELOW = MinValueValidator(Decimal(0))


class Provider(models.Model):
    """An OpenAI-compatible address and the key for it.

    A provider of ``ENVIRONMENT`` or ``DEMO`` is written by the start of the site and holds no secret: its
    key stays in the environment. Others are made by administrators; their key is sealed (``secrets.seal``).
    """

    class Origin(models.TextChoices):
        ENVIRONMENT = "environment"
        DEMO = "demo"
        ADMIN = "admin"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=100, unique=True)
    base_url = models.CharField(_("address"), max_length=500, validators=[URLValidator(schemes=["http", "https"])])
    sealed_secret = models.TextField(_("sealed secret"), blank=True, editable=False)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin.choices, default=Origin.ADMIN, editable=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    most_at_once = models.PositiveIntegerField(
        _("answers at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "How many answers one server process asks for at the same time; further ones queue. Empty: no bound."
        ),
    )

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")

    def __str__(self) -> str:
        return self.name


class ChatModel(models.Model):
    """One model a person can pick."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, verbose_name=_("provider"), related_name="chat_models"
    )
    key = models.CharField(_("key"), max_length=200, unique=True, help_text=_("What the page sends to choose it."))
    name = models.CharField(_("name"), max_length=200, help_text=_("What the provider calls it."))
    label = models.CharField(_("label"), max_length=100)
    description = models.CharField(_("description"), max_length=200, blank=True)
    can_see = models.BooleanField(_("sees images"), default=False)
    can_browse = models.BooleanField(_("browses"), default=False)
    can_reason = models.BooleanField(_("reasons"), default=False)
    context_window = models.PositiveIntegerField(
        _("context window"), null=True, blank=True, help_text=_("Tokens; empty if unknown.")
    )
    answer_tokens = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Tokens; sent along as max_tokens. Empty: the provider's own bound."),
    )
    prompt_price = models.DecimalField(
        _("price of a million prompt tokens"),
        max_digits=12,
        decimal_places=6,
        default=Decimal(0),
        validators=[_NOT_BELOW],
    )
    completion_price = models.DecimalField(
        _("price of a million answer tokens"),
        max_digits=12,
        decimal_places=6,
        default=Decimal(0),
        validators=[_NOT_BELOW],
    )
    groups = models.ManyToManyField(
        "auth.Group",
        blank=True,
        related_name="chat_models",
        verbose_name=_("for groups"),
        help_text=_("Only members of these may use it. None chosen: everybody may."),
    )
    order = models.PositiveIntegerField(_("order"), default=100)
    is_enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ("order", "label")

    def __str__(self) -> str:
        return self.label

    @property
    def is_available(self) -> bool:
        return self.is_enabled and self.provider.is_enabled
