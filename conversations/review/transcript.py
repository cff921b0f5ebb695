"""A conversation as its owner sees it, with every branch, and with what only figures tell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext

from conversations import presentation
from conversations.models import Generation, Message, ReviewOpening
from conversations.presentation import MessageView

PAGE = 200
"""Messages of one page."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the tree: ``version`` of ``versions`` below the same parent; not ``is_shown`` in another branch."""

    view: MessageView
    version: int
    versions: int
    is_shown: bool
    facts: list[str]


@dataclass(frozen=True, slots=True)
class Transcript:
    said: list[Said]
    count: int
    first: int
    later: int | None  # where the next page begins


def transcript(opening: ReviewOpening, first: int = 0) -> Transcript:
    """Return a page of the whole tree: branches one after the other, each below where it begins."""
    home = opening.conversation
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for pk, parent in Message.objects.filter(conversation=home).order_by("-id").values_list("id", "parent"):
        children[parent].append(pk)  # the youngest first: a stack turns them round
    shown = set(Message.objects.path_ids(home.leaf_id)) if home.leaf_id else set()
    order: list[tuple[UUID, int, int]] = []
    todo = [(pk, len(children[None]) - index, len(children[None])) for index, pk in enumerate(children[None])]
    while todo:
        one = todo.pop()
        order.append(one)
        below = children[one[0]]
        todo += [(pk, len(below) - index, len(below)) for index, pk in enumerate(below)]
    page = order[first : first + PAGE]
    views = {view.id: view for view in presentation.reviewed([pk for pk, _, _ in page], opening.pk)}
    runs = Generation.objects.select_related("usage").filter(message__in=[pk for pk, _, _ in page])
    facts: dict[UUID, list[str]] = defaultdict(list)
    for run in runs.order_by("started_at"):
        facts[run.message_id] += _facts(run)
    said = [
        Said(views[str(pk)], version, versions, pk in shown, facts[pk]) for pk, version, versions in page
    ]  # fmt: skip
    later = first + PAGE if first + PAGE < len(order) else None
    return Transcript(said, len(order), first, later)


def _facts(run: Generation) -> list[str]:
    """Return what is known of a run in words."""
    facts = [run.model_label, run.get_status_display()]
    if run.instead_of:
        facts.append(gettext("instead of {model}").format(model=run.instead_of))
    facts += [
        f"{name} {value if isinstance(value, str) else number_format(value, use_l10n=True)}"
        for name, value in (run.parameters or {}).items()
    ]
    if run.prompt_tokens is not None:
        sign = "≈ " if run.is_estimated else ""
        facts.append(
            sign
            + gettext("{asked} + {answered} tokens").format(
                asked=run.prompt_tokens, answered=run.completion_tokens or 0
            )
        )
    usage = getattr(run, "usage", None)
    if usage is not None and usage.cost:
        facts.append(gettext("cost {cost}").format(cost=number_format(usage.cost.normalize(), use_l10n=True)))
    if run.first_at:
        facts.append(
            gettext("first character after {ms} ms").format(
                ms=round((run.first_at - run.started_at).total_seconds() * 1000)
            )
        )
    if run.ended_at:
        facts.append(gettext("{seconds} s").format(seconds=round((run.ended_at - run.started_at).total_seconds(), 1)))
    if run.error_code:
        facts.append(run.error_code)
    if run.trace_id:
        facts.append(gettext("trace {id}").format(id=run.trace_id))
    return [fact for fact in facts if fact]
