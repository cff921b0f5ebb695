"""What providers have been seen to send, or might: streams, and what is to be read in them.

Each row: the body, then the text, the reasoning, and the end: a finish reason, or the code of an error with ``!``.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.fakes.scripts import chunk, error, event, finish, reasoning, role, usage

DONE = b"data: [DONE]\n\n"


class Row(NamedTuple):
    body: bytes
    text: str = ""
    end: str = "stop"
    reasoning: str = ""


def stream(*items: Any) -> bytes:
    """Return events: words become chunks, objects JSON, bytes go as they are."""
    return b"".join(item if isinstance(item, bytes) else event(item) for item in items)


def delta(**members: Any) -> dict[str, Any]:
    return chunk(members)


def data(text: str | bytes) -> bytes:
    return b"data: %b\n\n" % (text.encode() if isinstance(text, str) else text)


def content(escaped: str) -> bytes:
    """Return a chunk whose content is given as it stands in JSON."""
    return data('{"choices":[{"index":0,"delta":{"content":"' + escaped + '"}}]}')


def whole(**message: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}],
        "recipient": "all",
        "usage": {"prompt_tokens": 8, "completion_tokens": 9, "total_tokens": 17},
    }


END = (finish(), DONE)

GOOD = {
    "the reference provider": Row(stream(role(), "Hello", " there", finish(), DONE), "Hello there"),
    "usage in a last chunk without choices": Row(stream("Hi", finish(), usage(3, 4), DONE), "Hi"),
    "role-only chunks in between": Row(stream(role(), "a", role(), "b", role(), *END), "ab"),
    "carriage returns and line feeds": Row(stream("a", "b", *END).replace(b"\n", b"\r\n"), "ab"),
    "carriage returns": Row(stream("a", "b", *END).replace(b"\n", b"\r"), "ab"),
    "no blank after data": Row(stream("a", "b", *END).replace(b"data: ", b"data:"), "ab"),
    "comments while it thinks": Row(b": OPENROUTER PROCESSING\n\n" * 5 + stream("a", *END), "a"),
    "a byte order mark": Row(b"\xef\xbb\xbf" + stream("a", *END), "a"),
    "blank lines first": Row(b"\r\n\r\n\n" + stream("a", *END), "a"),
    "no [DONE]": Row(stream("a", finish()), "a"),
    "no [DONE] and no last line end": Row(stream("a", finish()).rstrip(b"\n"), "a"),
    "[DONE] without a line end": Row(stream("a", finish()) + b"data: [DONE]", "a"),
    "[DONE] with blanks around": Row(stream("a") + b"data:  [DONE] \n\n", "a"),
    "[DONE] without a finish reason": Row(stream("a", DONE), "a"),
    "events after [DONE]": Row(stream("a", *END, "b"), "a"),
    "named events": Row(b"".join(b"event: message\n" + event(item) for item in ("a", "b", finish())), "ab"),
    "events with an id": Row(b"".join(b"id: 1\n" + event(item) for item in ("a", finish())), "a"),
    "a ping event": Row(b'event: ping\ndata: {"type": "ping"}\n\n' + stream("a", *END), "a"),
    "empty data": Row(stream("a", b"data:\n\n", "b", *END), "ab"),
    "data that are no JSON but a sign of life": Row(stream("a", data("ping"), data("null"), data("42"), *END), "a"),
    "objects on lines of one event": Row(
        b"".join(event(item).replace(b"\n\n", b"\n") for item in ("a", "b", finish())) + DONE, "ab"
    ),
    "JSON over several data lines": Row(
        stream(data('{"choices": [{"delta":\ndata: {"content": "a"},\ndata: "index": 0}]}'), *END), "a"
    ),
    "empty choices": Row(stream({"choices": []}, "a", {"choices": []}, *END), "a"),
    "choices that are null": Row(stream({"choices": None}, "a", *END), "a"),
    "no choices": Row(stream({"id": "x"}, "a", *END), "a"),
    "a choice that is null": Row(stream({"choices": [None]}, "a", *END), "a"),
    "a delta that is null": Row(stream({"choices": [{"delta": None, "index": 0}]}, "a", *END), "a"),
    "a second choice": Row(
        stream(
            "a", {"choices": [{"index": 1, "delta": {"content": "x"}}, {"index": 0, "delta": {"content": "b"}}]}, *END
        ),
        "ab",
    ),
    "only a second choice": Row(stream("a", {"choices": [{"index": 1, "delta": {"content": "x"}}]}, *END), "a"),
    "no index": Row(stream({"choices": [{"delta": {"content": "a"}}]}, *END), "a"),
    "an index that is null": Row(stream({"choices": [{"index": None, "delta": {"content": "a"}}]}, *END), "a"),
    "content that is null": Row(stream(delta(content=None), "a", delta(content=None), *END), "a"),
    "content that is empty": Row(stream(delta(content=""), "a", *END), "a"),
    "content that is a list of parts": Row(
        stream(delta(content=[{"type": "text", "text": "a"}, "b", {"type": "image"}, None, 3]), *END), "ab"
    ),
    "content that is one part": Row(stream(delta(content={"type": "text", "text": "a"}), *END), "a"),
    "content that is a number": Row(stream(delta(content=3), "a", *END), "a"),
    "a refusal": Row(stream(delta(refusal="I cannot."), *END), "I cannot."),
    "text of the old completions": Row(stream({"choices": [{"text": "a", "index": 0}]}, *END), "a"),
    "finish reasons that are null": Row(stream(chunk({"content": "a"}, finish_reason=None), *END), "a"),
    "finish reasons that are empty": Row(stream(chunk({"content": "a"}, finish_reason=""), "b", *END), "ab"),
    "a finish reason that is a number": Row(stream(chunk({"content": "a"}, finish_reason=1), "b", DONE), "ab"),
    "text in the last chunk": Row(stream("a", chunk({"content": "b"}, finish_reason="stop"), DONE), "ab"),
    "text after the finish reason": Row(stream("a", finish(), "b", DONE), "ab"),
    "two finish reasons": Row(stream("a", finish("length"), finish("stop"), DONE), "a", "length"),
    "the length limit": Row(stream("a", finish("length"), DONE), "a", "length"),
    "a content filter after some text": Row(stream("a", finish("content_filter"), DONE), "a", "content_filter"),
    "tool calls": Row(
        stream(
            delta(tool_calls=[{"index": 0, "function": {"name": "f", "arguments": "{"}}]), finish("tool_calls"), DONE
        ),
        "",
        "tool_calls",
    ),
    "an end nobody knows": Row(stream("a", finish("eos"), DONE), "a", "eos"),
    "an answer without words": Row(stream(role(), *END), ""),
    "the whole message again at the end": Row(
        stream("a", "b", {"choices": [{"index": 0, "message": {"content": "ab"}, "finish_reason": "stop"}]}, DONE), "ab"
    ),
    "messages instead of deltas": Row(
        stream(*({"choices": [{"index": 0, "message": {"content": text}}]} for text in "ab"), *END), "ab"
    ),
    "an error that is null": Row(stream({**chunk({"content": "a"}), "error": None}, *END), "a"),
    "an error that is empty": Row(stream({**chunk({"content": "a"}), "error": {}}, *END), "a"),
    "usage that is null": Row(stream({**chunk({"content": "a"}), "usage": None}, *END), "a"),
    "usage of the wrong kind": Row(stream({**chunk({"content": "a"}), "usage": [1, "x"]}, *END), "a"),
    "reasoning_content": Row(stream(reasoning("hm "), reasoning("ok"), "a", *END), "a", "stop", "hm ok"),
    "reasoning": Row(stream(delta(reasoning="hm"), "a", *END), "a", "stop", "hm"),
    "both kinds of reasoning": Row(stream(delta(reasoning="hm", reasoning_content="hm"), "a", *END), "a", "stop", "hm"),
    "reasoning beside content": Row(stream(delta(reasoning_content="hm", content="a"), *END), "a", "stop", "hm"),
    "reasoning that is empty": Row(stream(delta(reasoning_content="", content="a"), *END), "a"),
    "reasoning that is an object": Row(stream(delta(reasoning={"effort": 1}, content="a"), *END), "a"),
    "thinking parts": Row(
        stream(
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
            delta(content=[{"type": "thinking", "thinking": "ok"}, {"type": "text", "text": "a"}]),
            *END,
        ),
        "a",
        "stop",
        "hmok",
    ),
    "annotations": Row(
        stream(delta(annotations=[{"type": "url_citation", "url_citation": {}}], content="a"), *END), "a"
    ),
    "only reasoning": Row(stream(reasoning("hm"), *END), "", "stop", "hm"),
    "line ends of Unicode in the text": Row(
        stream(data('{"choices":[{"delta":{"content":"a\u2028b\u0085c"}}]}'), *END), "a\u2028b\u0085c"
    ),
    "characters of several bytes": Row(
        stream(data('{"choices":[{"delta":{"content":"é€👩‍🚀🇪🇺"}}]}'), *END), "é€👩‍🚀🇪🇺"
    ),
    "a surrogate pair in one delta": Row(stream(content("\\ud83d\\ude00"), *END), "😀"),
    "a surrogate pair cut in two": Row(stream(content("a\\ud83d"), content("\\ude00b"), *END), "a😀b"),
    "a surrogate pair cut in two by other chunks": Row(
        stream(content("\\ud83d"), role(), reasoning("hm"), content("\\ude00"), *END), "😀", "stop", "hm"
    ),
    "a lone high surrogate": Row(stream(content("a\\ud83d"), content("b"), *END), "a\ufffdb"),
    "a lone high surrogate at the end": Row(stream(content("a\\ud83d"), *END), "a\ufffd"),
    "a lone low surrogate": Row(stream(content("a\\ude00b"), *END), "a\ufffdb"),
    "surrogates the wrong way round": Row(stream(content("\\ude00\\ud83d"), *END), "\ufffd\ufffd"),
    "a NUL": Row(stream(content("a\\u0000b"), *END), "a\ufffdb"),
    "a raw control character in a string": Row(stream(content("a\x01\tb"), *END), "a\x01\tb"),
    "bytes that are no UTF-8": Row(stream(data(b'{"choices":[{"delta":{"content":"a\xffb"}}]}'), *END), "a\ufffdb"),
    "NaN and infinities": Row(
        stream(data('{"x": NaN, "y": -Infinity, "choices":[{"delta":{"content":"a"},"logprobs":NaN}]}'), *END), "a"
    ),
    "a number of 5,000 digits": Row(
        stream(data('{"x": %s, "choices":[{"delta":{"content":"a"}}]}' % ("9" * 5000)), *END), "a"
    ),
    "a number of 5,000 digits where an index belongs": Row(
        stream("a", data('{"choices":[{"index": %s, "delta":{"content":"b"}}]}' % ("9" * 5000)), *END), "a"
    ),
    "duplicate members": Row(
        stream(data('{"choices":[],"choices":[{"delta":{"content":"a","content":"b"}}]}'), *END), "b"
    ),
    "one JSON object": Row(json.dumps(whole(content="Hello!")).encode(), "Hello!"),
    "one JSON object with blanks around": Row(
        b"\n\n  " + json.dumps(whole(content="Hello!"), indent=2).encode() + b"\n", "Hello!"
    ),
    "one JSON object with parts": Row(json.dumps(whole(content=[{"type": "text", "text": "a"}])).encode(), "a"),
    "one JSON object with reasoning": Row(
        json.dumps(whole(content="a", reasoning_content="hm")).encode(), "a", "stop", "hm"
    ),
    "one JSON object without a finish reason": Row(b'{"choices":[{"message":{"content":"a"}}]}', "a"),
    "one JSON object per line": Row(
        b"".join(json.dumps(chunk({"content": text})).encode() + b"\n" for text in "ab")
        + json.dumps(finish()).encode(),
        "ab",
    ),
}

DEEP = '{"x": ' + "[" * 100_000 + "]" * 100_000 + ', "choices":[{"delta":{"content":"b"}}]}'

BAD = {
    "no end": Row(stream("a", "b"), "ab", "!interrupted"),
    "cut within a chunk": Row(stream("a") + event("b")[:40], "a", "!interrupted"),
    "cut within a word of JSON": Row(stream("a") + b'data: {"choices":[{"delta":{"content":"b"}}', "a", "!interrupted"),
    "cut within a character": Row(
        stream("a") + 'data: {"choices":[{"delta":{"content":"é'.encode()[:-1], "a", "!interrupted"
    ),
    "cut within [DONE]": Row(stream("a") + b"data: [DO", "a", "!interrupted"),
    "only role chunks": Row(stream(role(), role()), "", "!interrupted"),
    "only comments": Row(b": hello\n\n: hello\n\n", "", "!interrupted"),
    "nothing at all": Row(b"", "", "!interrupted"),
    "blank lines": Row(b"\n\n\r\n", "", "!interrupted"),
    "half a pair before a cut": Row(stream(content("a\\ud83d")), "a", "!interrupted"),
    "only [DONE]": Row(DONE, "", "!protocol"),
    "an HTML page": Row(b"<!doctype html><title>Log in</title>", "", "!protocol"),
    "plain text": Row(b"Service is starting, please wait.\n", "", "!interrupted"),
    "data that are no JSON": Row(stream(data("hello"), data("world")), "", "!protocol"),
    "broken JSON": Row(stream("a", data('{"choices": [{"delta": {"content": "b')), "a", "!protocol"),
    "broken JSON before good": Row(stream("a", data('{"choices": [}'), "b", *END), "a", "!protocol"),
    "nesting without end": Row(stream("a", data(DEEP), "c", *END), "a", "!protocol"),
    "a list instead of an object": Row(b'[{"a": 1}]', "", "!protocol"),
    "an object that is no answer": Row(b'{"hello": "world"}', "", "!protocol"),
    "half an object in one piece": Row(b'{"choices":[{"message":{"content":"a', "", "!protocol"),
    "an error object": Row(stream("a", error(message="boom")), "a", "!provider_error"),
    "an error object first": Row(stream(error(message="boom")), "", "!provider_error"),
    "an error and then [DONE]": Row(stream("a", error(message="boom"), DONE), "a", "!provider_error"),
    "an error after the finish reason": Row(stream("a", finish(), error(message="boom")), "a", "stop!provider_error"),
    "an error beside a delta": Row(
        stream({**chunk({"content": "a"}), "error": {"message": "boom"}}), "a", "!provider_error"
    ),
    "an error beside empty choices": Row(
        stream("a", {"choices": [], "error": {"message": "boom"}}), "a", "!provider_error"
    ),
    "an error in a choice": Row(
        stream("a", chunk({}, finish_reason="error", error={"code": 502, "message": "boom"})), "a", "!provider_error"
    ),
    "an error that is a string": Row(stream("a", {"error": "boom"}), "a", "!provider_error"),
    "an error with a rate limit": Row(
        stream("a", {"error": {"code": 429, "message": "slow down"}}), "a", "!rate_limited"
    ),
    "an error with a status as text": Row(
        stream("a", {"error": {"code": "429", "message": "slow"}}), "a", "!rate_limited"
    ),
    "an error of context": Row(stream(error("context_length_exceeded", "too long")), "", "!context_too_long"),
    "an error event": Row(stream("a") + b'event: error\ndata: {"message": "boom"}\n\n', "a", "!provider_error"),
    "an error event in words": Row(stream("a") + b"event: error\ndata: overloaded, sorry\n\n", "a", "!provider_error"),
    "an error event at the very end": Row(stream("a") + b"event: error\ndata: overloaded", "a", "!provider_error"),
    "an error of vLLM": Row(stream("a", {"object": "error", "message": "boom", "code": 400}), "a", "!bad_request"),
    "an error of Anthropic": Row(
        stream("a", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        "a",
        "!provider_error",
    ),
    "an error of FastAPI": Row(stream("a", {"detail": "boom"}), "a", "!provider_error"),
    "success: false": Row(stream("a", {"success": False, "message": "boom"}), "a", "!provider_error"),
    "an error in one JSON object": Row(json.dumps(error("invalid_token", "boom")).encode(), "", "!invalid_key"),
    "a finish reason that is an error": Row(stream("a", finish("error"), DONE), "a", "!provider_error"),
    "a content filter before any text": Row(stream(role(), finish("content_filter"), DONE), "", "!content_filtered"),
}

ALL = {**GOOD, **BAD}
