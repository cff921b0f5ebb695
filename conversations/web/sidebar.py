"""The list of conversations, in groups by the person's own calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from conversations.frames import sidebar_row
from conversations.models import Conversation, Generation, User
from conversations.presentation import SidebarGroup

PAGE = 40
"""Rows in the first HTML (ux.md B6)."""

_STAMP = "%Y%m%dT%H%M%S%f"


def page_of(user: User, *, current: UUID | None = None, after: str = "") -> tuple[list[SidebarGroup], str | None]:
    """Return one page of a person's conversations in groups, and the address of the next one.

    ``after`` is the cursor of the page before; one that makes no sense begins anew. Constant number of queries.
    """
    running = Generation.objects.running().filter(conversation=OuterRef("pk"))
    found = Conversation.objects.owned_by(user).present().latest_first().annotate(is_answering=Exists(running))
    if cursor := _parse(after):
        touched, last = cursor
        found = found.filter(Q(touched_at__lt=touched) | Q(touched_at=touched, pk__lt=last))
    rows = list(found.defer("title_from")[: PAGE + 1])
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    next_url = f"{reverse('chat:list')}?after={more.touched_at.astimezone(UTC):{_STAMP}}_{more.pk}" if more else None
    groups = _grouped(rows[:PAGE], current)
    if not after and (not groups or groups[0].heading != gettext("Today")):
        groups.insert(0, SidebarGroup(heading=gettext("Today"), rows=[]))  # where the page puts new ones
    return groups, next_url


def _grouped(conversations: Sequence[Conversation], current: UUID | None) -> list[SidebarGroup]:
    today = timezone.localdate()
    groups: list[SidebarGroup] = []
    for conversation in conversations:
        heading = _heading(timezone.localdate(conversation.touched_at), today)
        if not groups or groups[-1].heading != heading:
            groups.append(SidebarGroup(heading=heading, rows=[]))
        row = sidebar_row(conversation)
        groups[-1].rows.append(replace(row, is_current=conversation.pk == current))
    return groups


def _heading(day: date, today: date) -> str:
    age = (today - day).days
    if age <= 0:
        return gettext("Today")
    if age == 1:
        return gettext("Yesterday")
    if age <= 7:
        return gettext("Previous 7 days")
    if age <= 30:
        return gettext("Previous 30 days")
    return date_format(day, "F") if day.year == today.year else str(day.year)


def _parse(cursor: str) -> tuple[datetime, UUID] | None:
    stamp, _, last = cursor.partition("_")
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC), UUID(last)
    except ValueError:
        return None
