"""Make the first administrator: by the link that the server printed, and only while nobody has an account."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login, password_validation
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from conversations.models import User

_SALT = "first administrator"
_MAX_AGE = 24 * 3600


def token() -> str:
    """Return a token that opens the page for a day, or until the first account exists."""
    return signing.dumps("welcome", salt=_SALT)


class FirstAdministrator(forms.Form):
    email = forms.EmailField(label=gettext_lazy("Email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password1 = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        password_validation.validate_password(password, User(email=self.data.get("email", "")))
        return str(password)


@sensitive_post_parameters("password1")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Show and take the form; the same 404 for a wrong, an old and a used link."""
    try:
        signing.loads(token, salt=_SALT, max_age=_MAX_AGE)
    except signing.BadSignature as exc:
        raise Http404 from exc
    if User.objects.exists():
        raise Http404
    form = FirstAdministrator(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = _claim(form.cleaned_data["email"], form.cleaned_data["password1"])
        except ValidationError as exc:
            raise Http404 from exc
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect("chat:new")
    return render(request, "account/welcome.html", {"form": form})


@transaction.atomic
def _claim(email: str, password: str) -> User:
    """Make the account unless another request made one first (transactions here exclude each other)."""
    if User.objects.select_for_update().exists():
        raise ValidationError("taken")
    return User.objects.create_superuser(email, password)
