"""What a person may use: who is bound by what, and that nobody can overrun it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from conversations import quotas
from conversations.actions.messages import send_message
from conversations.errors import LimitReached, NoModel
from conversations.generation import ledger, recovery
from conversations.generation.ledger import Ending
from conversations.generation.ports import GenerationJob, Outcome, Usage
from conversations.models import Allowance, ChatModel, Generation, Message, Provider, ServerProcess, UsageRecord, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def model() -> ChatModel:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:1/v1")
    model = ChatModel.objects.create(provider=provider, key="m", name="m", label="M", answer_tokens=100)
    model.prices.create(since="2000-01-01", prompt_price=Decimal(10), completion_price=Decimal(20))
    return model


def ask(user: User, text: str = "hello") -> Generation:
    return Generation.objects.get(pk=send_message(user, ref=uuid4().hex, text=text).generation)


def load(generation: Generation) -> GenerationJob:
    process = ServerProcess.objects.create(host="h", pid=1)
    job = ledger.load_job(generation.pk, process.pk)
    assert job is not None
    return job


def end(job: GenerationJob, text: str = "answer", usage: Usage | None = None, status: str = "complete") -> None:
    outcome = Outcome(status, "stop", usage)
    ending = Ending(job=job, outcome=outcome, text=text, reasoning="", blocks=[], seq=2, first_delta_after=None,
                    reasoning_seconds=None)  # fmt: skip
    assert ledger.finish(ending)


def left(user: User, what: str = "messages", period: str = "day") -> Decimal:
    (bound,) = [one for one in quotas.bounds_of(user) if (one.what, one.period) == (what, period)]
    return bound.left


# Who is bound by what


def test_without_allowances_nobody_is_bound_and_one_query_says_so(alice: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert quotas.bounds_of(alice) == []


def test_ones_own_counts_before_the_groups_and_these_before_that_of_everybody(alice: User, bob: User) -> None:
    red, blue = Group.objects.create(name="red"), Group.objects.create(name="blue")
    Allowance.objects.create(messages=1)
    assert left(alice) == 1
    alice.groups.add(red, blue)
    Allowance.objects.create(group=red, messages=2)
    Allowance.objects.create(group=blue, messages=3)
    assert left(alice) == 3, "the most generous of several groups"
    Allowance.objects.create(user=alice, messages=0)
    assert left(alice) == 0
    assert left(bob) == 1


def test_a_group_without_a_bound_is_the_most_generous(alice: User) -> None:
    red, blue = Group.objects.create(name="red"), Group.objects.create(name="blue")
    alice.groups.add(red, blue)
    Allowance.objects.create(group=red, messages=2)
    Allowance.objects.create(group=blue, tokens=1000)
    assert quotas.bounds_of(alice) == []


def test_day_and_month_are_bounds_of_their_own(alice: User) -> None:
    Allowance.objects.create(period="day", messages=2)
    Allowance.objects.create(period="month", messages=3)
    end(load(ask(alice)))
    UsageRecord.objects.update(made_at=timezone.now().replace(day=1, hour=0, minute=0, second=1) - timedelta(0))
    assert left(alice, period="month") == 2


def test_a_lost_group_counts_no_more_from_the_next_question_on(alice: User, model: ChatModel) -> None:
    friends = Group.objects.create(name="friends")
    model.groups.add(friends)
    with pytest.raises(NoModel):
        ask(alice)
    alice.groups.add(friends)
    ask(alice)
    alice.groups.clear()
    with pytest.raises(NoModel):
        ask(alice)


# Reserving and settling


def test_a_used_up_bound_refuses_with_the_time_it_begins_anew_and_makes_nothing(alice: User) -> None:
    Allowance.objects.create(messages=1)
    ask(alice)
    with pytest.raises(LimitReached, match=r"all your messages.*0 of 1 message left today.*begins anew on"):
        ask(alice, "second")
    assert Message.objects.filter(text="second").count() == 0


def test_prompt_and_longest_answer_are_put_aside_and_the_answer_is_asked_for_no_longer(alice: User) -> None:
    Allowance.objects.create(tokens=110)
    first = ask(alice, "x" * 40)
    record = UsageRecord.objects.get()
    assert (record.prompt_tokens, record.completion_tokens, record.is_reserved) == (10, 100, True)
    assert load(first).request.parameters == {"max_tokens": 100}
    with pytest.raises(LimitReached, match="more tokens than you have left"):
        ask(alice)


def test_what_the_provider_counted_replaces_what_was_put_aside(alice: User) -> None:
    Allowance.objects.create(tokens=110, cost=Decimal("0.5"))
    end(load(ask(alice)), usage=Usage(7, 5))
    record = UsageRecord.objects.get()
    assert (record.prompt_tokens, record.completion_tokens, record.is_reserved) == (7, 5, False)
    assert record.cost == Decimal("0.00017")  # 7 × 10 + 5 × 20 millionths
    assert left(alice, "tokens") == 98


def test_an_answer_that_brought_nothing_costs_nothing(alice: User) -> None:
    Allowance.objects.create(messages=1, tokens=1000)
    end(load(ask(alice)), text="", status="failed")
    assert left(alice) == 1
    assert left(alice, "tokens") == 1000


def test_the_answer_of_a_dead_process_is_settled_by_what_was_written(alice: User) -> None:
    Allowance.objects.create(tokens=500)
    generation = ask(alice, "x" * 40)
    load(generation)
    Message.objects.filter(pk=generation.message_id).update(text="y" * 80)
    ServerProcess.objects.update(beat_at=timezone.now() - timedelta(minutes=1))
    recovery.interrupt_orphans()
    assert left(alice, "tokens") == 500 - 10 - 20


def test_usage_outlives_its_conversation(alice: User) -> None:
    generation = ask(alice)
    end(load(generation), usage=Usage(7, 5))
    generation.conversation.delete()
    assert UsageRecord.objects.get().prompt_tokens == 7


def test_what_is_low_is_told_before_it_is_used_up(alice: User) -> None:
    Allowance.objects.create(messages=5)
    for expected in ("", "", "", "", "1 of 5 messages left today"):
        assert expected in quotas.words_of(alice)
        assert expected or quotas.words_of(alice) == ""
        ask(alice)
    assert "0 of 5 messages left today" in quotas.words_of(alice)
