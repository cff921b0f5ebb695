"""The sums of a year of a large site, as rows: what the page of usage reads."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

GROUPS = 20
MODELS = 8
"""Of the site; each person uses two of them in every month."""
BUSY_DAYS = 50
"""Of each person, so that there are as many as answers."""

_FIGURES = (
    "answers", "messages", "failures", "prompt_tokens", "completion_tokens", "cost_units", "estimated_units",
    "first_ms", "firsts",
)  # fmt: skip
_ONE = (1, 1, 0, 40, 60, 12_000, 0, 300, 1)

Row = tuple[Any, ...]


def year() -> int:
    """Return the year that is filled: the last whole one."""
    return datetime.now(UTC).year - 1


def tables(people: Sequence[UUID]) -> Iterator[tuple[str, Sequence[str], Iterator[Row]]]:
    """Give each table with its columns and rows."""
    days = [date(year(), 1, 1) + timedelta(days=number) for number in range(365)]
    shuffled = list(enumerate(people))
    random.Random(3).shuffle(shuffled)
    yield "auth_group", ("id", "name"), ((number + 1, f"Group {number}") for number in range(GROUPS))
    yield "user_groups", ("user_id", "group_id"), (
        (person, number % GROUPS + 1) for number, person in enumerate(people)
    )  # fmt: skip
    yield "usageday", ("day", "model_label", *_FIGURES), (
        (day, f"Model {model}", *_ONE) for day in days for model in range(MODELS)
    )  # fmt: skip
    yield "usagemonth", ("month", "owner_id", "model_label", *_FIGURES), (
        (date(year(), month, 1), person, f"Model {(number + other) % MODELS}", *_ONE)
        for month in range(1, 13)  # as they come: month by month, whoever is first
        for number, person in shuffled
        for other in range(2)
    )  # fmt: skip
    yield "personday", ("owner_id", "day", "model_label", *_FIGURES), (
        (person, days[(number + busy * 7) % 365], f"Model {number % MODELS}", *_ONE)
        for busy in range(BUSY_DAYS)
        for number, person in shuffled
    )  # fmt: skip
