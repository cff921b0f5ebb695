"""People, known by their e-mail address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import new_id

MOST_INSTRUCTIONS = 4_000
"""Characters that go along with every question of a person."""
READING = {
    "size": ("m", "s", "l"),
    "width": ("comfortable", "wide"),
    "smooth": ("on", "off"),
    "announce": ("finished", "sentences", "off"),
}
"""How pages can be read: what each way is called, and what can be chosen, the usual first."""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can log in; ``is_staff`` may administer the site.

    Preferences that are empty follow the browser or the site.
    """

    class SendKey(models.TextChoices):
        ENTER = "enter", _("Enter")
        CTRL_ENTER = "ctrl_enter", _("Ctrl + Enter")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    date_joined = models.DateTimeField(_("joined on"), default=timezone.now)

    language = models.CharField(_("language"), max_length=10, blank=True)
    send_key = models.CharField(_("send key"), max_length=12, choices=SendKey.choices, default=SendKey.ENTER)
    default_model = models.ForeignKey(
        "conversations.ChatModel",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("default model"),
        related_name="+",
    )
    instructions = models.TextField(_("instructions"), blank=True, max_length=MOST_INSTRUCTIONS)
    reading = models.JSONField(null=True, blank=True, editable=False)
    favourite_models = models.JSONField(null=True, blank=True, editable=False)  # keys; those that are gone stay unseen

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def reading_marks(self) -> dict[str, str]:
        """Return the unusual choices of ``READING``; each page of this person carries them as ``data-`` of its root."""
        kept = self.reading if isinstance(self.reading, dict) else {}
        return {name: kept[name] for name, (_usual, *others) in READING.items() if kept.get(name) in others}
