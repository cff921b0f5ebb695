"""Just enough of HTTP/1.1 for a provider on a loopback port, on asyncio streams.

A handler gets one ``Exchange`` per request. It answers in one piece (``respond``) or in pieces (``begin``,
``send``, ``end``), and it can misbehave: ``cut`` closes without an end, ``reset`` breaks the connection.
``gone`` tells when the client has left.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

MOST_HEADER_BYTES: Final = 64 * 1024
MOST_BODY_BYTES: Final = 64 * 1024 * 1024  # a question with a dozen pictures in it
_IDLE_SECONDS: Final = 75.0

JSON_TYPE: Final = "application/json"
EVENTS_TYPE: Final = "text/event-stream; charset=utf-8"


class Request:
    """One request, read whole."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path, _, self.query = path.partition("?")
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Exchange:
    """One request and the answer being given to it."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter, gone: asyncio.Event) -> None:
        self.request = request
        self.gone = gone
        self.has_begun = False
        self.has_ended = False
        self.is_broken = False
        self._writer = writer

    async def respond(self, status: int, body: bytes | object = b"", headers: Mapping[str, str] | None = None) -> None:
        """Answer in one piece; anything but bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._head(status, {"content-type": JSON_TYPE, "content-length": str(len(content)), **(headers or {})})
        self.has_ended = True
        await self._write(content)

    async def begin(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send the head of an answer that comes in pieces."""
        self._head(
            status,
            {
                "content-type": EVENTS_TYPE,
                "cache-control": "no-cache",
                "transfer-encoding": "chunked",
                **(headers or {}),
            },
        )
        await self._write(b"")

    async def send(self, data: bytes) -> None:
        """Send one piece at once."""
        if data:
            await self._write(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        """End an answer that came in pieces."""
        self.has_ended = True
        await self._write(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are, HTTP or not."""
        self.has_begun = True
        await self._write(data)

    def cut(self) -> None:
        """Close the connection in the middle of the answer."""
        self.is_broken = True
        self._writer.close()

    def reset(self) -> None:
        """Break the connection so that the client sees a reset."""
        self.is_broken = True
        raw_socket = self._writer.get_extra_info("socket")
        if raw_socket is not None:
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.has_begun = True
        phrase = HTTPStatus(status).phrase if status in _STATUSES else ""
        lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()


_STATUSES: Final = frozenset(HTTPStatus)

Handler = Callable[[Exchange], Awaitable[None]]


class HttpServer:
    """A server on a loopback port that hands every request to one handler."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> tuple[str, int]:
        """Listen, and return the address that was given."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new_connection, host, port, backlog=1024, ssl=tls)
        address = self._server.sockets[0].getsockname()
        return str(address[0]), int(address[1])

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        connections = list(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def _new_connection(self) -> asyncio.StreamReaderProtocol:
        reader = _Reader(limit=MOST_HEADER_BYTES)
        return asyncio.StreamReaderProtocol(reader, self._connected)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, _Reader)
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (request := await _next_request(reader, writer)) is not None:
                exchange = Exchange(request, writer, reader.gone)
                await self._handler(exchange)
                if not exchange.has_ended:
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has left, or the server is closing: both end the connection and nothing else
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


class _Reader(asyncio.StreamReader):
    """A reader that tells at once when the other side has left, even while nobody reads."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.gone.set()


async def _next_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """Return the next request of a connection, or None where it has ended or talks nonsense."""
    try:
        async with asyncio.timeout(_IDLE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    try:
        method, path, _ = lines[0].split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:-2])}
        size = int(headers.get("content-length", "0"))
    except ValueError:
        return None
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        body = await _body(reader, size, is_chunked=headers.get("transfer-encoding", "").lower() == "chunked")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return None
    return Request(method, path, headers, body)


async def _body(reader: asyncio.StreamReader, size: int, *, is_chunked: bool) -> bytes:
    if not is_chunked:
        if not 0 <= size <= MOST_BODY_BYTES:
            raise ValueError("too large")
        return await reader.readexactly(size)
    body = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if len(body) + size > MOST_BODY_BYTES:
            raise ValueError("too large")
        body += (await reader.readexactly(size + 2))[:-2]
        if size == 0:
            return bytes(body)
