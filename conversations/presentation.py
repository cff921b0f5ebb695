"""What templates show of a conversation: plain values, made by one function, used by page, socket and review.

Imports models and rendering; never a door. ``_message.html`` gets one ``MessageView`` and nothing else, so the
page and the socket cannot differ.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import strip_tags
from django.utils.translation import gettext

from conversations.failure_words import MENDED_IN_SETTINGS, words_for
from conversations.models import Attachment, AttachmentUse, Conversation, Feedback, Generation, Message, UsageRecord
from conversations.pictures import tokens_for
from conversations.rendering import VERSION, render
from conversations.search.words import language_of

_BARE = re.compile(r'<a href="([^"<>]*)"([^<>]*)>\1</a>')
"""A link whose words are its address, which paper need not tell twice."""
PAGE = 100
"""Messages of the newest page of a thread; older ones come on scrolling up."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The siblings of a message: the one shown is ``index`` of ``count``; an end has no address."""

    index: int
    count: int
    previous_url: str | None
    next_url: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed answer in plain words; ``action`` names the one primary button."""

    code: str
    title: str
    sentence: str
    action: str | None  # "retry", "continue", "edit", "models" or None
    trace_id: str | None = None
    retry_after: int | None = None  # seconds
    detail: str | None = None  # the provider's own words, for staff only
    is_for_settings: bool = False  # staff can mend it there


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture of a question; one with a public ``address`` is shown as a link, never loaded."""

    id: str
    name: str
    address: str
    width: int
    height: int
    url: str = ""
    thumbnail_url: str = ""
    is_on_paper: bool = False  # shown large, and no link

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""

    @property
    def facts(self) -> str:
        """What the page's script is told of it, as JSON."""
        return json.dumps(self.to_json(), ensure_ascii=False)

    def to_json(self) -> dict[str, object]:
        facts: dict[str, object] = {"id": self.id, "name": self.name, "address": self.address}
        if self.width and self.height:
            tokens = tokens_for(self.width, self.height)
            facts |= {"width": self.width, "height": self.height, "tokens": tokens, "thumbnail": self.thumbnail_url}
        return facts

    @property
    def shown_width(self) -> int:
        """CSS pixels of the thumbnail, so that nothing moves when it arrives (ux.md U9)."""
        return self._shown(self.width)

    @property
    def shown_height(self) -> int:
        return self._shown(self.height)

    def _shown(self, side: int) -> int:
        most = 480 if self.is_on_paper else 240
        return max(1, round(side * min(1.0, most / max(self.width, self.height, 1))))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a browsing model has looked."""

    url: str
    title: str

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as the partial shows it."""

    id: str
    conversation: str
    parent: str | None
    role: str  # "user" or "assistant"
    status: str  # ux.md 1.0: waiting streaming complete stopped failed interrupted
    text: str  # the source, for copying and editing
    blocks: list[str]  # safe HTML, one element each; empty for a question
    reasoning: str = ""
    reasoning_seconds: int | None = None
    model_label: str = ""
    versions: Versions | None = None
    caption: list[str] = field(default_factory=list)  # e.g. ["Demo", "4 s", "≈ 210 tokens"]
    failure: Failure | None = None
    can_continue: bool = False
    lang: str = ""  # "zh", "ja", "ko" or empty for all others
    pictures: list[PictureView] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    tokens: int = 0  # of the chat down to this answer, as counted with it
    figures: str = ""  # in words, for who points at the caption
    rating: str = ""  # what its owner said of it: "up", "down" or "report"
    is_read_only: bool = False  # shown to somebody who can do nothing with it: words and pictures, no buttons
    is_on_paper: bool = False  # nothing in it can be opened: what it leads to stands open
    seq: int | None = None  # of a live answer whose blocks are those of that frame: the page needs no snapshot

    @property
    def is_live(self) -> bool:
        return self.status in ("waiting", "streaming")


@dataclass(frozen=True, slots=True)
class TurnView:
    """A question and the answer shown below it."""

    question: MessageView | None
    answer: MessageView | None


@dataclass(frozen=True, slots=True)
class ModelOption:
    """One entry of the model picker."""

    name: str
    label: str
    description: str
    badges: list[str]  # words: "sees images", "browses", "reasons", "200k"
    provider: str
    can_see: bool = False
    window: int = 0  # tokens it reads; 0 for unknown


