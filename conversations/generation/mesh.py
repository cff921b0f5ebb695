"""The other processes: what must cross to them goes through the channel layer, batched.

Every process listens on one channel of its own and on one group of all. It tells the others which conversations
its sockets watch; a process that runs an answer sends its frames to just those, one message per process and
interval (one per frame would drop deltas from thirty streams on, docs/performance.md). Rare events go to all.
The layer is at-most-once: whatever it loses is repaired, because pages notice gaps and ask for snapshots.

With the in-memory layer there is nobody else and every call returns at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from contextvars import Context
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from channels.layers import InMemoryChannelLayer, get_channel_layer

from conversations import process
from conversations.generation.hub import Hub

logger = logging.getLogger(__name__)

ALL = "chat.processes"
BATCH_SECONDS = 0.033
ANNOUNCE_SECONDS = 5.0
FORGET_SECONDS = 16.0
"""Three announcements missed: the other process is gone or cut off, its sockets with it."""
ASK_SECONDS = 1.0
"""How long a question to the others may take; then the last checkpoint answers."""
_OUTBOX = 10_000
"""Messages waiting for a layer that does not answer; beyond it the oldest are dropped."""


class Runs(Protocol):
    """What the others may ask of the answers that run here."""

    def snapshot(self, message: UUID) -> str | None: ...

    def snapshots_of(self, conversation: UUID) -> list[tuple[UUID, int, str]]: ...

    def stop(self, message: UUID) -> bool: ...


class Mesh:
    def __init__(self, me: UUID, hub: Hub) -> None:
        self._me = str(me)
        self._hub = hub
        self._runs: Runs | None = None
        self._layer = get_channel_layer()
        self.is_active = self._layer is not None and not isinstance(self._layer, InMemoryChannelLayer)
        self._watching: dict[str, tuple[float, set[str]]] = {}
        self._frames: defaultdict[str, list[list[Any]]] = defaultdict(list)
        self._outbox: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(_OUTBOX)
        self._asked: dict[str, asyncio.Future[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.is_connected = True

    def start(self, runs: Runs) -> None:
        self._runs = runs
        if self.is_active and not self._tasks:
            loops = (self._listen, self._send, self._flush, self._announce)
            self._tasks = [
                asyncio.get_running_loop().create_task(loop(), name=f"mesh{loop.__name__}", context=Context())
                for loop in loops
            ]
            self._post(ALL, kind="hello")

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    # What this process says

    def is_watched_elsewhere(self, conversation: UUID) -> bool:
        key = str(conversation)
        return any(key in conversations for _, conversations in self._watching.values())

    def send_live(self, conversation: UUID, message: UUID, seq: int, text: str) -> None:
        key = str(conversation)
        for other, (_, conversations) in self._watching.items():
            if key in conversations:
                self._frames[other].append([key, str(message), seq, text])

    def tell_watchers(self, conversation: UUID, text: str) -> None:
        """Send a frame to sockets of all processes, behind the frames that wait for their batch."""
        self._post_frames()
        self._post(ALL, kind="tell watchers", conversation=str(conversation), text=text)

    def tell_person(self, user: UUID, about: UUID | None, text: str) -> None:
        """Send a frame to the person's sockets of all processes, behind the frames that wait for their batch."""
        self._post_frames()
        self._post(ALL, kind="tell person", user=str(user), about=str(about or ""), text=text)

    def watch(self, conversation: UUID) -> None:
        self._post(ALL, kind="watch", conversation=str(conversation))

    def unwatch(self, conversation: UUID) -> None:
        if not self._hub.is_watched(conversation):
            self._post(ALL, kind="unwatch", conversation=str(conversation))

    def stop_elsewhere(self, message: UUID) -> None:
        self._post(ALL, kind="stop", message=str(message))

    def close_sessions(self, sessions: list[str], code: int) -> None:
        self._post(ALL, kind="close", sessions=sessions, code=code)

    async def ask_snapshot(self, message: UUID) -> str | None:
        """Return the encoded snapshot of an answer that another process writes, or None if nobody answers."""
        if not self.is_active:
            return None
        key = str(message)
        answer = self._asked.setdefault(key, asyncio.get_running_loop().create_future())
        self._post(ALL, kind="snapshot?", message=key)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await asyncio.shield(answer)
        except TimeoutError:
            return None
        finally:
            self._asked.pop(key, None)

    def _post_frames(self) -> None:
        for other in list(self._frames):
            self._post(_channel_of(other), kind="frames", frames=self._frames.pop(other))

    def _post(self, to: str, **message: Any) -> None:
        if not self.is_active:
            return
        if self._outbox.full():
            self._outbox.get_nowait()
        self._outbox.put_nowait((to, {"type": "mesh", "from": self._me, **message}))

    # Loops

    async def _send(self) -> None:
        while True:
            to, message = await self._outbox.get()
            try:
                await self._layer.group_send(to, message)
                self.is_connected = True
            except Exception as exc:
                if self.is_connected:
                    logger.warning("The channel layer is out of reach: %s", exc)
                self.is_connected = False
                await asyncio.sleep(0.5)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(BATCH_SECONDS)
            self._post_frames()

    async def _announce(self) -> None:
        while True:
            self._post(ALL, kind="watching", conversations=[str(one) for one in self._hub.watched])
            await asyncio.sleep(ANNOUNCE_SECONDS)
            late = time.monotonic() - FORGET_SECONDS
            self._watching = {key: value for key, value in self._watching.items() if value[0] > late}

    async def _listen(self) -> None:
        while True:
            try:
                channel = await self._layer.new_channel()
                for group in (ALL, _channel_of(self._me)):
                    await self._layer.group_add(group, channel)
                self._post(ALL, kind="hello")
                while True:
                    self._take(await self._layer.receive(channel))
            except Exception as exc:
                logger.warning("Listening to the channel layer failed, trying again: %s", exc)
                await asyncio.sleep(1)

    # What the others say

    def _take(self, message: dict[str, Any]) -> None:
        other, runs = message.get("from"), self._runs
        if not isinstance(other, str) or other == self._me or runs is None:
            return
        match message:
            case {"kind": "hello"}:
                self._post(ALL, kind="watching", conversations=[str(one) for one in self._hub.watched])
            case {"kind": "watching", "conversations": conversations}:
                self._watching[other] = (time.monotonic(), set(conversations))
            case {"kind": "watch", "conversation": conversation}:
                self._join(runs, other, conversation)
            case {"kind": "unwatch", "conversation": conversation} if other in self._watching:
                self._watching[other][1].discard(conversation)
            case {"kind": "frames", "frames": frames}:
                for conversation, about, seq, text in frames:
                    self._hub.live(UUID(conversation), UUID(about), seq, text)
            case {"kind": "tell watchers", "conversation": conversation, "text": text}:
                self._hub.tell_watchers(UUID(conversation), text)
            case {"kind": "tell person", "user": user, "about": about, "text": text}:
                self._hub.tell_person(UUID(user), UUID(about) if about else None, text)
            case {"kind": "stop", "message": about}:
                runs.stop(UUID(about))
            case {"kind": "snapshot?", "message": about}:
                if (text := runs.snapshot(UUID(about))) is not None:
                    self._post(_channel_of(other), kind="snapshot", message=about, text=text)
            case {"kind": "snapshot", "message": about, "text": text}:
                if (asked := self._asked.get(about)) and not asked.done():
                    asked.set_result(text)
            case {"kind": "close", "sessions": sessions, "code": code}:
                self._hub.close_sessions(set(sessions), code)

    def _join(self, runs: Runs, other: str, conversation: str) -> None:
        """Note that another process watches, and send it where the running answers of the conversation stand."""
        self._watching.setdefault(other, (time.monotonic(), set()))[1].add(conversation)
        for message, seq, text in runs.snapshots_of(UUID(conversation)):
            self._frames[other].append([conversation, str(message), seq, text])


def _channel_of(process: str) -> str:
    return f"chat.process.{process}"


@cache
def mesh() -> Mesh:
    return Mesh(process.ID, process.hub)
