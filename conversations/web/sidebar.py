"""The list of conversations beside the page: pinned ones, folders, then groups by the person's own calendar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from conversations.actions.order import MOST_PINNED
from conversations.frames import sidebar_row
from conversations.models import Conversation, Folder, Generation, User
from conversations.presentation import SidebarGroup, SidebarRow

PAGE = 40
"""Rows by day in the first HTML (ux.md B6)."""
MOST = 1_000
"""Rows by day that a page can ask for again at once."""
IN_A_FOLDER = 20
"""Rows of an open folder; its own page shows the rest."""
MOST_OPEN = 20
"""Folders that can be open at once."""

_STAMP = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder in the list; only an open one has its rows."""

    id: str
    name: str
    is_open: bool
    has_unread: bool
    rows: list[SidebarRow] = field(default_factory=list)
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The whole list."""

    pinned: list[SidebarRow]
    folders: list[FolderView]
    groups: list[SidebarGroup]
    next_url: str | None


def whole(
    user: User, *, current: Conversation | None = None, open_folders: Collection[str] = (), count: int = PAGE
) -> Sidebar:
    """Return the list with ``count`` rows by day, in three queries. The folder of ``current`` is open, too."""
    here = current.pk if current else None
    unread = Conversation.objects.unread().filter(folder=OuterRef("pk"), pinned_at=None)
    mine = list(Folder.objects.owned_by(user).order_by("position", "id").annotate(has_unread=Exists(unread)))
    opened = [one for one in mine if short(one.pk) in open_folders or (current and one.pk == current.folder_id)]
    opened = opened[:MOST_OPEN]
    placed = _placed(user, opened)
    rows = {place: [_row(one, here) for one in found] for place, found in placed.items()}
    groups, next_url = page_of(user, current=here, count=count)
    views = [
        FolderView(
            id=str(one.pk),
            name=one.name,
            is_open=one in opened,
            has_unread=bool(one.has_unread),
            rows=rows.get(one.pk, [])[:IN_A_FOLDER],
            has_more=len(rows.get(one.pk, [])) > IN_A_FOLDER,
        )
        for one in mine
    ]
    return Sidebar(rows.get(None, []), views, groups, next_url)


def open_folders(request: HttpRequest) -> set[str]:
    """Return the marks of the folders that the person has left open, as the page's script keeps them."""
    return set(request.COOKIES.get("folders", "")[:2000].split("."))


def short(folder: UUID) -> str:
    """Return the mark of a folder in the cookie."""
    return folder.hex[-8:]


def page_of(
    user: User, *, current: UUID | None = None, after: str = "", count: int = PAGE
) -> tuple[list[SidebarGroup], str | None]:
    """Return one page of the conversations listed by day, and the address of the next one.

    ``after`` is the cursor of the page before; one that makes no sense begins anew. One query.
    """
    rows, cursor = cut(_answering(Conversation.objects.owned_by(user).loose()), after, count)
    next_url = f"{reverse('chat:list')}?after={cursor}" if cursor else None
    groups = _grouped(rows, current)
    if not after and (not groups or groups[0].heading != gettext("Today")):
        groups.insert(0, SidebarGroup(heading=gettext("Today"), rows=[]))  # where the page puts new ones
    return groups, next_url


def cut(
    found: QuerySet[Conversation], after: str, count: int, *, by: str = "touched_at"
) -> tuple[list[Conversation], str]:
    """Return ``count`` rows behind the cursor ``after``, the latest ``by`` first, and the cursor of what follows."""
    found = found.order_by(f"-{by}", "-id")
    if cursor := _parse(after):
        stamp, last = cursor
        found = found.filter(Q(**{f"{by}__lt": stamp}) | Q(**{by: stamp, "pk__lt": last}))
    rows = list(found[: count + 1])
    if len(rows) <= count:
        return rows, ""
    end = rows[count - 1]
    return rows[:count], f"{getattr(end, by).astimezone(UTC):{_STAMP}}_{end.pk}"


def _placed(user: User, folders: Sequence[Folder]) -> dict[UUID | None, list[Conversation]]:
    """Return the pinned conversations (under None) and the first ones of each folder, in one query."""
    mine = Conversation.objects.owned_by(user)
    wanted = Q(pk__in=mine.pinned().order_by("-pinned_at", "-id").values("pk")[:MOST_PINNED])
    for one in folders:
        first = mine.listed().filter(folder=one, pinned_at=None).latest_first()
        wanted |= Q(pk__in=first.values("pk")[: IN_A_FOLDER + 1])
    placed: dict[UUID | None, list[Conversation]] = {}
    for found in _answering(mine.filter(wanted).latest_first()):
        placed.setdefault(None if found.pinned_at else found.folder_id, []).append(found)
    placed.get(None, []).sort(key=lambda one: (one.pinned_at, one.pk), reverse=True)
    return placed


def _answering(found: QuerySet[Conversation]) -> QuerySet[Conversation]:
    running = Generation.objects.running().filter(conversation=OuterRef("pk"))
    return found.annotate(is_answering=Exists(running))


def _row(conversation: Conversation, current: UUID | None) -> SidebarRow:
    return replace(sidebar_row(conversation), is_current=conversation.pk == current)


def _grouped(conversations: Sequence[Conversation], current: UUID | None) -> list[SidebarGroup]:
    today = timezone.localdate()
    groups: list[SidebarGroup] = []
    for conversation in conversations:
        heading = _heading(timezone.localdate(conversation.touched_at), today)
        if not groups or groups[-1].heading != heading:
            groups.append(SidebarGroup(heading=heading, rows=[]))
        groups[-1].rows.append(_row(conversation, current))
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
