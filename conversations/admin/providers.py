"""Providers and models: keys and headers are written here and never shown again; a button asks whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations import catalogue, secrets
from conversations.failure_words import remedy_for
from conversations.generation import probing
from conversations.models import ChatModel, ModelPrice, Provider
from conversations.upstream import UpstreamError, is_sendable

CANNOT_OPEN = _("The present one was sealed under another SECRET_KEY and cannot be opened: enter it again.")
_MOST_HEADERS = 50


def _opens(provider: Provider) -> bool:
    try:
        secrets.unseal(provider.sealed_secret)
        catalogue.headers_of(provider)
    except secrets.CannotOpen:
        return False
    return True


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    new_key = forms.CharField(
        label=_("Key"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted and never shown again. Leave empty to keep the present one."),
    )
    new_headers = forms.CharField(
        label=_("More headers"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One a line, such as X-Team: blue. Kept encrypted and never shown again; a name alone removes it."),
    )

    class Meta:
        model = Provider
        fields = (
            "name", "base_url", "is_enabled", "most_at_once", "connect_timeout", "first_timeout", "stall_timeout",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _opens(self.instance):
            self.fields["new_key"].help_text = CANNOT_OPEN
        elif names := catalogue.headers_of(self.instance):
            present = gettext("At present: {names}.").format(names=", ".join(names))
            self.fields["new_headers"].help_text = f"{self.fields['new_headers'].help_text} {present}"

    def clean_new_headers(self) -> dict[str, str]:
        """Return what is to be set, and with an empty value what is to be removed."""
        headers = {}
        for number, line in enumerate(self.cleaned_data["new_headers"].splitlines(), 1):
            name, _colon, value = (part.strip() for part in line.partition(":"))
            if not name and not value:
                continue
            if not is_sendable(name, value):
                # The line itself is not repeated: its value may be a secret.
                raise ValidationError(
                    gettext("Line {number} is no header that may be sent along. Host, Authorization and those of the"
                            " connection are set by the site.").format(number=number)
                )  # fmt: skip
            headers[name] = value
        if len(headers) > _MOST_HEADERS:
            raise ValidationError(gettext("These are too many headers."))
        return headers

    def seal(self, provider: Provider) -> None:
        """Put key and headers into a provider, as far as new ones were given."""
        if key := self.cleaned_data.get("new_key"):
            provider.sealed_secret = secrets.seal(key)
        if given := self.cleaned_data.get("new_headers"):
            try:
                kept = catalogue.headers_of(provider)
            except secrets.CannotOpen:
                kept = {}
            same = {name.lower() for name in given}
            kept = {name: value for name, value in kept.items() if name.lower() not in same}
            provider.sealed_headers = catalogue.seal_headers(
                kept | {name: value for name, value in given.items() if value}
            )


class ChatModelInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ChatModel
    fields = ("key", "name", "label", "can_see", "can_browse", "can_reason", "order", "is_enabled")
    extra = 0
    show_change_link = True


@dataclass(frozen=True, slots=True)
class Listing:
    """A provider's list beside ours."""

    new: list[str]
    gone: list[ChatModel]
    known: int


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProviderForm
    list_display = ("name", "base_url", "origin", "key", "is_enabled")
    inlines = (ChatModelInline,)
    change_form_template = "admin/provider.html"
    fieldsets = (
        (None, {"fields": ("name", "base_url", "new_key", "new_headers", "is_enabled", "most_at_once")}),
        (
            _("Patience"),
            {
                "fields": (("connect_timeout", "first_timeout", "stall_timeout"),),
                "description": _("Empty: what the site is set to."),
            },
        ),
    )

    @admin.display(description=_("Key"))
    def key(self, provider: Provider) -> str:
        if provider.origin != Provider.Origin.ADMIN:
            return gettext("of the environment")
        if not _opens(provider):
            return gettext("cannot be opened: enter it again")
        return gettext("kept") if provider.sealed_secret else gettext("none")

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        form.seal(obj)
        super().save_model(request, obj, form, change)

    # Asking the provider. Addresses of their own, for these wait for the network and must hold no transaction.

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path("<uuid:object_id>/test/", self.admin_site.admin_view(self.test), name="conversations_provider_test"),
            path(
                "<uuid:object_id>/list/", self.admin_site.admin_view(self.listing), name="conversations_provider_list"
            ),
        ]
        return [*ours, *super().get_urls()]

    def test(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Say in words whether the provider would answer."""
        asked = self._asked(request, object_id)
        if request.method == "POST":
            self._say(request, asked)
        return redirect("admin:conversations_provider_change", asked.pk)

    def listing(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Show what is new on the provider's list and what is gone; carry out what is chosen of it."""
        asked = self._asked(request, object_id)
        back = redirect("admin:conversations_provider_change", asked.pk)
        if request.method != "POST":
            return back
        if "chosen" in request.POST:
            self._take_over(request, asked)
            return back
        try:
            names = async_to_sync(probing.listed)(catalogue.endpoint_of(asked))
        except (UpstreamError, secrets.CannotOpen) as failure:
            self._complain(request, failure)
            return back
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "provider": asked,
            "listing": _compared(asked, names), "title": gettext("Models of {name}").format(name=asked),
            "suggested": catalogue.conversational(names),
        }  # fmt: skip
        return render(request, "admin/models_of_provider.html", context)

    def _asked(self, request: HttpRequest, object_id: UUID) -> Provider:
        found: Provider | None = self.get_object(request, str(object_id))
        if found is None:
            raise Http404
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    def _say(self, request: HttpRequest, provider: Provider) -> None:
        names = list(provider.chat_models.filter(is_enabled=True).values_list("name", flat=True))
        try:
            endpoint = catalogue.endpoint_of(provider)
        except secrets.CannotOpen as failure:
            self._complain(request, failure)
            return
        finding = async_to_sync(probing.probe)(endpoint, names[0] if names else "")
        if finding.error is not None:
            self._complain(request, finding.error)
            return
        words = [gettext("The provider answers.")]
        if finding.models is not None:
            count = len(finding.models)
            words.append(ngettext("It lists {count} model.", "It lists {count} models.", count).format(count=count))
        if finding.asked:
            words.append(gettext("{model} gave a word.").format(model=finding.asked))
        messages.success(request, " ".join(words))
        absent = [name for name in names if name not in finding.models] if finding.models else []
        if absent:  # it may still know them under other names
            text = ngettext(
                "It does not list this model: {names}.", "It does not list these models: {names}.", len(absent)
            )
            messages.warning(request, text.format(names=", ".join(absent[:20])))

    def _complain(self, request: HttpRequest, failure: UpstreamError | secrets.CannotOpen) -> None:
        if isinstance(failure, secrets.CannotOpen):
            messages.error(request, str(CANNOT_OPEN))
            return
        said = gettext("It said: {words}").format(words=failure.message) if failure.message else ""
        messages.error(request, f"{remedy_for(failure.code)} {said}".strip())

    def _take_over(self, request: HttpRequest, provider: Provider) -> None:
        count = catalogue.take_over(
            provider,
            add=request.POST.getlist("add")[:10_000],
            switch_off=request.POST.getlist("off")[:10_000],
            are_enabled="enable" in request.POST,
        )
        self.log_change(request, provider, gettext("Took over the list of models."))
        text = ngettext("{count} model was added.", "{count} models were added.", count).format(count=count)
        messages.success(request, text)


def _compared(provider: Provider, names: list[str]) -> Listing:
    models = list(provider.chat_models.all())
    known = {model.name for model in models}
    listed = set(names)
    return Listing(
        new=[name for name in names if name not in known],
        gone=[model for model in models if model.name not in listed],
        known=len(known & listed),
    )


class ModelPrices(admin.TabularInline):  # type: ignore[type-arg]
    model = ModelPrice
    fields = ("since", "prompt_price", "completion_price", "cached_price")
    extra = 0


@admin.register(ChatModel)
class ChatModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("label", "key", "provider", "can_see", "can_browse", "can_reason", "order", "is_enabled")
    list_editable = ("order", "is_enabled")
    list_filter = ("provider", "is_enabled")
    list_select_related = ("provider",)
    filter_horizontal = ("groups",)
    inlines = (ModelPrices,)
    fieldsets = (
        (None, {"fields": ("provider", "key", "name", "label", "description", "order", "is_enabled", "groups")}),
        (_("What it can do"), {"fields": ("can_see", "can_browse", "can_reason", "context_window")}),
        (_("How it answers"), {"fields": ("answer_tokens", "temperature", "top_p", "fallback")}),
    )
