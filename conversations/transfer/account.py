"""What a person has on this site beside their chats, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from conversations.models import Draft, Feedback, Folder, Preset, Prompt, ShareLink, Tag, Tuning, User
from conversations.models.writing import MANNER
from conversations.transfer.exporting import in_batches, to_json

Facts = dict[str, Any]
_KEPT = {"conversation__deleted_at": None, "conversation__vanishes_at": None}


def account_of(user: User) -> Iterator[str]:
    """Yield settings, then a list each of folders, tags, prompts, presets, drafts, manners of chats, links, ratings."""
    yield to_json({"exported_at": timezone.now(), "settings": _settings(user)})[:-1]
    for name, found, told in _lists(user):
        yield f',\n"{name}": ['
        rows = (row for some in in_batches(found) for row in some)
        for number, row in enumerate(rows):
            yield (",\n" if number else "\n") + to_json(told(row))
        yield "]"
    yield "\n}\n"


def _lists(user: User) -> Iterator[tuple[str, QuerySet[Any], Callable[[Any], Facts]]]:
    yield "folders", Folder.objects.owned_by(user).order_by("position", "pk"), _name
    yield "tags", Tag.objects.owned_by(user).order_by("name"), _name
    yield "prompts", Prompt.objects.owned_by(user), lambda one: {"name": one.name, "text": one.text}
    presets = Preset.objects.owned_by(user).select_related("chat_model")
    yield "presets", presets, lambda one: {**_name(one), "model": _label(one.chat_model), **_manner(one)}
    drafts = Draft.objects.filter(owner=user).filter(conversation=None) | Draft.objects.filter(owner=user, **_KEPT)
    yield "drafts", drafts.order_by("saved_at"), _draft
    tunings = Tuning.objects.filter(conversation__owner=user, **_KEPT).order_by("pk")
    yield "chat_settings", tunings, lambda one: {"chat": one.pk, **_manner(one)}
    links = ShareLink.objects.owned_by(user).filter(conversation__deleted_at=None)
    yield "links", links.defer("snapshot").order_by("pk"), _link
    yield "ratings", Feedback.objects.filter(conversation__owner=user, **_KEPT).order_by("pk"), _rating


def _settings(user: User) -> Facts:
    names = ("email", "name", "language", "send_key", "instructions", "reading", "date_joined")
    return {**{name: getattr(user, name) for name in names}, "default_model": _label(user.default_model)}


def _name(row: Folder | Tag | Preset) -> Facts:
    return {"name": row.name}


def _label(model: Model | None) -> str:
    return str(model or "")


def _manner(row: Preset | Tuning) -> Facts:
    return {name: given for name in MANNER if (given := getattr(row, name)) not in ("", None)}


def _draft(draft: Draft) -> Facts:
    return {"chat": draft.conversation_id, "text": draft.text, "saved_at": draft.saved_at}


def _link(link: ShareLink) -> Facts:
    names = ("title", "audience", "shows_thinking", "made_at", "expires_at")
    return {"chat": link.conversation_id, **{name: getattr(link, name) for name in names}}


def _rating(rating: Feedback) -> Facts:
    names = ("value", "reasons", "comment", "made_at")
    return {"message": rating.message_id, **{name: getattr(rating, name) for name in names}}
