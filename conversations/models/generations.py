"""Generations: one run writing one answer, and the server processes that own the runs."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from conversations.models.ids import new_id

FROZEN_AFTER = timedelta(seconds=15)
"""Three missed beats of five seconds."""


class ServerProcess(models.Model):
    """A running server; its beat vouches for all its generations at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    beat_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class GenerationQuerySet(models.QuerySet["Generation"]):
    def running(self) -> GenerationQuerySet:
        return self.filter(status=Generation.Status.RUNNING)

    def orphaned(self) -> GenerationQuerySet:
        """Return running ones whose process has not beaten for ``FROZEN_AFTER`` or is gone."""
        alive = ServerProcess.objects.filter(beat_at__gte=timezone.now() - FROZEN_AFTER)
        return self.running().exclude(process__in=alive)


class Generation(models.Model):
    """One run. Its end is claimed once: ``claim_end`` is a guarded update, whoever comes second gets False."""

    class Status(models.TextChoices):
        RUNNING = "running"
        COMPLETE = "complete"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="generations")
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="generations")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    ref = models.CharField(max_length=64)
    branched = models.BooleanField(default=False)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.RUNNING)
    process = models.ForeignKey(
        ServerProcess, on_delete=models.SET_NULL, null=True, blank=True, related_name="generations"
    )
    chat_model = models.ForeignKey(
        "conversations.ChatModel", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    model_label = models.CharField(max_length=100, blank=True)
    instead_of = models.CharField(max_length=100, blank=True)  # the label of the model that was asked for and failed
    started_at = models.DateTimeField(default=timezone.now)
    first_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reasoning_seconds = models.PositiveIntegerField(null=True, blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(null=True, blank=True)  # what was sent with the question, known at the end
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    is_estimated = models.BooleanField(default=False)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=500, blank=True)
    trace_id = models.CharField(max_length=200, blank=True)
    sources = models.JSONField(default=list, blank=True)  # [address, title] of each, as the provider numbers them
    retry_after = models.PositiveIntegerField(null=True, blank=True)

    objects: ClassVar[GenerationQuerySet] = GenerationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "ref"], name="one_generation_per_ref")]
        indexes = [
            # Not a partial index: SQLite does not use one for a bound value.
            models.Index(fields=["status", "conversation"], name="generation_status"),
            models.Index(fields=["model_label", "conversation"], name="generation_model"),
            models.Index(fields=["trace_id"], condition=~models.Q(trace_id=""), name="generation_trace"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"

    @classmethod
    def claim_end(cls, generation: UUID, **fields: object) -> bool:
        """End a running generation; False if somebody else ended it first."""
        running = cls.objects.filter(pk=generation, status=cls.Status.RUNNING)
        return running.update(ended_at=timezone.now(), **fields) == 1
