"""Every string of the site has its translation, and what is compiled is what was translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from tests.support.translations import LOCALES, collected, compiled, path_of, stored

NO_WORDS = (
    "https://",
    'data-connection="connecting"',
    'data-sidebar="closed"',
    "is-",
    "JSONL",
    "JSON",
    "Markdown",
    "CSV",
    "Alt",
    "j",
    "k",
    "o",
)
FIELD = re.compile(r"%\(\w+\)s|\{\w+\}")


def key(message: Message) -> tuple[object, object]:
    return message.id, message.context


def forms(message: Message) -> list[tuple[str, str]]:
    """Return what stands in the sources with each of its translations."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return [(ids[-1], string) for string in strings]


@pytest.mark.parametrize("folder", LOCALES)
def test_every_string_of_the_sources_is_translated(folder: str) -> None:
    there = {key(message): message for message in stored(folder) if message.id}
    wanted = {key(message) for message in collected() if message.id}
    assert not wanted - there.keys(), "run `make messages` and translate what is new"
    assert not there.keys() - wanted, "run `make messages`: these are gone from the sources"
    empty = [message.id for message in there.values() if message.fuzzy or not all(text for _, text in forms(message))]
    assert not empty


@pytest.mark.parametrize("folder", LOCALES)
def test_translations_name_the_same_fields(folder: str) -> None:
    for message in stored(folder):
        for source, translation in forms(message) if message.id else ():
            assert sorted(FIELD.findall(source)) == sorted(FIELD.findall(translation)), source


@pytest.mark.parametrize("folder", LOCALES)
def test_what_is_compiled_is_what_was_translated(folder: str) -> None:
    path = path_of(folder).with_suffix(".mo")
    assert path.read_bytes() == compiled(stored(folder)), "run `make messages`"


def test_templates_hold_no_words_outside_of_translations() -> None:
    """Whoever writes a sentence into a template marks it: nothing but names and signs is left without the marks."""
    for path in sorted((Path(__file__).parents[1] / "templates").rglob("*.html")):
        text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", "", text, flags=re.S)
        text = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)
        text = re.sub(r"{%.*?%}|{{.*?}}|{\w+}", "\0", text, flags=re.S)
        text = re.sub(r"(<[^<>]*)>", lambda tag: tag[0].replace("\0", ""), text)
        said = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z][^"]*)"', text)
        said += [words.strip() for words in re.sub(r"<[^>]*>", "\0", text).split("\0") if re.search("[A-Za-z]", words)]
        assert not [words for words in said if words not in NO_WORDS], path
