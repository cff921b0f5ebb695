"""The seams between django-allauth and this site: who may come in, and how secrets are kept."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render

from conversations import secrets
from conversations.accounts import policy
from conversations.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return policy.is_open_for(request, by_company=False)

    def clean_email(self, email: str) -> str:
        """Refuse addresses that may not join; people who are here already may have any."""
        email = str(super().clean_email(email))
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            policy.check_address(self.request, email)
        return email

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        with _invited_once(request):
            saved: User = super().save_user(request, user, form, commit)
            if commit:
                policy.joined(request, saved)
        return saved

    def send_account_already_exists_mail(self, email: str) -> None:
        """Hash a password as a new account would: the time of the answer must not tell what its page does not."""
        User().set_password(email)
        super().send_account_already_exists_mail(email)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Let the company's people in, if they may come at all; an address is checked here, no form asks for it."""
        if not policy.is_open_for(request, by_company=True):
            return False
        try:
            policy.check_address(request, sociallogin.user.email or "")
        except ValidationError:
            return False
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        parts = [str(data[part]) for part in ("first_name", "last_name") if data.get(part)]
        user.name = str(data.get("name") or " ".join(parts))[:150]
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        with _invited_once(request):
            user: User = super().save_user(request, sociallogin, form)
            if form is None:  # else the account adapter has seen to it
                policy.joined(request, user)
        return user


@contextmanager
def _invited_once(request: HttpRequest) -> Iterator[None]:
    """Make no account with an invitation that somebody else has used up in the same moment."""
    try:
        with transaction.atomic():
            yield
    except policy.InvitationUsed:
        raise ImmediateHttpResponse(render(request, "account/signup_closed.html", status=403)) from None


class MFAAdapter(DefaultMFAAdapter):
    """Second factors are sealed like provider keys: a copy of the database alone opens no account."""

    def encrypt(self, text: str) -> str:
        return secrets.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret; one that was sealed under a lost key becomes one that no code fits, never an empty one."""
        try:
            return secrets.unseal(encrypted_text)
        except secrets.CannotOpen:
            return base64.b32encode(os.urandom(20)).decode()

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)
