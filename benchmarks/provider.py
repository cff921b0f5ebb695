"""A provider that costs little: realistic Markdown at a steady rate, and a note of when each token was written.

All streams share one timer and the encoded chunks, so 400 streams of 40 tokens a second take a few percent of a core.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

ANSWER = """## How a token bucket works

A **token bucket** holds a number of tokens and gets new ones at a steady rate. Whoever wants to act takes one; if there
is none left, they wait. It allows short bursts, and it bounds the average, which is what most people want from a limit.

1. Start with a full bucket, so that nobody has to wait at the beginning.
2. Add tokens as time passes, but never more than the *capacity*.
3. Take one for each action, and refuse or delay the action if there is none.

| Way | Bursts | Memory | Exact |
|-----|:------:|-------:|:-----:|
| token bucket | yes | 2 numbers | yes |
| fixed window | at the edges | 1 number | no |
| sliding log | no | one per action | yes |

```python
class Bucket:
    def __init__(self, rate: float, capacity: float) -> None:
        self.rate, self.capacity = rate, capacity
        self.tokens, self.updated = capacity, time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.tokens = min(self.capacity, self.tokens + (now - self.updated) * self.rate)
        self.updated = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
```

It costs two numbers per person and a few operations per action, so it is cheap enough to use on every request. See
[the article](https://example.org/token-bucket) for the history of it, and mind the
`capacity`: with 1 there are no bursts.

"""
TOKEN = 4
_MOST_HEAD = 8_192
TITLE = json.dumps({"choices": [{"index": 0, "message": {"content": "A title"}, "finish_reason": "stop"}]}).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def text_of(characters: int) -> str:
    return (ANSWER * (characters // len(ANSWER) + 1))[:characters]


@cache
def writes_of(characters: int) -> list[bytes]:
    """Return what goes over the line for each token of an answer, encoded once for all streams."""
    text = text_of(characters)
    chunks = [
        {
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1720756723, "model": "bench",
            "choices": [{"index": 0, "delta": {"content": text[at : at + TOKEN], "role": "assistant"}}],
        }
        for at in range(0, characters, TOKEN)
    ]  # fmt: skip
    return [_event(json.dumps(chunk).encode()) for chunk in chunks]


def _event(data: bytes) -> bytes:
    data = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST = _event(b'{"choices": [{"delta": {}, "finish_reason": "stop", "index": 0}]}') + _event(b"[DONE]") + b"0\r\n\r\n"


@dataclass
class Order:
    """An answer to be given: the request whose last message is ``name`` gets it."""

    name: str
    characters: int
    per_second: float
    asked_at: float = 0.0
    turns: int = 0
    written: list[float] = field(default_factory=list)  # when, token by token

    @property
    def text(self) -> str:
        return text_of(self.characters)


class Provider:
    def __init__(self) -> None:
        self.base_url = ""
        self.latest = 0.0  # how late a token was written at the worst, in seconds; to be reset by who reads it
        self._orders: dict[str, Order] = {}
        self._due: list[tuple[float, int, Order, asyncio.Transport]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        self.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"

    def order(self, name: str, characters: int, per_second: float) -> Order:
        writes_of(characters)
        self._orders[name] = order = Order(name, characters, per_second)
        return order

    def begin(self, messages: list[dict[str, Any]], transport: asyncio.Transport) -> None:
        content = messages[-1]["content"]
        order = self._orders.pop(content if isinstance(content, str) else content[0]["text"])
        order.asked_at, order.turns = time.monotonic(), len(messages)
        transport.write(HEAD)
        self._count += 1
        heapq.heappush(self._due, (order.asked_at, self._count, order, transport))
        self._write_due()

    def _write_due(self) -> None:
        """Write every token that is due, and sleep until the next one; the heap makes one timer enough."""
        if self._timer is not None:
            self._timer.cancel()
        while self._due and self._due[0][0] <= (now := time.monotonic()):
            due, number, order, transport = self._due[0]
            if transport.is_closing():  # whoever asked has stopped
                heapq.heappop(self._due)
                continue
            writes = writes_of(order.characters)
            self.latest = max(self.latest, now - due)
            order.written.append(now)
            done = len(order.written) == len(writes)
            transport.write(writes[len(order.written) - 1] + (LAST if done else b""))
            if done:
                heapq.heappop(self._due)
            else:
                heapq.heapreplace(self._due, (due + 1 / order.per_second, number, order, transport))
        if self._due:
            wait = max(0.001, self._due[0][0] - time.monotonic())
            self._timer = self._loop.call_later(wait, self._write_due)


class _Connection(asyncio.Protocol):
    """Just enough of HTTP/1.1: requests with a Content-Length, one after the other."""

    def __init__(self, provider: Provider) -> None:
        self._provider, self._data = provider, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not say that it is one

    def data_received(self, data: bytes) -> None:
        self._data += data
        at = self._data.find(b"\r\n\r\n", 0, _MOST_HEAD)
        if at < 0:
            return
        length = int(self._data[:at].lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._data) < at + 4 + length:
            return
        request = json.loads(self._data[at + 4 : at + 4 + length])
        del self._data[: at + 4 + length]
        if request.get("stream"):
            self._provider.begin(request["messages"], self._transport)
            return
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        self._transport.write(b"content-length: %d\r\n\r\n%b" % (len(TITLE), TITLE))
