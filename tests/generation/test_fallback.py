"""Another model answers where one fails before its first word, and the answer says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from conversations import presentation
from conversations.actions.messages import send_message
from conversations.catalogue import fallbacks_of
from conversations.errors import LimitReached, NoModel
from conversations.generation import ledger
from conversations.generation.fallback import FallingBack
from conversations.generation.ledger import Ending
from conversations.generation.ports import Attempt, GenerationJob, Outcome, Usage
from conversations.models import Allowance, ChatModel, Generation, Provider, ServerProcess, UsageRecord, User
from conversations.upstream import ChatRequest, Delta, Endpoint, Finished, TextDelta, UpstreamError
from tests.generation.ports import World

REFUSED = [UpstreamError("rate_limited", "slow down")]
ANSWER = [TextDelta("It is "), TextDelta("blue."), Finished("stop")]


async def told(*answers: list[Any]) -> tuple[str, str, Exception | None]:
    """Return the text, the model that was asked last and the failure, of models that answer as given."""
    script = {f"m{number}": list(steps) for number, steps in enumerate(answers)}

    class Upstream:
        async def stream_chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[list[Delta], None]:
            for step in script[request.model]:
                if isinstance(step, Exception):
                    raise step
                yield [step]

    base = World().job
    attempts = [Attempt(uuid4(), name, base.endpoint, ChatRequest(name, base.request.turns)) for name in script]
    job = replace(base, fallbacks=tuple(attempts[1:])).asking(attempts[0])
    upstream, text, failure = FallingBack(job, lambda _: Upstream()), "", None
    try:
        async with aclosing(upstream.stream_chat(job.endpoint, job.request)) as deltas:
            async for batch in deltas:
                text += "".join(delta.text for delta in batch if isinstance(delta, TextDelta))
    except UpstreamError as error:
        failure = error
    return text, upstream.job.model_label, failure


@pytest.mark.parametrize("code", ["rate_limited", "invalid_key", "model_not_found", "unreachable", "timeout_first"])
async def test_the_next_model_answers_where_a_provider_fails_before_the_first_word(code: str) -> None:
    assert await told([UpstreamError(code)], REFUSED, ANSWER) == ("It is blue.", "m2", None)


@pytest.mark.parametrize("code", ["content_filtered", "context_too_long", "bad_request", "too_large"])
async def test_a_question_that_is_refused_is_carried_to_nobody_else(code: str) -> None:
    text, last, failure = await told([UpstreamError(code)], ANSWER)
    assert (text, last) == ("", "m0")
    assert isinstance(failure, UpstreamError)
    assert failure.code == code


async def test_after_the_first_word_nobody_else_is_asked() -> None:
    text, last, failure = await told([TextDelta("It is "), UpstreamError("interrupted")], ANSWER)
    assert (text, last, getattr(failure, "code", "")) == ("It is ", "m0", "interrupted")


async def test_where_all_fail_the_last_failure_is_told() -> None:
    text, last, failure = await told(REFUSED, [UpstreamError("provider_error")])
    assert (text, last, getattr(failure, "code", "")) == ("", "m1", "provider_error")


# With the store


@pytest.fixture
def chain(db: None) -> list[ChatModel]:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:9/v1")
    models = [
        ChatModel.objects.create(provider=provider, key=key, name=key, label=key.upper(), order=order)
        for order, key in enumerate("abc")
    ]
    for model, following in pairwise(models):
        model.fallback = following
        model.save()
    return models


def load(user: User, model: str) -> GenerationJob:
    run = send_message(user, ref=uuid4().hex, text="?", model=model).generation
    job = ledger.load_job(run, ServerProcess.objects.create(host="h", pid=1).pk)
    assert job is not None
    return job


def test_the_answer_says_who_gave_it_and_is_paid_at_that_models_price(chain: list[ChatModel], alice: User) -> None:
    chain[1].prices.create(since="2000-01-01", prompt_price=Decimal(2))
    ChatModel.objects.filter(key="b").update(temperature=0.5)
    job = load(alice, "a")
    job = job.asking(job.fallbacks[0])
    outcome = Outcome("complete", "stop", Usage(1_000_000, 5))
    assert ledger.finish(
        Ending(job=job, outcome=outcome, text="blue", reasoning="", blocks=[], seq=9, first_delta_after=1.0,
               reasoning_seconds=None)
    )  # fmt: skip
    view = presentation.single(job.message)
    assert view is not None
    assert view.caption[0] == "B instead of A"
    assert view.caption[-1] == "cost 2.00"
    assert Generation.objects.get().parameters == {"temperature": 0.5}
    record = UsageRecord.objects.get()
    assert (record.chat_model, record.model_label, record.cost, record.first_ms) == (chain[1], "B", 2, 1000)


def test_a_model_that_is_switched_off_is_replaced_by_its_fallback(chain: list[ChatModel], alice: User) -> None:
    ChatModel.objects.filter(key__in="ab").update(is_enabled=False)
    assert load(alice, "a").model_label == "C"
    ChatModel.objects.update(is_enabled=False)
    with pytest.raises(NoModel):
        load(alice, "a")


def test_nobody_gets_a_model_by_falling_back_that_is_not_for_them(chain: list[ChatModel], alice: User) -> None:
    for model in chain[:2]:
        model.groups.add(Group.objects.create(name=f"for {model}"))
    ChatModel.objects.filter(key="a").update(is_enabled=False)
    with pytest.raises(NoModel):
        load(alice, "a")  # its fallback C is for everybody, but A itself was never hers
    ChatModel.objects.filter(key="a").update(is_enabled=True)
    chain[0].groups.clear()
    assert [one.label for one in load(alice, "a").fallbacks] == ["C"]


def test_a_circle_ends(chain: list[ChatModel], alice: User) -> None:
    ChatModel.objects.filter(key="c").update(fallback=chain[0])
    assert [one.key for one in fallbacks_of(chain[0], alice)] == ["b", "c"]
    chain[2].fallback = chain[0]
    with pytest.raises(ValidationError, match="leads back"):
        chain[2].full_clean()


def test_what_is_put_aside_is_enough_for_the_dearest_of_the_chain(chain: list[ChatModel], alice: User) -> None:
    chain[2].prices.create(since="2000-01-01", completion_price=Decimal(1_000))
    Allowance.objects.create(cost=Decimal("0.001"))
    with pytest.raises(LimitReached):
        load(alice, "a")
    assert not Generation.objects.exists()
