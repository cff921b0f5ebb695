"""The demo provider's API: ``/v1/chat/completions``, streamed or not, and ``/v1/models``."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from conversations.demo.answers import MODELS, Answer, Failure, answer_to, pieces_of
from conversations.demo.http import Exchange, HttpServer

__all__ = ["MODELS", "DemoServer", "serve_demo"]

TOKENS_PER_SECOND: Final = 70.0
_SLOW_FACTOR: Final = 0.08
_ids: Final = itertools.count(1)


async def serve_demo(
    host: str = "127.0.0.1", port: int = 0, *, tokens_per_second: float = TOKENS_PER_SECOND
) -> DemoServer:
    """Start the demo provider in the running event loop; port 0 takes a free one."""
    server = DemoServer(tokens_per_second)
    await server.start(host, port)
    return server


class DemoServer:
    """A running demo provider."""

    def __init__(self, tokens_per_second: float = TOKENS_PER_SECOND) -> None:
        self.base_url = ""
        self._pause = 1 / tokens_per_second if tokens_per_second > 0 else 0.0
        self._http = HttpServer(self._handle)

    async def start(self, host: str, port: int) -> None:
        host, port = await self._http.start(host, port)
        self.base_url = f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"

    async def close(self) -> None:
        await self._http.close()

    # The API

    async def _handle(self, exchange: Exchange) -> None:
        match exchange.request.method, exchange.request.path.rstrip("/"):
            case "GET", "/v1/models":
                models = [{"id": name, "object": "model", "owned_by": "demo"} for name in MODELS]
                await exchange.respond(200, {"object": "list", "data": models})
            case "POST", "/v1/chat/completions":
                await self._chat(exchange)
            case _:
                await exchange.respond(404, _error("not_found", "The demo provider has no such address."))

    async def _chat(self, exchange: Exchange) -> None:
        question = exchange.request.json
        if not isinstance(question, dict) or not isinstance(question.get("messages"), list):
            await exchange.respond(400, _error("token_mismatched", "The request has no list of messages."))
            return
        if question.get("model") not in MODELS:
            message = f"The model `{str(question.get('model'))[:100]}` does not exist here."
            await exchange.respond(404, _error("model_not_found", message))
            return
        answer = await asyncio.to_thread(answer_to, question["model"], question["messages"])
        if answer.failure is not None and answer.failure.status >= 400:
            await self._refuse(exchange, answer.failure)
        elif question.get("stream"):
            await self._stream(exchange, question, answer)
        else:
            await exchange.respond(200, _whole(question, answer))

    async def _refuse(self, exchange: Exchange, failure: Failure) -> None:
        headers = {"x-request-id": _trace_id()}
        if failure.html:
            await exchange.respond(failure.status, failure.html.encode(), {**headers, "content-type": "text/html"})
            return
        if failure.status == 429:
            headers["retry-after"] = "1"
        await exchange.respond(failure.status, _error(failure.code, failure.message), headers)

    async def _stream(self, exchange: Exchange, question: dict[str, Any], answer: Answer) -> None:
        """Send the answer at the pace of a model, and stop when nobody listens any more."""
        writing = asyncio.ensure_future(self._write(exchange, question, answer))
        leaving = asyncio.ensure_future(exchange.gone.wait())
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            writing.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _write(self, exchange: Exchange, question: dict[str, Any], answer: Answer) -> None:
        chunk = _Chunks(str(question["model"]))
        await exchange.begin(headers={"x-request-id": _trace_id()})
        await exchange.send(chunk.of({"role": "assistant"}))
        async for thought in self._paced(answer.reasoning, answer):
            await exchange.send(chunk.of({"reasoning_content": thought}))
        async for text in self._paced(answer.text, answer):
            await exchange.send(chunk.of({"content": text}))
        if answer.failure is not None:
            await self._break(exchange, answer.failure)
            return
        await exchange.send(chunk.of({}, finish_reason=answer.finish_reason))
        options = question.get("stream_options")
        if isinstance(options, dict) and options.get("include_usage"):
            await exchange.send(chunk.usage(_usage(question, answer)))
        await exchange.send(b"data: [DONE]\n\n")
        await exchange.end()

    async def _paced(self, text: str, answer: Answer) -> AsyncIterator[str]:
        """Yield the text token by token, each at its time: a late wake-up does not slow the whole."""
        pause = self._pause / _SLOW_FACTOR if answer.is_slow else self._pause
        due = time.monotonic()
        for piece in pieces_of(text):
            due += pause
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            yield piece

    async def _break(self, exchange: Exchange, failure: Failure) -> None:
        match failure.way:
            case "stall":
                await exchange.gone.wait()
            case "nonsense":
                await exchange.send(b'data: {"choices": [{"delta": {"content": "half an obj\n\n')
                await exchange.end()
            case "midway":
                error = {**_error(failure.code, failure.message), "trace_id": _trace_id()}
                await exchange.send(b"data: %b\n\n" % json.dumps(error).encode())
                await exchange.end()
            case _:
                exchange.cut()


class _Chunks:
    """Chunks of one answer: what is the same in all of them is written once."""

    def __init__(self, model: str) -> None:
        self._frame = {
            "id": f"chatcmpl-demo-{next(_ids)}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }

    def of(self, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        choice: dict[str, Any] = {"index": 0, "delta": delta}
        if finish_reason is not None:
            choice["finish_reason"] = finish_reason
        return self._event({**self._frame, "choices": [choice]})

    def usage(self, usage: dict[str, Any]) -> bytes:
        return self._event({**self._frame, "choices": [], "usage": usage})

    def _event(self, value: dict[str, Any]) -> bytes:
        return b"data: %b\n\n" % json.dumps(value, separators=(",", ":")).encode()


def _whole(question: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    return {
        "id": f"chatcmpl-demo-{next(_ids)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": question["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": _usage(question, answer),
    }


def _usage(question: dict[str, Any], answer: Answer) -> dict[str, Any]:
    prompt = sum(len(pieces_of(json.dumps(message))) for message in question["messages"])
    thought = len(pieces_of(answer.reasoning))
    completion = len(pieces_of(answer.text)) + thought
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def _error(code: str, message: str) -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message}, "trace_id": _trace_id()}


def _trace_id() -> str:
    return f"demo-{next(_ids):06d}-{time.time_ns() % 1_000_000:06d}"
