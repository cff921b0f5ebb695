"""A provider that does what a test tells it: a real HTTP server on a loopback port, in a thread of its own.

    with ScriptedProvider() as provider:
        provider.enqueue(sse("Hel", "lo"), cut())
        ...
        assert provider.requests[0].json["model"] == "gpt-4o"

Each request takes the next script; when none is left, ``default`` answers: a script, or a function from the
request to one. Requests for a title (the site asks for one by itself) are answered apart and leave the scripts alone.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from conversations.demo.http import Exchange, HttpServer, Request
from tests.fakes.scripts import (
    Gate,
    Script,
    Step,
    answer,
    chunk,
    cut,
    done,
    error,
    event,
    finish,
    head,
    hold,
    numbered,
    pause,
    raw,
    reasoning,
    reset,
    role,
    sse,
    stall,
    status,
    usage,
    wait,
    wire,
)

__all__ = [
    "Gate",
    "Play",
    "RecordedRequest",
    "Script",
    "ScriptedProvider",
    "Step",
    "answer",
    "chunk",
    "cut",
    "done",
    "error",
    "event",
    "finish",
    "head",
    "hold",
    "numbered",
    "pause",
    "raw",
    "reasoning",
    "reset",
    "role",
    "sse",
    "stall",
    "status",
    "usage",
    "wait",
    "wire",
]

_PATIENCE = 10.0
_TITLE_PROMPT = "title for this conversation"


class RecordedRequest:
    """One request as it came, and what became of its answer."""

    def __init__(self, request: Request) -> None:
        self.method = request.method
        self.path = request.path
        self.query = request.query
        self.headers = request.headers
        self.body = request.body
        self.json: Any = request.json
        self.sent: list[str] = []  # the words sent so far
        self.disconnected_at: float | None = None  # monotonic; None while the client stays to the end
        self._disconnected = threading.Event()
        self._ended = threading.Event()

    @property
    def model(self) -> str:
        return str(self.json["model"])

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.json["messages"])

    @property
    def text(self) -> str:
        """The words sent so far, as one text."""
        return "".join(self.sent)

    @property
    def disconnected(self) -> bool:
        """Tell whether the client left before the script had ended."""
        return self._disconnected.is_set()

    def wait_until_disconnected(self, timeout: float = _PATIENCE) -> None:
        assert self._disconnected.wait(timeout), "the client did not leave"

    async def disconnection(self, within: float = _PATIENCE) -> None:
        await asyncio.to_thread(self.wait_until_disconnected, within)

    def wait_until_ended(self, timeout: float = _PATIENCE) -> None:
        """Block until the script has ended, one way or the other."""
        assert self._ended.wait(timeout), "the answer did not end"

    def note_disconnection(self) -> None:
        self.disconnected_at = time.monotonic()
        self._disconnected.set()

    def note_end(self) -> None:
        self._ended.set()


class Play:
    """One script being played for one request."""

    def __init__(self, provider: ScriptedProvider, exchange: Exchange, request: RecordedRequest) -> None:
        self.provider = provider
        self.exchange = exchange
        self.request = request

    async def send(self, data: bytes) -> None:
        if not self.exchange.has_begun:
            await self.exchange.begin()
        await self.exchange.send(data)

    async def released(self) -> None:
        await self.provider.gate.pass_through()

    async def run(self, script: Script) -> None:
        """Play the script to its end, or until the client leaves."""
        playing = asyncio.ensure_future(self._play(script))
        leaving = asyncio.ensure_future(self.exchange.gone.wait())
        try:
            await asyncio.wait((playing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not playing.done() or isinstance(playing.exception(), ConnectionError):
                self.request.note_disconnection()
        finally:
            playing.cancel()
            leaving.cancel()
            with suppress(ConnectionError, asyncio.CancelledError):
                await playing
            self.request.note_end()

    async def _play(self, script: Script) -> None:
        for step in script:
            await step(self)
            if self.exchange.is_broken:
                return
        if self.exchange.has_begun and not self.exchange.has_ended:
            await self.exchange.end()


Behaviour = Script | Callable[[RecordedRequest], Script]


class ScriptedProvider:
    """The provider. Every attribute may be read and set from any thread."""

    def __init__(self, default: Behaviour | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self.base_url = ""
        self._tls = tls
        self.default: Behaviour = default if default is not None else answer("Hello ", "from ", "the ", "script.")
        self.title: str | None = "A scripted title"  # None: title requests take the next script like any other
        self.models: list[str] = ["scripted"]
        self.model_script: Script | None = None  # answers for the list of models where there is one
        self.gate = Gate()  # what ``hold`` waits for
        self.requests: list[RecordedRequest] = []  # chats that are no title requests
        self.title_requests: list[RecordedRequest] = []
        self.model_requests: list[RecordedRequest] = []
        self._scripts: deque[Script] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    # For tests

    def forget(self) -> None:
        """Drop the scripts that nobody asked for."""
        self._scripts.clear()

    def enqueue(self, *steps: Step | Script) -> None:
        """Answer the next request that has no script yet with these steps; a whole script may stand among them."""
        script: list[Step] = []
        for step in steps:
            script.extend([step] if callable(step) else step)
        self._scripts.append(script)

    def release(self) -> None:
        """Let all scripts go on that stand at ``hold()``, now and later."""
        self.gate.open()

    def wait_for_requests(self, count: int, timeout: float = _PATIENCE) -> list[RecordedRequest]:
        """Block until ``count`` chat requests have come, and return all that have."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: len(self.requests) >= count, timeout)
        assert arrived, f"{len(self.requests)} requests came, not {count}"
        return list(self.requests)

    async def requested(self, count: int, within: float = _PATIENCE) -> list[RecordedRequest]:
        """The same for an event loop."""
        return await asyncio.to_thread(self.wait_for_requests, count, within)

    # Lifecycle

    def start(self, host: str = "127.0.0.1", port: int = 0) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(host, port, ready)), name="scripted-provider", daemon=True
        )
        self._thread.start()
        assert ready.wait(_PATIENCE), "the scripted provider did not start"
        return self

    def close(self) -> None:
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_PATIENCE)
            assert not self._thread.is_alive(), "the scripted provider did not stop"
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    # Internal

    async def _serve(self, host: str, port: int, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = HttpServer(self._handle)
        host, port = await server.start(host, port, self._tls)
        self.base_url = f"{'https' if self._tls else 'http'}://{host}:{port}/v1"
        ready.set()
        await self._stop.wait()
        await server.close()

    async def _handle(self, exchange: Exchange) -> None:
        request = RecordedRequest(exchange.request)
        if request.path.endswith("/models"):
            self._record(self.model_requests, request)
            if self.model_script is not None:
                await Play(self, exchange, request).run(self.model_script)
                return
            await exchange.respond(200, {"object": "list", "data": [{"id": name} for name in self.models]})
        elif self.title is not None and _TITLE_PROMPT.encode() in request.body:
            self._record(self.title_requests, request)
            message = {"role": "assistant", "content": self.title}
            await exchange.respond(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        else:
            script = self._scripts.popleft() if self._scripts else self.default
            self._record(self.requests, request)
            await Play(self, exchange, request).run(script(request) if callable(script) else script)

    def _record(self, requests: list[RecordedRequest], request: RecordedRequest) -> None:
        with self._changed:
            requests.append(request)
            self._changed.notify_all()