@dataclass(frozen=True, slots=True)
class SidebarRow:
    """One conversation in the sidebar."""

    id: str
    title: str
    url: str
    is_current: bool
    is_answering: bool
    is_unread: bool = False
    place: str = ""  # "pinned", "archived", the id of a folder, or nothing: by its day


@dataclass(frozen=True, slots=True)
class SidebarGroup:
    """Conversations of one day or month."""

    heading: str
    rows: list[SidebarRow]


# From rows to values


def thread(conversation: Conversation, leaf: UUID | None, *, staff: bool = False) -> list[MessageView]:
    """Return the newest ``PAGE`` messages of the branch that ends in ``leaf``, oldest first."""
    if leaf is None:
        return []
    path = Message.objects.path_to(leaf, PAGE)
    return _views(path, staff=staff)


def single(message: UUID, *, staff: bool = False) -> MessageView | None:
    """Return one message as it is stored now, or None if it is gone."""
    return next(iter(several([message], staff=staff)), None)


def several(messages: Iterable[UUID], *, staff: bool = False) -> list[MessageView]:
    """Return messages of one conversation as they are stored now; those that are gone are left out."""
    wanted = list(messages)
    found = Message.objects.in_bulk(wanted)
    return _views([found[one] for one in wanted if one in found], staff=staff)


def shared(numbered: Sequence[tuple[int, Message]], *, token: str, shows_thinking: bool) -> list[MessageView]:
    """Return messages of a snapshot as others see them: by number, without ids, versions and figures."""
    messages = [message for _, message in numbered]
    runs = Generation.objects.in_bulk([one.generation_id for one in messages if one.generation_id])
    pictures = _pictures([one for one in messages if not one.is_answer])
    return [
        MessageView(
            id=str(number),
            conversation="",
            parent=None,
            role=one.role,
            status="stopped" if one.is_live else one.status,
            text=one.text,
            blocks=_blocks(one),
            reasoning=one.reasoning if shows_thinking else "",
            model_label=runs[one.generation_id].model_label if one.generation_id in runs else "",
            lang=script_of(one.text),
            sources=[Source(*source) for source in runs[one.generation_id].sources]
            if one.generation_id in runs
            else [],
            pictures=[
                _shared_picture(view, token, number, position) for position, view in enumerate(pictures.get(one.pk, []))
            ],
            is_read_only=True,
        )
        for number, one in numbered
    ]


def _shared_picture(view: PictureView, token: str, number: int, position: int) -> PictureView:
    if view.address:
        return replace(view, id="")
    place = [token, number, position]
    url, thumbnail = reverse("share:picture", args=place), reverse("share:thumbnail", args=place)
    return replace(view, id="", url=url, thumbnail_url=thumbnail)


def reviewed(messages: Sequence[UUID], opening: UUID) -> list[MessageView]:
    """Return messages as their owner sees them, with nothing to press; pictures come through the reviewer's opening."""
    found = Message.objects.in_bulk(list(messages))
    views = _views([found[one] for one in messages if one in found], staff=True)
    return [
        replace(
            view,
            versions=None,
            is_read_only=True,
            failure=replace(view.failure, action=None) if view.failure else None,
            pictures=[_reviewed_picture(picture, opening) for picture in view.pictures],
        )
        for view in views
    ]


def _reviewed_picture(view: PictureView, opening: UUID) -> PictureView:
    if view.address:
        return replace(view, id="")
    url = reverse("review:picture", args=[opening, view.id])
    return replace(view, id="", url=url, thumbnail_url=f"{url}?small=1")


def on_paper(messages: Sequence[Message]) -> list[MessageView]:
    """Return messages for a file or a printer: nothing to press, sources open, pictures large and at once."""
    return [
        replace(
            view,
            status="stopped" if view.is_live else view.status,
            versions=None,
            is_read_only=True,
            is_on_paper=True,
            blocks=[_BARE.sub(r'<a class="bare" href="\1"\2>\1</a>', block) for block in view.blocks],
            failure=replace(view.failure, action=None, trace_id=None) if view.failure else None,
            pictures=[replace(picture, is_on_paper=True) for picture in view.pictures],
        )
        for view in _views(messages, staff=False)
    ]


def blank(role: str) -> MessageView:
    """Return what the page's script makes its echoes of."""
    status = "sending" if role == "user" else "waiting"
    return MessageView(id="", conversation="", parent=None, role=role, status=status, text="", blocks=[])


