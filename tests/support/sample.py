"""An account as somebody has it after some weeks: chats of every kind, folders, tags, prompts, as an archive to import."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

from PIL import Image, ImageOps

from conversations.demo import showcase
from tests.pictures.samples import saved

TIDES = "Why are there two tides a day?"
BRANCHES = "Words, counted"
SEEN = "What is in the picture?"
LONG = "Thirty questions about the sea"
ENDED_BADLY = "A storm in the harbour"
ARABIC = "المد والجزر"
CHINESE = "潮汐是怎么来的？"

_ANSWER_ON_TIDES = """The Moon pulls at the near side of the Earth more strongly than at its middle, and at the middle more
strongly than at the far side. So the water is heaped up **twice**: towards the Moon, and away from it.

| Place | Spring range |
|:--|--:|
| Bay of Fundy | 16 m |
| Saint-Malo | 12 m |
| Venice | 1 m |

More is told by [the tide tables](https://tides.example/tables), and by [bank.example](https://elsewhere.example/login),
whose words name another place than it leads to.
"""
_THOUGHTS = """Two bulges, not one: the question asks why. Explain by the *difference* of the pull over the Earth.

A table of three places makes the sizes plain."""
_SOURCES = [
    ["https://tides.example/why-two", "Why there are two tides a day"],
    ["https://oceans.example/fundy", "The highest tides of the world"],
    ["https://lexicon.example/tide", ""],
]
_IN_ARABIC = """ترتفع المياه **مرتين** في اليوم بسبب جاذبية القمر، ويمكن حسابها بالأمر `tide --port fundy`.

| المكان | المدى |
|:--|--:|
| خليج فندي | 16 م |
| سان مالو | 12 م |
"""
_IN_CHINESE = """月球对地球近侧的引力大于对地心的引力，对地心的引力又大于对远侧的引力，因此海水在**两侧**隆起，一天出现两次潮汐。

- 大潮：新月与满月之后
- 小潮：上弦与下弦之后

> 潮汐的大小还取决于海岸的形状。
"""


def archive() -> bytes:
    """Return the ZIP archive, as the site itself would write it."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("chats.json", json.dumps(_document()))
        archive.writestr("account.json", json.dumps(_account()))
        archive.writestr("pictures/harbour.jpg", picture())
    return file.getvalue()


def picture() -> bytes:
    """Return a JPEG: an evening sky."""
    sky = Image.linear_gradient("L").resize((1200, 800))
    return saved(ImageOps.colorize(sky, "midnightblue", "orange", "slategray"), "JPEG")


def _document() -> dict[str, Any]:
    chats = [
        _chat(TIDES, 0, _turn(TIDES, _ANSWER_ON_TIDES, reasoning=_THOUGHTS, sources=_SOURCES)),
        _chat(BRANCHES, 0, _versions(), tags=["work"]),
        _chat(SEEN, 0, _turn(SEEN, "A harbour under a low sun, mostly **blue**.", picture="pictures/harbour.jpg")),
        _chat(LONG, 1, _turns(30), pinned=True),
        _chat(CHINESE, 1, _turn(CHINESE, _IN_CHINESE)),
        _chat(ARABIC, 2, _turn("لماذا ترتفع المياه مرتين؟", _IN_ARABIC)),
        _chat(ENDED_BADLY, 3, _bad_ends()),
        _chat("A tour of the formats", 9, _turn("Show me all formats", showcase.MARKDOWN)),
        _chat("Three days in Lisbon", 9, _turn("Plan three days", showcase.TABLE), folder="Travel", tags=["family"]),
        _chat("Trains along the coast", 12, _turn("Which trains?", "By **night**."), folder="Travel"),
        _chat("Roots of an equation", 40, _turn("How are they found?", showcase.MATH), tags=["school"]),
        _chat("An old idea", 90, _turn("Was it good?", "It was."), archived=True),
    ]
    return {"format": "chatsite", "version": 2, "conversations": chats}


def _account() -> dict[str, Any]:
    texts = {"Translate": "Put {{text}} into {{language}}.", "Summary": "Sum this up in three sentences."}
    presets = [{"name": "Poet", "model": "", "system_prompt": "Answer in verse.", "temperature": 1.1}]
    return {"prompts": [{"name": name, "text": text} for name, text in texts.items()], "presets": presets}


def _chat(title: str, days: int, messages: Iterable[dict[str, Any]], **place: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days, minutes=len(title))).isoformat()
    return {"id": title, "title": title, "created_at": at, "touched_at": at, "messages": list(messages), **place}


def _turn(question: str, answer: str, *, below: str | None = None, name: str = "", **more: Any) -> list[dict[str, Any]]:
    """Return a question and its answer; ``more``: reasoning, sources, picture, status, error_code, finish_reason."""
    asked: dict[str, Any] = {"id": f"{name}q", "parent": below, "role": "user", "text": question}
    if picture := more.get("picture"):
        asked["pictures"] = [{"name": "harbour.jpg", "file": picture}]
    began = datetime.now(UTC) - timedelta(minutes=5)
    run = {
        "model": "demo-reasoning" if "reasoning" in more else "demo",
        "started_at": began.isoformat(),
        "ended_at": (began + timedelta(seconds=7)).isoformat(),
        "reasoning_seconds": 4 if "reasoning" in more else None,
        "prompt_tokens": 24,
        "completion_tokens": len(answer) // 4 + 1,
        **{key: more[key] for key in ("sources", "error_code", "finish_reason") if key in more},
    }
    said: dict[str, Any] = {"id": f"{name}a", "parent": f"{name}q", "role": "assistant", "text": answer, "run": run}
    said |= {key: more[key] for key in ("reasoning", "status") if key in more}
    return [asked, said]


def _turns(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(count):
        question = f"{number + 1}. How deep is the sea, {number + 1} miles out?"
        below = found[-1]["id"] if found else None
        found += _turn(question, f"About **{40 * (number + 1)} metres**.", below=below, name=str(number))
    return found


def _versions() -> list[dict[str, Any]]:
    """Return a question in two wordings, the second with two answers."""
    first = _turn("Count the words of a file", "Which file?", name="1")
    second = _turn("Count the words of book.txt", "Use `wc -w book.txt`.", name="2")
    again = {**second[1], "id": "2b", "text": showcase.CODE}
    return [*first, *second, again]


def _bad_ends() -> list[dict[str, Any]]:
    ends: list[dict[str, Any]] = [
        {"status": "stopped"},
        {"finish_reason": "length"},
        {"status": "interrupted", "error_code": "interrupted"},
        {"status": "failed", "error_code": "rate_limited"},
    ]
    found: list[dict[str, Any]] = []
    for number, end in enumerate(ends):
        below = found[-1]["id"] if found else None
        found += _turn("And when it breaks?", "The masts creak, and then", below=below, name=str(number), **end)
    return found
