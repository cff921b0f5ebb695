"""Finding chats and messages, as a page and as the inside of a dialog over the chat."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from conversations.models import Conversation
from conversations.search import finding
from conversations.search.queries import LONGEST_QUERY, parse
from conversations.search.words import fold
from conversations.web.people import PersonRequest, for_people

RECENT = 8
"""Chats that are offered before anything is typed."""
IN_DIALOG = 12
"""Messages that the dialog shows; the page has them all."""
ON_PAGE = 100
"""Chats by their title that the page shows; who has more of one name needs another word."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do beside opening a chat; ``press`` is the button of the page that does it, else a link."""

    label: str
    url: str
    press: str = ""
    opens_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys and what they do; ``key`` is how the script names those that can be switched off."""

    keys: tuple[str, ...]
    what: str
    key: str = ""


@require_safe
@for_people
def show(request: PersonRequest) -> HttpResponse:
    """Show what ``?q=`` finds; ``?part=dialog`` and ``?part=options`` are the dialog and the list in it."""
    text = request.GET.get("q", "")[:LONGEST_QUERY].strip("\x00")
    query = parse(text)
    part = request.GET.get("part", "")
    before = _number(request.GET.get("before", ""))
    limit, most = (IN_DIALOG, finding.MOST_TITLES) if part else (finding.PAGE, ON_PAGE)
    found = finding.find(request.user, query, before=before, limit=limit, most_titles=most)
    context: dict[str, object] = {"text": text, "is_asked": bool(text.strip()), "found": found}
    if part:
        context |= {"commands": _commands(request, text), "recent": [] if text.strip() else _recent(request)}
    templates = {"dialog": "search/_palette.html", "options": "search/_options.html"}
    return render(request, templates.get(part, "search/show.html"), context)


@require_safe
@for_people
def shortcuts(request: PersonRequest) -> HttpResponse:
    """List what the keyboard can do."""
    is_dialog = request.GET.get("part") == "dialog"
    control = "⌘" if "Mac" in request.headers.get("User-Agent", "") else gettext("Ctrl")
    template = "search/_shortcuts.html" if is_dialog else "search/shortcuts.html"
    return render(request, template, {"shortcuts": _shortcuts(control), "is_dialog": is_dialog})


def _recent(request: PersonRequest) -> list[Conversation]:
    return list(Conversation.objects.owned_by(request.user).listed().latest_first()[:RECENT])


def _commands(request: PersonRequest, text: str) -> list[Command]:
    commands = [
        Command(gettext("New chat"), reverse("chat:new")),
        Command(gettext("Settings"), reverse("settings:show")),
        Command(gettext("Keyboard shortcuts"), reverse("search:shortcuts"), opens_dialog=True),
        Command(gettext("Light theme"), reverse("settings:reading"), "[data-do=theme][value=light]"),
        Command(gettext("Dark theme"), reverse("settings:reading"), "[data-do=theme][value=dark]"),
        Command(gettext("Theme of the system"), reverse("settings:reading"), "[data-do=theme][value=system]"),
    ]
    wanted = fold(text.strip())
    return [command for command in commands if wanted in fold(command.label)]


def _shortcuts(control: str) -> list[Shortcut]:
    shift = gettext("Shift")
    return [
        Shortcut((control, "K"), gettext("Search chats"), "ctrl+k"),
        Shortcut((control, shift, "O"), gettext("New chat"), "ctrl+shift+o"),
        Shortcut((control, shift, "S"), gettext("List of chats"), "ctrl+shift+s"),
        Shortcut((control, shift, "M"), gettext("Choose a model"), "ctrl+shift+m"),
        Shortcut((control, "'"), gettext("Quote what is selected"), "ctrl+'"),
        Shortcut((control, "/"), gettext("Keyboard shortcuts"), "ctrl+/"),
        Shortcut((shift, "Esc"), gettext("To the message field")),
        Shortcut(("Esc",), gettext("Stop the answer, or close what is open")),
        Shortcut(("↑",), gettext("Edit the last question, in an empty message field")),
        Shortcut(("Alt", "↑ ↓"), gettext("From message to message")),
        Shortcut(("F2",), gettext("Rename the chat, in the list")),
        Shortcut(("Del",), gettext("Delete the chat, in the list")),
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