def turns(views: Sequence[MessageView]) -> list[TurnView]:
    """Pair questions with the answers below them."""
    return list(paired(views))


def paired(views: Iterable[MessageView]) -> Iterator[TurnView]:
    """Yield the same as soon as each is known."""
    question: MessageView | None = None
    for view in views:
        if view.role != "user":
            yield TurnView(question, view)
        elif question is not None:
            yield TurnView(question, None)
        question = view if view.role == "user" else None
    if question is not None:
        yield TurnView(question, None)


def in_plain_words(message: Message) -> str:
    """Return a message in one line as it is read, without the signs of Markdown: a question as it was typed."""
    shown = unescape(strip_tags(" ".join(_blocks(message)))) if message.is_answer else message.text
    return " ".join(shown.split())


def article(view: MessageView) -> str:
    """Render the one partial that page, socket and review share."""
    return partial("chat/_message.html", message=view)


def partial(template: str, **context: object) -> str:
    """Render a partial to a plain ``str``, which is what the wire's encoder takes."""
    return str.__str__(render_to_string(template, context))


def _views(messages: Sequence[Message], *, staff: bool) -> list[MessageView]:
    if not messages:
        return []
    siblings = _siblings(messages)
    wanted = {message.generation_id for message in messages if message.generation_id}
    generations = Generation.objects.select_related("usage").in_bulk(wanted) if wanted else {}
    pictures = _pictures([message for message in messages if not message.is_answer])
    answers = [message.pk for message in messages if message.is_answer and not message.is_live]
    ratings = dict(Feedback.objects.filter(message__in=answers).values_list("message", "value")) if answers else {}
    return [
        _view(
            message,
            siblings[message.parent_id],
            generations.get(message.generation_id),
            pictures.get(message.pk, []),
            rating=ratings.get(message.pk, ""),
            staff=staff,
        )
        for message in messages
    ]


def _pictures(questions: Sequence[Message]) -> dict[UUID, list[PictureView]]:
    found: dict[UUID, list[PictureView]] = defaultdict(list)
    uses = AttachmentUse.objects.filter(message__in=[question.pk for question in questions])
    for use in uses.select_related("attachment").order_by("position") if questions else []:
        found[use.message_id].append(picture(use.attachment))
    return found


def pictures_of(question: Message) -> list[PictureView]:
    return _pictures([question]).get(question.pk, [])


def picture(attachment: Attachment) -> PictureView:
    """Return what is shown and told of a picture."""
    width, height = attachment.width or 0, attachment.height or 0
    return _with_urls(PictureView(str(attachment.pk), attachment.name, attachment.address, width, height))


def _with_urls(view: PictureView) -> PictureView:
    url, thumbnail = reverse("attachment:picture", args=[view.id]), reverse("attachment:thumbnail", args=[view.id])
    return replace(view, url=url, thumbnail_url=thumbnail)


def blank_picture() -> PictureView:
    """Return what the page's script makes its echoes of."""
    return _with_urls(PictureView("00000000-0000-0000-0000-000000000000", "", "", 240, 180))


def _siblings(messages: Sequence[Message]) -> dict[UUID | None, list[UUID]]:
    """Return the ids of all children of the messages' parents, oldest first."""
    found: dict[UUID | None, list[UUID]] = defaultdict(list)
    parents = {message.parent_id for message in messages}
    home = Message.objects.filter(conversation_id=messages[0].conversation_id)
    below = home.filter(parent_id__in=parents - {None}) if parents - {None} else home.none()
    roots = home.filter(parent_id=None) if None in parents else home.none()
    pairs = [one.values_list("parent_id", "id") for one in (below, roots)]
    for parent, child in pairs[0].union(pairs[1], all=True).order_by("id"):
        found[parent].append(child)
    return found


