"""The verbs of scripted answers: a script is a sequence of steps, each step is one thing a provider does.

    [sse("Hel", "lo"), wait(gate), sse(finish()), done()]

The head of the answer is sent before the first step that needs one. A script that simply ends, ends the body
properly: without ``done()`` or ``finish()`` that is a provider that forgets to say that it is done.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fakes.upstream import Play

Step = Callable[["Play"], Awaitable[None]]
Script = Sequence[Step]


class Gate:
    """A barrier between a script and its test, for any thread: the script waits, the test opens."""

    def __init__(self) -> None:
        self._opened: Future[None] = Future()
        self._reached = threading.Event()

    def open(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def wait_until_reached(self, timeout: float = 5.0) -> None:
        """Block until the script stands at this gate."""
        assert self._reached.wait(timeout), "the script did not reach the gate"

    async def reached(self, within: float = 5.0) -> None:
        """The same for an event loop."""
        await asyncio.to_thread(self.wait_until_reached, within)

    async def pass_through(self) -> None:
        self._reached.set()
        # Shielded: a script that is given up must not cancel the gate under others that stand at it.
        await asyncio.shield(asyncio.wrap_future(self._opened))


# Pieces of a chunk


def chunk(delta: Mapping[str, Any] | None = None, **choice: Any) -> dict[str, Any]:
    """Return a chunk as providers send it, with the members nobody needs."""
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 1720756723,
        "model": "scripted",
        "choices": [{"index": 0, "delta": dict(delta or {}), **choice}],
        "recipient": "all",
    }


def role() -> dict[str, Any]:
    return chunk({"role": "assistant"})


def reasoning(text: str) -> dict[str, Any]:
    return chunk({"reasoning_content": text})


def finish(reason: str = "stop") -> dict[str, Any]:
    return chunk({"role": "assistant"}, finish_reason=reason)


def usage(prompt: int, completion: int) -> dict[str, Any]:
    counts = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {**chunk(), "choices": [], "usage": counts}


def error(code: str | None = "api_error", message: str = "fetch failed", **members: Any) -> dict[str, Any]:
    """Return an error body in the reference provider's shape."""
    return {"success": False, "error": {"code": code, "message": message}, "trace_id": "trace-1", **members}


def event(item: str | bytes | Mapping[str, Any]) -> bytes:
    """Return one server-sent event: words become a chunk, bytes and objects go as they are."""
    if isinstance(item, str):
        item = chunk({"content": item, "role": "assistant"})
    body = item if isinstance(item, bytes) else json.dumps(item).encode()
    return b"data: %b\n\n" % body


# Steps


def sse(*items: str | bytes | Mapping[str, Any]) -> Step:
    """Send events, each in a network write of its own."""

    async def step(play: Play) -> None:
        for item in items:
            await play.send(event(item))
            if isinstance(item, str):
                play.request.sent.append(item)

    return step


def raw(*pieces: bytes) -> Step:
    """Send bytes of the body, each piece in a network write of its own."""

    async def step(play: Play) -> None:
        for piece in pieces:
            await play.send(piece)

    return step


def done() -> Step:
    return raw(b"data: [DONE]\n\n")


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> Step:
    """Send the head of the answer now, with these headers."""

    async def step(play: Play) -> None:
        await play.exchange.begin(status, headers)

    return step


def status(code: int, body: bytes | object = b"", headers: Mapping[str, str] | None = None) -> Step:
    """Answer in one piece; anything but bytes is sent as JSON."""

    async def step(play: Play) -> None:
        await play.exchange.respond(code, body, headers)

    return step


def wire(data: bytes) -> Step:
    """Send bytes that need not be HTTP, and close."""

    async def step(play: Play) -> None:
        await play.exchange.raw(data)
        play.exchange.cut()

    return step


def wait(gate: Gate) -> Step:
    """Go on when the test opens the gate."""

    async def step(play: Play) -> None:
        await gate.pass_through()

    return step


def hold() -> Step:
    """Go on when the test calls ``provider.release()``."""

    async def step(play: Play) -> None:
        await play.released()

    return step


def pause(seconds: float) -> Step:
    async def step(play: Play) -> None:
        await asyncio.sleep(seconds)

    return step


def stall() -> Step:
    """Send nothing more, until the client leaves."""

    async def step(play: Play) -> None:
        await play.exchange.gone.wait()

    return step


def cut() -> Step:
    """Close the connection in the middle of the body."""

    async def step(play: Play) -> None:
        play.exchange.cut()

    return step


def reset() -> Step:
    """Break the connection: the client sees a reset."""

    async def step(play: Play) -> None:
        play.exchange.reset()

    return step


# Whole scripts


def answer(*texts: str, counts: tuple[int, int] | None = None) -> Script:
    """Return a well-behaved answer."""
    last = [usage(*counts)] if counts else []
    return [sse(role(), *texts, finish(), *last), done()]


def numbered(count: int, *, per_second: float = 0.0, texts: Iterable[str] | None = None) -> Script:
    """Return an answer of numbered words, for load tests: a lost or doubled one shows."""
    words = list(texts) if texts is not None else [f"{number} " for number in range(count)]

    async def step(play: Play) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        for word in words:
            if per_second:
                due += 1 / per_second
                await asyncio.sleep(due - loop.time())
            await play.send(event(word))
            play.request.sent.append(word)

    return [step, sse(finish(), usage(10, len(words))), done()]
