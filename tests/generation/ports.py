"""Another world for the runner: a scripted provider, a recording publisher and a clock that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from uuid import uuid4

from conversations.generation.pacing import Pace
from conversations.generation.ports import GenerationJob
from conversations.generation.runner import Run
from conversations.protocol import Delta, Snapshot
from conversations.rendering import apply_patches
from conversations.upstream import ChatRequest, Endpoint, Finished, TextDelta, Timeouts, Turn
from conversations.upstream import Delta as UpstreamDelta


class StepClock:
    """Time that stands still until a test moves it; due calls happen in order."""

    def __init__(self) -> None:
        self.now = 100.0
        self._calls: list[_Call] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> _Call:
        call = _Call(self.now + delay, callback)
        self._calls.append(call)
        return call

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [call for call in self._calls if call.at <= self.now]
        self._calls = [call for call in self._calls if call.at > self.now]
        for call in sorted(due, key=lambda call: call.at):
            if not call.is_cancelled:
                call.callback()


class _Call:
    def __init__(self, at: float, callback: Callable[[], None]) -> None:
        self.at, self.callback, self.is_cancelled = at, callback, False

    def cancel(self) -> None:
        self.is_cancelled = True


class ScriptedUpstream:
    """Yields what a test puts in; ``None`` ends the stream, an exception is raised."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[list[UpstreamDelta] | Exception | None] = asyncio.Queue()
        self.requests: list[ChatRequest] = []
        self.closed = False

    def say(self, *texts: str) -> None:
        self.queue.put_nowait([TextDelta(text) for text in texts])

    def finish(self, reason: str = "stop") -> None:
        self.queue.put_nowait([Finished(reason)])
        self.queue.put_nowait(None)

    async def stream_chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[list[UpstreamDelta], None]:
        self.requests.append(request)
        try:
            while (batch := await self.queue.get()) is not None:
                if isinstance(batch, Exception):
                    raise batch
                yield batch
        finally:
            self.closed = True


class RecordingPublisher:
    """Keeps all frames, and what a page would show of them."""

    def __init__(self) -> None:
        self.frames: list[Delta | Snapshot] = []
        self.blocks: list[str] = []
        self.reasoning = ""
        self.seq: int | None = None

    def __call__(self, job: GenerationJob, frame: Delta | Snapshot) -> None:
        self.frames.append(frame)
        if isinstance(frame, Snapshot):
            self.blocks, self.reasoning, self.seq = list(frame.blocks), frame.reasoning, frame.seq
            return
        assert self.seq is None or frame.seq == self.seq + 1, "seq must be contiguous"
        self.seq = frame.seq
        self.blocks = apply_patches(self.blocks, frame.patches)
        if isinstance(frame.reasoning, str):
            self.reasoning += frame.reasoning


class World:
    """A run with all its ports."""

    def __init__(
        self,
        *,
        base_text: str = "",
        base_reasoning: str = "",
        answer_limit: int = 1_000_000,
        told: asyncio.Event | None = None,
    ) -> None:
        self.clock, self.upstream, self.published = StepClock(), ScriptedUpstream(), RecordingPublisher()
        self.pace = Pace(wall=self.clock.time, cpu=lambda: 0.0)
        self.job = GenerationJob(
            generation=uuid4(),
            message=uuid4(),
            conversation=uuid4(),
            owner=uuid4(),
            endpoint=Endpoint(base_url="http://127.0.0.1:1/v1", secret="", timeouts=Timeouts()),
            request=ChatRequest(model="m", turns=(Turn(role="user", content="hi"),)),
            seq=10,
            answer_limit=answer_limit,
            base_text=base_text,
            base_reasoning=base_reasoning,
        )
        self.run = Run(
            self.job,
            upstream=self.upstream,
            publish=self.published,
            clock=self.clock,
            pace=self.pace,
            told=told,
        )


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)
