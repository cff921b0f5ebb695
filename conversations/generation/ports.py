"""What the runner needs from the world, as values and protocols, so that tests can hand it another world."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from conversations.protocol import Delta, Snapshot
from conversations.upstream import ChatRequest, Endpoint, UpstreamError
from conversations.upstream import Delta as UpstreamDelta


@dataclass(frozen=True, slots=True)
class Attempt:
    """One model that can write an answer: where it is and what it is asked."""

    chat_model: UUID
    label: str
    endpoint: Endpoint
    request: ChatRequest
    most_at_once: int | None = None  # answers that the provider writes for this process at the same time


@dataclass(frozen=True, slots=True)
class GenerationJob:
    """Everything one run needs; ``base_text`` and ``base_reasoning`` are what an earlier run left (*Continue*)."""

    generation: UUID
    message: UUID
    conversation: UUID
    owner: UUID
    endpoint: Endpoint
    request: ChatRequest
    seq: int
    answer_limit: int
    base_text: str = ""
    base_reasoning: str = ""
    wants_title: bool = False
    language: str = ""  # what the person who asked reads; empty is the site's
    most_at_once: int | None = None
    chat_model: UUID | None = None
    model_label: str = ""
    fallbacks: tuple[Attempt, ...] = ()  # in the order in which they are asked

    def asking(self, attempt: Attempt) -> GenerationJob:
        """Return the same job for another model."""
        return replace(
            self,
            endpoint=attempt.endpoint,
            request=attempt.request,
            most_at_once=attempt.most_at_once,
            chat_model=attempt.chat_model,
            model_label=attempt.label,
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0  # of the prompt


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. ``status`` is one of complete, stopped, failed, interrupted."""

    status: str
    finish_reason: str = ""
    usage: Usage | None = None
    error: UpstreamError | None = None
    sources: tuple[tuple[str, str], ...] = ()  # address and title of where a browsing model has looked


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The text of an answer and the ``seq`` that covers it, captured in one step."""

    job: GenerationJob
    text: str
    reasoning: str
    seq: int


class Upstream(Protocol):
    def stream_chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[list[UpstreamDelta], None]: ...


class Publish(Protocol):
    def __call__(self, job: GenerationJob, frame: Delta | Snapshot, /) -> None: ...


class Timer(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """Seconds that only go forward, and a call after some of them."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Timer: ...
