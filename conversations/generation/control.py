"""Start, stop and look at answers wherever they run: this process first, then the others, then the database."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol
from uuid import UUID

from channels.db import database_sync_to_async as in_database
from msgspec.structs import replace

from conversations import conf, frames, limits, process
from conversations.errors import RateLimited, Stopping, marked
from conversations.generation import ledger, publisher
from conversations.generation.hub import Socket
from conversations.generation.mesh import mesh
from conversations.generation.registry import registry
from conversations.protocol import Accepted, MessageFrame, encode

TOO_FAST = marked("This is faster than the site takes. Wait a moment, then try again.")


def check_open() -> None:
    """Raise ``Stopping`` while this process shuts down: a page sends again to the next one."""
    if registry.is_draining:
        raise Stopping("The server is restarting. Your text is kept; try again in a few seconds.")


def check_speed(person: UUID) -> None:
    """Raise ``RateLimited`` for somebody who asks faster than the site takes, whichever door they use."""
    per_minute = conf.limits().commands_per_minute
    if not limits.questions.take(person, time.monotonic(), per_minute=per_minute, burst=max(10, per_minute // 3)):
        raise RateLimited(TOO_FAST)


class Begun(Protocol):
    """What a verb has committed; the verbs' own value fits it."""

    @property
    def ref(self) -> str: ...
    @property
    def owner(self) -> UUID: ...
    @property
    def conversation(self) -> UUID: ...
    @property
    def question(self) -> UUID: ...
    @property
    def answer(self) -> UUID: ...
    @property
    def generation(self) -> UUID: ...
    @property
    def messages(self) -> tuple[UUID, ...]: ...
    @property
    def branched(self) -> bool: ...
    @property
    def is_repeat(self) -> bool: ...


async def began(begun: Begun, *, socket: Socket | None = None) -> None:
    """Tell everybody of the messages a verb made, answer the one who asked, and start to write.

    The order is part of the wire: ``message`` frames, then ``accepted``, then what the answer brings. The provider is
    asked first, so that its answer is on the way while the messages are rendered; what it brings waits for them.
    """
    job = None if begun.is_repeat else await in_database(ledger.load_job)(begun.generation, process.ID)
    told = asyncio.Event()
    if job is not None:
        registry.start(job, told)
    try:
        await _tell(begun, socket)
    finally:
        told.set()
    if not begun.is_repeat:
        registry.announce_soon(begun.conversation)  # last: the person waits for the answer, not for the list


async def _tell(begun: Begun, socket: Socket | None) -> None:
    made = await in_database(frames.message_frames)(begun.messages)
    if socket is not None:
        process.hub.watch(begun.conversation, socket)
        mesh().watch(begun.conversation)
        for frame in made:
            socket.deliver(encode(replace(frame, ref=begun.ref)))
        accepted = Accepted(begun.ref, begun.conversation, begun.question, begun.answer, begun.branched)
        socket.deliver(encode(accepted))
    if not begun.is_repeat:
        for frame in made:
            publisher.tell_watchers(begun.conversation, frame, but=socket)


async def stop(message: UUID) -> None:
    """Stop an answer that the caller has been allowed to stop; one that has ended stays as it is."""
    if not registry.stop(message):
        mesh().stop_elsewhere(message)


async def stop_all_of(owner: UUID) -> None:
    """Stop whatever is being written for somebody, here and elsewhere."""
    for message in await in_database(ledger.running_of)(owner):
        await stop(message)


async def snapshot(message: UUID) -> str | None:
    """Return the encoded state of an answer from whoever writes it, else as it is stored."""
    if (text := registry.snapshot(message)) is not None:
        return text
    stored = await in_database(frames.stored_snapshot)(message)
    if stored is None:
        return None
    if stored.status in ("waiting", "streaming"):
        if (text := await mesh().ask_snapshot(message)) is not None:
            return text
        if (text := registry.snapshot(message)) is not None:
            return text
    return encode(stored)


async def missed(conversation_frames: list[MessageFrame], conversation: UUID, socket: Socket) -> None:
    """Bring a page that joins up to date: newer messages, then where running answers stand."""
    for frame in conversation_frames:
        socket.deliver(encode(frame))
    for message in await in_database(frames.live_messages)(conversation):
        if (text := await snapshot(message)) is not None:
            socket.deliver(text)
