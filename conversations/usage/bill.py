"""A month's bill: one line for each person and model, exact, as comma-separated values for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext

from conversations.models import UsageMonth
from conversations.models.usage import UNITS

_FIGURES = ("answers", "messages", "prompt_tokens", "completion_tokens", "cost_units", "estimated_units")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """What a csv.writer writes into: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def bill_of(month: date) -> Iterator[str]:
    """Yield the lines of a month by e-mail and model; what deleted accounts used comes last, without their names."""
    write = csv.writer(_Line()).writerow
    head = (
        gettext("Month"), gettext("E-mail"), gettext("Name"), gettext("Model"), gettext("Answers"),
        gettext("Messages"), gettext("Prompt tokens"), gettext("Answer tokens"), gettext("Cost"),
        gettext("Of it estimated"),
    )  # fmt: skip
    yield "\ufeff" + write(head)  # without the mark a spreadsheet takes it for the encoding of its country
    for row in _rows(month):
        *counts, cost, estimated = (row[f"sum_{name}"] for name in _FIGURES)
        said = (row["owner__email"] or gettext("deleted account"), row["owner__name"] or "", row["model_label"])
        yield write((f"{month:%Y-%m}", *map(harmless, said), *counts, _exact(cost), _exact(estimated)))


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _rows(month: date) -> Iterator[Mapping[str, Any]]:
    found = UsageMonth.objects.filter(month=month).values("owner_id", "owner__email", "owner__name", "model_label")
    summed = found.annotate(**{f"sum_{name}": Sum(name) for name in _FIGURES})
    return summed.order_by(F("owner__email").asc(nulls_last=True), "model_label").iterator()


def _exact(units: int) -> str:
    return f"{(Decimal(units) / UNITS):.8f}"
