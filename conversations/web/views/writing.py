"""What a person writes with: drafts, the manner of a chat with its presets, saved prompts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from conversations import access
from conversations.actions import writing as verbs
from conversations.errors import ChatError, Invalid, NotFound
from conversations.failure_words import told
from conversations.models import Conversation, Preset, Prompt, Tuning
from conversations.models.writing import MANNER
from conversations.web.people import PersonRequest, for_people, is_script


class Manner(forms.ModelForm):  # type: ignore[type-arg]
    """How a chat is answered."""

    class Meta:
        model = Tuning
        fields = MANNER
        widgets = {"system_prompt": forms.Textarea({"rows": 5, "class": "field", "dir": "auto", "autofocus": True})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        effort = self.fields["reasoning_effort"]
        effort.choices = [("", gettext("The model's own")), *Tuning.Effort.choices]  # type: ignore[attr-defined]


class PromptForm(forms.ModelForm):  # type: ignore[type-arg]
    """A prompt of one's own."""

    class Meta:
        model = Prompt
        fields = ("name", "text")
        widgets = {
            "name": forms.TextInput({"autocomplete": "off", "dir": "auto"}),
            "text": forms.Textarea({"rows": 6, "class": "field", "dir": "auto"}),
        }


@require_POST
@for_people
def draft(request: PersonRequest) -> HttpResponse:
    """Keep what is typed; answer with its stamp."""
    fields = request.POST
    home = _id(fields["conversation"]) if fields.get("conversation") else None
    stamp = verbs.keep_draft(request.user, home, fields.get("text", ""), seen=fields.get("seen", ""))
    return JsonResponse({"stamp": stamp}, status=201) if stamp else HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def tune(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Show how a chat is answered and change that; ``?part=dialog`` is the inside of the page."""
    found = access.conversation_for(request.user, conversation)
    if request.method != "POST":
        return _tuning(request, found, Manner(instance=found.own_tuning))
    form = Manner(request.POST)
    try:
        words = _carry_out(request, found, form)
    except NotFound:
        raise
    except ChatError as exc:
        if is_script(request):
            raise
        return _tuning(request, found, form, refusal=told(exc), status=exc.status)
    if is_script(request):
        return JsonResponse({"is_tuned": Tuning.objects.filter(conversation=found).exists()}, status=201)
    messages.success(request, words)
    return redirect("chat:tune", conversation)


def _carry_out(request: PersonRequest, found: Conversation, form: Manner) -> str:
    fields, user = request.POST, request.user
    if fields.get("do") == "use":
        verbs.use_preset(user, found.pk, _id(fields.get("preset", "")))
        return gettext("The chat is answered like this from now on.")
    if fields.get("do") == "reset":
        verbs.tune(user, found.pk)
        return gettext("The chat has no settings of its own any more.")
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Invalid("{field}: {problem}", field=form.fields[name].label, problem=errors[0])
    manner = form.cleaned_data
    if fields.get("name", "").strip():
        verbs.keep_preset(user, found.pk, fields.get("name", ""), **manner)
    verbs.tune(user, found.pk, **manner)
    return gettext("Saved.")


def _tuning(
    request: PersonRequest, found: Conversation, form: Manner, *, status: int = 200, **more: object
) -> HttpResponse:
    is_dialog = request.GET.get("part") == "dialog"
    context = {
        "conversation": found,
        "form": form,
        "presets": Preset.objects.usable_by(request.user),
        "draft": request.POST,
        "is_dialog": is_dialog,
        **more,
    }
    return render(request, "writing/_tune.html" if is_dialog else "writing/tune.html", context, status=status)


# Prompts


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def prompts(request: PersonRequest) -> HttpResponse:
    """Show prompts and presets and take a new prompt; ``?part=list`` is what the composer offers."""
    if request.method == "POST":
        return _keep(request, PromptForm(request.POST))
    if request.GET.get("part") == "list":
        return render(request, "writing/_offer.html", {"prompts": Prompt.objects.usable_by(request.user)})
    return _prompts(request, PromptForm())


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def prompt(request: PersonRequest, prompt: UUID) -> HttpResponse:
    """Show one's own prompt and change it."""
    found = access.own_prompt_for(request.user, prompt)
    if request.method == "POST":
        return _keep(request, PromptForm(request.POST), found)
    return _prompts(request, PromptForm(instance=found), editing=found)


@require_POST
@for_people
def delete_prompt(request: PersonRequest, prompt: UUID) -> HttpResponse:
    verbs.delete_prompt(request.user, prompt)
    return _gone(request)


@require_POST
@for_people
def delete_preset(request: PersonRequest, preset: UUID) -> HttpResponse:
    verbs.delete_preset(request.user, preset)
    return _gone(request)


def _keep(request: PersonRequest, form: PromptForm, editing: Prompt | None = None) -> HttpResponse:
    if not form.is_valid():
        return _prompts(request, form, editing=editing, status=400)
    values: dict[str, Any] = form.cleaned_data
    try:
        verbs.keep_prompt(request.user, values["name"], values["text"], editing.pk if editing else None)
    except NotFound:
        raise
    except ChatError as exc:
        form.add_error(None, told(exc))
        return _prompts(request, form, editing=editing, status=exc.status)
    messages.success(request, gettext("Saved."))
    return redirect("settings:prompts")


def _prompts(
    request: PersonRequest, form: PromptForm, *, editing: Prompt | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "editing": editing,
        "mine": Prompt.objects.owned_by(request.user).defer("text"),
        "of_the_site": Prompt.objects.of_the_site().defer("text"),
        "presets": Preset.objects.owned_by(request.user).defer("system_prompt").select_related("chat_model"),
    }
    return render(request, "writing/prompts.html", context, status=status)


def _gone(request: PersonRequest) -> HttpResponse:
    if is_script(request):
        return HttpResponse(status=204)
    messages.success(request, gettext("Deleted."))
    return redirect(reverse("settings:prompts"))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound from exc
