"""A provider that misbehaves, seen from the person's side of a real site.

After each fault four texts are compared: what the page shows after a reload, what its frames added up to, what is
stored, and what the provider sent, of which the others are a beginning. Then the site must answer as if nothing had been.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from conversations.rendering import render
from tests.fakes.scripts import (
    Script,
    answer,
    chunk,
    cut,
    done,
    error,
    event,
    finish,
    head,
    numbered,
    raw,
    reset,
    role,
    sse,
    stall,
    status,
    usage,
)  # fmt: skip
from tests.support.site import Site, Visitor, reloaded, running_site
from tests.support.socket import open_page

LIMIT = 20_000
"""Characters of an answer on this site; ``numbered`` would go on for ten times as many."""
LATER = {"Retry-After": "60"}
"""Longer than the site waits by itself, so that the failure shows at once."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A site with little patience."""
    with running_site(CHAT_FIRST_BYTE_TIMEOUT="1", CHAT_STALL_TIMEOUT="1", CHAT_MAX_ANSWER=str(LIMIT)) as site:
        yield site


@pytest.fixture(scope="module")
def alice(site: Site) -> Visitor:
    return site.visitor()


@dataclass(frozen=True)
class Fault:
    script: Script
    status: str = "complete"
    code: str = ""
    text: str = ""


def openai_error(code: str, message: str = "no") -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def in_pieces(data: bytes, size: int = 3) -> Script:
    return [raw(*(data[at : at + size] for at in range(0, len(data), size)))]


MARKDOWN = "# Ünïcode 😀 und 漢字\n\n- a\u2028b\n- **bold**\n"
WHOLE = b"".join(map(event, (role(), MARKDOWN, finish()))) + b"data: [DONE]\n\n"
LINE_OF_50_MB = [raw(b'data: {"choices": [{"delta": {"content": "'), *[raw(b"x" * 1_000_000)] * 50]

FAULTS = {
    "400 of the reference provider": Fault([status(400, error("token_mismatched"))], "failed", "bad_request"),
    "401 of the reference provider": Fault([status(401, error("invalid_token"))], "failed", "invalid_key"),
    "429 of the reference provider": Fault([status(429, error("too_many_requests"), LATER)], "failed", "rate_limited"),
    "500 of the reference provider": Fault([status(500, error("api_error"))], "failed", "provider_error"),
    "400 of OpenAI": Fault([status(400, openai_error("invalid_value"))], "failed", "bad_request"),
    "401 of OpenAI": Fault([status(401, openai_error("invalid_api_key"))], "failed", "invalid_key"),
    "429 of OpenAI": Fault([status(429, openai_error("rate_limit_exceeded"), LATER)], "failed", "rate_limited"),
    "500 of OpenAI": Fault([status(500, openai_error("server_error"))], "failed", "provider_error"),
    "an HTML error page": Fault(
        [status(502, b"<html><h1>502</h1></html>", {"content-type": "text/html"})], "failed", "provider_error"
    ),
    "an empty body": Fault([head()], "interrupted", "interrupted"),
    "a reset connection": Fault([reset()], "failed", "unreachable"),
    "silence before the answer": Fault([head(), stall()], "failed", "timeout_first"),
    "silence in the middle": Fault([sse(role(), "so far"), stall()], "interrupted", "timeout_stall", "so far"),
    "a cut stream": Fault([sse(role(), "so ", "far"), cut()], "interrupted", "interrupted", "so far"),
    "an error within a good stream": Fault([sse("so far", error("api_error"))], "failed", "provider_error", "so far"),
    "carriage returns and line feeds": Fault([raw(WHOLE.replace(b"\n", b"\r\n"))], text=MARKDOWN),
    "a byte order mark": Fault([raw(b"\xef\xbb\xbf" + WHOLE)], text=MARKDOWN),
    "comments between": Fault([raw(b": wait\n\n", WHOLE.replace(b"\n\n", b"\n\n: still there\n\n"))], text=MARKDOWN),
    "characters cut in two": Fault(in_pieces(WHOLE), text=MARKDOWN),
    "fields nobody knows": Fault(
        [sse({**chunk({"content": "known", "mood": [1]}), "x": {"y": None}}, usage(1, 2), finish()), done()],
        text="known",
    ),
    "a line of 50 MB": Fault([sse("so far"), *LINE_OF_50_MB], "failed", "too_large", "so far"),
    "an answer without end": Fault(numbered(100_000), "failed", "too_large"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_what_a_provider_does_never_makes_page_store_and_stream_differ(
    site: Site, alice: Visitor, fault: Fault
) -> None:
    provider = site.provider
    assert provider is not None
    before, provider.default = provider.default, fault.script
    async with open_page(site, alice) as page:
        try:
            accepted = await page.ask("a question")
            end = await page.end_of(accepted["answer"])
        finally:
            provider.default = before
        held = page.answers[accepted["answer"]]
        stored_status, stored = site.text_of(accepted["answer"])
        assert (end["status"], stored_status) == (fault.status, fault.status)
        assert end.get("error", {}).get("code", "") == fault.code
        assert stored == fault.text or (not fault.text and provider.requests[-1].text.startswith(stored))
        assert len(stored) <= LIMIT
        assert held.blocks == render(stored)
        assert end["length"] == len(stored)
        shown = reloaded(site, alice, accepted["conversation"])
        assert "".join(held.blocks) in shown
        assert site.text_of(accepted["question"]) == ("complete", "a question")
        provider.enqueue(answer("as if nothing had been"))
        again = await page.ask("and now?", conversation=accepted["conversation"], parent=accepted["answer"])
        assert (await page.end_of(again["answer"]))["status"] == "complete"
        assert site.text_of(again["answer"])[1] == "as if nothing had been"


async def test_an_address_where_nobody_listens_is_told_and_the_question_stays() -> None:
    with running_site(OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_API_KEY="canary") as site:
        alice = site.visitor()
        async with open_page(site, alice) as page:
            accepted = await page.ask("is anybody there?")
            end = await page.end_of(accepted["answer"])
        assert (end["status"], end["error"]["code"]) == ("failed", "unreachable")
        assert "is anybody there?" in reloaded(site, alice, accepted["conversation"])
        assert "canary" not in json.dumps(end) + site.log
