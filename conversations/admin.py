"""Plain tables for administrators; keys are written here and never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from conversations import secrets
from conversations.models import ChatModel, Provider, User

CANNOT_OPEN = "The present one was sealed under another SECRET_KEY and cannot be opened: enter it again."


def _opens(provider: Provider) -> bool:
    try:
        secrets.unseal(provider.sealed_secret)
    except secrets.CannotOpen:
        return False
    return True


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    new_key = forms.CharField(
        label="Key",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted and never shown again. Leave empty to keep the present one.",
    )

    class Meta:
        model = Provider
        fields = ("name", "base_url", "is_enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _opens(self.instance):
            self.fields["new_key"].help_text = CANNOT_OPEN


class ChatModelInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ChatModel
    fields = ("key", "name", "label", "can_see", "can_browse", "can_reason", "order", "is_enabled")
    extra = 1


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProviderForm
    list_display = ("name", "base_url", "origin", "key", "is_enabled")
    inlines = (ChatModelInline,)

    @admin.display(description="Key")
    def key(self, provider: Provider) -> str:
        if provider.origin != Provider.Origin.ADMIN:
            return "of the environment"
        if not _opens(provider):
            return "cannot be opened: enter it again"
        return "kept" if provider.sealed_secret else "none"

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        if key := form.cleaned_data.get("new_key"):
            obj.sealed_secret = secrets.seal(key)
        super().save_model(request, obj, form, change)


@admin.register(ChatModel)
class ChatModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("label", "key", "provider", "can_see", "can_browse", "can_reason", "order", "is_enabled")
    list_editable = ("order", "is_enabled")
    list_filter = ("provider", "is_enabled")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "name", "is_active", "is_staff", "date_joined")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    readonly_fields = ("date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up; a password is never typed by somebody else."""
        return False
