"""A websocket client that costs a few microseconds per frame, so that the load of many fits beside their provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self, cast
from urllib.parse import urlsplit


class Socket(asyncio.Protocol):
    """One open socket; ``on_text`` gets the payload of each text frame as bytes, None at the end."""

    def __init__(self) -> None:
        self.on_text: Callable[[bytes | None], None] = lambda payload: None
        self._data = bytearray()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, site: str, cookie: str) -> Self:
        parts = urlsplit(site)
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(cls, parts.hostname, parts.port)
        socket._transport.write(
            f"GET /ws/ HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: {site}\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        await asyncio.wait_for(socket._opened, 30)
        return socket

    def send(self, text: bytes) -> None:
        """Send a text frame; the mask is zero, which is a mask."""
        size = len(text)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self._transport.write(b"\x81" + length + b"\0\0\0\0" + text)

    def close(self) -> None:
        self._transport.close()

    # Internal

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not say that it is one

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(ConnectionError("the handshake was cut"))
        self.on_text(None)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._opened.done():
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._opened.set_exception(ConnectionError(head[:100].decode()))
                return
            self._data = rest
            self._opened.set_result(None)
        at = 0
        while (end := self._frame(at)) is not None:
            at = end
        del self._data[:at]

    def _frame(self, at: int) -> int | None:
        """Deliver the frame at ``at`` and return where it ends; None while it is not all there."""
        data = self._data
        if len(data) < at + 2:
            return None
        first, size, start = data[at], data[at + 1], at + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if len(data) < start + width:
                return None
            size, start = int.from_bytes(data[start : start + width], "big"), start + width
        end = start + size
        if len(data) < end:
            return None
        if first == 0x81:
            self.on_text(bytes(data[start:end]))
        elif first == 0x88:
            self._transport.close()
        elif first == 0x89:
            payload = bytes(data[start:end])
            self._transport.write(b"\x8a" + bytes([0x80 | size]) + b"\0\0\0\0" + payload)
        else:
            raise AssertionError(f"an unexpected frame: {first:#x}")
        return end
