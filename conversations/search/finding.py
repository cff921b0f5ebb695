"""What a query finds: chats by their titles, messages by their words, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from conversations.models import Conversation, Message, SearchEntry, User
from conversations.search.index import mark_of
from conversations.search.queries import Query, for_fts5, for_tsquery
from conversations.search.snippets import Piece, excerpt

PAGE = 20
"""Messages of one page of results."""
MOST_TITLES = 8
"""Chats that are named above them in the dialog."""


@dataclass(frozen=True, slots=True)
class Title:
    """A chat whose title was found."""

    conversation: UUID
    title: list[Piece]


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, with the place in it."""

    entry: int
    conversation: UUID
    title: str
    message: UUID
    is_answer: bool
    made_at: datetime
    excerpt: list[Piece]


@dataclass(frozen=True, slots=True)
class Findings:
    """One page of what was found; ``more`` is the entry after which the next page begins.

    ``has_more_titles`` says that further chats are called so, ``is_whole`` that the last word filled the page as it
    stands: the next pages are of that word, too.
    """

    titles: list[Title]
    hits: list[Hit]
    more: int | None = None
    is_whole: bool = False
    has_more_titles: bool = False


@dataclass(frozen=True, slots=True)
class Whose:
    """A person's own: the titles of their chats, or their messages."""

    owner: UUID
    titles: bool = False


def newest_entries(query: Query, whose: Whose | None = None, before: int | None = None) -> QuerySet[SearchEntry]:
    """Return the entries that match, the newest first; to be sliced, filtered further, never used in a subquery.

    Both databases stop as soon as a slice is full: SQLite walks its index backwards, PostgreSQL chooses between
    that and its index of words by how common they are. An empty query finds nothing.
    """
    if not query:
        return SearchEntry.objects.none()
    found = SearchEntry.objects.filter(pk__lt=before) if before is not None else SearchEntry.objects.all()
    if connection.vendor == "postgresql":
        found = found.extra(where=["conversations_searchentry.words @@ %s::tsquery"], params=[for_tsquery(query)])
        return _newest_of(found, whose, before) if whose else found.order_by("-pk")
    mark = mark_of(whose.owner, titles=whose.titles) if whose else ""
    where = "conversations_words.rowid = conversations_searchentry.id AND conversations_words MATCH %s"
    if mark and before is None and (newest := _newest(mark)):
        before = newest + 1  # SQLite would step over everybody's entries that are newer, one by one
    if before is not None:
        where += f" AND conversations_words.rowid < {int(before)}"
    return found.extra(
        tables=["conversations_words"],
        where=[where],
        params=[for_fts5(query, mark)],
        order_by=["-conversations_words.rowid"],
    )


def _newest_of(found: QuerySet[SearchEntry], whose: Whose, before: int | None) -> QuerySet[SearchEntry]:
    """Narrow to a person's, in the order of the index that is made for them (``index``)."""
    found = found.filter(message__isnull=whose.titles)
    found = found.extra(where=["conversations_searchentry.owner = %s"], params=[whose.owner])
    if before is not None:
        found = found.extra(where=["conversations_searchentry.id * -1 > %s"], params=[-before])
    return found.order_by(RawSQL("conversations_searchentry.id * -1", ()))


def _newest(mark: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM conversations_words WHERE conversations_words MATCH %s ORDER BY rowid DESC LIMIT 1",
            [f'marks : "{mark}"'],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def find(
    user: User, query: Query, *, before: int | None = None, limit: int = PAGE, most_titles: int = MOST_TITLES
) -> Findings:
    """Return what ``user`` finds among their own: titles on the first page, and messages of every branch."""
    titles = [] if before is not None else _titles(user, query.whole, most_titles + 1)
    if len(titles) <= most_titles and before is None and query != query.whole:
        known = {one.conversation for one in titles}
        titles += [one for one in _titles(user, query, most_titles + 1) if one.conversation not in known]
    hits, more = _hits(user, query.whole, before, limit)
    is_whole = more is not None
    if not is_whole and query != query.whole:
        hits, more = _hits(user, query, before, limit)
    return Findings(titles[:most_titles], hits, more, is_whole, has_more_titles=len(titles) > most_titles)


def _titles(user: User, query: Query, most: int) -> list[Title]:
    found = newest_entries(query, Whose(user.pk, titles=True)).filter(
        conversation__owner=user, conversation__deleted_at=None, conversation__vanishes_at=None
    )
    homes = [entry.conversation for entry in found.select_related("conversation")[:most]]
    return [Title(home.pk, excerpt(home.title, query)) for home in homes]


def _hits(user: User, query: Query, before: int | None, limit: int) -> tuple[list[Hit], int | None]:
    found = newest_entries(query, Whose(user.pk), before).filter(
        conversation__owner=user, conversation__deleted_at=None, conversation__vanishes_at=None
    )
    rows = list(found.values_list("pk", "message", "conversation", named=False)[: limit + 1])
    more = rows[limit - 1][0] if len(rows) > limit else None
    return hits_of(rows[:limit], query), more


def hits_of(rows: Sequence[tuple[int, UUID, UUID]], query: Query) -> list[Hit]:
    """Return what is shown of entries given as (entry, message, conversation); two parts of one message are one."""
    messages = Message.objects.only("text", "role", "created_at").in_bulk([message for _, message, _ in rows])
    titles = dict(Conversation.objects.filter(pk__in={home for _, _, home in rows}).values_list("pk", "title"))
    first = {message: entry for entry, message, _ in reversed(rows)}
    return [
        Hit(
            entry,
            home,
            titles[home],
            message,
            messages[message].is_answer,
            messages[message].created_at,
            excerpt(messages[message].text, query),
        )
        for entry, message, home in rows
        if first[message] == entry and message in messages and home in titles
    ]
