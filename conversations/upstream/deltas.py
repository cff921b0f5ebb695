"""One event of a streamed answer, from JSON to typed deltas.

The common chunk is decoded in one pass into a struct that names only the members we use (under a microsecond).
Whatever does not fit goes the slow way: Python's own JSON reader, which takes NaN, lone surrogates and broken
UTF-8, and a walk that believes no type. Unknown members are ignored in both.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

import msgspec

from conversations.upstream.texts import clean


class TextDelta(msgspec.Struct, frozen=True, gc=False):
    """More of the answer."""

    text: str


class ReasoningDelta(msgspec.Struct, frozen=True, gc=False):
    """More of what the model thinks aloud before it answers."""

    text: str


class UsageDelta(msgspec.Struct, frozen=True, gc=False):
    """Tokens as the provider counts them; a later one replaces an earlier one."""

    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


class SourcesDelta(msgspec.Struct, frozen=True, gc=False):
    """Where a browsing model has looked, as (address, title), each address once; the last one counts."""

    sources: tuple[tuple[str, str], ...]


class Finished(msgspec.Struct, frozen=True, gc=False):
    """The answer is whole. ``reason`` is the provider's word: stop, length, content_filter, tool_calls, …"""

    reason: str


Delta: TypeAlias = TextDelta | ReasoningDelta | UsageDelta | SourcesDelta | Finished


class Chunk(msgspec.Struct, gc=False):
    """What one event says, before the answer as a whole gives it a meaning."""

    text: str = ""
    reasoning: str = ""
    whole_text: str = ""  # of a ``message`` where a ``delta`` was due: all of the answer again, or for the first time
    usage: UsageDelta | None = None
    sources: tuple[tuple[str, str], ...] = ()
    finish_reason: str = ""
    error: dict[str, Any] | None = None  # the object that tells of an error
    is_answer: bool = False  # it holds a choice, be it an empty one


class NotAChunk(ValueError):
    """The event holds no JSON object. ``looks_cut`` tells that it began like one: some text is lost."""

    def __init__(self, looks_cut: bool) -> None:
        super().__init__()
        self.looks_cut = looks_cut


