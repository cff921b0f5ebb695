"""Where a browsing model has looked, in each shape that providers give it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conversations.upstream.deltas import decode_chunk

URL = "https://example.org/a?b=1"


def sources(**members: Any) -> list[tuple[str, str]]:
    return list(decode_chunk(json.dumps(members).encode()).sources)


def delta(annotations: Any) -> list[dict[str, Any]]:
    return [{"index": 0, "delta": {"content": "x", "annotations": annotations}}]


def test_every_shape_is_understood() -> None:
    cited = {"type": "url_citation", "url_citation": {"url": URL, "title": "A  page", "start_index": 0}}
    assert sources(choices=delta([cited])) == [(URL, "A page")]
    assert sources(choices=delta([{"url": URL, "title": None}])) == [(URL, "")]
    assert sources(choices=delta([]), citations=[URL, URL]) == [(URL, "")]
    both = sources(choices=[], citations=[URL], search_results=[{"url": URL, "title": "Named"}])
    assert both == [(URL, "Named")]
    assert sources(choices=[{"index": 0, "message": {"content": "x", "annotations": [cited]}}]) == [(URL, "A page")]


@pytest.mark.parametrize(
    "junk",
    ["javascript:alert(1)", "https://a b", "ftp://x", "", 7, None, {"url": 7}, {"url": "https://x/\u0000"}, [], {}],
)
def test_what_is_no_web_address_is_left_out(junk: Any) -> None:
    assert sources(choices=delta([junk]), citations=[junk], search_results=junk) == []


def test_a_plain_chunk_has_none() -> None:
    assert sources(choices=[{"index": 0, "delta": {"content": "x"}}]) == []
