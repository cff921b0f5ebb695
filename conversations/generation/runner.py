"""Write one answer: read deltas, render them, publish frames.

Pure but for its ports. A run is driven by one task (``run``); frames leave from timers of the same event loop, so
text, rendering and ``seq`` change in one synchronous step and can be captured at any moment.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never

from msgspec import UNSET, UnsetType

from conversations.generation.failures import outcome_of
from conversations.generation.pacing import Pace
from conversations.generation.ports import (
    Checkpoint,
    Clock,
    GenerationJob,
    Outcome,
    Publish,
    Timer,
    Upstream,
    Usage,
)
from conversations.protocol import Delta, Snapshot, Status
from conversations.rendering import IncrementalRenderer
from conversations.upstream import (
    Delta as UpstreamDelta,
)
from conversations.upstream import (
    Finished,
    ReasoningDelta,
    SourcesDelta,
    TextDelta,
    UpstreamError,
    UsageDelta,
)


class Run:
    """One answer being written."""

    def __init__(
        self,
        job: GenerationJob,
        *,
        upstream: Upstream,
        publish: Publish,
        clock: Clock,
        pace: Pace,
        told: asyncio.Event | None = None,
    ) -> None:
        self.job = job
        self.seq = job.seq
        self.first_delta_after: float | None = None
        self.reasoning_seconds: int | None = None
        self.place = 0  # in the line in front of a busy provider; 1 is next
        self._told = told  # set once everybody knows the message; nothing is published before
        self._upstream, self._publish, self._clock, self._pace = upstream, publish, clock, pace
        self._renderer = IncrementalRenderer()
        self._text, self._reasoning = [job.base_text], [job.base_reasoning]
        self._room = job.answer_limit - len(job.base_text) - len(job.base_reasoning)
        self._new_text: list[str] = []
        self._new_reasoning: list[str] = []
        self._timer: Timer | None = None
        self._catching_up: Timer | None = None
        self._started_at = clock.time()
        self._thinking_since: float | None = None
        self._shown_at = float("-inf")
        self._stored_seq = job.seq
        self._finish_reason = ""
        self._usage: Usage | None = None
        self._sources: tuple[tuple[str, str], ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._ended_as: str | None = None
        if job.base_text:
            self._renderer.feed(job.base_text)

    @property
    def text(self) -> str:
        """What has been published of the answer."""
        self._text = ["".join(self._text)]
        return self._text[0]

    @property
    def reasoning(self) -> str:
        self._reasoning = ["".join(self._reasoning)]
        return self._reasoning[0]

    @property
    def blocks(self) -> list[str]:
        return list(self._renderer.blocks)

    @property
    def length(self) -> int:
        return self._renderer.length

    # The way of a run

    async def run(self) -> Outcome:
        """Read the answer to its end and return how it ended. Never raises, but for a cancellation from outside."""
        if self.job.base_text or self.job.base_reasoning:
            await self._until_told()
            self._publish(self.job, self.snapshot())
        self._task = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait([self._task])
        finally:
            self._task.cancel()
            self._silence()
        return self._outcome(self._task)

    def stop(self, status: str = "stopped") -> None:
        """End the run now. What was published stays, what came after it is dropped: nothing changes on the page."""
        if self._ended_as is None:
            self._ended_as = status
            self._silence()
            self._new_text.clear()
            self._new_reasoning.clear()
            if self._task is not None:
                self._task.cancel()

    async def _read(self) -> None:
        if self._ended_as is not None:
            return
        # Closed here, whatever ends the loop: a generator left alone would keep the provider's connection open.
        async with aclosing(self._upstream.stream_chat(self.job.endpoint, self.job.request)) as deltas:
            async for batch in deltas:
                await self._until_told()
                if self._ended_as is not None:
                    return
                for delta in batch:
                    self._take(delta)
                if self._room < 0:
                    raise UpstreamError("too_large", "The answer is longer than this site takes.", retryable=False)
                if self._new_text or self._new_reasoning:
                    self._show_in_time()
                    await self._pace.rest()

    async def _until_told(self) -> None:
        if self._told is not None:
            await self._told.wait()
            self._told = None

    def _outcome(self, task: asyncio.Task[None]) -> Outcome:
        if self._ended_as is not None:
            outcome = Outcome(status=self._ended_as, usage=self._usage)
        elif task.cancelled():
            outcome = Outcome(status="interrupted")
        elif (error := task.exception()) is None:
            outcome = Outcome("complete", self._finish_reason, self._usage)
        elif isinstance(error, Exception):
            self._show()
            outcome = outcome_of(error, has_text=self.length > 0)
        else:
            raise error
        self._settle()
        return replace(outcome, sources=self._sources)

    # Deltas in

    def _take(self, delta: UpstreamDelta) -> None:
        if self.first_delta_after is None and not isinstance(delta, UsageDelta | SourcesDelta | Finished):
            self.first_delta_after = self._clock.time() - self._started_at
        match delta:
            case TextDelta(text=text):
                if self._thinking_since is not None and self.reasoning_seconds is None:
                    self.reasoning_seconds = self._thought_for()
                self._new_text.append(self._bounded(text))
            case ReasoningDelta(text=text):
                self._thinking_since = self._thinking_since or self._clock.time()
                self._new_reasoning.append(self._bounded(text))
            case UsageDelta():
                self._usage = Usage(delta.prompt_tokens, delta.completion_tokens, delta.cached_tokens or 0)
            case SourcesDelta(sources=sources):
                self._sources = sources
            case Finished(reason=reason):
                self._finish_reason = reason
            case _:
                assert_never(delta)

    def _bounded(self, text: str) -> str:
        """Return what of a text there is still room for; less than no room ends the answer."""
        kept = text[: max(0, self._room)]
        self._room -= len(text)
        return kept

    # Frames out

    def _show_in_time(self) -> None:
        if self._timer is not None:
            return
        wait = self._shown_at + self._pace.interval - self._clock.time()
        if wait <= 0:
            self._show()
        else:
            self._timer = self._clock.call_later(wait, self._show)

    def _show(self) -> None:
        """Publish what is new as one frame."""
        self._silence()
        if not self._new_text and not self._new_reasoning:
            return
        text, reasoning = "".join(self._new_text), "".join(self._new_reasoning)
        self._new_text.clear()
        self._new_reasoning.clear()
        self._shown_at = self._clock.time()
        self._text.append(text)
        self._reasoning.append(reasoning)
        self._emit(self._renderer.feed(text) if text else [], reasoning)
        if (wait := self._renderer.behind_for) is not None:
            self._catching_up = self._clock.call_later(wait, self._catch_up)

    def _catch_up(self) -> None:
        """Show what the renderer has left out, though nothing more has come."""
        if patches := self._renderer.catch_up():
            self._emit(patches, "")

    def _settle(self) -> None:
        """Publish the rest and close what Markdown leaves open, so that the page holds the finished rendering."""
        self._show()
        if patches := self._renderer.finish():
            self._emit(patches, "")

    def _emit(self, patches: list[tuple[int, int, str | None]], reasoning: str) -> None:
        self.seq += 1
        frame = Delta(self.job.message, self.seq, self.length, patches, reasoning or UNSET)
        self._publish(self.job, frame)

    def _silence(self) -> None:
        for timer in (self._timer, self._catching_up):
            if timer is not None:
                timer.cancel()
        self._timer = self._catching_up = None

    # Captured state

    def snapshot(self) -> Snapshot:
        """Return the whole state at this moment."""
        status: Status = "streaming" if self.length or self.reasoning else "waiting"
        thinking: int | UnsetType = UNSET
        if self._thinking_since is not None:
            thinking = self._thought_for() if self.reasoning_seconds is None else self.reasoning_seconds
        return Snapshot(
            self.job.message,
            self.seq,
            self.length,
            self.blocks,
            status,
            self.reasoning,
            place=self.place or UNSET,
            thinking=thinking,
        )

    def _thought_for(self) -> int:
        """Return the seconds since the first thought."""
        return round(self._clock.time() - (self._thinking_since or 0))

    def checkpoint(self) -> Checkpoint | None:
        """Return what is to be stored, or None if nothing was published since the last time."""
        if self.seq == self._stored_seq:
            return None
        self._stored_seq = self.seq
        return Checkpoint(self.job, self.text, self.reasoning, self.seq)

    def mark_dirty(self) -> None:
        """Forget the last capture: it could not be stored."""
        self._stored_seq = -1
