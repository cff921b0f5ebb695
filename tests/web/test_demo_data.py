"""The made-up year: the same for the same seed, and a month of it costs what plain arithmetic says."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from conversations import usage
from conversations.models import (
    Case,
    Conversation,
    Feedback,
    Generation,
    Message,
    ModelPrice,
    PersonDay,
    UsageDay,
    UsageMonth,
    UsageRecord,
    User,
)
from conversations.search.finding import find
from conversations.search.queries import parse
from conversations.usage.bill import bill_of
from conversations.usage.sums import FIGURES

pytestmark = pytest.mark.django_db


def make(**options: Any) -> None:
    given = {"until": date(2026, 6, 30), "people": 8, "chats": 250, "password": "a password", "stdout": io.StringIO()}
    call_command("demo_data", **(given | options))


def everything() -> list[Any]:
    return [
        list(User.objects.order_by("email").values_list("email", "groups__name")),
        list(Conversation.objects.order_by("pk").values_list("pk", "title", "leaf", "owner__email")),
        list(Message.objects.order_by("pk").values_list("pk", "parent", "status", "text")),
        list(UsageRecord.objects.order_by("pk").values_list("pk", "day", "prompt_tokens", "cost", "first_ms")),
    ]


def test_a_months_bill_is_what_plain_arithmetic_makes_of_its_records() -> None:
    make()
    month = date(2026, 5, 1)
    prices: dict[Any, list[tuple[date, list[Decimal]]]] = defaultdict(list)
    for price in ModelPrice.objects.order_by("since"):
        cached = price.prompt_price if price.cached_price is None else price.cached_price
        prices[price.chat_model_id].append((price.since, [price.prompt_price, cached, price.completion_price]))
    assert any(len(of_model) > 1 for of_model in prices.values()), "the prices change within the year"

    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 6)
    for record in UsageRecord.objects.select_related("owner", "generation").all():
        asked = record.generation.started_at.date()  # the site is in UTC
        if (asked.year, asked.month) != (month.year, month.month):
            continue
        per_prompt, per_cached, per_answer = [held for since, held in prices[record.chat_model_id] if since <= asked][
            -1
        ]
        fresh = record.prompt_tokens - record.cached_tokens
        cost = (fresh * per_prompt + record.cached_tokens * per_cached + record.completion_tokens * per_answer) / 10**6
        cost = cost.quantize(Decimal("1E-8"), ROUND_HALF_UP)
        estimated = cost if record.is_estimated else Decimal(0)
        figures = [1, record.messages, record.prompt_tokens, record.completion_tokens, cost, estimated]
        key = (record.owner.email, record.model_label)
        expected[key] = [so_far + Decimal(more) for so_far, more in zip(expected[key], figures, strict=True)]

    lines = csv.reader(io.StringIO("".join(bill_of(month)).removeprefix("\ufeff")))
    next(lines)
    billed = {(line[1], line[3]): [Decimal(cell) for cell in line[4:]] for line in lines}
    assert billed == expected
    assert len(billed) > 10
    assert sum(line[4] for line in billed.values()) > 0


def test_the_sums_are_those_of_the_records() -> None:
    make(chats=60)

    def sums() -> list[Any]:
        return [
            *UsageDay.objects.order_by("day", "model_label").values_list("day", "model_label", *FIGURES),
            *UsageMonth.objects.order_by("month", "owner", "model_label").values_list("month", "owner", *FIGURES),
            *PersonDay.objects.order_by("day", "owner", "model_label").values_list("day", "owner", *FIGURES),
        ]

    made = sums()
    UsageDay.objects.all().delete(), UsageMonth.objects.all().delete(), PersonDay.objects.all().delete()
    for record in UsageRecord.objects.all():
        usage.book(record)
    assert sums() == made
    for home in Conversation.objects.all():
        spent = UsageRecord.objects.filter(generation__conversation=home).values_list("cost", flat=True)
        assert Decimal(home.cost_units).scaleb(-8) == sum(spent)


def test_the_same_seed_makes_the_same_year_and_another_seed_another() -> None:
    make(chats=40)
    first = everything()
    User.objects.all().delete()
    UsageRecord.objects.all().delete()
    make(chats=40)
    assert everything() == first
    User.objects.all().delete()
    UsageRecord.objects.all().delete()
    make(chats=40, seed=2)
    assert everything()[1:] != first[1:]


def test_it_looks_like_a_site_in_use() -> None:
    make()
    days = list(UsageRecord.objects.values_list("day", flat=True))
    assert date(2025, 7, 1) <= min(days) < date(2025, 8, 15)
    assert date(2026, 6, 15) < max(days) <= date(2026, 7, 1)
    working = sum(day.weekday() < 5 for day in days)
    assert working > 0.85 * len(days)
    assert {"complete", "failed", "stopped"} <= set(Generation.objects.values_list("status", flat=True))
    assert not Generation.objects.running().exists()
    assert not Message.objects.filter(status__in=("waiting", "streaming")).exists()
    assert set(Feedback.objects.values_list("value", flat=True)) >= {"up", "down"}
    reviewer = User.objects.get(user_permissions__codename="review")
    queue = Case.objects.open()
    assert 0 < queue.count() < Case.objects.count()
    client = Client()
    client.force_login(reviewer)
    assert client.get("/review/").status_code == 200
    assert User.objects.get(is_superuser=True).check_password("a password")


def test_made_up_chats_open_and_are_found(client: Any) -> None:
    make(chats=60)
    home = Conversation.objects.order_by("-touched_at").first()
    assert home is not None
    client.force_login(home.owner)
    assert home.title in client.get(f"/c/{home.pk}").content.decode()
    assert find(home.owner, parse(home.title)).titles


def test_it_refuses_a_site_in_use_unless_forced_and_the_very_same_year_twice() -> None:
    make(chats=5)
    with pytest.raises(CommandError, match="conversations already"):
        make(chats=5, seed=2)
    with pytest.raises(CommandError, match="on this site already"):
        make(chats=5, force=True)
    assert Conversation.objects.count() == 5
    make(chats=5, seed=2, force=True)
    assert (Conversation.objects.count(), User.objects.count()) == (10, 8)


def test_on_a_site_in_use_nobody_made_up_has_power(alice: User) -> None:
    Conversation.objects.create(owner=alice)
    make(chats=5, force=True)
    assert not User.objects.filter(is_staff=True).exists()
    assert not User.objects.filter(user_permissions__codename="review").exists()


@pytest.mark.parametrize("options", [{"people": 0}, {"people": 41}, {"chats": -1}, {"chats": 100_001}])
def test_too_many_and_too_few_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        make(**options)
    assert not User.objects.exists()
