"""The one seam between django-allauth and this site."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from conversations.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep sign-up shut until the first administrator exists: nobody may come before them."""
        return settings.CHAT_SIGNUP == "open" and User.objects.exists()

    def send_account_already_exists_mail(self, email: str) -> None:
        """Hash a password as a new account would: the time of the answer must not tell what its page does not."""
        User().set_password(email)
        super().send_account_already_exists_mail(email)
