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
    """Labels and the help below them as we write them, and no label once more inside of its field."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        words, help_texts = self.words(), self.help_texts()
        for name, field in self.fields.items():
            field.label = words.get(name, field.label)
            field.help_text = help_texts.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)

    def words(self) -> dict[str, str]:
        return {}

    def help_texts(self) -> dict[str, str]:
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
        return {"name": gettext("Name of the passkey"), "passwordless": gettext("Sign in with it alone")}

    def help_texts(self) -> dict[str, str]:
        return {"passwordless": gettext("Without the password; it asks for your finger, your face or a PIN instead.")}


class EditPasskey(OurWords, EditWebAuthnForm):
    def words(self) -> dict[str, str]:
        return {"name": gettext("Name of the passkey")}
