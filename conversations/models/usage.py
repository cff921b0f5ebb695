"""What answers used: reserved before a provider is asked, settled when they have ended. Rows outlive their chats."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id


class UsageRecord(models.Model):
    """One answer. While ``is_reserved``, the figures are what it may use at most, as far as that is known."""

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
    messages = models.PositiveSmallIntegerField(_("messages"), default=1)
    prompt_tokens = models.PositiveIntegerField(_("prompt tokens"), default=0)
    completion_tokens = models.PositiveIntegerField(_("completion tokens"), default=0)
    cost = models.DecimalField(_("cost"), max_digits=16, decimal_places=8, default=Decimal(0))
    is_reserved = models.BooleanField(_("reserved"), default=True)
    is_estimated = models.BooleanField(_("estimated"), default=False)

    class Meta:
        verbose_name = _("use of a model")
        verbose_name_plural = _("uses of models")
        indexes = [models.Index(fields=["owner", "made_at"], name="usage_of_a_person")]

    def __str__(self) -> str:
        return f"{self.prompt_tokens} + {self.completion_tokens} tokens"
