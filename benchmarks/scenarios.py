"""What is measured; each function runs one situation and writes its rows."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from uuid import UUID

from benchmarks import machine
from benchmarks.client import Page, Result
from benchmarks.machine import percentile
from benchmarks.provider import TOKEN, Provider
from benchmarks.table import Table
from conversations.models.ids import new_id
from tests.support.site import Site, Visitor

RATE = 40.0
"""Tokens a second of one stream, about what large models send."""


CALM_RATE = 200.0
"""Tokens a second of the one stream whose cost is compared: few enough that the process stays calm, and paces alike."""


class Bench:
    """A site and its provider, with the number of people made so far."""

    def __init__(self, site: Site, provider: Provider, table: Table) -> None:
        self.site, self.provider, self.table = site, provider, table
        self._people = 0

    @property
    def cpu(self) -> float:
        return machine.cpu_seconds(self.site.pid)

    async def page(self) -> Page:
        return await Page.open(self.site, self.provider, self.newcomer())

    def newcomer(self) -> Visitor:
        self._people += 1
        self.last_visitor = self.site.visitor(f"person-{self._people}@example.org")
        return self.last_visitor

    def failed(self, results: list[Result]) -> int:
        return sum(not result.is_whole(self.site) for result in results)


async def streams(bench: Bench, count: int, *, seconds: float = 8.0) -> None:
    """Open ``count`` answers, 20 a second, and measure while all of them run."""
    pages = [await bench.page() for _ in range(count)]
    before = machine.resident_mb(bench.site.pid)
    characters = int((count / 20 + seconds + 3) * RATE) * TOKEN
    tasks = []
    for number, page in enumerate(pages):
        asking = page.ask(f"stream {count} {number}", characters=characters, per_second=RATE, keep=number % 20 == 0)
        tasks.append(asyncio.create_task(asking))
        await asyncio.sleep(1 / 20)
    await asyncio.sleep(1)
    bench.provider.latest = 0.0
    began, cpu, own, busy = time.monotonic(), bench.cpu, time.process_time(), machine.busy_seconds(0)
    await asyncio.sleep(seconds)
    ended, used = time.monotonic(), bench.cpu - cpu
    span, memory = ended - began, machine.resident_mb(bench.site.pid)
    others = max(0.0, (machine.busy_seconds(0) - busy - used) / span)
    load, late = (time.process_time() - own) / span, bench.provider.latest
    results = await asyncio.gather(*tasks)
    for page in pages:
        page.close()
    latencies = [value for result in results for value in result.latencies(began, ended)]
    p50, p99, lost = percentile(latencies, 0.5), percentile(latencies, 0.99), bench.failed(results)
    tokens = sum(began <= at <= ended for result in results for at in result.order.written)
    frames = sum(began <= at <= ended for result in results for _, at in result.arrived)
    bench.table.row(
        f"{count} streams: a character comes after, p50 / p99", f"{p50:.0f} / {p99:.0f} ms", "≤ 250 at 400",
        p50=p50, p99=p99,
    )  # fmt: skip
    bench.table.row(f"{count} streams: lost or different", str(lost), "0", statuses=[r.status for r in results])
    bench.table.row(
        f"{count} streams: server", f"{used / span:.0%} of a core, {used / tokens * 1e6:.0f} µs a token",
        cpu=used / span, tokens=tokens, frames=frames, seconds=span,
    )  # fmt: skip
    bench.table.row(f"{count} streams: memory of each", f"{(memory - before) * 1024 / count:.0f} KB", "≤ 120")
    bench.table.note(
        f"others on its core {others:.0%}; clients and provider {load:.0%}, late {late * 1000:.0f} ms at most"
    )


async def burst(bench: Bench, *, count: int = 100, seconds: float = 5.0) -> None:
    """Start many chats within a few seconds."""
    pages = [await bench.page() for _ in range(count)]
    tasks = []
    for number, page in enumerate(pages):
        tasks.append(asyncio.create_task(page.ask(f"burst {number}", characters=1_600, per_second=RATE)))
        await asyncio.sleep(seconds / count)
    results = await asyncio.gather(*tasks)
    for page in pages:
        page.close()
    first = [result.first_after for result in results]
    what = f"{count} chats started within {seconds:.0f} s"
    bench.table.row(
        f"{what}: first character p50 / p99", f"{statistics.median(first):.0f} / {percentile(first, 0.99):.0f} ms",
        "≤ 250", first=first,
    )  # fmt: skip
    bench.table.row(f"{what}: failed", str(bench.failed(results)), "0")


async def first_character(bench: Bench) -> None:
    """Ask one question after the other while nothing else runs; then below a thousand messages."""
    page = await bench.page()
    results = []
    for number in range(25):
        results.append(await page.ask(f"idle {number}", characters=40, per_second=1_000))
        await asyncio.sleep(0.2)  # its title is being made: that is not idle yet
    first = [result.first_after for result in results[5:]]
    bench.table.row(
        "first character, idle: p50 / most", f"{statistics.median(first):.1f} / {max(first):.1f} ms", "≤ 15",
        first=first,
    )  # fmt: skip
    conversation, tip = results[-1].conversation, lengthen(bench, results[-1], 1_000)
    turns = []
    for number in range(7):
        result = await page.ask(
            f"late {number}", characters=16, per_second=1_000, conversation=conversation, parent=tip
        )
        turns.append(result)
        tip = result.answer
        await asyncio.sleep(0.2)
    assert min(result.order.turns for result in turns) > 1_000, "all earlier turns go along"
    upstream = statistics.median(result.upstream_after for result in turns)
    done = statistics.median(result.done_after for result in turns)
    bench.table.row(
        "a turn after 1,000 messages: at the provider / done", f"{upstream:.0f} / {done:.0f} ms", "≤ 60",
        upstream=[result.upstream_after for result in turns], done=[result.done_after for result in turns],
    )  # fmt: skip
    page.close()


def lengthen(bench: Bench, result: Result, count: int) -> str:
    """Put ``count`` messages under an answer, straight into the database, and select the last one; return its id."""
    rows, tip = [], UUID(result.answer)
    conversation = UUID(result.conversation)
    for number in range(count):
        one, role = new_id(), "assistant" if number % 2 else "user"
        text = "some words " * (80 if number % 2 else 16)
        rows.append((one.hex, conversation.hex, tip.hex, role, text))
        tip = one
    with closing(sqlite3.connect(bench.site.folder / "chat.sqlite3", timeout=20)) as database, database:
        database.executemany(
            "INSERT INTO conversations_message (id, conversation_id, parent_id, role, status, text, reasoning, blocks,"
            " render_version, seq, created_at) VALUES (?, ?, ?, ?, 'complete', ?, '', '[]', 0, 0, '2026-01-01')",
            rows,
        )
        database.execute("UPDATE conversations_conversation SET leaf_id = ? WHERE id = ?", (tip.hex, conversation.hex))
    return str(tip)


async def growth(bench: Bench) -> None:
    """Compare the cost of a character in short and long answers, and below few and many messages."""
    page = await bench.page()
    idle = await _idle_share(bench)

    async def cost(characters: int, times: int, **ids: str) -> float:
        """Return the processor time of one answer, without what the process uses anyway."""
        cpu, began = bench.cpu, time.monotonic()
        for number in range(times):
            name = f"growth {characters} {number} {began}"
            result = await page.ask(name, characters=characters, per_second=CALM_RATE, patience=300, **ids)
            assert result.status == "complete", result.status
            ids = {**ids, "parent": result.answer} if ids else {}
        await asyncio.sleep(0.3)  # titles and the sidebar belong to it
        return (bench.cpu - cpu - idle * (time.monotonic() - began)) / times

    await cost(1_000, 3)
    fixed = await cost(TOKEN, 30)
    each = {size: (await cost(size, times) - fixed) / size * 1e6 for size, times in ((1_000, 16), (10_000, 3))}
    each[100_000] = (await cost(100_000, 1) - fixed) / 100_000 * 1e6
    ratio = max(each.values()) / min(each.values())
    bench.table.row(
        "CPU of a character, answers of 1 k / 10 k / 100 k",
        " / ".join(f"{value:.1f}" for value in each.values()) + f" µs ({ratio:.2f}×)", "≤ 1.3×", each=each,
    )  # fmt: skip
    below = []
    for count in (10, 1_000):
        first = await page.ask(f"root {count}", characters=16, per_second=500)
        ids = {"conversation": first.conversation, "parent": lengthen(bench, first, count)}
        fixed = await cost(TOKEN, 4, **ids)
        below.append((await cost(10_000, 2, **ids) - fixed) / 10_000 * 1e6)
    ratio = max(below) / min(below)
    bench.table.row(
        "CPU of a character, below 10 / 1,000 messages", f"{below[0]:.1f} / {below[1]:.1f} µs ({ratio:.2f}×)", "≤ 1.3×",
        below=below,
    )  # fmt: skip
    page.close()


async def _idle_share(bench: Bench) -> float:
    cpu = bench.cpu
    await asyncio.sleep(3)
    return (bench.cpu - cpu) / 3


def start(bench: Bench) -> None:
    """Start twice: the first time makes the database, the second one counts."""
    times = []
    for _ in range(3):
        began = time.monotonic()
        bench.site.start()
        urllib.request.urlopen(f"{bench.site.url}/accounts/login/", timeout=10).read()
        times.append(time.monotonic() - began)
        if len(times) < 3:
            bench.site.terminate()
            bench.site.wait()
    bench.table.row("start to first page: first time / later", f"{times[0]:.1f} / {times[-1]:.1f} s", "≤ 3")
    bench.table.row("memory, idle", f"{machine.resident_mb(bench.site.pid):.0f} MB", "≤ 130")


def sizes(table: Table) -> None:
    table.row("installed, without test tools", f"{machine.installed_mb():.0f} MB", "≤ 200")


def pin(core: int) -> None:
    """Bind this process to a core; what it starts from now on inherits that."""
    if core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


def fresh_site(folder: Path, provider: Provider) -> Site:
    """Make a site as it is installed: a brotli that only this environment happens to hold would flatter its weights."""
    absent = folder / "absent"
    absent.mkdir()
    if "brotli" not in machine.locked():
        (absent / "brotli.py").write_text('raise ImportError("not installed with the site")\n', encoding="utf-8")
    return Site(
        folder, None, OPENAI_API_KEY="bench", OPENAI_BASE_URL=provider.base_url, CHAT_MODELS="bench,bench-vision",
        CHAT_COMMANDS_PER_MINUTE="100000", CHAT_MAX_HISTORY="2000000", PYTHONPATH=str(absent),
    )  # fmt: skip
