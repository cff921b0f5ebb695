"""A site that many people have used for long: what pages and limits cost among a million messages."""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from django.contrib.auth.hashers import make_password

from benchmarks import sums
from benchmarks.machine import ROOT
from benchmarks.scenarios import Bench, fresh_site
from conversations.models import User
from conversations.models.ids import new_id
from conversations.rendering import VERSION, render
from tests.support.servers import postgres
from tests.support.site import Site

PEOPLE = 10_000
CHATS = 10
"""Conversations of each person."""
MESSAGES = 10
"""In each conversation; half of them are answers, each with its generation and its usage."""
PAGES = 200
"""Pages that are asked for of each kind, after as many to warm up as there are connections to the database."""

_QUESTION = "How does the tide depend on the moon, and why are there two high waters a day?"
_ANSWER = (
    "The moon pulls **harder** on the near side.\n\n- one bulge below the moon\n- one on the far side\n\nHence two."
)
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

Row = tuple[Any, ...]


@dataclass
class Everybody:
    """The ids of what is made, in the order of making."""

    people: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE)])
    chats: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS)])
    messages: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS * MESSAGES)])
    runs: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS * MESSAGES // 2)])
    password: str = field(default_factory=lambda: make_password("a password"))

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterator[Row]]]:
        """Give each table with its columns and rows."""
        yield "user", _USER, (
            (one, self.password, False, f"person{number}@example.org", f"Person {number}", True, False, _EPOCH, "",
             "enter", "")
            for number, one in enumerate(self.people)
        )  # fmt: skip
        yield "conversation", _CONVERSATION, (
            (one, self.people[number // CHATS], f"The tide and the moon, part {number}", "chat_model",
             self.messages[(number + 1) * MESSAGES - 1], _at(number), _at(number))
            for number, one in enumerate(self.chats)
        )  # fmt: skip
        blocks = {role: json.dumps(render(text)) for role, text in (("user", _QUESTION), ("assistant", _ANSWER))}
        yield "message", _MESSAGE, (
            (one, self.chats[number // MESSAGES], self.messages[number - 1] if number % MESSAGES else None,
             "assistant" if number % 2 else "user", "complete", _ANSWER if number % 2 else _QUESTION, "",
             blocks["assistant" if number % 2 else "user"], VERSION, 0,
             self.runs[number // 2] if number % 2 else None, _at(number // MESSAGES))
            for number, one in enumerate(self.messages)
        )  # fmt: skip
        yield "generation", _GENERATION, (
            (one, self.messages[number * 2 + 1], self._chat(number), self._owner(number), one.hex, False, "complete",
             "bench", self._when(number), self._when(number), self._when(number), "stop", 40, 60, False, "", "", "", "")
            for number, one in enumerate(self.runs)
        )  # fmt: skip
        yield (
            "usagerecord",
            _USAGE,
            (
                (
                    new_id(),
                    self._owner(number),
                    one,
                    "bench",
                    self._when(number),
                    self._when(number).date(),
                    1,
                    40,
                    0,
                    60,
                    "0.00012000",
                    "1",
                    "2",
                    300,
                    False,
                    False,
                    False,
                )
                for number, one in enumerate(self.runs)
            ),
        )

        yield from sums.tables(self.people)

    def _chat(self, run: int) -> UUID:
        return self.chats[run * 2 // MESSAGES]

    def _owner(self, run: int) -> UUID:
        return self.people[run * 2 // MESSAGES // CHATS]

    def _when(self, run: int) -> datetime:
        """All usage is of this month: the sum that a limit asks for is as long as it gets."""
        return datetime.now(UTC) - timedelta(seconds=run % 600)


def _at(chat: int) -> datetime:
    return _EPOCH + timedelta(minutes=chat % 300_000)


_USER = (
    "id", "password", "is_superuser", "email", "name", "is_active", "is_staff", "date_joined", "language", "send_key",
    "instructions",
)  # fmt: skip
_CONVERSATION = ("id", "owner_id", "title", "title_from", "leaf_id", "created_at", "touched_at")
_MESSAGE = (
    "id", "conversation_id", "parent_id", "role", "status", "text", "reasoning", "blocks", "render_version", "seq",
    "generation_id", "created_at",
)  # fmt: skip
_GENERATION = (
    "id", "message_id", "conversation_id", "owner_id", "ref", "branched", "status", "model_label", "started_at",
    "first_at", "ended_at", "finish_reason", "prompt_tokens", "completion_tokens", "is_estimated", "error_code",
    "error_message", "trace_id", "instead_of",
)  # fmt: skip
_USAGE = (
    "id", "owner_id", "generation_id", "model_label", "made_at", "day", "messages", "prompt_tokens", "cached_tokens",
    "completion_tokens", "cost", "prompt_price", "completion_price", "first_ms", "is_failed", "is_reserved",
    "is_estimated",
)  # fmt: skip


async def large(bench: Bench) -> None:
    """Fill a database of each kind and ask a site on it for its pages."""
    everybody = Everybody()
    with tempfile.TemporaryDirectory(prefix="bench-large-") as folder:
        await asyncio.to_thread(_measure, bench, everybody, fresh_site(Path(folder), bench.provider), "SQLite")
    with postgres() as url, tempfile.TemporaryDirectory(prefix="bench-large-") as folder:
        site = fresh_site(Path(folder), bench.provider)
        site.environment["DATABASE_URL"] = url
        await asyncio.to_thread(_measure, bench, everybody, site, "PostgreSQL")


def _measure(bench: Bench, everybody: Everybody, site: Site, kind: str) -> None:
    try:
        site.start()  # makes the tables
        site.terminate()
        site.wait()
        _fill(site, everybody)
        site.start()
        chance = random.Random(7)
        numbers = [chance.randrange(PEOPLE) for _ in range(PAGES)]
        people = [everybody.people[number] for number in numbers]
        sessions = [site.session_of(User(pk=person, password=everybody.password)) for person in people]
        shown = [f"/c/{everybody.chats[number * CHATS + chance.randrange(CHATS)]}" for number in numbers]
        login = _median_of(site, [("/accounts/login/", "")] * PAGES)
        chat = _median_of(site, list(zip(shown, sessions, strict=True)))
        among = f"among {len(everybody.messages):,} messages ({kind})"
        bench.table.row(f"log-in page / a conversation {among}", f"{login:.1f} / {chat:.1f} ms", "≤ 25")
        pages = [f"/usage/?period={sums.year()}{more}" for more in ("", "&group=1", "-05")]
        boss = site.visitor("boss@example.org", staff=True).session
        usage = [_median_of(site, [(page, boss)] * 30) for page in pages]
        shown_in = " / ".join(f"{wait:.0f}" for wait in usage)
        bench.table.row(f"usage of a year / of a group / of a month {among}", f"{shown_in} ms", "≤ 300", all=usage)
        counted, bounded = _limit_check(site, people[:50])
        bench.table.row(f"a limit adds to a question {among}", f"{bounded - counted:.1f} ms", "≤ 3", counted=counted)
    finally:
        site.close()


def _fill(site: Site, everybody: Everybody) -> None:
    if url := site.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            for table, columns, rows in everybody.tables():
                with cursor.copy(f"COPY {_named(table)} ({', '.join(columns)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return
    with closing(sqlite3.connect(site.folder / "chat.sqlite3", timeout=20)) as database:
        for table, columns, rows in everybody.tables():
            marks = ", ".join("?" * len(columns))
            plain = (tuple(map(_for_sqlite, row)) for row in rows)
            with database:
                database.executemany(f"INSERT INTO {_named(table)} ({', '.join(columns)}) VALUES ({marks})", plain)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _named(table: str) -> str:
    return table if table.startswith("auth_") else f"conversations_{table}"


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat(" ").removesuffix("+00:00") if isinstance(value, datetime) else value


def _median_of(site: Site, asked: Sequence[tuple[str, str]]) -> float:
    """Return the median of milliseconds that a page takes, its way over loopback included; one request at a time."""
    waits = []
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)) as line:
        for path, session in [*asked[:20], *asked]:
            began = time.perf_counter()
            line.request("GET", path, headers={"Cookie": f"sessionid={session}"} if session else {})
            reply = line.getresponse()
            reply.read()
            assert reply.status == 200, (path, reply.status)
            waits.append((time.perf_counter() - began) * 1000)
    return statistics.median(waits[20:])


def _limit_check(site: Site, people: Sequence[UUID]) -> tuple[float, float]:
    """Return the medians of milliseconds that ``quotas.reserve`` takes without and with bounds."""
    command = [sys.executable, "-m", "benchmarks.reserving", *(str(person) for person in people)]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, check=True, text=True)
    counted, bounded = json.loads(done.stdout)
    return statistics.median(counted), statistics.median(bounded)
