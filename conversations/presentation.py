"""What templates show of a conversation: plain values, made by one function, used by page, socket and review.

Imports models and rendering; never a door. ``_message.html`` gets one ``MessageView`` and nothing else, so the
page and the socket cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
    lang: str = ""  # "zh", "en" or empty for unknown

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


@dataclass(frozen=True, slots=True)
class SidebarRow:
    """One conversation in the sidebar."""

    id: str
    title: str
    url: str
    is_current: bool
    is_answering: bool


@dataclass(frozen=True, slots=True)
class SidebarGroup:
    """Conversations of one day or month."""

    heading: str
    rows: list[SidebarRow]
