"""Files that people have uploaded to take chats from."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import ClassVar

from django.conf import settings
from django.core.files.storage import storages
from django.db import models, transaction
from django.dispatch import receiver
from django.utils import timezone

from conversations.models.ids import new_id

logger = logging.getLogger(__name__)

KEPT_UNDECIDED = timedelta(days=1)
"""How long a file waits for its person to say yes."""
STUCK_AFTER = timedelta(hours=1)
"""A claim that is older was made by a process that is gone: no import takes so long."""


class ChatFileQuerySet(models.QuerySet["ChatFile"]):
    def undecided(self) -> ChatFileQuerySet:
        """Return what nobody is taking over at this moment."""
        return self.filter(models.Q(claimed_at=None) | models.Q(claimed_at__lt=timezone.now() - STUCK_AFTER))

    def forgotten(self) -> ChatFileQuerySet:
        return self.undecided().filter(made_at__lt=timezone.now() - KEPT_UNDECIDED)


class ChatFile(models.Model):
    """One file of one person between its upload and their decision; a further upload replaces it.

    ``report`` is what they are shown of it: counts, and in words what cannot be taken. ``claimed_at`` is set by a
    guarded update while it is taken over, so that this happens once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_file")
    name = models.CharField(max_length=100)
    report = models.JSONField(default=dict)
    claimed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[ChatFileQuerySet] = ChatFileQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name

    @property
    def file(self) -> str:
        return f"{self.owner_id.hex}/import/{self.pk.hex}"


@receiver(models.signals.post_delete, sender=ChatFile)
def _delete_file_with_the_row(instance: ChatFile, **_: object) -> None:
    """Also where the row goes with its owner."""
    transaction.on_commit(partial(_try_to_delete, instance.file))


def _try_to_delete(file: str) -> None:
    try:
        storages["pictures"].delete(file)
    except OSError:
        logger.exception("The uploaded file %s is left over", file)
