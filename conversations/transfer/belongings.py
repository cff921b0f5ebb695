"""What this site's archive holds beside chats (``account``), read back: prompts, presets, how each chat is answered.

Folders, tags and pins come with the chats. Settings, links, drafts and ratings are of the account they were made in,
and stay there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from conversations import catalogue
from conversations.actions import writing
from conversations.errors import ChatError, Invalid
from conversations.models import Preset, Prompt, User
from conversations.models.writing import MANNER, NAME_LENGTH
from conversations.transfer import given

FILE: Final = "account.json"
LARGEST: Final = 64 * 1024**2
"""Bytes; the longest prompts and presets that one person may keep take half of it."""

Facts = dict[str, Any]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class SavedPrompt:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SavedPreset:
    """``model`` is what its site called it; here it is the one of that name, or none."""

    name: str
    model: str
    manner: Facts


@dataclass(frozen=True, slots=True)
class Belongings:
    """What was read; ``manners`` by the ids of chats."""

    prompts: tuple[SavedPrompt, ...] = ()
    presets: tuple[SavedPreset, ...] = ()
    manners: Mapping[str, Facts] = field(default_factory=dict)


def belongings_in(content: bytes) -> Belongings:
    """Read ``account.json``. Raises ``Invalid`` with the place of what is wrong."""
    try:
        facts = given.members(json.loads(content), FILE)
    except json.JSONDecodeError as exc:
        line, column = exc.lineno, exc.colno
        raise Invalid(
            "{name}, line {line}, column {column}: this is no JSON. Nothing was changed.",
            name=FILE, line=line, column=column,
        ) from exc  # fmt: skip
    except (ValueError, RecursionError) as exc:
        raise Invalid("“{name}” in this ZIP archive cannot be read. Nothing was changed.", name=FILE) from exc
    return Belongings(
        tuple(_each(facts, "prompts", _prompt)),
        tuple(_each(facts, "presets", _preset)),
        dict(_each(facts, "chat_settings", lambda one, at: (given.key(one.get("chat"), at), _manner(one, at)))),
    )


def new_of(user: User, found: Belongings) -> tuple[list[SavedPrompt], list[SavedPreset]]:
    """Return the prompts and presets that this person has not kept already."""
    texts = set(Prompt.objects.owned_by(user).values_list("text", flat=True))
    prompts = {one.text: one for one in found.prompts if one.name and one.text.strip() and one.text not in texts}
    kept = [(one.name, writing.manner_of(one)) for one in Preset.objects.owned_by(user)]
    presets = [one for one in found.presets if one.name and not any(_is_like(one, *other) for other in kept)]
    return list(prompts.values()), presets


def keep(user: User, found: Belongings) -> int:
    """Keep what is new under a name that is free. Return how many there was no room for, or would not be taken here."""
    prompts, presets = new_of(user, found)
    left_out = len(prompts) + len(presets)
    names = set(Prompt.objects.owned_by(user).values_list("name", flat=True))
    for prompt in prompts:
        with suppress(ChatError):
            names.add(writing.keep_prompt(user, _free(prompt.name, names), prompt.text).name)
            left_out -= 1
    names = set(Preset.objects.owned_by(user).values_list("name", flat=True))
    models = {str(model): model for model in catalogue.chat_models_for(user)}
    for preset in presets:
        with suppress(ChatError):
            name = _free(preset.name, names)
            names.add(writing.add_preset(user, name, models.get(preset.model), **preset.manner).name)
            left_out -= 1
    return left_out


def _is_like(preset: SavedPreset, name: str, manner: Facts) -> bool:
    """Tell whether a preset was kept already, be it under the name that was free then."""
    return preset.manner == manner and re.fullmatch(rf"{re.escape(preset.name)}( \(\d+\))?", name) is not None


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        ending = f" ({number})"
        free, number = name[: NAME_LENGTH - len(ending)] + ending, number + 1
    return free


def _each(facts: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any], str], Kept]) -> Iterator[Kept]:
    for number, one in enumerate(given.items(facts.get(name) or [], f"{FILE}: {name}")):
        place = f"{FILE}: {name}[{number}]"
        yield read(given.members(one, place), place)


def _prompt(facts: Mapping[str, Any], place: str) -> SavedPrompt:
    return SavedPrompt(given.line(facts.get("name"), NAME_LENGTH), given.text(facts.get("text"), f"{place}.text"))


def _preset(facts: Mapping[str, Any], place: str) -> SavedPreset:
    name = given.line(facts.get("name"), NAME_LENGTH)
    return SavedPreset(name, given.line(facts.get("model"), 200), _manner(facts, place))


def _manner(facts: Mapping[str, Any], place: str) -> Facts:
    """Return all fields of a manner, those that are not told as a row without them has them."""
    told = {
        "system_prompt": given.text(facts.get("system_prompt"), f"{place}.system_prompt"),
        "temperature": _fraction(facts.get("temperature")),
        "top_p": _fraction(facts.get("top_p")),
        "max_tokens": given.number(facts.get("max_tokens")),
        "reasoning_effort": given.line(facts.get("reasoning_effort"), 10),
    }
    return {name: told[name] for name in MANNER}


def _fraction(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else None