def _view(
    message: Message,
    siblings: list[UUID],
    generation: Generation | None,
    pictures: list[PictureView],
    *,
    rating: str,
    staff: bool,
) -> MessageView:
    is_answer = message.is_answer
    return MessageView(
        id=str(message.pk),
        conversation=str(message.conversation_id),
        parent=str(message.parent_id) if message.parent_id else None,
        role=message.role,
        status=message.status,
        text=message.text,
        blocks=_blocks(message),
        reasoning=message.reasoning,
        reasoning_seconds=generation.reasoning_seconds if generation else None,
        model_label=generation.model_label if generation else "",
        versions=_versions(message, siblings),
        caption=_caption(message, generation) if is_answer and generation else [],
        failure=_failure(generation, staff=staff) if is_answer and generation else None,
        can_continue=is_answer and _can_continue(message, generation),
        lang=script_of(message.text),
        pictures=pictures,
        rating=rating,
        sources=[Source(*one) for one in generation.sources]
        if is_answer and generation and not message.is_live
        else [],
        tokens=(generation.prompt_tokens or 0) + (generation.completion_tokens or 0) if generation else 0,
        figures=_figures(generation) if is_answer and generation and not message.is_live else "",
        seq=message.seq if message.is_live and not message.text and not message.reasoning else None,
    )


def _blocks(message: Message) -> list[str]:
    if not message.is_answer:
        return []
    is_stale = message.is_live or message.render_version != VERSION
    return render(message.text) if is_stale else list(message.blocks)


def _can_continue(message: Message, generation: Generation | None) -> bool:
    if message.is_live or not message.text:
        return False
    return message.status != "complete" or (generation is not None and generation.finish_reason == "length")


def _versions(message: Message, siblings: list[UUID]) -> Versions | None:
    if len(siblings) < 2 or message.pk not in siblings:
        return None
    at = siblings.index(message.pk)

    def url(index: int) -> str | None:
        if not 0 <= index < len(siblings):
            return None
        return reverse("chat:show", args=[message.conversation_id]) + f"?at={siblings[index]}"

    return Versions(at + 1, len(siblings), url(at - 1), url(at + 1))


def _caption(message: Message, generation: Generation) -> list[str]:
    """Return model, duration, tokens and cost in words; estimated figures carry a sign."""
    if message.is_live:
        return []
    words = [generation.model_label] if generation.model_label else []
    if generation.instead_of:
        words = [
            gettext("{model} instead of {other}").format(model=generation.model_label, other=generation.instead_of)
        ]
    if generation.ended_at:
        seconds = max(0.0, (generation.ended_at - generation.started_at).total_seconds())
        shown = f"{seconds:.1f}" if seconds < 10 else str(round(seconds))
        words.append(
            gettext("Stopped after {seconds} s").format(seconds=shown)
            if message.status == "stopped"
            else gettext("{seconds} s").format(seconds=shown)
        )
    if message.status == "complete" and generation.finish_reason == "length":
        words.append(gettext("ended at its length limit"))
    if generation.completion_tokens:
        sign = "≈ " if generation.is_estimated else ""
        words.append(sign + gettext("{count} tokens").format(count=f"{generation.completion_tokens:,}"))
    if cost := _cost(generation):
        words.append(cost)
    return words


def _cost(generation: Generation) -> str:
    """Return what an answer cost, in the currency of the prices; nothing where it was free or is not settled yet."""
    usage: UsageRecord | None = getattr(generation, "usage", None)
    if usage is None or usage.is_reserved or not usage.cost:
        return ""
    places = 2 if usage.cost >= 1 else 4
    shown = number_format(max(usage.cost, Decimal("0.0001")), places)
    return ("≈ " if usage.is_estimated else "") + gettext("cost {cost}").format(cost=shown)


def _figures(generation: Generation) -> str:
    words = []
    if generation.prompt_tokens is not None:
        words.append(
            gettext("{asked} + {answered} tokens").format(
                asked=f"{generation.prompt_tokens:,}", answered=f"{generation.completion_tokens or 0:,}"
            )
        )
    if generation.first_at:
        ms = round((generation.first_at - generation.started_at).total_seconds() * 1000)
        words.append(gettext("first character after {ms} ms").format(ms=f"{ms:,}"))
    return " · ".join(words)


def _failure(generation: Generation, *, staff: bool) -> Failure | None:
    if generation.status not in ("failed", "interrupted"):
        return None
    title, sentence, action = words_for(generation.error_code)
    return Failure(
        code=generation.error_code,
        title=title,
        sentence=sentence,
        action=action,
        trace_id=generation.trace_id or None,
        retry_after=generation.retry_after,
        detail=generation.error_message or None if staff else None,
        is_for_settings=staff and generation.error_code in MENDED_IN_SETTINGS,
    )


def script_of(text: str) -> str:
    """Return the language whose characters need their own fonts, breaks and voices: "zh", "ja", "ko" or none."""
    language = language_of(text)
    return language if language in ("zh", "ja", "ko") else ""
