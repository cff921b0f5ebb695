"""Pictures that go along with questions: uploaded ones, and public addresses."""

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
from conversations.models.users import User

logger = logging.getLogger(__name__)

KEPT_UNSENT = timedelta(days=1)
"""How long an upload that no message uses is kept: a draft may still hold it."""


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def owned_by(self, user: User) -> AttachmentQuerySet:
        return self.filter(owner=user)

    def unused(self) -> AttachmentQuerySet:
        """Return what no message uses and no draft can be expected to hold any more."""
        return self.filter(uses=None, touched_at__lt=timezone.now() - KEPT_UNSENT)


class Attachment(models.Model):
    """One picture of one person; the same picture uploaded twice is one row.

    An uploaded one has three files under ``stem``: the picture, its thumbnail and, made once, the base64 text of
    the picture that providers are sent. One with a public ``address`` has no files; this site never fetches it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=2_000, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the picture, or of the address.")
    media_type = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    size = models.PositiveIntegerField(default=0, help_text="Bytes of all its files.")
    touched_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="one_attachment_per_picture")]

    def __str__(self) -> str:
        return self.name

    @property
    def stem(self) -> str:
        return f"{self.owner_id.hex}/{self.digest[:2]}/{self.digest}"

    @property
    def picture_file(self) -> str:
        return f"{self.stem}.{'png' if self.media_type == 'image/png' else 'jpg'}"

    @property
    def thumbnail_file(self) -> str:
        return f"{self.stem}.thumb.webp"

    @property
    def encoded_file(self) -> str:
        return f"{self.stem}.b64"

    @property
    def files(self) -> list[str]:
        return [] if self.address else [self.picture_file, self.thumbnail_file, self.encoded_file]

    def delete_files(self) -> None:
        """Remove its files; those that are gone already are no fault. Raises ``OSError``."""
        for file in self.files:
            storages["pictures"].delete(file)

    def read(self, file: str) -> bytes:
        """Return the content of one of its files. Raises ``FileNotFoundError``."""
        with storages["pictures"].open(file) as opened:
            return bytes(opened.read())


@receiver(models.signals.post_delete, sender=Attachment)
def _delete_files_with_the_row(instance: Attachment, **_: object) -> None:
    """Also where the row goes with its owner."""
    transaction.on_commit(partial(_try_to_delete_files, instance))


def _try_to_delete_files(attachment: Attachment) -> None:
    try:
        attachment.delete_files()
    except OSError:
        logger.exception("The files of picture %s are left over", attachment.pk)


class AttachmentUse(models.Model):
    """A picture in its place in a question."""

    message = models.ForeignKey("conversations.Message", on_delete=models.CASCADE, related_name="attachment_uses")
    attachment = models.ForeignKey(Attachment, on_delete=models.CASCADE, related_name="uses")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["message", "position"], name="one_attachment_per_position")]

    def __str__(self) -> str:
        return f"{self.position} of {self.message_id}"
