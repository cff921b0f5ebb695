"""What a person writes with: drafts, how the answers of a chat are made, presets and saved prompts."""

from __future__ import annotations

import re
from typing import ClassVar, TypeVar

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id
from conversations.models.users import User
from conversations.upstream.requests import Parameters

NAME_LENGTH = 60
MOST_SYSTEM_PROMPT = 20_000
MOST_PROMPT = 20_000
MOST_VARIABLES = 20
_VARIABLE = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")

Kept = TypeVar("Kept", bound=models.Model)


class Draft(models.Model):
    """What a person has typed and not sent, in a conversation or for a new one; the one saved last counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    text = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "conversation"], name="one_draft_of_a_conversation"),
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(conversation=None), name="one_draft_of_a_new_chat"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def stamp(self) -> str:
        """What a page names this very text by."""
        return self.saved_at.isoformat()


class Manner(models.Model):
    """How answers are to be made; what is empty is left to the model, and at last to the provider."""

    class Effort(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    system_prompt = models.TextField(
        _("system prompt"),
        blank=True,
        max_length=MOST_SYSTEM_PROMPT,
        validators=[MaxLengthValidator(MOST_SYSTEM_PROMPT)],
        help_text=_("Who answers, and how. It goes along with every question of this chat."),
    )
    temperature = models.FloatField(
        _("temperature"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(2.0)],
        help_text=_("From 0, always alike, to 2, full of surprises. Empty: the model's own."),
    )
    top_p = models.FloatField(
        _("top p"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("From 0 to 1. Empty: the model's own."),
    )
    max_tokens = models.PositiveIntegerField(
        _("longest answer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("In tokens; never more than the model's own bound. Empty: that one."),
    )
    reasoning_effort = models.CharField(
        _("reasoning effort"),
        max_length=10,
        choices=Effort.choices,
        blank=True,
        help_text=_("For models that reason. Others may refuse it."),
    )

    class Meta:
        abstract = True

    @property
    def parameters(self) -> Parameters:
        return Parameters(self.temperature, self.top_p, self.max_tokens, self.reasoning_effort or None)

    @property
    def says_something(self) -> bool:
        return bool(self.system_prompt.strip() or self.parameters.to_json())


MANNER = ("system_prompt", "temperature", "top_p", "max_tokens", "reasoning_effort")
"""The fields of a manner, to be copied from one row to another."""


class Tuning(Manner):
    """The manner of one conversation; without a row it has none of its own."""

    conversation = models.OneToOneField(
        "conversations.Conversation", on_delete=models.CASCADE, primary_key=True, related_name="tuning"
    )

    def __str__(self) -> str:
        return str(self.pk)


class KeptQuerySet(models.QuerySet[Kept]):
    def owned_by(self, user: User) -> KeptQuerySet[Kept]:
        return self.filter(owner=user)

    def of_the_site(self) -> KeptQuerySet[Kept]:
        return self.filter(owner=None)

    def usable_by(self, user: User) -> KeptQuerySet[Kept]:
        """Return a person's own, and the site's."""
        return self.filter(models.Q(owner=user) | models.Q(owner=None))


class Preset(Manner):
    """A model and a manner under a name: a person's, or everybody's where it has no owner."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, editable=False, related_name="presets"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    chat_model = models.ForeignKey(
        "conversations.ChatModel",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("model"),
        related_name="+",
    )

    objects: ClassVar[KeptQuerySet[Preset]] = KeptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Prompt(models.Model):
    """A text to begin a question with, found by its name; ``{{words}}`` in double braces are asked for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, editable=False, related_name="prompts"
    )
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    text = models.TextField(
        _("text"),
        max_length=MOST_PROMPT,
        validators=[MaxLengthValidator(MOST_PROMPT)],
        help_text=_("Write {{topic}}, or any other word in double braces, for what is asked each time."),
    )

    objects: ClassVar[KeptQuerySet[Prompt]] = KeptQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    @property
    def variables(self) -> list[str]:
        """Return what is asked for, each once, in the order of the text."""
        return list(dict.fromkeys(_VARIABLE.findall(self.text)))[:MOST_VARIABLES]
