"""How much a person may use, and what is left of it: messages, tokens and cost, a day and a month.

An answer is reserved before its provider is asked (the prompt and the longest answer it may bring) and settled from
what the provider counted. Reservations count like usage, and those of one person are made one after the other, so
parallel questions cannot overrun a bound together. Days and months begin at midnight of the site's time zone.

Callers are inside a transaction where the word *reserve* is used. Raises ``LimitReached``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations import catalogue, conf
from conversations.errors import LimitReached
from conversations.models import (
    Allowance,
    AttachmentUse,
    ChatModel,
    Conversation,
    Generation,
    Message,
    ModelPrice,
    UsageRecord,
    User,
)
from conversations.models.usage import UNITS, day_of
from conversations.tokens import PICTURE, estimate
from conversations.usage import book

_FEW = 5  # a fifth left is worth telling
_SETTLED = (
    "chat_model", "model_label", "prompt_price", "completion_price", "cached_price", "messages", "prompt_tokens",
    "cached_tokens", "completion_tokens", "cost", "first_ms", "is_failed", "is_reserved", "is_estimated",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bound:
    """One bound on one thing in one period: what is allowed, what is used (reservations included), when it ends."""

    what: str  # messages, tokens or cost
    period: str  # day or month
    allowed: Decimal
    used: Decimal
    resets_at: datetime

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), self.allowed - self.used)

    @property
    def is_low(self) -> bool:
        return self.left * _FEW <= self.allowed

    @property
    def percent(self) -> int:
        return min(100, int(self.used * 100 / self.allowed)) if self.allowed else 100

    def __str__(self) -> str:
        """Say in a few words what is left: "3 of 20 messages left today"."""
        left, allowed = self.left, self.allowed
        if self.what == "messages":
            text = ngettext("{left} of {allowed} message left", "{left} of {allowed} messages left", int(allowed))
        elif self.what == "tokens":
            text = ngettext("{left} of {allowed} token left", "{left} of {allowed} tokens left", int(allowed))
        else:
            text = _("{left} of {allowed} of the budget left")
        places = 2 if self.what == "cost" else 0
        words = text.format(left=_number(left, places), allowed=_number(allowed, places))
        when = _("today") if self.period == Allowance.Period.DAY else _("this month")
        return _("{what} {when}").format(what=words, when=when)

    @property
    def resets(self) -> str:
        """Say when it begins anew, in the reader's own zone."""
        return formats.date_format(timezone.localtime(self.resets_at), "SHORT_DATETIME_FORMAT")


def bounds_of(user: User) -> list[Bound]:
    """Return all bounds that hold for a person; two queries, one where there are none."""
    return _bounds(user, _allowances_of(user))


def _bounds(user: User, allowances: Sequence[Allowance]) -> list[Bound]:
    if not allowances:
        return []
    bounds = []
    spans = {period: _span(period) for period in Allowance.Period.values}
    all_used = _used(user, {period: span[0] for period, span in spans.items()})
    for period, span in spans.items():
        mine = [one for one in allowances if one.period == period]
        if mine:
            used = all_used[period]
            for what in ("messages", "tokens", "cost"):
                allowed = _most([getattr(one, what) for one in mine])
                if allowed is not None:
                    bounds.append(Bound(what, period, allowed, used[what], span[1]))
    return bounds


def words_of(user: User) -> str | None:
    """Return what the composer says: the tightest bound that is low, or nothing; None for those whom nothing binds."""
    bounds = bounds_of(user)
    if not bounds:
        return None
    low = [bound for bound in bounds if bound.is_low]
    if not low:
        return ""
    tightest = max(low, key=lambda bound: bound.percent)
    return _("{left}. It begins anew on {when}.").format(left=tightest, when=tightest.resets)


def reserve(user: User, generation: Generation, chat_model: ChatModel) -> None:
    """Put aside what an answer may use, or raise ``LimitReached`` with what is used up and when it begins anew."""
    bounds = _bounds_in_turn(user)
    record = UsageRecord(
        owner=user, generation=generation, chat_model=chat_model, model_label=chat_model.label,
        made_at=generation.started_at, day=day_of(generation.started_at),
    )  # fmt: skip
    record.take_prices(ModelPrice.objects.holding(chat_model, record.day))
    if any(bound.what != "messages" for bound in bounds):
        record.prompt_tokens = _prompt_tokens(user, generation)
        record.completion_tokens = chat_model.answer_tokens or conf.limits().reserved_answer
        record.cost = _most_it_costs(user, record, chat_model)
    wanted = {
        "messages": Decimal(1),
        "tokens": Decimal(record.prompt_tokens + record.completion_tokens),
        "cost": record.cost,
    }
    for bound in bounds:
        if bound.left < wanted[bound.what] or bound.left == 0:
            raise LimitReached(_refusal(bound))
    record.save(force_insert=True)


def _most_it_costs(user: User, record: UsageRecord, chat_model: ChatModel) -> Decimal:
    """Return what an answer costs at most, whichever model of the chain brings it."""
    fallbacks = catalogue.fallbacks_of(chat_model, user)
    dearer = [price for model in fallbacks if (price := ModelPrice.objects.holding(model, record.day))]
    return max(prices.cost_of(record.prompt_tokens, record.completion_tokens) for prices in (record, *dearer))


