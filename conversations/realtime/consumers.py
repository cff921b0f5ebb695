"""The websocket: one per open page."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, assert_never
from uuid import UUID

from channels.db import database_sync_to_async as in_database
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation

from conversations import access, conf, frames, process, protocol
from conversations.actions import messages, order
from conversations.errors import ChatError, NotFound, RateLimited, Unavailable
from conversations.failure_words import told
from conversations.generation import control
from conversations.generation.mesh import mesh
from conversations.generation.registry import registry
from conversations.limits import Bucket
from conversations.realtime import origin, sessions
from conversations.realtime.outbox import Outbox

logger = logging.getLogger(__name__)

BEAT_SECONDS = 10.0
SIGNED_OUT = 4401
TOO_MANY = 4429
_PATIENCE = 200
"""Commands beyond the limit that are answered before the socket is closed."""


class ChatConsumer(AsyncWebsocketConsumer):
    """Allowed at connect and again at every command: a session that has ended meanwhile is shut out at its next word.

    The origin is checked before anything is accepted; there is no query parameter, so no address can point a page
    at somebody else's conversation. Being watched is decided by ``access`` each time, never remembered.
    """

    channel_layer_alias = ""  # frames come from the hub; a layer channel per socket would only cost

    async def connect(self) -> None:
        scheme = {"wss": "https", "https": "https"}.get(self.scope.get("scheme", "ws"), "http")
        visitor = await in_database(sessions.visitor)(self.scope)
        if not origin.is_allowed(self.scope["headers"], scheme):
            await self.close(code=4403)
            return
        await self.accept()
        if visitor is None:
            await self.close(code=SIGNED_OUT)
            return
        self.user, self.session = visitor.user, visitor.session
        translation.activate(visitor.language)  # for this socket's own task, and the threads that work for it
        if process.hub.count(self.user) >= conf.limits().sockets:
            await self.close(code=TOO_MANY)
            return
        registry.keep()
        self._outbox = Outbox(self._send_text, self.close_soon, registry.snapshot)
        self._speaking = Bucket(per_second=200, burst=400)  # acknowledgements, for the most part
        self._impatience = 0
        self._tasks = [asyncio.create_task(self._outbox.drain()), asyncio.create_task(self._beat())]
        process.hub.join(self)

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "_tasks"):
            return  # it was refused, and never joined
        process.hub.leave(self)
        for task in self._tasks:
            task.cancel()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Skip the clean-up of database connections at each frame: whatever queries here does its own."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not hasattr(self, "_tasks"):
            return
        text = text_data if text_data is not None else ""
        ref = None
        try:
            command = protocol.parse_command(text)
            ref = getattr(command, "ref", None)
            self._check_speed(command)
            await self._carry_out(command)
        except ChatError as exc:
            self._refuse(ref or protocol.ref_of(text), exc)
        except DatabaseError:
            logger.exception("A command could not be stored")
            told_so = Unavailable("The site cannot store anything at the moment. Your text is kept; try again soon.")
            self._refuse(ref, told_so)

    # Commands

    async def _carry_out(self, command: protocol.Command) -> None:
        if isinstance(command, protocol.Ack):
            self._outbox.acknowledge(command.message, command.seq)
            return
        user = await in_database(sessions.still_there)(self.session)
        if user is None:
            self.close_soon(SIGNED_OUT)
            return
        match command:
            case protocol.Watch():
                await self._watch(user, command)
            case protocol.Unwatch(conversation=conversation):
                process.hub.unwatch(conversation, self)
                mesh().unwatch(conversation)
            case protocol.Seen(conversation=conversation):
                if await in_database(order.mark_seen)(user, conversation):
                    await registry.announce_conversation(conversation)
            case protocol.Stop(message=message):
                await in_database(access.message_for)(user, message)
                await control.stop(message)
            case protocol.Resync(message=message):
                await self._resync(user, message)
            case protocol.Send() | protocol.Edit() | protocol.Regenerate() | protocol.Continue():
                control.check_open()
                await control.began(await in_database(messages.carry_out)(user, command), socket=self)
            case _:
                assert_never(command)

    async def _watch(self, user: Any, command: protocol.Watch) -> None:
        """Join first and look second: what is published in between arrives as a frame, never not at all."""
        found = await in_database(access.conversation_for)(user, command.conversation)
        process.hub.watch(found.pk, self)
        mesh().watch(found.pk)
        missed = await in_database(frames.newer_messages)(found, command.after)
        await control.missed(missed, found.pk, self)
        self.deliver(protocol.encode(protocol.Watched(found.pk)))

    async def _resync(self, user: Any, message: UUID) -> None:
        found = await in_database(access.message_for)(user, message)
        text = await control.snapshot(message)
        if text is None:
            raise NotFound
        self.deliver(text)
        if (end := await in_database(frames.end_frame)(found.pk)) is not None:
            self.deliver(protocol.encode(end))

    def _check_speed(self, command: protocol.Command) -> None:
        now = time.monotonic()
        try:
            if not self._speaking.take(now):
                raise RateLimited(control.TOO_FAST)
            if hasattr(command, "ref"):
                control.check_speed(self.user)
        except RateLimited:
            self._impatience += 1
            if self._impatience > _PATIENCE:
                self.close_soon(TOO_MANY)
            raise

    def _refuse(self, ref: str | None, error: ChatError) -> None:
        self.deliver(protocol.encode(protocol.Refused(ref, error.code, told(error), error.retryable)))

    # What the hub calls

    def deliver(self, text: str) -> None:
        self._outbox.put(text)

    def deliver_live(self, message: UUID, seq: int, text: str) -> None:
        self._outbox.put_live(message, seq, text)

    def close_soon(self, code: int) -> None:
        process.hub.leave(self)
        self._tasks.append(asyncio.create_task(self.close(code=code)))

    async def _send_text(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def _beat(self) -> None:
        """Prove that the socket lives: browsers hide ping frames from pages."""
        beat = protocol.encode(protocol.Beat())
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self.deliver(beat)
