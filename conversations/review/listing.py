"""Pages of the list by key, so that the thousandth costs what the first does; and random samples."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, zip_longest
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from conversations.models import Conversation, Generation, Message
from conversations.models.usage import UNITS
from conversations.review.filters import Filters
from conversations.search.finding import newest_entries

PAGE = 50
MOST_SAMPLED = 200
_STAMP = "%Y%m%dT%H%M%S%f"
_LOOK = 200
"""Entries of the index that are looked at in one step, and steps until a page is given as it is."""
_STEPS = 50
_MANY = 10_000
"""Conversations of a selection from which on entries are asked one by one, because some soon match."""


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation as the list shows it: nothing of what was written but its title."""

    id: UUID
    title: str
    owner: str
    touched_at: datetime
    model: str
    messages: int
    failed: int
    unfinished: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    after: str = ""  # the cursor of the next page; empty on the last one


def page(found: QuerySet[Conversation], filters: Filters, after: str = "", size: int = PAGE) -> Page:
    """Return one page of a selection that ``filters`` have narrowed."""
    rows, cursor = _rows(found, filters, after, size)
    return Page(lines(rows), cursor)


def every(found: QuerySet[Conversation], filters: Filters) -> Iterator[list[Conversation]]:
    """Give the whole selection in pages, never more than one of them in memory."""
    cursor = ""
    while True:
        rows, cursor = _rows(found, filters, cursor, 100)
        if rows:
            yield rows
        if not cursor:
            return


def sample(found: QuerySet[Conversation], filters: Filters, count: int, per: str, seed: int) -> list[Line]:
    """Draw ``count`` conversations at random for each week or model; the same seed draws the same.

    Keeps what is drawn so far and nothing else of the selection. At most ``MOST_SAMPLED``, evenly of all weeks.
    """
    chance = random.Random(seed)
    drawn: dict[object, list[UUID]] = defaultdict(list)
    seen: dict[object, int] = defaultdict(int)
    for pk, touched, model in _all(found, filters):
        bucket = touched.isocalendar()[:2] if per == "week" else model
        seen[bucket] += 1
        if len(drawn[bucket]) < count:
            drawn[bucket].append(pk)
        elif (place := chance.randrange(seen[bucket])) < count:
            drawn[bucket][place] = pk
    kept = [pk for pk in chain.from_iterable(zip_longest(*drawn.values())) if pk][:MOST_SAMPLED]
    rows = Conversation.objects.filter(pk__in=kept).select_related("owner", "chat_model")
    return lines(rows.order_by("-touched_at", "-pk"))


def lines(rows: Sequence[Conversation] | QuerySet[Conversation]) -> list[Line]:
    """Return what is shown of conversations, in two queries for all of them."""
    ids = [row.pk for row in rows]
    unfinished = Q(status__in=["stopped", "interrupted"])
    runs = Generation.objects.filter(conversation__in=ids).values("conversation")
    counted = {
        home: (failed, broken_off)
        for home, failed, broken_off in runs.annotate(
            failed=Count("pk", filter=Q(status="failed")), broken_off=Count("pk", filter=unfinished)
        ).values_list("conversation", "failed", "broken_off")
    }
    messages = dict(
        Message.objects.filter(conversation__in=ids).order_by().values_list("conversation").annotate(count=Count("pk"))
    )
    return [
        Line(
            row.pk,
            row.title,
            row.owner.email,
            row.touched_at,
            row.chat_model.label if row.chat_model else "",
            messages.get(row.pk, 0),
            *counted.get(row.pk, (0, 0)),
            Decimal(row.cost_units) / UNITS,
        )
        for row in rows
    ]


def _all(found: QuerySet[Conversation], filters: Filters) -> Iterator[tuple[UUID, datetime, UUID | None]]:
    if filters.cleaned_data["q"].strip():
        for rows in every(found, filters):
            yield from ((row.pk, row.touched_at, row.chat_model_id) for row in rows)
        return
    plain = found.order_by("-touched_at", "-pk").values_list("pk", "touched_at", "chat_model")
    yield from plain.iterator(chunk_size=2000)


def _rows(found: QuerySet[Conversation], filters: Filters, after: str, size: int) -> tuple[list[Conversation], str]:
    if filters.cleaned_data["q"].strip():
        return _by_words(found, filters, after, size)
    found = found.select_related("owner", "chat_model")
    key, _, last = after.partition("_")
    if filters.by_cost:
        found = found.order_by("-cost_units", "-pk")
        if (units := _number(key)) is not None and (pk := _uuid(last)):
            found = found.filter(Q(cost_units__lt=units) | Q(cost_units=units, pk__lt=pk))
    else:
        found = found.order_by("-touched_at", "-pk")
        if (touched := _moment(key)) and (pk := _uuid(last)):
            found = found.filter(Q(touched_at__lt=touched) | Q(touched_at=touched, pk__lt=pk))
    rows = list(found[: size + 1])
    if len(rows) <= size:
        return rows, ""
    end = rows[size - 1]
    stamp = str(end.cost_units) if filters.by_cost else f"{end.touched_at.astimezone(UTC):{_STAMP}}"
    return rows[:size], f"{stamp}_{end.pk}"


def _by_words(found: QuerySet[Conversation], filters: Filters, after: str, size: int) -> tuple[list[Conversation], str]:
    """Return conversations by their newest message that matches. Each comes once: where that message is."""
    seen: dict[UUID, int] = {}
    before = _number(after)
    within = _within(found.order_by())
    for _ in range(_STEPS):
        entries = newest_entries(filters.query, before=before).filter(message__isnull=False)
        step = list(entries.filter(within).values_list("pk", "conversation")[:_LOOK])
        for entry, home in step:
            if home not in seen and len(seen) < size and not _is_newer(filters, home, entry, after):
                seen[home] = entry
            before = entry
            if len(seen) == size:
                break
        if len(seen) == size or len(step) < _LOOK:
            break
    rows = Conversation.objects.select_related("owner", "chat_model").in_bulk(list(seen))
    return [rows[home] for home in seen], str(before) if len(seen) == size and before else ""


def _within(found: QuerySet[Conversation]) -> Q | Exists:
    """Return what holds for entries of a selection: of a small one it is looked up, of a large one each is asked.

    SQLite does what it is told: it would make the list of a large selection in full to show its first page.
    """
    if found[:_MANY].count() < _MANY:
        return Q(conversation__in=found)
    return Exists(found.filter(pk=OuterRef("conversation")))


def _is_newer(filters: Filters, home: UUID, entry: int, after: str) -> bool:
    """Tell whether a conversation stood on an earlier page: it has a match that is newer than this page."""
    start = _number(after)
    if start is None:
        return False
    newer = newest_entries(filters.query).filter(conversation=home, message__isnull=False, pk__gte=start)
    return newer.exists()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _moment(text: str) -> datetime | None:
    try:
        return timezone.make_aware(datetime.strptime(text, _STAMP), UTC)
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