def settle(generation: Generation, *, has_text: bool, cached_tokens: int = 0) -> None:
    """Replace what was reserved by what was used, at the prices of the question's day, and book it.

    An answer that brought nothing costs no message. Which model answered is what ``generation`` says: a fallback's
    answer has the fallback's prices.
    """
    record = UsageRecord.objects.filter(generation=generation, is_reserved=True).first()
    if record is None:
        return
    if record.chat_model_id != generation.chat_model_id and generation.chat_model is not None:
        record.take_prices(ModelPrice.objects.holding(generation.chat_model, record.day))
        record.chat_model, record.model_label = generation.chat_model, generation.model_label
    is_free = not has_text and generation.is_estimated  # the provider charged nothing that we know of
    record.messages = 1 if has_text else 0
    record.prompt_tokens = 0 if is_free else generation.prompt_tokens or 0
    record.cached_tokens = 0 if is_free else min(cached_tokens, record.prompt_tokens)
    record.completion_tokens = 0 if is_free else generation.completion_tokens or 0
    record.cost = record.cost_of(record.prompt_tokens, record.completion_tokens, record.cached_tokens)
    record.first_ms = _first_ms(generation)
    record.is_failed = generation.status in (Generation.Status.FAILED, Generation.Status.INTERRUPTED)
    record.is_reserved = False
    record.is_estimated = generation.is_estimated and not is_free
    record.save(update_fields=_SETTLED)
    book(record)
    if record.cost:
        Conversation.objects.filter(pk=generation.conversation_id).update(
            cost_units=F("cost_units") + int(record.cost * UNITS)
        )


def _first_ms(generation: Generation) -> int | None:
    if generation.first_at is None:
        return None
    return max(0, round((generation.first_at - generation.started_at).total_seconds() * 1000))


def answer_bound(generation: UUID) -> int | None:
    """Return the tokens that were put aside for an answer, which is then the most it may have."""
    found = UsageRecord.objects.filter(generation=generation, completion_tokens__gt=0)
    return found.values_list("completion_tokens", flat=True).first()


def _bounds_in_turn(user: User) -> list[Bound]:
    allowances = _allowances_of(user)
    if allowances and connection.features.has_select_for_update:  # SQLite's transactions exclude each other anyway
        User.objects.select_for_update().values_list("pk").get(pk=user.pk)
    return _bounds(user, allowances)


def _allowances_of(user: User) -> list[Allowance]:
    """Return a person's own, else those of their groups, else those of everybody – for each period by itself."""
    groups = user.groups.values("pk")
    found = list(
        Allowance.objects.filter(user=user)
        | Allowance.objects.filter(group__in=groups)
        | Allowance.objects.filter(user=None, group=None)
    )
    kept = []
    for period in Allowance.Period.values:
        mine = [one for one in found if one.period == period]
        for kind in ("user_id", "group_id", "pk"):
            if chosen := [one for one in mine if getattr(one, kind) is not None]:
                kept += chosen
                break
    return kept


def _most(bounds: Sequence[Decimal | int | None]) -> Decimal | None:
    """Return the most generous of several; no bound at all is more generous than any."""
    found = [bound for bound in bounds if bound is not None]
    return Decimal(max(found)) if len(found) == len(bounds) else None


def _span(period: str) -> tuple[datetime, datetime]:
    now = timezone.now().astimezone(timezone.get_default_timezone())
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == Allowance.Period.DAY:
        return today, today + timedelta(days=1)
    first = today.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _used(user: User, begins: Mapping[str, datetime]) -> dict[str, dict[str, Decimal]]:
    """Return what was used in each period since it began."""
    sums = {"messages": F("messages"), "tokens": F("prompt_tokens") + F("completion_tokens"), "cost": F("cost")}
    found = UsageRecord.objects.filter(owner=user, made_at__gte=min(begins.values())).aggregate(
        **{
            f"{period}_{what}": Sum(value, filter=Q(made_at__gte=since))
            for period, since in begins.items()
            for what, value in sums.items()
        }
    )
    return {period: {what: Decimal(found[f"{period}_{what}"] or 0) for what in sums} for period in begins}


def _prompt_tokens(user: User, generation: Generation) -> int:
    said = Message.objects.said_before(generation.message_id)
    pictures = AttachmentUse.objects.filter(message__in=[one.id for one in said]).count()
    shown = min(pictures, conf.pictures().most_sent) * PICTURE
    tuning = generation.conversation.own_tuning
    told = estimate(user.instructions) + (estimate(tuning.system_prompt) if tuning else 0)
    return told + sum(estimate(one.text) for one in said) + shown


def _refusal(bound: Bound) -> str:
    what = {
        "messages": _("You have used all your messages for now."),
        "tokens": _("This would use more tokens than you have left."),
        "cost": _("This would cost more than you have left."),
    }[bound.what]
    return _("{what} {left}. It begins anew on {when}. Your text is kept.").format(
        what=what, left=bound, when=bound.resets
    )


def _number(value: Decimal, places: int) -> str:
    return str(formats.number_format(round(value, places), places, use_l10n=True, force_grouping=True))
