"""A person's own settings, data and account."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from asgiref.sync import async_to_sync
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from conversations import catalogue, quotas
from conversations.actions import people, retention
from conversations.generation import control
from conversations.models import ChatModel, User
from conversations.models.users import MOST_INSTRUCTIONS
from conversations.transfer import exporting
from conversations.web.context import THEMES
from conversations.web.people import PersonRequest, for_people
from conversations.web.streaming import Streamed
from conversations.web.views.site import keep_theme


class Settings(forms.ModelForm):  # type: ignore[type-arg]
    """What a person can choose. The theme is kept in a cookie of this browser, the rest with the account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=150,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    theme = forms.ChoiceField(
        label=gettext_lazy("Theme"),
        choices=[
            ("system", gettext_lazy("As the system")), ("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")),
        ],
    )  # fmt: skip
    send_key = forms.ChoiceField(label=gettext_lazy("Send with"), choices=User.SendKey.choices)
    default_model: forms.ModelChoiceField[ChatModel] = forms.ModelChoiceField(
        label=gettext_lazy("Model for new chats"),
        required=False,
        queryset=None,
        empty_label=gettext_lazy("The first one"),
    )
    instructions = forms.CharField(
        label=gettext_lazy("Instructions for every chat"),
        required=False,
        max_length=MOST_INSTRUCTIONS,
        widget=forms.Textarea({"rows": 5, "class": "field", "dir": "auto"}),
        help_text=gettext_lazy("Who you are, how answers should sound. They go along with every question."),
    )

    class Meta:
        model = User
        fields = ("name", "language", "send_key", "default_model", "instructions")
        field_order = ("name", "language", "theme", "send_key", "default_model", "instructions")

    def __init__(self, data: QueryDict | None, *, user: User, theme: str) -> None:
        super().__init__(data, instance=user, initial={"theme": theme})
        self.order_fields(self.Meta.field_order)
        self.fields["language"].choices = [("", gettext("As the browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        usable = [model.pk for model in catalogue.chat_models_for(user)]
        models = ChatModel.objects.filter(pk__in=usable)
        self.fields["default_model"].queryset = models  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def show(request: PersonRequest) -> HttpResponse:
    theme = request.COOKIES.get("theme", "")
    shown = theme if theme in THEMES else "system"
    form = Settings(request.POST or None, user=request.user, theme=shown)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(request.user.language or translation.get_language()):
            messages.success(request, gettext("Saved."))
        response = redirect("settings:show")
        keep_theme(request, response, form.cleaned_data["theme"])
        return response
    if request.method == "POST":
        request.user.refresh_from_db()  # a form writes into its row even where it refuses
    context = {"form": form, "bounds": quotas.bounds_of(request.user)}
    return render(request, "settings/show.html", context)


@require_safe
@for_people
def export(request: PersonRequest) -> Streamed:
    """Send all chats as one JSON file."""
    name = f"chats-{timezone.localdate():%Y-%m-%d}.json"
    return Streamed(
        exporting.chats_of(request.user, with_files=False),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def delete(request: PersonRequest) -> HttpResponse:
    """Ask, offer the export, then delete the account; who signs in here is asked for the password or factor again."""
    if request.method == "POST" and get_adapter().get_reauthentication_methods(request.user):
        raise_if_reauthentication_required(request, app="account")
    word = request.user.email
    refusal = ""
    if request.method == "POST":
        if retention.is_held(request.user):
            refusal = gettext("Your chats must be kept for a legal reason at present. Please ask the administrator.")
        elif request.POST.get("email", "").strip().lower() == word:
            user = request.user
            async_to_sync(control.stop_all_of)(user.pk)
            logout(request)
            people.delete_account(user)
            messages.success(request, gettext("Your account and all your chats are deleted."))
            return redirect(settings.LOGIN_URL)
        else:
            refusal = gettext("This is not the address of your account.")
    return render(request, "settings/delete.html", {"refusal": refusal})
