"""The client against a real HTTP server that misbehaves on command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from aiohttp import ClientPayloadError, StreamReader
from aiohttp.base_protocol import BaseProtocol

from conversations.upstream import (
    ChatRequest,
    Endpoint,
    Finished,
    ReasoningDelta,
    TextDelta,
    Timeouts,
    Turn,
    UpstreamClient,
    UpstreamError,
    UsageDelta,
)
from conversations.upstream.pool import Body
from tests.fakes.scripts import answer, done, finish, head, hold, raw, sse, stall, status, usage
from tests.fakes.upstream import ScriptedProvider

KEY = "sk-canary-of-the-tests"


class World:
    """A client whose waits are noted, not waited for."""

    def __init__(self, provider: ScriptedProvider) -> None:
        self.provider = provider
        self.slept: list[float] = []
        self.client = UpstreamClient(sleep=self._sleep, chance=lambda: 0.5)
        self.timeouts = Timeouts(connect=5, first=5, stall=5)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def deltas(self) -> list[Any]:
        endpoint = Endpoint(base_url=self.provider.base_url, secret=KEY, timeouts=self.timeouts)
        request = ChatRequest(model="m", turns=(Turn(role="user", content="hi"),))
        return [delta async for batch in self.client.stream_chat(endpoint, request) for delta in batch]

    async def text(self) -> str:
        return "".join(delta.text for delta in await self.deltas() if isinstance(delta, TextDelta))

    async def error(self) -> UpstreamError:
        with pytest.raises(UpstreamError) as raised:
            await self.deltas()
        return raised.value


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with ScriptedProvider() as provider:
        made = World(provider)
        yield made
        await made.client.aclose()


async def test_an_answer_arrives_with_its_usage_and_reason(world: World) -> None:
    world.provider.enqueue(answer("Hello", " there", counts=(3, 2)))
    deltas = await world.deltas()
    assert [d.text for d in deltas if isinstance(d, TextDelta)] == ["Hello", " there"]
    assert next(d for d in deltas if isinstance(d, Finished)).reason == "stop"
    (counted,) = [d for d in deltas if isinstance(d, UsageDelta)]
    assert (counted.prompt_tokens, counted.completion_tokens) == (3, 2)


async def test_what_had_arrived_before_the_connection_broke_is_read_late_but_not_lost() -> None:
    protocol = BaseProtocol(asyncio.get_running_loop())
    content = StreamReader(protocol, 2**16)
    body = Body(SimpleNamespace(content=content))  # type: ignore[arg-type]  # all of a response that it looks at
    pieces = aiter(body)
    content.feed_data(b"so ")
    assert await anext(pieces) == b"so "
    content.feed_data(b"f")
    content.feed_data(b"ar")
    content.set_exception(ClientPayloadError("the connection broke"))
    assert await anext(pieces) == b"far"
    with pytest.raises(httpx.HTTPError):
        await anext(pieces)


async def test_the_request_is_what_the_provider_expects(world: World) -> None:
    world.provider.enqueue(answer("x"))
    await world.deltas()
    (request,) = world.provider.requests
    assert request.path.endswith("/v1/chat/completions")
    assert request.json["messages"] == [{"role": "user", "content": "hi"}]
    assert request.json["stream"] is True
    headers = {name.lower(): value for name, value in dict(request.headers).items()}
    assert headers["authorization"] == f"Bearer {KEY}"


QUIRKS: dict[str, tuple[Any, str]] = {
    "empty choices": ([sse({"choices": []}, "a", finish()), done()], "a"),
    "role only in between": (
        [sse("a", {"choices": [{"delta": {"role": "assistant"}, "index": 0}]}, "b", finish()), done()],
        "ab",
    ),
    "null content": ([sse({"choices": [{"delta": {"content": None}}]}, "a", finish()), done()], "a"),
    "unknown fields": (
        [
            sse(
                {"choices": [{"delta": {"content": "a", "x": {"y": [1]}}, "logprobs": None}], "recipient": "all"},
                finish(),
            ),
            done(),
        ],
        "a",
    ),
    "no DONE": ([sse("a", finish())], "a"),
    "no finish reason": ([sse("a"), done()], "a"),
    "CRLF and comments": (
        [
            raw(
                b": hello\r\n\r\ndata: "
                + json.dumps({"choices": [{"delta": {"content": "a"}}]}).encode()
                + b"\r\n\r\ndata: [DONE]\r\n\r\n"
            )
        ],
        "a",
    ),
    "a line separator inside": ([sse("a\u2028b", finish()), done()], "a\u2028b"),
    "a split character": (
        [raw(*[bytes([b]) for b in 'data: {"choices":[{"delta":{"content":"你😀"}}]}\n\ndata: [DONE]\n\n'.encode()])],
        "你😀",
    ),
    "a NUL": ([sse("a\x00b", finish()), done()], "a\ufffdb"),
    "a surrogate pair in two halves": (
        [
            raw(
                b'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\ndata: [DONE]\n\n'
            )
        ],
        "😀",
    ),
    "a lone surrogate": (
        [
            raw(
                b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"b"}}]}\n\ndata: [DONE]\n\n'
            )
        ],
        "a\ufffdb",
    ),
    "usage after the end": ([sse("a", finish(), usage(1, 1)), done()], "a"),
}


@pytest.mark.parametrize(("script", "text"), QUIRKS.values(), ids=QUIRKS.keys())
async def test_a_quirky_stream_is_read(world: World, script: Any, text: str) -> None:
    world.provider.enqueue(script)
    assert await world.text() == text


async def test_reasoning_is_a_delta_of_its_own(world: World) -> None:
    for field in ("reasoning_content", "reasoning"):
        world.provider.enqueue(sse({"choices": [{"delta": {field: "hm"}}]}, "a", finish()), done())
        deltas = await world.deltas()
        assert [d.text for d in deltas if isinstance(d, ReasoningDelta)] == ["hm"]


ACE = {"success": False, "error": {"code": "x", "message": "no"}, "trace_id": "t-1"}
FAILURES = {
    "a wrong key": (401, ACE, "invalid_key", 1),
    "forbidden": (403, ACE, "forbidden", 1),
    "an unknown model": (
        404,
        {"error": {"message": "model not found", "code": "model_not_found"}},
        "model_not_found",
        1,
    ),
    "a bad request": (400, ACE, "bad_request", 1),
    "too long": (
        400,
        {"error": {"message": "maximum context length", "code": "context_length_exceeded"}},
        "context_too_long",
        1,
    ),
    "rate limited": (429, ACE, "rate_limited", 3),
    "quota used up": (429, {"error": {"message": "quota", "code": "insufficient_quota"}}, "quota_exceeded", 1),
    "an internal error": (500, ACE, "provider_error", 3),
    "a page of HTML": (502, b"<html><h1>Bad gateway</h1></html>", "provider_error", 3),
    "nothing at all": (503, b"", "provider_error", 3),
}


@pytest.mark.parametrize(("code", "body", "meaning", "tries"), FAILURES.values(), ids=FAILURES.keys())
async def test_a_bad_answer_is_classified_and_retried_only_where_that_helps(
    world: World, code: int, body: Any, meaning: str, tries: int
) -> None:
    for _ in range(3):
        world.provider.enqueue(status(code, body))
    error = await world.error()
    assert (error.code, error.status) == (meaning, code)
    assert len(world.provider.requests) == tries
    if body is ACE:
        assert error.trace_id == "t-1"


async def test_retry_after_is_honoured_and_then_the_answer_comes(world: World) -> None:
    world.provider.enqueue(status(429, ACE, {"Retry-After": "7"}))
    world.provider.enqueue(answer("at last"))
    assert await world.text() == "at last"
    assert world.slept
    assert world.slept[0] >= 7


async def test_after_the_first_delta_nothing_is_retried(world: World) -> None:
    world.provider.enqueue(sse("begun"))
    error = await world.error()
    assert error.code == "interrupted"
    assert len(world.provider.requests) == 1


async def test_an_error_object_inside_a_good_stream_is_an_error(world: World) -> None:
    world.provider.enqueue(sse("a", {"error": {"message": "overloaded", "code": "api_error"}}), done())
    assert (await world.error()).code == "provider_error"


async def test_an_option_that_is_refused_is_left_out_from_then_on(world: World) -> None:
    world.provider.enqueue(status(400, {"error": {"message": "unknown parameter: stream_options"}}))
    world.provider.enqueue(answer("without"))
    world.provider.enqueue(answer("again"))
    assert await world.text() == "without"
    assert await world.text() == "again"
    assert ["stream_options" in r.json for r in world.provider.requests] == [True, False, False]


async def test_silence_ends_in_a_time_out_of_its_own_kind(world: World) -> None:
    world.timeouts = Timeouts(connect=5, first=0.05, stall=0.05)
    world.provider.enqueue(head(), stall())
    assert (await world.error()).code == "timeout_first"
    world.timeouts = Timeouts(connect=5, first=5, stall=0.05)
    world.provider.enqueue(sse("a"), stall())
    assert (await world.error()).code == "timeout_stall"


async def test_nobody_there_is_unreachable(world: World) -> None:
    world.provider.close()
    assert (await world.error()).code == "unreachable"


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(world: World) -> None:
    async with ScriptedProvider() as other:
        world.provider.enqueue(status(307, b"", {"Location": other.base_url + "/chat/completions"}))
        await world.error()
        assert other.requests == []


async def test_no_error_carries_the_key(world: World) -> None:
    world.provider.enqueue(status(401, {"error": {"message": f"Incorrect API key: {KEY}"}}))
    error = await world.error()
    assert KEY not in f"{error!r} {error} {error.message}"


async def test_leaving_early_closes_the_call(world: World) -> None:
    world.provider.enqueue(sse("a"), hold(), done())
    endpoint = Endpoint(base_url=world.provider.base_url, secret=KEY, timeouts=world.timeouts)
    request = ChatRequest(model="m", turns=(Turn(role="user", content="hi"),))

    begun = asyncio.Event()

    async def read() -> None:
        async for _ in world.client.stream_chat(endpoint, request):
            begun.set()

    task = asyncio.ensure_future(read())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await world.provider.requests[0].disconnection()


async def test_a_line_without_end_is_given_up(world: World) -> None:
    world.provider.enqueue(raw(b"data: " + b"x" * 9_000_000))
    assert (await world.error()).code in ("too_large", "protocol")


async def test_the_models_are_listed_and_a_missing_list_is_an_error(world: World) -> None:
    endpoint = Endpoint(base_url=world.provider.base_url, secret=KEY, timeouts=world.timeouts)
    assert await world.client.list_models(endpoint) == ["scripted"]
