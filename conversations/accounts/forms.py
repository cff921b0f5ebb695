"""Forms of packages in our words, and with what they leave out."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
)
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.utils.translation import gettext


class OurWords:
    """Labels as we write them, and none of them once more inside of its field."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        words = self.words()
        for name, field in self.fields.items():
            field.label = words.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)

    def words(self) -> dict[str, str]:
        return {}


class Login(OurWords, LoginForm):
    pass


class SignUp(OurWords, SignupForm):
    pass


class AddAddress(OurWords, AddEmailForm):
    pass


class ForgetPassword(OurWords, ResetPasswordForm):
    pass


class ConfirmPassword(OurWords, ReauthenticateForm):
    pass


class _NewPassword(OurWords):
    def words(self) -> dict[str, str]:
        return {
            "oldpassword": gettext("Current password"),
            "password1": gettext("New password"),
            "password2": gettext("New password, once more"),
        }


class ChangePassword(_NewPassword, ChangePasswordForm):
    pass


class SetPassword(_NewPassword, SetPasswordForm):
    pass


class ResetPassword(_NewPassword, ResetPasswordKeyForm):
    pass


class AddPasskey(OurWords, AddWebAuthnForm):
    def words(self) -> dict[str, str]:
        return {"name": gettext("Name of the passkey")}


class EditPasskey(OurWords, EditWebAuthnForm):
    def words(self) -> dict[str, str]:
        return {"name": gettext("Name of the passkey")}
