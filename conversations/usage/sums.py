"""The sums of days and months, in step with the records: each settled answer is added in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, Field, Q, Sum
from django.db.models.functions import Cast, Round, TruncMonth

from conversations.models import PersonDay, UsageDay, UsageMonth, UsageRecord
from conversations.models.usage import UNITS, Sums

FIGURES = (
    "answers", "messages", "failures", "prompt_tokens", "completion_tokens", "cost_units", "estimated_units",
    "first_ms", "firsts",
)  # fmt: skip


def book(record: UsageRecord) -> None:
    """Add a record that has just been settled. Inside of the settling transaction, and last in it where possible:
    the day's row is everybody's, and stays locked until the commit."""
    units = int(record.cost * UNITS)
    figures = (
        1, record.messages, int(record.is_failed), record.prompt_tokens, record.completion_tokens, units,
        units if record.is_estimated else 0, record.first_ms or 0, int(record.first_ms is not None),
    )  # fmt: skip
    if record.owner_id is not None:
        _add(PersonDay, ("owner", "day", "model_label"), (record.owner_id, record.day), record, figures)
    _add(UsageMonth, ("month", "owner", "model_label"), (record.day.replace(day=1), record.owner_id), record, figures)
    _add(UsageDay, ("day", "model_label"), (record.day,), record, figures)


def _add(model: type[Sums], key: Sequence[str], at: Sequence[Any], record: UsageRecord, figures: Sequence[int]) -> None:
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in key]  # type: ignore[misc]
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, (*at, record.model_label), strict=True)
    ]
    columns = ", ".join([*(str(field.column) for field in fields), *FIGURES])
    marks = ", ".join(["%s"] * (len(fields) + len(FIGURES)))
    table = model._meta.db_table
    grown = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in FIGURES)
    unique = ", ".join(str(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({unique}) DO UPDATE SET {grown}",
            [*values, *figures],
        )


@transaction.atomic
def rebuild() -> None:
    """Add up all records anew, for whoever wrote records in bulk."""
    settled = UsageRecord.objects.filter(is_reserved=False)
    UsageDay.objects.all().delete()
    UsageMonth.objects.all().delete()
    PersonDay.objects.all().delete()
    days = settled.values("day", "model_label").annotate(**summed())
    UsageDay.objects.bulk_create((UsageDay(**_named(row)) for row in days), batch_size=500)
    of_people = settled.exclude(owner=None).values("owner_id", "day", "model_label").annotate(**summed())
    PersonDay.objects.bulk_create((PersonDay(**_named(row)) for row in of_people), batch_size=500)
    months = settled.annotate(month=TruncMonth("day")).values("month", "owner_id", "model_label").annotate(**summed())
    UsageMonth.objects.bulk_create((UsageMonth(**_named(row)) for row in months), batch_size=500)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("sum_"): value or 0 if name.startswith("sum_") else value for name, value in row.items()}


def summed() -> dict[str, Any]:
    """Return the figures as sums over records, each behind ``sum_``: the records have fields of the same names."""
    units = Cast(Round(F("cost") * UNITS), BigIntegerField())
    return {
        "sum_answers": Count("pk"),
        "sum_messages": Sum("messages"),
        "sum_failures": Count("pk", filter=Q(is_failed=True)),
        "sum_prompt_tokens": Sum("prompt_tokens"),
        "sum_completion_tokens": Sum("completion_tokens"),
        "sum_cost_units": Sum(units),
        "sum_estimated_units": Sum(units, filter=Q(is_estimated=True)),
        "sum_first_ms": Sum("first_ms"),
        "sum_firsts": Count("first_ms"),
    }
