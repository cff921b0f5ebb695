"""The client of all providers: retries, and what a caller can ask for.

Laws: the secret goes to the configured origin only (no redirects, no proxies or credentials from the
environment, no cookies); a request is repeated only before its first delta; closing the iterator closes the
provider's connection at once.
"""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

import httpx

from conversations.upstream.addresses import chat_url, headers_for, models_url, secrets_of
from conversations.upstream.catalogue import model_names
from conversations.upstream.deltas import Delta, TextDelta
from conversations.upstream.errors import UpstreamError
from conversations.upstream.exchange import Exchange
from conversations.upstream.pool import MOST_CONNECTIONS, WAIT_FOR_CONNECTION, Pool
from conversations.upstream.requests import ChatRequest, Endpoint, Limits
from conversations.upstream.retries import pause_before_retry

OnRetry = Callable[[UpstreamError, float], None]

_DEFAULT_LIMITS: Final = Limits()
_VAGUE: Final = frozenset({None, "token_mismatched", "api_not_implemented"})
"""What the reference provider calls any bad request: it may well mean ``stream_options``."""


class UpstreamClient:
    """One per process. Opens its pool on first use, one for each event loop that uses it.

    ``sleep``, ``clock`` (monotonic), ``wall_clock`` and ``chance`` serve retries; deadlines are the event loop's.
    """

    def __init__(
        self,
        *,
        limits: Limits = _DEFAULT_LIMITS,
        most_connections: int = MOST_CONNECTIONS,
        wait_for_connection: float = WAIT_FOR_CONNECTION,
        verify: ssl.SSLContext | bool = True,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._limits = limits
        self._new_pool: Callable[[], Pool] = partial(
            Pool, most=most_connections, wait=wait_for_connection, verify=verify
        )
        self._sleep, self._clock, self._wall_clock, self._chance = sleep, clock, wall_clock, chance
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
        self._takes_stream_options: dict[str, bool] = {}  # by base address, once it is known

    async def stream_chat(
        self, endpoint: Endpoint, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[list[Delta], None]:
        """Yield the deltas of each network read until the answer is whole; raise ``UpstreamError`` otherwise.

        A whole answer has exactly one ``Finished``; a ``UsageDelta`` may follow it. Leaving early closes the
        provider's connection as soon as the iterator is closed or forgotten: use ``contextlib.aclosing``
        where an exception's traceback may keep it alive.
        """
        exchange, batch = await self._begin(endpoint, request, on_retry, stream=True)
        try:
            while batch is not None:
                yield batch
                batch = await exchange.read()
        finally:
            await exchange.close()

    async def complete(self, endpoint: Endpoint, request: ChatRequest, *, on_retry: OnRetry | None = None) -> str:
        """Return the text of an answer that nobody watches, asked for in one piece."""
        texts: list[str] = []
        exchange, batch = await self._begin(endpoint, request, on_retry, stream=False)
        try:
            while batch is not None:
                texts += [delta.text for delta in batch if isinstance(delta, TextDelta)]
                batch = await exchange.read()
        finally:
            await exchange.close()
        return "".join(texts)

    async def list_models(self, endpoint: Endpoint) -> list[str]:
        """Return the names of the models a provider serves; ``UpstreamError`` where it has no such list."""
        request = httpx.Request("GET", models_url(endpoint), headers=headers_for(endpoint))
        exchange = self._exchange(endpoint, request)
        try:
            await exchange.open()
            return model_names(await exchange.read_body(), exchange.reply)
        finally:
            await exchange.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; the client can be used again."""
        if pool := self._pools.pop(asyncio.get_running_loop(), None):
            await pool.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # Until the first deltas

    async def _begin(
        self, endpoint: Endpoint, request: ChatRequest, on_retry: OnRetry | None, *, stream: bool
    ) -> tuple[Exchange, list[Delta] | None]:
        """Return an open exchange and its first deltas, asking again as ``retries`` allows."""
        spent, retries = 0.0, 0
        while True:
            began = self._clock()
            try:
                return await self._negotiate(endpoint, request, stream=stream)
            except UpstreamError as error:
                spent += self._clock() - began
                pause = pause_before_retry(error, retries=retries, spent=spent, chance=self._chance())
                if pause is None:
                    raise
                failure = error
            retries += 1
            if on_retry is not None:
                on_retry(failure, pause)
            await self._sleep(pause)

    async def _negotiate(
        self, endpoint: Endpoint, request: ChatRequest, *, stream: bool
    ) -> tuple[Exchange, list[Delta] | None]:
        """Ask once; and once more without ``stream_options`` if the provider seems to refuse just that.

        What it takes is remembered for its address, so that the second request is paid for once.
        """
        known = self._takes_stream_options.get(endpoint.base_url)
        if not stream or not request.include_usage or known is False:
            return await self._ask(endpoint, request, stream=stream, stream_options=False)
        try:
            answer = await self._ask(endpoint, request, stream=True, stream_options=True)
        except UpstreamError as error:
            if not _seems_to_refuse_stream_options(error, known=known is True):
                raise
            answer = await self._ask(endpoint, request, stream=True, stream_options=False)
            self._takes_stream_options[endpoint.base_url] = False
            return answer
        self._takes_stream_options[endpoint.base_url] = True
        return answer

    async def _ask(
        self, endpoint: Endpoint, request: ChatRequest, *, stream: bool, stream_options: bool
    ) -> tuple[Exchange, list[Delta] | None]:
        content = request.to_json(stream=stream, stream_options=stream_options)
        http_request = httpx.Request("POST", chat_url(endpoint), headers=headers_for(endpoint), content=content)
        exchange = self._exchange(endpoint, http_request)
        try:
            await exchange.open()
            return exchange, await exchange.read()
        except BaseException:
            await exchange.close()
            raise

    def _exchange(self, endpoint: Endpoint, request: httpx.Request) -> Exchange:
        timeouts = endpoint.timeouts
        request.extensions["timeout"] = {"connect": timeouts.connect, "pool": timeouts.connect}
        return Exchange(
            self._pool(),
            request,
            timeouts=timeouts,
            limits=self._limits,
            secrets=secrets_of(endpoint),
            now=self._wall_clock(),
        )

    def _pool(self) -> Pool:
        loop = asyncio.get_running_loop()
        if (pool := self._pools.get(loop)) is None:
            pool = self._pools[loop] = self._new_pool()
        return pool


def _seems_to_refuse_stream_options(error: UpstreamError, *, known: bool) -> bool:
    if error.status not in (400, 422):
        return False
    if "stream_options" in error.message or "include_usage" in error.message:
        return True
    return error.code == "bad_request" and error.provider_code in _VAGUE and not known
