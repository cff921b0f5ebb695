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
OWNED = 10_000
"""Conversations of the first person, who searches among 100,000 messages of their own; others have ``CHATS``."""
LONG = 1_000
"""Messages of the last conversation, which a reviewer reads."""

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

Row = tuple[Any, ...]


@dataclass
class Everybody:
    """The ids of what is made, in the order of making."""

    people: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE)])
    chats: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS)])
    messages: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS * MESSAGES)])
    runs: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(PEOPLE * CHATS * MESSAGES // 2)])
    extra: list[UUID] = field(default_factory=lambda: [new_id() for _ in range(LONG - MESSAGES)])
    password: str = field(default_factory=lambda: make_password("a password"))

    def tables(self) -> Iterator[tuple[str, Sequence[str], Iterator[Row]]]:
        """Give each table with its columns and rows."""
        yield "user", _USER, (
            (one, self.password, False, f"person{number}@example.org", f"Person {number}", True, False, _EPOCH, "",
             "enter", "")
            for number, one in enumerate(self.people)
        )  # fmt: skip
        yield "conversation", _CONVERSATION, (
            (one, self._owner_of(number), f"The tide and the moon, part {number}", "chat_model",
             self._leaf(number), _at(number), _at(number), 0, "")
            for number, one in enumerate(self.chats)
        )  # fmt: skip
        blocks = {role: json.dumps(render(text)) for role, text in (("user", _QUESTION), ("assistant", _ANSWER))}
        yield "message", _MESSAGE, (
            (one, self.chats[number // MESSAGES], self.messages[number - 1] if number % MESSAGES else None,
             "assistant" if number % 2 else "user", "complete", _said(number), "",
             blocks["assistant" if number % 2 else "user"], VERSION, 0,
             self.runs[number // 2] if number % 2 else None, _at(number // MESSAGES))
            for number, one in enumerate(self.messages)
        )  # fmt: skip
        yield "message", _MESSAGE, (
            (one, self.chats[-1], above, "assistant" if number % 2 else "user", "complete", _said(number), "",
             blocks["assistant" if number % 2 else "user"], VERSION, 0, None, _EPOCH)
            for number, (one, above) in enumerate(zip(self.extra, [self.messages[-1], *self.extra], strict=False))
        )  # fmt: skip
        yield "generation", _GENERATION, (
            (one, self.messages[number * 2 + 1], self._chat(number), self._owner(number), one.hex, False, "complete",
             "bench", self._when(number), self._when(number), self._when(number), "stop", 40, 60, False,
             "", "", "", "", "[]")
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

    def _owner_of(self, chat: int) -> UUID:
        return self.people[0 if chat < OWNED else chat // CHATS]

    def _leaf(self, chat: int) -> UUID:
        return self.extra[-1] if chat == len(self.chats) - 1 else self.messages[(chat + 1) * MESSAGES - 1]

    def _chat(self, run: int) -> UUID:
        return self.chats[run * 2 // MESSAGES]

    def _owner(self, run: int) -> UUID:
        return self._owner_of(run * 2 // MESSAGES)

    def _when(self, run: int) -> datetime:
        """All usage is of this month: the sum that a limit asks for is as long as it gets."""
        return datetime.now(UTC) - timedelta(seconds=run % 600)


_CHANCE = random.Random(3)
_WORDS = [
    f"{a}{b}{c}" for a in "bdfglmnprst" for b in ("a", "e", "io", "ou") for c in ("ck", "rm", "nt", "ss", "ld", "潮")
]
_TAILS = [
    " ".join(_CHANCE.choices(_WORDS, weights=[1 / place for place in range(1, len(_WORDS) + 1)], k=8)) + f" q{number}"
    for number in range(5_000)
]


def _said(number: int) -> str:
    """Return a text whose words are as common and as rare as words are."""
    return f"{_ANSWER if number % 2 else _QUESTION} {_TAILS[number * 7919 % len(_TAILS)]}"


def _at(chat: int) -> datetime:
    return _EPOCH + timedelta(minutes=chat % 300_000)


_USER = (
    "id", "password", "is_superuser", "email", "name", "is_active", "is_staff", "date_joined", "language", "send_key",
    "instructions",
)  # fmt: skip
_CONVERSATION = ("id", "owner_id", "title", "title_from", "leaf_id", "created_at", "touched_at", "cost_units",
    "language",
)  # fmt: skip
_MESSAGE = (
    "id", "conversation_id", "parent_id", "role", "status", "text", "reasoning", "blocks", "render_version", "seq",
    "generation_id", "created_at",
)  # fmt: skip
_GENERATION = (
    "id", "message_id", "conversation_id", "owner_id", "ref", "branched", "status", "model_label", "started_at",
    "first_at", "ended_at", "finish_reason", "prompt_tokens", "completion_tokens", "is_estimated", "error_code",
    "error_message", "trace_id", "instead_of", "sources",
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
        subprocess.run([sys.executable, "manage.py", "index_search"], cwd=ROOT, env=site.environment, check=True)
        desk = _run(site, "benchmarks.desk", str(everybody.people[-2]))
        site.start()
        chance = random.Random(7)
        numbers = [chance.randrange(OWNED // CHATS, PEOPLE) for _ in range(PAGES)]
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
        _desk(bench, site, everybody, desk, among)
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
    counted, bounded = _run(site, "benchmarks.reserving", *map(str, people))
    return statistics.median(counted), statistics.median(bounded)


def _run(site: Site, module: str, *arguments: str) -> Any:
    """Return what a module of the benchmarks prints as JSON in the environment of a site."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


def _desk(bench: Bench, site: Site, everybody: Everybody, desk: Any, among: str) -> None:
    """Measure searches, the desk of reviewers and an export."""
    plain, kept = statistics.median(desk["without"]), statistics.median(desk["with"])
    cost = f"{kept - plain:.2f} of {plain:.2f} ms, {(kept / plain - 1) * 100:.0f} %"
    bench.table.row(f"the index adds to a question ({among})", cost, "≤ 10 %")
    hers = site.session_of(User(pk=everybody.people[0], password=everybody.password))
    asked = ["moon", "back", "%E6%BD%AE", "q77", "tide+back", "high+wat"]
    waits = [_median_of(site, [(f"/search?part=options&q={one}", hers)] * 20) for one in asked]
    shown = " / ".join(f"{wait:.0f}" for wait in waits)
    bench.table.row(f"search among {OWNED * MESSAGES:,} own ({among})", f"{shown} ms", "≤ 50", asked=asked, all=waits)
    session = _signed_in(site, "reviewer@example.org")
    since = "since=2026-02-01&model=bench"
    pages = [f"/review/?q={one}&{since}" for one in ("moon", "back", "q77")] + [
        f"/review/?{since}",
        "/review/?sort=cost",
    ]
    waits = [_median_of(site, [(page, session)] * 15) for page in pages]
    shown = " / ".join(f"{wait:.0f}" for wait in waits)
    bench.table.row(f"desk: words with two filters ×3 / list / by cost {among}", f"{shown} ms", "≤ 150", all=waits)
    opened = _post(site, session, f"/review/c/{everybody.chats[-1]}", "reason=a+measurement+of+this")
    wait = _median_of(site, [(opened.getheader("Location") or "", session)] * 30)
    bench.table.row(f"a transcript of {LONG:,} messages, its first page {among}", f"{wait:.0f} ms", "≤ 300")
    before = _memory(site)
    began = time.perf_counter()
    sheet = _post(site, session, "/review/export?person=person0%40example.org", "form=jsonl&reason=a+measurement")
    lines = 0
    while piece := sheet.read(1 << 16):
        lines += piece.count(b"\n")
    took = time.perf_counter() - began
    grew = f"{_memory(site) - before:+.0f} MB, {took:.0f} s, {lines:,} lines"
    bench.table.row(f"export of {OWNED * MESSAGES:,} messages {among}", grew, "≤ +50 MB")


def _signed_in(site: Site, email: str) -> str:
    """Return the session of somebody who was made with a password that the site itself must hash."""
    code = (
        "from django.test import Client; from conversations.models import User; c = Client();"
        f"c.force_login(User.objects.get(email='{email}')); print(c.session.session_key)"
    )
    command = [sys.executable, "manage.py", "shell", "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, capture_output=True, check=True, text=True)
    return done.stdout.split()[-1]


def _post(site: Site, session: str, path: str, body: str) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=600)
    line.request("GET", path.replace("/export", "/"), headers={"Cookie": f"sessionid={session}"})
    page = line.getresponse()
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    token = page.read().decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    headers = {
        "Cookie": f"sessionid={session}; {cookie}", "Content-Type": "application/x-www-form-urlencoded",
        "Origin": site.url,
    }  # fmt: skip
    line.request("POST", path, f"{body}&csrfmiddlewaretoken={token}", headers)
    reply = line.getresponse()
    assert reply.status in (200, 302), (path, reply.status, reply.read()[:300])
    return reply


def _memory(site: Site) -> float:
    """Return the most memory that the site has had so far, in MB."""
    status = Path(f"/proc/{site.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
