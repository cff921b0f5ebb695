"""What a person orders their conversations by: folders, of which a chat is in one at most, and tags."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import ClassVar, TypeVar

from django.conf import settings
from django.db import models

from conversations.models.ids import new_id
from conversations.models.users import User

NAME_LENGTH = 60

Labelled = TypeVar("Labelled", bound=models.Model)


class LabelQuerySet(models.QuerySet[Labelled]):
    def owned_by(self, user: User) -> LabelQuerySet[Labelled]:
        return self.filter(owner=user)

    def named(self, name: str) -> LabelQuerySet[Labelled]:
        return self.filter(key=key_of(name))


class Folder(models.Model):
    """A place for chats. Deleting it leaves them; ``key`` makes names unique whatever their case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="folders", db_index=False
    )
    name = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=64, editable=False)
    position = models.PositiveIntegerField(default=0)

    objects: ClassVar[LabelQuerySet[Folder]] = LabelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_folder_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word on any number of chats."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tags", db_index=False)
    name = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=64, editable=False)

    objects: ClassVar[LabelQuerySet[Tag]] = LabelQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_tag_of_a_name")]

    def __str__(self) -> str:
        return self.name


def key_of(name: str) -> str:
    """Return what names have in common that differ in case or in ways to write a character; of a fixed length."""
    return hashlib.sha256(unicodedata.normalize("NFKC", name).casefold().encode("utf-8", "replace")).hexdigest()
