"""The owner of every running answer of this process.

A socket may come and go: the task here goes on. Each task has a strong reference and a context of its own (one
started inside a request would otherwise hold that request's thread for as long as the answer runs).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextvars import Context
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from channels.db import database_sync_to_async as in_database
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation

from conversations import frames, process
from conversations.generation import ledger, publisher, recovery, titles
from conversations.generation.fallback import FallingBack
from conversations.generation.ledger import Ending
from conversations.generation.mesh import mesh
from conversations.generation.ports import GenerationJob
from conversations.generation.runner import Run
from conversations.generation.waiting import Moved, QueuedUpstream
from conversations.protocol import Queued, encode
from conversations.upstream import UpstreamError

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
"""What ``kill -9`` may cost of a text."""
BEAT_SECONDS = 5.0
MEASURE_SECONDS = 0.25
_STORE_AGAIN_SECONDS = 1.0


class Registry:
    def __init__(self) -> None:
        self.runs: dict[UUID, Run] = {}
        self.is_draining = False
        self._answers: set[asyncio.Task[None]] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._announcing: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    # Starting and stopping

    def start(self, job: GenerationJob, told: asyncio.Event) -> None:
        """Begin to write an answer that the ledger has put under this process; show nothing of it before ``told``."""
        self.keep()
        self._own(self._answers, self._live(job, told), f"answer {job.generation}")

    def keep(self) -> None:
        """Start the loops that store, beat and measure; to be called once the event loop runs."""
        if not self._keepers:
            mesh().start(self)
            loops = (self._store_checkpoints, self._beat, self._measure)
            self._keepers = [
                asyncio.get_running_loop().create_task(loop(), name=loop.__name__, context=Context()) for loop in loops
            ]

    def stop(self, message: UUID) -> bool:
        """Stop a running answer; False if it does not run here."""
        run = self.runs.get(message)
        if run is not None:
            run.stop()
        return run is not None

    def snapshot(self, message: UUID) -> str | None:
        """Return the encoded snapshot of an answer that runs here."""
        run = self.runs.get(message)
        return encode(run.snapshot()) if run is not None else None

    def snapshots_of(self, conversation: UUID) -> list[tuple[UUID, int, str]]:
        """Return message, seq and encoded snapshot of each answer of a conversation that runs here."""
        return [
            (message, run.seq, encode(run.snapshot()))
            for message, run in self.runs.items()
            if run.job.conversation == conversation
        ]

    async def drain(self, seconds: float) -> None:
        """Let running answers finish for ``seconds``, then end the rest as interrupted; all of them are stored."""
        self.is_draining = True
        if self._answers:
            await asyncio.wait(self._answers, timeout=seconds)
        for run in list(self.runs.values()):
            run.stop("interrupted")
        if self._answers:
            await asyncio.wait(self._answers, timeout=5)
        for task in (*self._keepers, *self._errands):
            task.cancel()
        await asyncio.gather(*self._keepers, *self._errands, return_exceptions=True)
        await mesh().close()

    def _own(self, tasks: set[asyncio.Task[None]], coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, name=name, context=Context())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    # The life of one answer

    async def _live(self, job: GenerationJob, told: asyncio.Event) -> None:
        translation.activate(job.language or settings.LANGUAGE_CODE)
        try:
            upstream = FallingBack(job, lambda asked: self._queued(asked, told, lambda place: self._moved(run, place)))
            run = Run(
                job,
                upstream=upstream,
                publish=publisher.publish,
                clock=asyncio.get_running_loop(),
                pace=process.pace,
                told=told,
            )
            self.runs[job.message] = run
            try:
                ending = await self._write(run, upstream)
                await told.wait()
                is_ours = await self._store(ending)
            finally:
                del self.runs[job.message]
            await self._announce_end(job)
            if is_ours and job.wants_title and ending.outcome.status == "complete":
                self._own(self._errands, self._title(ending.job), f"title {job.conversation}")
        except Exception:
            logger.exception("An answer ended without being stored; recovery will find it")

    @staticmethod
    def _queued(job: GenerationJob, told: asyncio.Event, moved: Moved) -> QueuedUpstream:
        return QueuedUpstream(process.upstream(), process.lines.of(job.endpoint), job, told, moved)

    def _moved(self, run: Run, place: int) -> None:
        run.place = place
        publisher.tell_watchers(run.job.conversation, Queued(run.job.message, place))

    async def _write(self, run: Run, upstream: FallingBack) -> Ending:
        outcome = await run.run()
        error = outcome.error
        if error is not None:
            logger.warning(
                "Answer %s ended as %s: %s %s (trace id %s)",
                run.job.message, outcome.status, error.code, error.message, error.trace_id,
            )  # fmt: skip
        return Ending(
            job=upstream.job,
            outcome=outcome,
            text=run.text,
            reasoning=run.reasoning,
            blocks=run.blocks,
            seq=run.seq,
            first_delta_after=run.first_delta_after,
            reasoning_seconds=run.reasoning_seconds,
        )

    async def _store(self, ending: Ending) -> bool:
        """Store an ending, again and again while the database is away: the text stays in memory until then."""
        while True:
            try:
                return bool(await in_database(ledger.finish)(ending))
            except DatabaseError:
                logger.exception("The end of an answer could not be stored, trying again")
                if self.is_draining:
                    raise
                await asyncio.sleep(_STORE_AGAIN_SECONDS)

    async def _announce_end(self, job: GenerationJob) -> None:
        end = await in_database(frames.end_frame)(job.message)
        if end is not None:
            publisher.tell_watchers(job.conversation, end)
        await self.announce_conversation(job.conversation)

    def announce_soon(self, conversation: UUID) -> None:
        """Announce without being waited for."""
        self._own(self._errands, self._announce(conversation), f"announce {conversation}")

    async def _announce(self, conversation: UUID) -> None:
        try:
            await self.announce_conversation(conversation)
        except DatabaseError:
            logger.exception("A row of the sidebar could not be announced")

    async def announce_conversation(self, conversation: UUID) -> None:
        """Tell all pages of the owner that a row of the sidebar changed.

        One after the other for one conversation: a row that was read earlier must not be told later.
        """
        async with self._announcing.setdefault(conversation, asyncio.Lock()):
            if row := await in_database(frames.conversation_frame)(conversation):
                publisher.tell_person(*row)

    async def _title(self, job: GenerationJob) -> None:
        question = await in_database(ledger.title_question)(job)
        if question is None:
            return
        try:
            model = await in_database(ledger.title_model)(job)
            answer = await process.upstream().complete(job.endpoint, titles.request_for(model, *question))
        except UpstreamError as exc:
            logger.info("No title for %s: %s", job.conversation, exc.code)
            return
        title = titles.cleaned(answer)
        if title and await in_database(ledger.set_title)(job.conversation, title):
            await self.announce_conversation(job.conversation)

    # Loops

    async def _store_checkpoints(self) -> None:
        """Store all dirty answers together, once a second; one writer per process."""
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            taken = [(run, taken) for run in self.runs.values() if (taken := run.checkpoint())]
            if not taken:
                continue
            try:
                await in_database(ledger.checkpoint)([checkpoint for _, checkpoint in taken])
            except DatabaseError:
                logger.exception("A checkpoint could not be stored; the next one will hold it")
                for run, _ in taken:
                    run.mark_dirty()

    async def _beat(self) -> None:
        """Vouch for the answers of this process, and end those of processes that no longer beat."""
        while True:
            try:
                await in_database(ledger.beat)(process.ID, process.HOST_NAME, process.PID)
                await self.recover()
            except DatabaseError:
                logger.exception("The heartbeat could not be stored")
            await asyncio.sleep(BEAT_SECONDS)

    async def recover(self) -> None:
        for conversation, message in await in_database(recovery.interrupt_orphans)():
            if run := self.runs.get(message):
                run.stop("interrupted")
                continue
            with translation.override(await in_database(ledger.language_of)(message)):
                if end := await in_database(frames.end_frame)(message):
                    publisher.tell_watchers(conversation, end)
            await self.announce_conversation(conversation)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            process.pace.measure()


registry = Registry()
"""The one of this process."""
