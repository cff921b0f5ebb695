"""The pages of chats: all of them, the archive, a folder or a tag, with what can be done with several at once."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext

from conversations import access
from conversations.errors import NotFound
from conversations.models import Conversation, Folder, Tag, User
from conversations.web.sidebar import cut

PAGE = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """Which chats are listed; at most one of the three is chosen."""

    is_archive: bool = False
    folder: Folder | None = None
    tag: Tag | None = None

    @property
    def heading(self) -> str:
        if self.is_archive:
            return gettext("Archive")
        if self.folder:
            return self.folder.name
        return self.tag.name if self.tag else gettext("All chats")

    @property
    def url(self) -> str:
        query = {"in": "archive" if self.is_archive else ""}
        query |= {"folder": str(self.folder.pk) if self.folder else "", "tag": str(self.tag.pk) if self.tag else ""}
        chosen = urlencode({key: value for key, value in query.items() if value})
        return reverse("chat:list") + (f"?{chosen}" if chosen else "")


def scope_of(user: User, query: dict[str, str]) -> Scope:
    """Return what an address asks for; ``NotFound`` for a folder or a tag that is not there."""
    if folder := query.get("folder"):
        return Scope(folder=access.folder_for(user, _id(folder)))
    if tag := query.get("tag"):
        return Scope(tag=access.tag_for(user, _id(tag)))
    return Scope(is_archive=query.get("in") == "archive")


def page_of(user: User, scope: Scope, after: str) -> dict[str, object]:
    """Return what the page shows; a constant number of queries."""
    mine = Conversation.objects.owned_by(user)
    found = mine.archived() if scope.is_archive else mine.listed()
    if scope.folder:
        found = found.filter(folder=scope.folder)
    if scope.tag:
        found = found.filter(Exists(Tag.objects.filter(pk=scope.tag.pk, conversations=OuterRef("pk"))))
    whole = found.select_related("folder").prefetch_related("tags")
    rows, cursor = cut(whole, after, PAGE, by="archived_at" if scope.is_archive else "touched_at")
    join = "&" if "?" in scope.url else "?"
    return {
        "scope": scope,
        "rows": rows,
        "folders": Folder.objects.owned_by(user).order_by("position", "id"),
        "tags": Tag.objects.owned_by(user).order_by("name", "id"),
        "here": scope.url,
        "page_url": f"{scope.url}{join}after={after}" if after else scope.url,
        "next_url": f"{scope.url}{join}after={cursor}" if cursor else "",
        "is_later": bool(after),
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound from exc
