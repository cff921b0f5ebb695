"""A month of billing: the sums are those of the records, and of nothing else."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

import pytest

from conversations import quotas, usage
from conversations.models import (
    ChatModel,
    Conversation,
    Generation,
    Message,
    Provider,
    UsageDay,
    UsageMonth,
    UsageRecord,
    User,
)
from conversations.usage.sums import FIGURES

pytestmark = pytest.mark.django_db


@pytest.fixture
def models() -> list[ChatModel]:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:1/v1")
    small, large, free = (
        ChatModel.objects.create(provider=provider, key=key, name=key, label=key.title())
        for key in ("small", "large", "free")
    )
    small.prices.create(since="2026-01-01", prompt_price=Decimal("0.15"), completion_price=Decimal("0.6"))
    small.prices.create(since="2026-05-16", prompt_price=Decimal("0.1"), completion_price=Decimal("0.4"))
    large.prices.create(
        since="2026-04-01", prompt_price=Decimal("2.5"), completion_price=10, cached_price=Decimal("1.25")
    )
    return [small, large, free]


def ask(owner: User, model: ChatModel, asked: datetime) -> Generation:
    """Ask as the verbs do, at a time of one's choice; ``end`` ends as the ledger does."""
    home = Conversation.objects.create(owner=owner)
    question = Message.objects.create(conversation=home, role="user", text="?")
    written = Message.objects.create(conversation=home, parent=question, role="assistant", status="waiting")
    run = Generation.objects.create(
        message=written, conversation=home, owner=owner, ref=uuid4().hex, chat_model=model, model_label=model.label,
        started_at=asked,
    )  # fmt: skip
    quotas.reserve(owner, run, model)
    return run


def end(
    run: Generation, *, prompt: int = 0, completion: int = 0, cached: int = 0, status: str = "complete",
    has_text: bool = True, is_estimated: bool = False,
) -> None:  # fmt: skip
    ended = {"status": status, "prompt_tokens": prompt, "completion_tokens": completion, "is_estimated": is_estimated}
    assert Generation.claim_end(run.pk, **ended)
    run.refresh_from_db()
    quotas.settle(run, has_text=has_text, cached_tokens=cached)


def answer(owner: User, model: ChatModel, asked: datetime, **figures: Any) -> Generation:
    run = ask(owner, model, asked)
    end(run, **figures)
    return run


def test_a_month_adds_up_to_what_plain_arithmetic_says(models: list[ChatModel], alice: User, bob: User) -> None:
    prices = {  # by model and half of the month: prompt, cached prompt, answer
        ("Small", False): ("0.15", "0.15", "0.6"),
        ("Small", True): ("0.1", "0.1", "0.4"),
        ("Large", False): ("2.5", "1.25", "10"),
        ("Large", True): ("2.5", "1.25", "10"),
        ("Free", False): ("0", "0", "0"),
        ("Free", True): ("0", "0", "0"),
    }
    chance = random.Random(5)
    expected: dict[Any, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 6)
    for number in range(120):
        owner, model = chance.choice([alice, bob]), chance.choice(models)
        asked = datetime(2026, 5, chance.randint(1, 31), chance.randint(0, 23), 59, 59, tzinfo=UTC)
        prompt, completion, cached = chance.randint(1, 90_000), chance.randint(1, 9_000), chance.randint(0, 900)
        kind = number % 6
        status = ("complete", "complete", "stopped", "failed", "interrupted", "failed")[kind]
        has_text, is_estimated = kind != 3, kind in (2, 3, 4)
        answer(
            owner, model, asked, prompt=prompt, completion=completion, cached=cached, status=status,
            has_text=has_text, is_estimated=is_estimated,
        )  # fmt: skip
        if kind == 3:  # refused before the first word, and the provider counted nothing: given back
            prompt = completion = 0
        cached = min(cached, prompt)
        per_prompt, per_cached, per_answer = map(Decimal, prices[model.label, asked.day >= 16])
        cost = ((prompt - cached) * per_prompt + cached * per_cached + completion * per_answer) / 1_000_000
        cost = cost.quantize(Decimal("1E-8"), ROUND_HALF_UP)
        figures = [1, has_text, status in ("failed", "interrupted"), prompt, completion, cost]
        for key in ((owner.pk, model.label), (asked.date(), model.label)):
            expected[key] = [so_far + Decimal(more) for so_far, more in zip(expected[key], figures, strict=True)]

    sums = [((row.owner_id, row.model_label), row) for row in UsageMonth.objects.filter(month=date(2026, 5, 1))]
    sums += [((row.day, row.model_label), row) for row in UsageDay.objects.all()]
    assert {
        key: [row.answers, row.messages, row.failures, row.prompt_tokens, row.completion_tokens,
              Decimal(row.cost_units).scaleb(-8)]
        for key, row in sums
    } == expected  # fmt: skip
    estimated = sum(record.cost for record in UsageRecord.objects.filter(is_estimated=True))
    assert estimated > 0
    assert sum(Decimal(row.estimated_units).scaleb(-8) for row in UsageMonth.objects.all()) == estimated


def test_adding_up_anew_changes_nothing(models: list[ChatModel], alice: User, bob: User) -> None:
    for number in range(12):
        asked = datetime(2026, 1 + number, 28, tzinfo=UTC)
        answer((alice, bob)[number % 2], models[number % 3], asked, prompt=number * 7, completion=13, cached=3)

    def everything() -> list[Any]:
        return [
            *UsageDay.objects.order_by("day", "model_label").values_list("day", "model_label", *FIGURES),
            *UsageMonth.objects.order_by("month", "owner").values_list("month", "owner", "model_label", *FIGURES),
        ]

    booked = everything()
    usage.rebuild()
    assert everything() == booked
    assert len(booked) == 24


def test_a_later_price_changes_no_answer_of_before_nor_one_that_runs(models: list[ChatModel], alice: User) -> None:
    small, day = models[0], datetime(2026, 5, 20, tzinfo=UTC)
    answer(alice, small, day, prompt=1_000_000)
    running = ask(alice, small, day)
    small.prices.update(prompt_price=99)
    small.prices.create(since="2026-05-17", prompt_price=50)
    end(running, prompt=1_000_000)
    assert list(UsageRecord.objects.values_list("cost", flat=True)) == [Decimal("0.1")] * 2
    answer(alice, small, day, prompt=1_000_000)
    assert sorted(UsageRecord.objects.values_list("cost", flat=True)) == [Decimal("0.1"), Decimal("0.1"), Decimal(50)]


def test_settling_twice_books_once(models: list[ChatModel], alice: User) -> None:
    run = answer(alice, models[0], datetime(2026, 5, 20, tzinfo=UTC), prompt=10)
    quotas.settle(run, has_text=True)
    assert UsageDay.objects.get().answers == 1
