"""When the people of the example use the site, and the rows of it, written in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from conversations import usage
from conversations.example import cast, talks
from conversations.example.opinions import Opinions
from conversations.example.tidy import Order
from conversations.models import ChatModel, Conversation, Generation, Message, ModelPrice, UsageRecord, User
from conversations.models.usage import UNITS, day_of
from conversations.rendering import VERSION, render
from conversations.search import index
from conversations.search.words import language_of
from conversations.tokens import estimate

_DAYS = 365
_BATCH = 500
_HOURS = (1, 1, 1, 1, 1, 1, 2, 6, 16, 28, 30, 26, 14, 20, 28, 28, 24, 14, 7, 5, 5, 4, 3, 2)
"""How much is asked in each hour of a working day."""
_WEEKEND = 0.12
_ENDS = (
    ("complete", "", 935), ("stopped", "", 18), ("interrupted", "", 9), ("failed", "rate_limited", 14),
    ("failed", "timeout_first", 9), ("failed", "provider_error", 9), ("failed", "content_filtered", 4),
    ("failed", "context_too_long", 2),
)  # fmt: skip
"""How answers end, with the code of a failure, of a thousand."""


class AlreadyHere(Exception):
    """The very same example was made on this site before."""


@dataclass(frozen=True, slots=True)
class Scale:
    people: int = len(cast.PEOPLE)
    chats: int = 3_000


@dataclass(slots=True)
class Made:
    """Rows that are still to be written, in the order of making."""

    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    generations: list[Generation] = field(default_factory=list)
    records: list[UsageRecord] = field(default_factory=list)


@transaction.atomic
def fill(*, seed: int, until: date, password: str, scale: Scale) -> Made:
    """Write a year that ends with ``until``; return what was written. Raises ``AlreadyHere``.

    On a site that has conversations already nobody made up gets a right: neither to administer nor to review.
    """
    is_in_use = Conversation.objects.exists()
    chance = Random(f"{seed} {until} {scale}")
    since = until - timedelta(days=_DAYS - 1)
    people = _people(chance, since, password, scale.people, has_powers=not is_in_use)
    year = Year(chance, cast.make_models(since))
    moments = sorted(_moments(chance, since, scale.chats))
    weights = [1 / (place + 3) for place in range(len(people))]
    for moment, owner in zip(moments, chance.choices(people, weights, k=len(moments)), strict=True):
        year.talk(owner, moment)
    order = Order(chance, people)
    if year.made.conversations:
        order.keep(year.made.conversations)
    _write(year.made)
    order.write()
    opinions = Opinions(chance, people)
    if not is_in_use:
        opinions.appoint()
    opinions.write(year.made.messages)
    usage.rebuild()
    return year.made


def _people(chance: Random, since: date, password: str, count: int, *, has_powers: bool) -> list[User]:
    """Return the people of the example, made where they are not there yet; the first one may administer."""
    groups = [Group.objects.get_or_create(name=name)[0] for name in cast.GROUPS]
    sealed = make_password(password)  # once: it is meant to be slow
    joined = datetime(since.year, since.month, since.day, 8, tzinfo=timezone.get_default_timezone())
    people = []
    for place, name in enumerate(cast.PEOPLE[:count]):
        rights = dict.fromkeys(("is_staff", "is_superuser"), has_powers and place == 0)
        fields = {"name": name, "password": sealed, "date_joined": joined, **rights}
        mine = chance.sample(groups, k=2 if chance.random() < 0.15 else 1)
        person, is_new = User.objects.get_or_create(email=cast.email_of(name), defaults=fields)
        if is_new:
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
            person.groups.set(mine)
        people.append(person)
    return people


def _moments(chance: Random, since: date, count: int) -> Iterator[datetime]:
    """Give moments at which chats begin: more on working days, in office hours, and from month to month."""
    days = [since + timedelta(days=number) for number in range(_DAYS)]
    weights = [
        (1 + 2 * number / _DAYS) * (_WEEKEND if day.weekday() >= 5 else 1) * chance.uniform(0.7, 1.3)
        for number, day in enumerate(days)
    ]
    zone = timezone.get_default_timezone()
    for day in chance.choices(days, weights, k=count):
        hour = chance.choices(range(24), _HOURS)[0]
        yield datetime(day.year, day.month, day.day, hour, chance.randrange(60), chance.randrange(60), tzinfo=zone)


class Year:
    """Makes the rows of one chat after another."""

    def __init__(self, chance: Random, models: list[ChatModel]) -> None:
        self.made = Made()
        self._chance = chance
        self._models = dict(zip(cast.KINDS, models, strict=True))
        self._prices = {model.pk: list(model.prices.order_by("-since")) for model in models}

    def talk(self, owner: User, moment: datetime) -> None:
        """Make a chat: all turns of a subject, or the first of them; now and then an answer is asked for again."""
        chance, talk = self._chance, talks.pick(self._chance)
        kind = chance.choices(cast.KINDS, [kind.weight for kind in cast.KINDS])[0]
        home = Conversation(
            id=self._id(moment), owner=owner, title=talk.title, chat_model=self._models[kind],
            title_from=Conversation.TitleFrom.CHAT_MODEL, created_at=moment, language=language_of(talk.turns[0][0]),
        )  # fmt: skip
        self.made.conversations.append(home)
        parent: Message | None = None
        told = int(chance.lognormvariate(6.5, 1))  # instructions and what else goes along unseen
        for asked, answer in talk.turns[: chance.randint(1, len(talk.turns))]:
            question = Message(id=self._id(moment), conversation=home, parent=parent, role="user", text=asked,
                               created_at=moment)  # fmt: skip
            self.made.messages.append(question)
            told += estimate(asked) + 8
            parent, run = self._answer(home, question, kind, answer, told, moment)
            if run.status == Generation.Status.FAILED or chance.random() < 0.03:
                moment = self._later(run, 5, 60)
                parent, run = self._answer(home, question, kind, answer, told, moment, end=_ENDS[0])
            told += estimate(parent.text)
            moment = self._later(run, 20, 400)
        home.leaf, home.touched_at = parent, moment

    def _answer(
        self, home: Conversation, question: Message, kind: cast.Kind, text: str, told: int, moment: datetime,
        end: tuple[str, str, int] | None = None,
    ) -> tuple[Message, Generation]:  # fmt: skip
        """Make one answer with its run and its record of usage."""
        chance, model = self._chance, self._models[kind]
        status, code, _ = end or chance.choices(_ENDS, [one[2] for one in _ENDS])[0]
        shown = {"complete": text, "failed": ""}.get(status, text[: int(len(text) * chance.uniform(0.2, 0.8))])
        thinking = chance.randint(3, 40) if kind.reasons and shown else None
        written = estimate(shown) + (thinking or 0) * 30
        first = kind.first_seconds * chance.lognormvariate(0, 0.35) if shown else None
        took = (first or chance.uniform(0.5, 30)) + written / kind.tokens_per_second
        message = Message(
            id=self._id(moment, 1), conversation=home, parent=question, role="assistant", status=status, text=shown,
            blocks=_rendered(shown), render_version=VERSION, created_at=moment,
        )  # fmt: skip
        run = Generation(
            id=self._id(moment, 2), message=message, conversation=home, owner_id=home.owner_id,
            ref=f"{chance.getrandbits(128):032x}", status=status, chat_model=model, model_label=model.label,
            started_at=moment, first_at=moment + timedelta(seconds=first) if first else None,
            ended_at=moment + timedelta(seconds=took), reasoning_seconds=thinking,
            finish_reason="stop" if status == "complete" else "", prompt_tokens=told if shown else 0,
            completion_tokens=written, is_estimated=status in ("stopped", "interrupted"), error_code=code,
            trace_id=f"{chance.getrandbits(64):016x}",
        )  # fmt: skip
        message.generation = run
        self.made.messages.append(message)
        self.made.generations.append(run)
        record = self._record(run, model)
        home.cost_units += int(record.cost * UNITS)
        self.made.records.append(record)
        return message, run

    def _record(self, run: Generation, model: ChatModel) -> UsageRecord:
        day = day_of(run.started_at)
        prompt, completion = run.prompt_tokens or 0, run.completion_tokens or 0
        record = UsageRecord(
            id=self._id(run.started_at, 3), owner_id=run.owner_id, generation=run, chat_model=model,
            model_label=model.label, made_at=run.started_at, day=day, messages=1 if prompt else 0,
            prompt_tokens=prompt, cached_tokens=prompt // 2 if prompt > 300 else 0, completion_tokens=completion,
            first_ms=round((run.first_at - run.started_at).total_seconds() * 1000) if run.first_at else None,
            is_failed=run.status in (Generation.Status.FAILED, Generation.Status.INTERRUPTED), is_reserved=False,
            is_estimated=run.is_estimated,
        )  # fmt: skip
        held: ModelPrice | None = next((one for one in self._prices[model.pk] if one.since <= day), None)
        record.take_prices(held)
        record.cost = record.cost_of(prompt, completion, record.cached_tokens)
        return record

    def _later(self, run: Generation, least: int, most: int) -> datetime:
        assert run.ended_at is not None
        return run.ended_at + timedelta(seconds=self._chance.randint(least, most))

    def _id(self, moment: datetime, after: int = 0) -> UUID:
        """Return a UUIDv7 of a moment, or so many milliseconds after, by chance that a seed decides."""
        milliseconds = int(moment.astimezone(UTC).timestamp() * 1000) + after
        random = self._chance.getrandbits(74)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1)


@lru_cache(maxsize=2_000)
def _rendered(text: str) -> list[str]:
    return render(text)


def _write(made: Made) -> None:
    if Conversation.objects.filter(pk__in=[one.pk for one in made.conversations[:100]]).exists():
        raise AlreadyHere
    for rows in (made.conversations, made.messages, made.generations, made.records):
        model: Any = type(rows[0]) if rows else Conversation
        model.objects.bulk_create(rows, batch_size=_BATCH)
    owners = {home.pk: home.owner_id for home in made.conversations}
    index.add(index.Text(home.owner_id, home.pk, None, home.title) for home in made.conversations)
    index.add(
        index.Text(owners[one.conversation_id], one.conversation_id, one.pk, one.text)
        for one in made.messages
        if one.text
    )