class _Content(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    annotations: msgspec.Raw | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Content | None = None
    finish_reason: str | None = None
    index: int = 0
    message: msgspec.Raw | None = None
    text: msgspec.Raw | None = None
    error: msgspec.Raw | None = None


class _Common(msgspec.Struct, gc=False):
    choices: list[_Choice]
    usage: msgspec.Raw | None = None
    error: msgspec.Raw | None = None
    citations: msgspec.Raw | None = None
    search_results: msgspec.Raw | None = None


_common = msgspec.json.Decoder(_Common)
_MOST_SOURCES = 100
_LONGEST_TITLE = 200
_WEB_ADDRESS = re.compile(r"https?://[!-~]{1,2000}", re.IGNORECASE)
_NO_REASON = frozenset({"", "null", "None"})
_MOST_TOKENS = 2**31 - 1  # what an integer column holds; more is not a count


def decode_chunk(data: bytes) -> Chunk:
    """Return what one event says. Raises ``NotAChunk`` where it holds no JSON object."""
    try:
        common = _common.decode(data)
    except (ValueError, RecursionError):
        return _chunk_of(parse_object(data))
    is_plain = common.error is None and common.usage is None and len(common.choices) <= 1
    if not is_plain or common.citations is not None or common.search_results is not None:
        return _chunk_of(parse_object(data))
    if not common.choices:
        return Chunk()
    choice = common.choices[0]
    delta = choice.delta
    if (
        delta is None
        or choice.index
        or choice.message is not None
        or choice.text is not None
        or choice.error is not None
        or delta.annotations is not None
    ):
        return _chunk_of(parse_object(data))
    return Chunk(
        text=delta.content or delta.refusal or "",
        reasoning=delta.reasoning_content or delta.reasoning or "",
        finish_reason=_reason(choice.finish_reason),
        is_answer=True,
    )


def parse_object(data: bytes) -> dict[str, Any]:
    """Return a JSON object read as leniently as can be. Raises ``NotAChunk`` where there is none."""
    text = data.decode("utf-8", "replace").strip().removeprefix("\ufeff")
    try:
        value = json.loads(text, strict=False, parse_int=_bounded_int)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NotAChunk(looks_cut=text.startswith("{"))
    return value


def _bounded_int(digits: str) -> int:
    return int(digits) if len(digits) < 20 else -1


def _chunk_of(value: dict[str, Any]) -> Chunk:
    choices = value.get("choices")
    choice = _first(choices)
    sources = _sources(value, choice)
    chunk = Chunk(
        usage=_usage(value.get("usage")), sources=sources, error=_error(value, choice, has_choices=choices is not None)
    )
    if choice is None:
        return chunk
    chunk.is_answer = True
    chunk.finish_reason = _reason(choice.get("finish_reason"))
    delta, message = choice.get("delta"), choice.get("message")
    if isinstance(delta, dict):
        chunk.text, chunk.reasoning = _words(delta)
    elif isinstance(choice.get("text"), str):
        chunk.text = choice["text"]
    if isinstance(message, dict):
        chunk.whole_text, reasoning = _words(message)
        chunk.reasoning = chunk.reasoning or reasoning
    return chunk


def _sources(value: dict[str, Any], choice: dict[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Return the sources of an event, in any of the shapes that providers give them: ``url_citation`` annotations of
    a message or a delta, ``citations`` as addresses, ``search_results`` as objects."""
    given = [value.get("search_results"), value.get("citations")]
    for part in (choice or {}).get("delta"), (choice or {}).get("message"):
        if isinstance(part, dict):
            given.append(part.get("annotations"))
    found: dict[str, str] = {}
    for items in given:
        for item in items if isinstance(items, list) else []:
            url, title = _source(item)
            if url and len(found) < _MOST_SOURCES:
                found[url] = found.get(url) or title
    return tuple(found.items())


def _source(item: Any) -> tuple[str, str]:
    if isinstance(item, str):
        item = {"url": item}
    if isinstance(item, dict) and isinstance(item.get("url_citation"), dict):
        item = item["url_citation"]
    if not isinstance(item, dict) or not isinstance(item.get("url"), str):
        return "", ""
    url, title = item["url"], item.get("title")
    if not _WEB_ADDRESS.fullmatch(url):
        return "", ""
    return url, clean(" ".join(title.split())[:_LONGEST_TITLE]) if isinstance(title, str) else ""


def _first(choices: Any) -> dict[str, Any] | None:
    """Return the choice of index 0: a provider that was asked for one answer and sends two has one too many."""
    if isinstance(choices, list):
        for choice in choices:
            if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
                return choice
    return None


def _error(value: dict[str, Any], choice: dict[str, Any] | None, *, has_choices: bool) -> dict[str, Any] | None:
    """Return the error in an event, in any of the shapes that providers give it, or None."""
    if value.get("error"):
        return value
    if choice is not None and choice.get("error"):
        return {**value, "error": choice["error"]}
    is_bare = value.get("object") == "error" or value.get("type") == "error" or value.get("success") is False
    if is_bare or (not has_choices and any(value.get(name) for name in ("detail", "error_msg", "errors"))):
        return value
    return None


def _words(message: dict[str, Any]) -> tuple[str, str]:
    """Return text and reasoning of a delta or a message."""
    text, thought = _content(message.get("content"))
    if not text and isinstance(message.get("refusal"), str):
        text = message["refusal"]
    for name in ("reasoning_content", "reasoning"):
        if not thought and message.get(name):
            thought = "".join(_content(message[name]))
    return text, thought


def _content(content: Any) -> tuple[str, str]:
    """Return text and reasoning of a string, a part, or a list of either."""
    if isinstance(content, str):
        return content, ""
    if isinstance(content, list):
        pairs = [_part(item) for item in content]
        return "".join(text for text, _ in pairs), "".join(thought for _, thought in pairs)
    return _part(content)


def _part(part: Any) -> tuple[str, str]:
    if isinstance(part, str):
        return part, ""
    if not isinstance(part, dict):
        return "", ""
    if isinstance(part.get("text"), str):
        return ("", part["text"]) if part.get("type") in ("thinking", "reasoning") else (part["text"], "")
    thinking = part.get("thinking")
    if isinstance(thinking, str):
        return "", thinking
    if isinstance(thinking, list):
        return "", "".join(item["text"] for item in thinking if _is_text(item))
    return "", ""


def _is_text(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("text"), str)


def _reason(reason: Any) -> str:
    return reason[:50] if isinstance(reason, str) and reason not in _NO_REASON else ""


def _usage(usage: Any) -> UsageDelta | None:
    if not isinstance(usage, dict):
        return None
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if prompt is None or completion is None:
        return None
    return UsageDelta(
        prompt,
        completion,
        reasoning_tokens=_count(usage.get("completion_tokens_details"), "reasoning_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
    )


def _count(counts: Any, name: str) -> int | None:
    value = counts.get(name) if isinstance(counts, dict) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_TOKENS:
        return None
    return value
