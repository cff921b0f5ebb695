"""Providers and the models they serve; an AI model is always called ``ChatModel`` here."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

_NOT_BELOW = MinValueValidator(Decimal(0))
_MILLION = Decimal(1_000_000)
_COST = Decimal("1E-8")
_MOST_FALLBACKS = 10
_LONGEST_TIMEOUT = MaxValueValidator(3_600)


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
    sealed_headers = models.TextField(_("sealed headers"), blank=True, editable=False)
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
    connect_timeout = models.PositiveSmallIntegerField(
        _("seconds to connect"), null=True, blank=True, validators=[MinValueValidator(1), _LONGEST_TIMEOUT]
    )
    first_timeout = models.PositiveSmallIntegerField(
        _("seconds to the first word"), null=True, blank=True, validators=[MinValueValidator(1), _LONGEST_TIMEOUT]
    )
    stall_timeout = models.PositiveSmallIntegerField(
        _("seconds between words"), null=True, blank=True, validators=[MinValueValidator(1), _LONGEST_TIMEOUT]
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
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(2.0)],
        help_text=_("From 0 to 2; sent along. Empty: the provider's own."),
    )
    top_p = models.FloatField(
        _("top p"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("From 0 to 1; sent along. Empty: the provider's own."),
    )
    fallback = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("fallback"),
        related_name="+",
        help_text=_("Answers where this model is switched off, or its provider fails before the first word."),
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

    def clean(self) -> None:
        """Refuse a fallback that leads back here."""
        one = self.fallback
        for _step in range(_MOST_FALLBACKS):
            if one is None:
                return
            if one.pk == self.pk:
                break
            one = one.fallback
        raise ValidationError({"fallback": _("This fallback leads back to the model itself.")})


class Prices(models.Model):
    """What a million tokens cost, in the site's currency."""

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
    cached_price = models.DecimalField(
        _("price of a million cached prompt tokens"),
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[_NOT_BELOW],
        help_text=_("Empty: that of all prompt tokens."),
    )

    class Meta:
        abstract = True

    def cost_of(self, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0) -> Decimal:
        """Return what so many tokens cost; ``cached_tokens`` are among those of the prompt."""
        cached = min(cached_tokens, prompt_tokens) if self.cached_price is not None else 0
        millionths = (
            (prompt_tokens - cached) * self.prompt_price
            + cached * (self.cached_price or 0)
            + completion_tokens * self.completion_price
        )
        return (millionths / _MILLION).quantize(_COST, ROUND_HALF_UP)

    def take_prices(self, other: Prices | None) -> None:
        """Copy the prices of ``other``; without one, nothing costs anything."""
        self.prompt_price = other.prompt_price if other else Decimal(0)
        self.completion_price = other.completion_price if other else Decimal(0)
        self.cached_price = other.cached_price if other else None


class ModelPriceQuerySet(models.QuerySet["ModelPrice"]):
    def holding(self, chat_model: ChatModel, day: date) -> ModelPrice | None:
        """Return the prices of a model on a day of the site; None before the first ones."""
        return self.filter(chat_model=chat_model, since__lte=day).order_by("-since").first()


class ModelPrice(Prices):
    """The prices of a model from a day on, until later ones hold. Answers keep those of their own day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat_model = models.ForeignKey(
        ChatModel, on_delete=models.CASCADE, verbose_name=_("model"), related_name="prices", db_index=False
    )
    since = models.DateField(_("from"), help_text=_("The first day on which they hold."))

    objects: ClassVar[ModelPriceQuerySet] = ModelPriceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("-since",)
        constraints = [
            models.UniqueConstraint(
                fields=["chat_model", "since"],
                name="one_price_a_day",
                violation_error_message=_("There are prices from this day on already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.since}: {self.prompt_price} / {self.completion_price}"
