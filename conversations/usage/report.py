"""What was used in a period, by day, person, group and model: read from the sums, a handful of queries for any site."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Min, QuerySet, Sum

from conversations.models import PersonDay, UsageDay, UsageMonth, User
from conversations.models.usage import UNITS

RECENT = "30"
"""The name of the last thirty days."""
_NAME = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?")
_TOP = 10
_MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``; ``name`` is what an address calls it: 30, 2026 or 2026-05."""

    name: str
    first: date
    last: date

    @classmethod
    def named(cls, name: str, today: date) -> Self | None:
        if name == RECENT:
            return cls(name, today - timedelta(days=29), today)
        found = _NAME.fullmatch(name, endpos=8)
        if found is None:
            return None
        year, month = int(found[1]), int(found[2] or 1)
        first = date(year, month, 1)
        return cls(name, first, (_next_month(first) if found[2] else date(year + 1, 1, 1)) - timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def months(self) -> list[date]:
        """The first day of each month that it touches."""
        return list(_months(self.first.replace(day=1), self.last))

    @property
    def is_of_months(self) -> bool:
        return self.name != RECENT


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of answers. Cost is kept as an integer of hundred-millionths, as it is stored."""

    answers: int = 0
    messages: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_units: int = 0
    estimated_units: int = 0
    first_ms: int = 0
    firsts: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in _FIGURES))

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    @property
    def cost(self) -> Decimal:
        return Decimal(self.cost_units) / UNITS

    @property
    def estimated(self) -> Decimal:
        return Decimal(self.estimated_units) / UNITS

    @property
    def first_seconds(self) -> float:
        """The mean time to the first character."""
        return self.first_ms / self.firsts / 1000 if self.firsts else 0.0


_FIGURES = tuple(field.name for field in fields(Figures))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: a period, and of whom and of which model, if not of all."""

    period: Period
    person: User | None = None
    group: Group | None = None
    model_label: str | None = None


@dataclass(frozen=True, slots=True)
class Top:
    """One line of a list of the greatest."""

    name: str
    figures: Figures
    email: str = ""  # of a person


@dataclass(frozen=True, slots=True)
class Report:
    """The answer; every day of the period has its figures."""

    question: Question
    days: Mapping[date, Figures]
    total: Figures
    models: Sequence[Top]
    people: Sequence[Top]
    groups: Sequence[Top]


def report(question: Question) -> Report:
    """Read the sums. Days and models of everybody come from few rows, people and groups from those of their months."""
    everybody = question.person is None and question.group is None
    by_day = _chosen(UsageDay if everybody else PersonDay, question)
    found = {row["day"]: _figures(row) for row in by_day.values("day").annotate(**_SUMMED)}
    days = {day: found.get(day, Figures()) for day in question.period.days}
    by_person = _chosen(UsageMonth if question.period.is_of_months else PersonDay, question)
    people, groups = ([], []) if question.person else _people_and_groups(by_person, groups=everybody)
    return Report(
        question,
        days,
        sum(found.values(), Figures()),
        models=[Top(row["model_label"], _figures(row)) for row in _greatest_models(by_day)],
        people=people,
        groups=groups,
    )


def months_used(today: date) -> list[date]:
    """Return the first day of each month since the first use, the present one first; at most three years."""
    since = UsageDay.objects.aggregate(since=Min("day"))["since"] or today
    return [*_months(since.replace(day=1), today)][: -_MOST_MONTHS - 1 : -1]


def labels_used() -> list[str]:
    return list(UsageDay.objects.order_by("model_label").values_list("model_label", flat=True).distinct())


def _chosen(model: type[Any], question: Question) -> QuerySet[Any, Any]:
    period = question.period
    chosen: QuerySet[Any, Any] = model._default_manager.all()  # the three have the same figures, not the same keys
    if model is UsageMonth:
        chosen = chosen.filter(month__range=(period.first, period.last))
    else:
        chosen = chosen.filter(day__range=(period.first, period.last))
    if question.person is not None:
        chosen = chosen.filter(owner=question.person)
    if question.group is not None:
        chosen = chosen.filter(owner__in=User.groups.through.objects.filter(group=question.group).values("user"))
    if question.model_label is not None:
        chosen = chosen.filter(model_label=question.model_label)
    return chosen


_SUMMED = {f"sum_{name}": Sum(name) for name in _FIGURES}


def _figures(row: Mapping[str, Any]) -> Figures:
    return Figures(*(int(row[f"sum_{name}"]) for name in _FIGURES))


def _greatest_models(rows: QuerySet[Any, Any]) -> list[dict[str, Any]]:
    """Return the greatest by cost, and by answers where nothing costs."""
    summed = rows.order_by().values("model_label").annotate(**_SUMMED)
    return list(summed.order_by("-sum_cost_units", "-sum_answers", "model_label")[:_TOP])


# Each person's sums are added up once for both lists: at ten thousand people that is most of what the page costs.
_PEOPLE_AND_GROUPS = """
WITH used AS ({used})
SELECT 0 AS is_group, name, {figures} FROM
    (SELECT CAST(owner_id AS text) AS name, {figures} FROM used
     ORDER BY sum_cost_units DESC, sum_answers DESC, owner_id LIMIT %s) AS people
UNION ALL
SELECT 1 AS is_group, name, {figures} FROM
    (SELECT CAST(member.group_id AS text) AS name, {sums} FROM used
     JOIN {members} AS member ON member.user_id = used.owner_id GROUP BY member.group_id
     ORDER BY 2 DESC, 3 DESC, member.group_id LIMIT %s) AS groups_of_people
"""
_RANKED = ("cost_units", "answers", *(name for name in _FIGURES if name not in ("cost_units", "answers")))


def _people_and_groups(rows: QuerySet[Any, Any], *, groups: bool) -> tuple[list[Top], list[Top]]:
    """Return the greatest of both; somebody in two groups counts in both."""
    summed = rows.exclude(owner=None).order_by().values("owner_id").annotate(**_SUMMED)
    used, params = summed.query.sql_with_params()
    sql = _PEOPLE_AND_GROUPS.format(
        used=used,
        figures=", ".join(f"sum_{name}" for name in _RANKED),
        sums=", ".join(f"SUM(sum_{name}) AS sum_{name}" for name in _RANKED),
        members=User.groups.through._meta.db_table,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, _TOP, _TOP if groups else 0])
        found = sorted(cursor.fetchall(), key=lambda row: (-int(row[2]), -int(row[3])))  # a union may lose the order
    figures = {
        (is_group, key): Figures(**{name: int(value) for name, value in zip(_RANKED, sums, strict=True)})
        for is_group, key, *sums in found
    }
    people = User.objects.in_bulk([UUID(key) for is_group, key in figures if not is_group])
    names = Group.objects.in_bulk([int(key) for is_group, key in figures if is_group])
    return (
        [
            Top(person.get_full_name(), sums, person.email)
            for (is_group, key), sums in figures.items()
            if not is_group and (person := people.get(UUID(key)))
        ],
        [
            Top(group.name, sums)
            for (is_group, key), sums in figures.items()
            if is_group and (group := names.get(int(key)))
        ],
    )


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _next_month(first)
