"""One request and its answer: opened, read in batches of deltas, closed. No retries here.

Deadlines are set here rather than in the transport, whose read time-out any byte resets: a provider that
sends comment lines for ever would never be given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError

from conversations.upstream.answers import AnswerDecoder
from conversations.upstream.deadline import Deadline
from conversations.upstream.deltas import Delta
from conversations.upstream.errors import UpstreamError
from conversations.upstream.failures import Reply
from conversations.upstream.pool import Pool
from conversations.upstream.requests import Limits, Timeouts
from conversations.upstream.secrecy import one_line

NETWORK_ERRORS: Final = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, HttpProcessingError, OSError)

_AFTER_FINISH: Final = 5.0
"""Seconds to wait for usage and ``[DONE]`` once the text is whole."""

_TO_REUSE: Final = 0.1
"""Seconds to wait for the end of the body after ``[DONE]``; with it the connection can be used again."""

_ERROR_BODY_SECONDS: Final = 5.0
_ERROR_BODY_BYTES: Final = 256 * 1024


class Exchange:
    """Use: ``open``, then ``read`` until it returns None or raises, then ``close``, which is always due."""

    def __init__(
        self,
        pool: Pool,
        request: httpx.Request,
        *,
        timeouts: Timeouts,
        limits: Limits,
        secrets: Sequence[str],
        now: float,
    ) -> None:
        self._pool = pool
        self._request = request
        self._timeouts = timeouts
        self._limits = limits
        self._secrets = secrets
        self._now = now
        self._deadline = Deadline(timeouts.first)
        self._has_entered = False
        self._has_begun = False
        self._response: httpx.Response | None = None

    async def open(self) -> None:
        """Send the request and read the answer's head. Raises ``UpstreamError`` unless the status is good."""
        await self._pool.enter()
        self._has_entered = True
        try:
            with self._deadline:
                response = await self._pool.http.send(self._request, stream=True)
        except TimeoutError:
            raise self._silence() from None
        except NETWORK_ERRORS as exc:
            # Not ``from exc``: the frames of its traceback hold the request's headers, and with them the key.
            raise self._no_answer(exc) from None
        self._response = response
        self._bytes = _body_of(response)
        self.reply = Reply(
            response.status_code, response.headers, self._secrets, now=self._now, reason=response.reason_phrase
        )
        if 300 <= response.status_code < 400:
            raise self.reply.from_redirect()
        if not response.is_success:
            raise self.reply.from_body(await self._error_body())
        self._decoder = AnswerDecoder(self._limits, self.reply)

    async def read(self) -> list[Delta] | None:
        """Return the deltas of the next network read that has any, or None at the end of a whole answer."""
        decoder = self._decoder
        while True:
            if decoder.failure is not None:
                raise decoder.failure
            if decoder.is_over:
                await self._drain()
                return None
            batch = await self._read_once(decoder)
            if batch:
                self._has_begun = True
                return batch

    async def read_body(self) -> bytes:
        """Return the whole body of an answer that is no chat: the list of models."""
        body = bytearray()
        try:
            with self._deadline:
                async for data in self._bytes:
                    body += data
                    if len(body) > self._limits.event:
                        raise self.reply.error("too_large", "The answer is larger than this site takes.")
        except TimeoutError:
            raise self._silence() from None
        except NETWORK_ERRORS:
            raise self.reply.error("interrupted", "The answer stopped in the middle.") from None
        return bytes(body)

    async def close(self) -> None:
        """End the exchange; a connection whose answer is not read to its end is closed at once."""
        self._deadline.close()
        if self._has_entered:
            self._has_entered = False
            self._pool.leave()
        if self._response is not None:
            with suppress(*NETWORK_ERRORS):
                await self._response.aclose()

    # Internal

    async def _read_once(self, decoder: AnswerDecoder) -> list[Delta]:
        chunks = decoder.chunks
        try:
            with self._deadline:
                data = await anext(self._bytes)
        except StopAsyncIteration:
            return decoder.finish()
        except TimeoutError:
            if decoder.is_finished:
                return decoder.finish()
            raise self._silence() from None
        except NETWORK_ERRORS:
            return decoder.finish(is_cut=True)
        batch = decoder.feed(data)
        if decoder.is_finished:
            self._deadline.shorten(_AFTER_FINISH)
        elif batch or (self._has_begun and decoder.chunks != chunks):
            self._deadline.extend(self._timeouts.stall)
        return batch

    async def _drain(self) -> None:
        """Read what little follows ``[DONE]``, so that the connection goes back to the pool."""
        with suppress(TimeoutError, *NETWORK_ERRORS):
            async with asyncio.timeout(_TO_REUSE):
                async for _ in self._bytes:
                    pass

    async def _error_body(self) -> bytes:
        body = bytearray()
        with suppress(TimeoutError, *NETWORK_ERRORS):
            async with asyncio.timeout(_ERROR_BODY_SECONDS):
                async for data in self._bytes:
                    body += data
                    if len(body) > _ERROR_BODY_BYTES:
                        break
        return bytes(body)

    def _silence(self) -> UpstreamError:
        code = "timeout_stall" if self._has_begun else "timeout_first"
        seconds = self._timeouts.stall if self._has_begun else self._timeouts.first
        message = f"The provider sent nothing for {seconds:g} seconds."
        if self._response is None:
            return UpstreamError(code, message)
        return self.reply.error(code, message)

    def _no_answer(self, exc: Exception) -> UpstreamError:
        """Return the error for an answer that never began, in words that name the cause and not our inside."""
        cause = exc.__cause__ or exc
        host = self._request.url.netloc.decode("ascii", "replace")
        if isinstance(cause, aiohttp.ClientResponseError | HttpProcessingError):
            return UpstreamError("protocol", f"What answers at {host} does not speak HTTP.")
        if isinstance(cause, aiohttp.ClientConnectorDNSError):
            return UpstreamError("unreachable", f"The name of the host {host} cannot be resolved.")
        if isinstance(cause, aiohttp.ClientSSLError):
            return UpstreamError(
                "unreachable", f"No secure connection to {host}: its certificate is not trusted.", retryable=False
            )
        if isinstance(cause, aiohttp.ServerTimeoutError):
            return UpstreamError("unreachable", f"No connection to {host} within {self._timeouts.connect:g} seconds.")
        if isinstance(cause, aiohttp.ClientConnectorError):
            words = one_line(cause.os_error.strerror or "refused", self._secrets)
            return UpstreamError("unreachable", f"No connection to {host}: {words}.")
        return UpstreamError("unreachable", f"The connection to {host} was lost before the answer began.")


def _body_of(response: httpx.Response) -> AsyncIterator[bytes]:
    """Return the body's pieces as they come, decompressed if a provider compresses though asked not to."""
    if response.headers.get("content-encoding", "identity") == "identity":
        return aiter(response.stream)  # type: ignore[arg-type]  # ours is always the asynchronous kind
    return response.aiter_bytes()
