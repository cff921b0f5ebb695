"""What pictures cost: to take in, to others meanwhile, to send along, to open."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import statistics
import time
from contextlib import closing
from urllib.parse import urlsplit

from PIL import Image

from benchmarks import machine
from benchmarks.machine import percentile
from benchmarks.provider import TOKEN
from benchmarks.scenarios import RATE, Bench

_TOKEN = "0123456789abcdef0123456789abcdef"


def photo(number: int, size: tuple[int, int] = (4_000, 3_000)) -> bytes:
    """Return a JPEG with the detail of a photograph, each ``number`` another one."""
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 70).resize(size, Image.Resampling.BILINEAR)
    shade = Image.linear_gradient("L").resize(size)
    buffer = io.BytesIO()
    Image.merge("RGB", (noise, shade, noise.rotate(180 + number))).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


async def pictures(bench: Bench) -> None:
    """Measure uploads alone and many at once, sending, and opening a conversation that is full of pictures."""
    cookie = bench.site.visitor("pictures@example.org").cookie
    files = await asyncio.to_thread(lambda: [photo(number) for number in range(6)])
    await _one_upload(bench, cookie, files)
    await _many_uploads(bench, files)
    await _sending(bench)
    await _opening(bench)


async def _one_upload(bench: Bench, cookie: str, files: list[bytes]) -> None:
    spent = []
    for content in files:
        busy = machine.busy_seconds(0)
        status, _ = await asyncio.to_thread(upload, bench, cookie, content)
        assert status == 201
        spent.append((machine.busy_seconds(0) - busy) * 1000)
    bench.table.row(
        "a 12-megapixel JPEG is ready: CPU", f"{statistics.median(spent):.0f} ms", "≤ 600", spent=spent,
        bytes=[len(content) for content in files],
    )  # fmt: skip


async def _many_uploads(bench: Bench, files: list[bytes], *, streams: int = 50, uploads: int = 50) -> None:
    pages = [await bench.page() for _ in range(streams)]
    length = int(60 * RATE) * TOKEN
    tasks = [
        asyncio.create_task(page.ask(f"beside pictures {number}", characters=length, per_second=RATE))
        for number, page in enumerate(pages)
    ]
    await asyncio.sleep(3)
    cookies = [bench.site.visitor(f"uploader-{number}@example.org").cookie for number in range(uploads)]
    before, most = machine.resident_mb(bench.site.pid), 0.0
    began = time.monotonic()
    working = [
        asyncio.create_task(asyncio.to_thread(upload, bench, cookie, files[number % len(files)]))
        for number, cookie in enumerate(cookies)
    ]
    while not all(task.done() for task in working):
        most = max(most, machine.resident_mb(bench.site.pid))
        await asyncio.sleep(0.1)
    ended = time.monotonic()
    statuses = [task.result()[0] for task in working]
    results = await asyncio.gather(*tasks)
    for page in pages:
        page.close()
    latencies = [value for result in results for value in result.latencies(began, min(ended, began + 55))]
    bench.table.row(
        f"{uploads} uploads at once: {streams} streams' p50 / p99",
        f"{percentile(latencies, 0.5):.0f} / {percentile(latencies, 0.99):.0f} ms", "≤ 250", seconds=ended - began,
    )  # fmt: skip
    bench.table.row(f"{uploads} uploads at once: failed", str(sum(status != 201 for status in statuses)), "0")
    bench.table.row(f"{uploads} uploads at once: memory of the process", f"+{most - before:.0f} MB", "≤ 200")


async def _sending(bench: Bench, *, times: int = 9) -> None:
    """Compare the way to the provider with and without four pictures of 2,048 pixels."""
    page = await bench.page()
    cookie = bench.last_visitor.cookie
    ids = []
    for number in range(4):
        _, body = await asyncio.to_thread(upload, bench, cookie, photo(number + 10, (2_048, 1_536)))
        ids.append(json.loads(body)["id"])
    waits: dict[int, list[float]] = {0: [], 4: []}
    for number in range(times):
        for count, taken in waits.items():
            name = f"with {count} pictures {number}"
            result = await page.ask(
                name, characters=16, per_second=1_000, attachments=ids[:count], model="bench-vision"
            )
            taken.append(result.upstream_after)
    page.close()
    without, with_four = (statistics.median(taken) for taken in waits.values())
    bench.table.row(
        "at the provider: without / with 4 pictures", f"{without:.0f} / {with_four:.0f} ms", "+20", waits=waits
    )


async def _opening(bench: Bench, *, pictures: int = 20, times: int = 15) -> None:
    page = await bench.page()
    cookie = bench.last_visitor.cookie
    ids = []
    for number in range(pictures):
        _, body = await asyncio.to_thread(upload, bench, cookie, photo(number + 20, (640, 480)))
        ids.append(json.loads(body)["id"])
    shown: dict[str, list[str]] = {"none": [], "all": []}
    opened = {}
    for what in shown:
        where: dict[str, str] = {}
        for number in range(pictures // 4):
            more = {"attachments": ids[number * 4 : number * 4 + 4]} if what == "all" else {}
            name = f"open {what} {number}"
            result = await page.ask(name, characters=400, per_second=2_000, model="bench-vision", **more, **where)
            where = {"conversation": result.conversation, "parent": result.answer}
        opened[what] = where["conversation"]
    page.close()
    waits: dict[str, list[float]] = {"none": [], "all": []}
    for _ in range(times):
        for what, taken in waits.items():
            began = time.perf_counter()
            status, _ = await asyncio.to_thread(call, bench, "GET", f"/c/{opened[what]}", cookie, None)
            assert status == 200
            taken.append((time.perf_counter() - began) * 1000)
    without, with_all = (statistics.median(taken) for taken in waits.values())
    bench.table.row(
        f"a conversation opens: without / with {pictures} pictures", f"{without:.0f} / {with_all:.0f} ms", "alike",
        waits=waits,
    )  # fmt: skip


def upload(bench: Bench, cookie: str, content: bytes) -> tuple[int, bytes]:
    return call(bench, "POST", "/attachments", cookie, content)


def call(bench: Bench, method: str, path: str, cookie: str, body: bytes | None) -> tuple[int, bytes]:
    headers = {"Cookie": f"{cookie}; csrftoken={_TOKEN}", "X-CSRFToken": _TOKEN, "X-File-Name": "photo.jpg"}
    headers |= {"Content-Type": "image/jpeg"} if body else {}
    with closing(http.client.HTTPConnection(urlsplit(bench.site.url).netloc, timeout=120)) as line:
        line.request(method, path, body, headers)
        reply = line.getresponse()
        return reply.status, reply.read()
