"""A page's socket without a page: it speaks the wire of docs/protocol.md and assembles answers as a page does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from conversations.rendering import apply_patches
from tests.support.site import Visitor

PATIENCE = 15.0
LONG_PATIENCE = 60.0
Frame = dict[str, Any]


class HasAddress(Protocol):
    """A site, or a proxy in front of one."""

    @property
    def url(self) -> str: ...


class Answer:
    """What a page holds of an answer."""

    def __init__(self) -> None:
        self.seq: int | None = None
        self.length = 0
        self.blocks: list[str] = []
        self.end: Frame | None = None
        self.gaps = 0


class Page:
    def __init__(self, socket: ClientConnection, *, acknowledges: bool = True) -> None:
        self.socket, self.acknowledges = socket, acknowledges
        self.frames: list[Frame] = []
        self.answers: dict[str, Answer] = {}
        self._acknowledged: dict[str, float] = {}  # when, by message: about twice a second, as a page does

    async def command(self, kind: str, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}, default=str))

    async def ask(self, text: str = "hello", **fields: Any) -> Frame:
        """Send a question and return ``accepted``."""
        ref = fields.pop("ref", uuid4().hex)
        await self.command("send", ref=ref, text=text, **fields)
        return await self.until("accepted", ref=ref)

    async def next(self) -> Frame:
        async with asyncio.timeout(PATIENCE):  # not wait_for: on Python 3.11 it can swallow an outer timeout
            frame: Frame = json.loads(await self.socket.recv())
        self.frames.append(frame)
        await self._take(frame)
        return frame

    async def until(self, kind: str, **values: Any) -> Frame:
        """Read on until a frame of this type with these values comes; a refusal instead of it fails."""
        async with self._patience(f"{kind} {values}"):
            while True:
                frame = await self.next()
                if frame["type"] == kind and all(frame.get(key) == value for key, value in values.items()):
                    return frame
                assert kind == "refused" or frame["type"] != "refused", frame

    async def end_of(self, message: str) -> Frame:
        async with self._patience(f"the end of {message}"):
            while (answer := self.answers.get(message)) is None or answer.end is None:
                await self.next()
        return answer.end

    async def closed(self) -> int:
        """Read on until the site closes the socket, and return its code."""
        try:
            async with self._patience("the end of the socket"):
                while True:
                    await self.next()
        except ConnectionClosed as exc:
            return exc.rcvd.code if exc.rcvd is not None else 0

    async def text_beyond(self, message: str, length: int) -> Answer:
        """Read on until more than ``length`` characters of an answer are shown."""
        async with self._patience(f"more than {length} characters of {message}"):
            while self.answers.setdefault(message, Answer()).length <= length:
                await self.next()
        return self.answers[message]

    @asynccontextmanager
    async def _patience(self, awaited: str) -> AsyncIterator[None]:
        """Bound a wait as a whole: beats keep coming while nothing happens."""
        try:
            async with asyncio.timeout(LONG_PATIENCE):
                yield
        except TimeoutError:
            last = [frame for frame in self.frames if frame["type"] != "beat"][-8:]
            raise AssertionError(f"{awaited} did not come; the last frames were {last}") from None

    async def _take(self, frame: Frame) -> None:
        if frame["type"] not in ("delta", "snapshot", "end"):
            return
        answer = self.answers.setdefault(frame["message"], Answer())
        if frame["type"] == "snapshot":
            answer.seq, answer.length, answer.blocks = frame["seq"], frame["length"], frame["blocks"]
        elif frame["type"] == "end":
            answer.end, answer.length = frame, frame["length"]
        elif answer.seq is not None and frame["seq"] <= answer.seq:
            return
        elif answer.seq is not None and frame["seq"] != answer.seq + 1:
            answer.gaps += 1
            await self.command("resync", message=frame["message"])
        else:
            answer.seq, answer.length = frame["seq"], frame["length"]
            answer.blocks = apply_patches(answer.blocks, [tuple(patch) for patch in frame["patches"]])
        now = asyncio.get_running_loop().time()
        if self.acknowledges and answer.seq is not None and now - self._acknowledged.get(frame["message"], 0.0) > 0.4:
            self._acknowledged[frame["message"]] = now
            await self.command("ack", message=frame["message"], seq=answer.seq)


@asynccontextmanager
async def open_page(site: HasAddress, visitor: Visitor, *, acknowledges: bool = True) -> AsyncIterator[Page]:
    address = site.url.replace("http", "ws", 1) + "/ws/"
    headers = {"Cookie": visitor.cookie}
    async with connect(
        address, origin=site.url, additional_headers=headers, max_size=None, open_timeout=PATIENCE
    ) as socket:
        yield Page(socket, acknowledges=acknowledges)
