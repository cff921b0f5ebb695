"""A page that only measures: asks, notes when each character arrived, acknowledges twice a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import msgspec

from benchmarks.provider import TOKEN, Order, Provider
from benchmarks.wire import Socket
from conversations.rendering import apply_patches, render
from tests.support.site import Site, Visitor

ACK_SECONDS = 0.5


class Frame(msgspec.Struct):
    """The few fields a measurement reads."""

    type: str
    message: str = ""
    seq: int = 0
    length: int = 0
    answer: str = ""
    conversation: str = ""
    status: str = ""
    code: str = ""


class Patches(msgspec.Struct):
    patches: list[tuple[int, int, str | None]]


_decode = msgspec.json.Decoder(Frame).decode
_patches = msgspec.json.Decoder(Patches).decode
_encode = msgspec.json.Encoder().encode


@dataclass
class Result:
    """One answer as its page saw it; times are of the monotonic clock."""

    order: Order
    sent_at: float
    arrived: list[tuple[int, float]] = field(default_factory=list)  # characters covered, when
    kept: list[bytes] | None = None  # the frames themselves, where the HTML is compared afterwards
    answer: str = ""
    conversation: str = ""
    status: str = "lost"
    ended_at: float = float("inf")
    gaps: int = 0
    snapshots: int = 0

    @property
    def first_after(self) -> float:
        """Milliseconds from the question to the first character; the provider writes its first at once."""
        return (self.arrived[0][1] - self.sent_at) * 1000 if self.arrived else float("inf")

    @property
    def upstream_after(self) -> float:
        return (self.order.asked_at - self.sent_at) * 1000 if self.order.asked_at else float("inf")

    @property
    def done_after(self) -> float:
        return (self.ended_at - self.sent_at) * 1000

    def latencies(self, since: float, until: float) -> list[float]:
        """Milliseconds from the provider's write of each token to the first frame that covers it."""
        found, at = [], 0
        for number, written in enumerate(self.order.written, start=1):
            covered = min(number * TOKEN, self.order.characters)
            while at < len(self.arrived) and self.arrived[at][0] < covered:
                at += 1
            if since <= written <= until:
                found.append((self.arrived[at][1] - written) * 1000 if at < len(self.arrived) else float("inf"))
        return found

    def is_whole(self, site: Site) -> bool:
        """Compare what the page got and what is stored with what the provider sent."""
        if self.status != "complete" or self.gaps or self.arrived[-1][0] != self.order.characters:
            return False
        if self.kept is not None and not self.snapshots and self._assembled() != render(self.order.text):
            return False
        return site.text_of(self.answer) == ("complete", self.order.text)

    def _assembled(self) -> list[str]:
        blocks: list[str] = []
        for text in self.kept or ():
            blocks = apply_patches(blocks, _patches(text).patches)
        return blocks


class Page:
    """One socket of one person."""

    def __init__(self, socket: Socket, provider: Provider) -> None:
        self._socket, self._provider = socket, provider
        self._result: Result | None = None
        self._seq: int | None = None
        self._acknowledged_at = 0.0
        socket.on_text = self._take

    @classmethod
    async def open(cls, site: Site, provider: Provider, visitor: Visitor) -> Page:
        return cls(await Socket.open(site.url, visitor.cookie), provider)

    async def ask(
        self, name: str, *, characters: int, per_second: float, keep: bool = False, patience: float = 120.0, **ids: Any
    ) -> Result:
        """Ask one question and read its answer to the end; ``ids``: conversation and parent."""
        order = self._provider.order(name, characters, per_second)
        command = {"type": "send", "ref": uuid4().hex, "text": name, **ids}
        self._done = asyncio.get_running_loop().create_future()
        self._seq = None
        self._result = result = Result(order, time.monotonic(), kept=[] if keep else None)
        self._socket.send(_encode(command))
        try:
            await asyncio.wait_for(self._done, patience)
        except TimeoutError:
            result.status = "late"
        self._result = None
        return result

    def close(self) -> None:
        self._socket.close()

    def _take(self, text: bytes | None) -> None:
        now, result = time.monotonic(), self._result
        if result is None:
            return
        if text is None:
            self._end(result, "cut")
            return
        frame = _decode(text)
        match frame.type:
            case "delta":
                result.gaps += self._seq is not None and frame.seq != self._seq + 1
                self._seen(result, frame, now)
                if result.kept is not None:
                    result.kept.append(text)
            case "snapshot":
                result.snapshots += 1
                self._seen(result, frame, now)
            case "accepted":
                result.answer, result.conversation = frame.answer, frame.conversation
            case "end":
                result.ended_at = now
                self._end(result, frame.status)
            case "refused":
                self._end(result, frame.code)

    def _seen(self, result: Result, frame: Frame, now: float) -> None:
        self._seq = frame.seq
        result.arrived.append((frame.length, now))
        if now - self._acknowledged_at > ACK_SECONDS:
            self._acknowledged_at = now
            self._socket.send(_encode({"type": "ack", "message": frame.message, "seq": frame.seq}))

    def _end(self, result: Result, status: str) -> None:
        result.status = status
        if not self._done.done():
            self._done.set_result(None)
