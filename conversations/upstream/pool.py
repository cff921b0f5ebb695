"""The connections of one process on one event loop, and how many of them may be busy at once."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream, map_aiohttp_exceptions

from conversations.upstream.errors import UpstreamError

MOST_CONNECTIONS: Final = 1_000
"""Requests in flight. A stream holds one connection: room for 500 streams and as much again for titles and peaks."""

WAIT_FOR_CONNECTION: Final = 5.0
"""Seconds a request waits for its turn; then it fails as ``rate_limited``: trying again later does help."""

_KEPT_OPEN: Final = 30.0
"""Seconds an idle connection is kept; providers' balancers close theirs after 60 or more, so ours goes first."""

_HEADER_BYTES: Final = 64 * 1024


class Body(AiohttpResponseStream):
    """The body of a response, read to its last byte.

    Once a connection breaks, aiohttp's own reader forgets what has arrived and was not read yet; a busy process leaves
    answers unread for a while, and would lose the ends of those that are cut.
    """

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        super().__init__(response)
        self._content = response.content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with map_aiohttp_exceptions():
            try:
                async for data in self._content.iter_any():
                    yield data
            except (aiohttp.ClientError, OSError):
                if rest := self._content._read_nowait(-1):
                    yield rest
                raise


class Transport(AiohttpTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = Body(cast(AiohttpResponseStream, response.stream)._aiohttp_response)
        return response


class Pool:
    """An httpx client over aiohttp's transport: the same interface at a third of the cost per network read."""

    def __init__(self, *, most: int, wait: float, verify: ssl.SSLContext | bool) -> None:
        self._slots = asyncio.Semaphore(most)
        self._most, self._wait = most, wait
        transport = Transport(verify=verify, trust_env=False, client=lambda: _session(transport.ssl_context))
        self.http = httpx.AsyncClient(
            transport=transport, trust_env=False, follow_redirects=False, cookies=_no_cookies(), timeout=None
        )

    async def enter(self) -> None:
        """Take one of the connections, waiting a little for it."""
        try:
            async with asyncio.timeout(self._wait):
                await self._slots.acquire()
        except TimeoutError:
            message = f"All {self._most} connections to providers are in use."
            raise UpstreamError("rate_limited", message, retry_after=self._wait) from None

    def leave(self) -> None:
        self._slots.release()


def _session(context: ssl.SSLContext) -> aiohttp.ClientSession:
    """Return the session below the transport. Its own limit is off: ``Pool`` counts, and says so in words."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=_KEPT_OPEN, ttl_dns_cache=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
    )


def _no_cookies() -> CookieJar:
    """Return a jar that stays empty: one person's answer must leave no trace in another's request."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))
