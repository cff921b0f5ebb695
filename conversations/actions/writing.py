"""Keep what a person writes with: drafts, the manner of a chat, presets, prompts."""

from __future__ import annotations

from math import isnan
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations import access, catalogue, conf
from conversations.errors import Invalid, LimitReached, TooLong
from conversations.models import ChatModel, Conversation, Draft, Preset, Prompt, Tuning, User
from conversations.models.writing import MANNER

MOST_KEPT = 200
"""Prompts, and presets, of one person."""


# Drafts


def keep_draft(user: User, conversation: UUID | None, text: str, *, seen: str = "") -> str:
    """Keep what is typed and return its stamp; the draft that is saved last counts.

    An empty ``text`` forgets the draft, but only the one of the stamp ``seen``: what was typed on another device
    since is not lost by sending on this one.
    """
    home = access.conversation_for(user, conversation) if conversation else None
    if len(text) > conf.limits().text:
        raise TooLong("This is longer than {count} characters. Please shorten it.", count=f"{conf.limits().text:,}")
    if "\x00" in text:
        raise Invalid("The text holds a character that cannot be stored (NUL).")
    if not text.strip():
        if (moment := _moment(seen)) is not None:
            Draft.objects.filter(owner=user, conversation=home, saved_at=moment).delete()
        return ""
    values = {"text": text, "saved_at": timezone.now()}
    mine = Draft.objects.filter(owner=user, conversation=home)
    if not mine.update(**values):
        try:
            with transaction.atomic():
                Draft.objects.create(owner=user, conversation=home, **values)
        except IntegrityError:  # another device was first with the first one
            mine.update(**values)
    return str(values["saved_at"].isoformat())  # type: ignore[attr-defined]


def draft_of(user: User, conversation: Conversation | None) -> Draft | None:
    return Draft.objects.filter(owner=user, conversation=conversation).first()


def forget_sent(user: User, conversation: UUID | None, text: str) -> None:
    """Forget the draft that has been sent; another text stays."""
    Draft.objects.filter(owner=user, conversation=conversation, text=text).delete()


def _moment(stamp: str) -> Any:
    try:
        moment = parse_datetime(stamp)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


# The manner of a chat, and presets


def tune(user: User, conversation: UUID, **manner: Any) -> Tuning | None:
    """Give a chat exactly this manner; None where that says nothing and the chat has none of its own any more."""
    home = access.conversation_for(user, conversation)
    tuning = Tuning(conversation=home, **manner)
    _check(tuning, exclude=["conversation"])
    if not tuning.says_something:
        Tuning.objects.filter(conversation=home).delete()
        return None
    Tuning.objects.update_or_create(conversation=home, defaults={name: getattr(tuning, name) for name in MANNER})
    return tuning


@transaction.atomic
def use_preset(user: User, conversation: UUID, preset: UUID) -> None:
    """Give a chat the manner of a preset, and its model if this person may use it."""
    chosen = access.preset_for(user, preset)
    tune(user, conversation, **manner_of(chosen))
    if chosen.chat_model_id in {model.pk for model in catalogue.chat_models_for(user)}:
        Conversation.objects.filter(pk=conversation).update(chat_model=chosen.chat_model_id)


def keep_preset(user: User, conversation: UUID, name: str, **manner: Any) -> Preset:
    """Keep a manner with the chat's model under a name; one of the same name is replaced."""
    home = access.conversation_for(user, conversation)
    known = Preset.objects.owned_by(user).filter(name=name.strip()).first()
    return _put_preset(user, known or Preset(owner=user), name, home.chat_model, manner)


def add_preset(user: User, name: str, model: ChatModel | None, **manner: Any) -> Preset:
    """Keep a manner and a model under a name beside what there is."""
    return _put_preset(user, Preset(owner=user), name, model, manner)


def _put_preset(user: User, preset: Preset, name: str, model: ChatModel | None, manner: dict[str, Any]) -> Preset:
    preset.name, preset.chat_model = name.strip(), model
    for field in MANNER:
        setattr(preset, field, manner[field])
    _check(preset, exclude=["owner", "chat_model"])
    if preset._state.adding:
        _check_room(Preset.objects.owned_by(user).count())
    preset.save()
    return preset


def delete_preset(user: User, preset: UUID) -> None:
    access.own_preset_for(user, preset).delete()


def manner_of(row: Tuning | Preset) -> dict[str, Any]:
    return {name: getattr(row, name) for name in MANNER}


def copy_tuning(old: Conversation, new: Conversation) -> None:
    """Let a chat that goes on from another one be answered in the same manner."""
    if tuning := Tuning.objects.filter(conversation=old).first():
        Tuning.objects.create(conversation=new, **manner_of(tuning))


# Prompts


def keep_prompt(user: User, name: str, text: str, prompt: UUID | None = None) -> Prompt:
    """Make a prompt, or change one of one's own."""
    kept = access.own_prompt_for(user, prompt) if prompt else Prompt(owner=user)
    kept.name, kept.text = " ".join(name.split()), text
    _check(kept, exclude=["owner"])
    if prompt is None:
        _check_room(Prompt.objects.owned_by(user).count())
    kept.save()
    return kept


def delete_prompt(user: User, prompt: UUID) -> None:
    access.own_prompt_for(user, prompt).delete()


# Internal


def _check(row: Tuning | Preset | Prompt, *, exclude: list[str]) -> None:
    if any("\x00" in value for value in vars(row).values() if isinstance(value, str)):
        raise Invalid("The text holds a character that cannot be stored (NUL).")
    if any(isinstance(value, float) and isnan(value) for value in vars(row).values()):
        raise Invalid("This is not a number.")
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as exc:
        raise Invalid("{problem}", problem=_first(exc)) from exc


def _first(problem: ValidationError) -> str:
    """Return one sentence of what is wrong, with the name of its field."""
    return next(f"{name}: {errors[0]}" for name, errors in problem.message_dict.items())


def _check_room(count: int) -> None:
    if count >= MOST_KEPT:
        raise LimitReached("You have kept {count} of these. Delete some first.", count=MOST_KEPT)
