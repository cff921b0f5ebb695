"""What the demo models say: from the messages of a request to an answer or to a failure on command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from conversations.demo import showcase
from conversations.demo.pictures import describe

MODELS: Final = ("demo", "demo-vision", "demo-reasoning")

_TITLE_PROMPT: Final = "title for this conversation"
_TOKEN: Final = re.compile(r"\s?\S{1,4}|\s+")
_MOST_WORDS: Final = 20_000
_QUOTED: Final = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """How a request fails: with a ``status``, or after some text in one ``way``."""

    status: int = 200
    way: str = ""
    code: str = ""
    message: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and how."""

    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    is_slow: bool = False
    failure: Failure | None = None


_FAILURES: Final = {
    "429": Failure(429, code="too_many_requests", message="Rate limit exceeded. Please slow down."),
    "401": Failure(401, code="invalid_token", message="The authorization token is missing or invalid."),
    "400": Failure(400, code="token_mismatched", message="Bad request: a parameter is missing or invalid."),
    "402": Failure(402, code="used_up", message="The balance of this account is used up."),
    "500": Failure(500, code="api_error", message="fetch failed"),
    "html": Failure(502, html="<html><head><title>502 Bad Gateway</title></head><body><hr>proxy</body></html>"),
    "cut": Failure(way="cut"),
    "stall": Failure(way="stall"),
    "nonsense": Failure(way="nonsense"),
    "midway": Failure(way="midway", code="api_error", message="The model crashed in the middle of its answer."),
    "refuse": Failure(400, code="content_filter", message="The question was refused by the content policy."),
    "long": Failure(
        400, code="context_length_exceeded", message="This conversation is longer than the model's context window."
    ),
}


def answer_to(model: str, messages: list[Any]) -> Answer:
    """Return what ``model`` says to the last question in ``messages``."""
    asked = [message for message in messages if isinstance(message, dict)]
    questions = [_text_of(message) for message in asked if message.get("role") == "user"]
    last = questions[-1].strip() if questions else ""
    if any(_TITLE_PROMPT in _text_of(message) for message in (asked[:1] + asked[-1:])):
        return Answer(_title(questions))
    answer = _on_command(last) or _default(model, last, questions, _pictures_of(asked))
    if model == "demo-reasoning" and answer.failure is None:
        return Answer(answer.text, showcase.reasoning_about(_quoted(last)), answer.finish_reason, answer.is_slow)
    return answer


def pieces_of(text: str) -> list[str]:
    """Cut a text into tokens of about four characters, as models do; joined they are the text again."""
    return _TOKEN.findall(text)


def _on_command(question: str) -> Answer | None:
    """Return the answer to a question that begins with a command, or None where it is an ordinary one."""
    command, _, rest = question.partition(" ")
    rest = rest.strip()
    match command.partition("\n")[0].lower():
        case "/help":
            return Answer(showcase.HELP)
        case "/fail":
            return _failing(rest)
        case "/slow":
            return Answer(showcase.SLOW, is_slow=True)
        case "/long":
            words = int(rest) if rest.isascii() and rest.isdecimal() and len(rest) < 9 else 2_000
            return Answer(showcase.long_text(min(max(words, 1), _MOST_WORDS)))
        case "/length":
            return Answer(showcase.CUT_SHORT, finish_reason="length")
        case "/echo":
            return Answer(question[len("/echo") :].strip() or "*(nothing to echo)*")
        case "/code" | "/table" | "/math" | "/markdown" as name:
            return Answer(
                {"/code": showcase.CODE, "/table": showcase.TABLE, "/math": showcase.MATH}.get(name, showcase.MARKDOWN)
            )
    return None


def _failing(way: str) -> Answer:
    failure = _FAILURES.get(way.lower())
    if failure is None:
        return Answer(f"I can fail in these ways: {', '.join(f'`/fail {name}`' for name in _FAILURES)}.")
    return Answer(showcase.BEFORE_FAILURE, failure=failure)


def _default(model: str, question: str, questions: list[str], pictures: list[str]) -> Answer:
    parts = [showcase.greeting(_quoted(question), len(questions))]
    if pictures:
        parts.append(showcase.pictures_seen([describe(url) for url in pictures]))
    elif model == "demo-vision":
        parts.append(showcase.NO_PICTURE)
    if len(questions) > 1:
        parts.append(showcase.remembering(_quoted(questions[0].strip())))
    else:
        parts.append(showcase.FIRST)
    parts.append(showcase.CLOSING)
    return Answer("\n\n".join(parts))


def _text_of(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _pictures_of(messages: list[dict[str, Any]]) -> list[str]:
    """Return the addresses of the pictures in the last question."""
    questions = [message for message in messages if message.get("role") == "user"]
    content = questions[-1].get("content") if questions else None
    urls = []
    for part in content if isinstance(content, list) else []:
        image = part.get("image_url") if isinstance(part, dict) else None
        url = image.get("url") if isinstance(image, dict) else image
        if isinstance(url, str):
            urls.append(url)
    return urls


def _quoted(text: str) -> str:
    """Return a question as it can stand in a line of Markdown: without its own markup, and short."""
    line = " ".join(re.sub(r"[`*_<>\[\]|#$\\~]", "", text).split())
    return line if len(line) <= _QUOTED else line[:_QUOTED].rstrip() + "…"


def _title(questions: list[str]) -> str:
    """Return a title from the words of the first question, wherever the title prompt put it."""
    first = next((text for text in questions if _TITLE_PROMPT not in text), None)
    if first is None:
        prompt = questions[-1] if questions else ""
        _, found, first = prompt.partition("Question:")
        if not found:
            first = prompt.partition("\n\n")[2]
        first = first.partition("\nAnswer:")[0]
    words = _quoted(first).removeprefix("/").split()[:6]
    title = " ".join(words).strip(" .,;:!?…\"'")[:60]
    return title[:1].upper() + title[1:] or "A short chat"
