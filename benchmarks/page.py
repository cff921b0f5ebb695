"""The page in a real browser: what it weighs, when it is there, and how it keeps up with an answer."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.client import Page as Client
from benchmarks.machine import percentile
from benchmarks.scenarios import Bench, lengthen, pin
from tests.support.chromium import find

SLOW_PHONE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
"""1.6 Mbit/s and 150 ms, with a quarter of the processor: ux.md 4.1."""
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

WATCH = """
  window.noted = { upgraded: 0, usable: 0, frames: [], tasks: [], shift: 0, records: [], patches: [], reveals: [] };
  const upgraded = customElements.whenDefined("chat-composer").then(() => { noted.upgraded = performance.now(); });
  const online = new Promise((resolve) => {
    new MutationObserver(() => {
      if (document.documentElement?.dataset.connection === "online") resolve();
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-connection"] });
  });
  Promise.all([upgraded, online]).then(() => { noted.usable = performance.now(); });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) noted.tasks.push(entry.duration);
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) noted.shift += entry.value;
  }).observe({ type: "layout-shift" });

  const timed = (call, spent) => function (...given) {
    const began = performance.now();
    try { return call.apply(this, given); } finally { noted[spent].push(performance.now() - began); }
  };
  const { set, get } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    get, set(call) { set.call(this, call && timed(call, "patches")); },
  });
  window.unwatchedFrame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (call) => unwatchedFrame(timed(call, "reveals"));
"""
"""Usable is a page whose composer accepts and whose socket is open."""

FOLLOW = """() => {
  let records = 0;
  let before = performance.now();
  Object.assign(noted, { frames: [], records: [], patches: [], reveals: [], tasks: [], shift: 0, following: true });
  new MutationObserver((list) => { records += list.length; })
    .observe(document.getElementById("thread"), { subtree: true, childList: true, characterData: true });
  const look = (now) => {
    noted.frames.push(now - before);
    if (records > 0) noted.records.push(records);
    records = 0;
    before = now;
    if (noted.following) unwatchedFrame(look);
  };
  unwatchedFrame(look);
}"""


KEYS = """() => {
  Object.assign(noted, { keys: [], tasks: [] });
  const painted = new MessageChannel();
  painted.port1.onmessage = ({ data: pressed }) => noted.keys.push(performance.now() - pressed);
  document.getElementById("text").addEventListener("keydown", ({ timeStamp }) => {
    unwatchedFrame(() => painted.port2.postMessage(timeStamp));
  }, { capture: true });
}"""


BARE = """<!doctype html><meta name="viewport" content="width=device-width"><textarea id="text" rows="2"></textarea>"""
"""The least a page can be in which somebody types: what the browser itself takes for a key."""
LONG = 60_000
"""Characters of 10,000 words."""
PACE = 0.12
"""Seconds from key to key of a quick typist: 100 words a minute."""


async def page(bench: Bench) -> None:
    """Load the page as a desktop and as a slow phone, then read one long answer on each."""
    async with chromium() as browser:
        await _loading(bench, browser)
        await _slow_phone(bench, browser)
        for rate in (1, 4):
            await _reading(bench, browser, rate)
            await _typing(bench, browser, rate)
            await _typing(bench, browser, rate, below=LONG)
        await _opening_many(bench, browser)


async def _loading(bench: Bench, browser: Browser, *, times: int = 7) -> None:
    cold, warm = [], []
    for _ in range(times):
        async with opened(bench, browser, DESKTOP) as (shown, traffic):
            await load(bench, shown)
            cold.append(await _first_paint(shown))
            first = list(traffic)
            await _touch(shown)
            used = traffic[len(first) :]
            traffic.clear()
            await load(bench, shown)
            warm.append(await _first_paint(shown))
            second = list(traffic)
    at_once = {kind: sum(size for name, size in first if name.endswith(kind)) / 1000 for kind in (".js", ".css")}
    later = sum(size for name, size in first if "/later." in name) / 1000
    everything = sum(size for _, size in first) / 1000
    foreign = {name for name, _ in first if urlsplit(name).netloc not in ("", urlsplit(bench.site.url).netloc)}
    hands = sum(size for _, size in used) / 1000
    bench.table.row(
        "the page's scripts: at once / when idle / once touched; styles",
        f"{at_once['.js'] - later:.1f} / {later:.1f} / {hands:.1f}; {at_once['.css']:.1f} KB", "≤ 25, 40 in all; 10",
        traffic=first, used=used,
    )  # fmt: skip
    bench.table.row(
        "requests cold; all they bring; to other hosts", f"{len(first)}; {everything:.1f} KB; {len(foreign)}",
        "≤ 20; 45; 0",
    )  # fmt: skip
    bench.table.row(
        "requests warm; all they bring", f"{len(second)}; {sum(size for _, size in second) / 1000:.1f} KB", "–; ≤ 8",
        traffic=second,
    )  # fmt: skip
    bench.table.row(
        "first contentful paint: cold / warm", f"{statistics.median(cold):.0f} / {statistics.median(warm):.0f} ms",
        "≤ 300 / 200", cold=cold, warm=warm,
    )  # fmt: skip


async def _slow_phone(bench: Bench, browser: Browser, *, times: int = 9) -> None:
    paints, upgraded, usable, tasks = [], [], [], []
    for _ in range(times):
        async with opened(bench, browser, PHONE, slow=True) as (shown, _):
            await load(bench, shown)
            paints.append(await _first_paint(shown))
            upgraded.append(await shown.evaluate("noted.upgraded"))
            usable.append(await shown.evaluate("noted.usable"))
            tasks.append(await shown.evaluate("noted.tasks"))
    bench.table.row(
        "slow phone: first contentful paint / composer / usable",
        " / ".join(f"{statistics.median(values) / 1000:.2f}" for values in (paints, upgraded, usable)) + " s",
        "≤ 1.0 / – / 1.3", paints=paints, upgraded=upgraded, usable=usable,
    )  # fmt: skip
    bench.table.row(
        "slow phone: long tasks while loading; longest",
        f"{statistics.median(map(len, tasks)):.0f}; {statistics.median(max(one, default=0) for one in tasks):.0f} ms",
        "≤ 1", tasks=tasks,
    )  # fmt: skip


async def _reading(bench: Bench, browser: Browser, rate: int, *, characters: int = 4_000) -> None:
    async with opened(bench, browser, DESKTOP if rate == 1 else PHONE) as (shown, _):
        await load(bench, shown)
        devtools = await slowed(shown, rate)
        await devtools.send("Performance.enable")
        name = f"read at ×{rate}"
        bench.provider.order(name, characters, 100)
        await shown.fill("chat-composer textarea", name)
        await shown.click("chat-composer [data-do=send]")
        await shown.wait_for_selector("article[data-role=assistant][data-status=streaming]")
        await shown.evaluate(FOLLOW)
        began, before = time.monotonic(), await metrics(devtools)
        await shown.wait_for_selector("article[data-role=assistant][data-status=complete]", timeout=60_000)
        span, after = time.monotonic() - began, await metrics(devtools)
        noted: dict[str, Any] = await shown.evaluate("() => { noted.following = false; return noted; }")
    spent = {key: after[key] - before[key] for key in ("TaskDuration", "LayoutDuration", "RecalcStyleDuration")}
    layout = (spent["LayoutDuration"] + spent["RecalcStyleDuration"]) * 1000 / max(1, len(noted["records"]))
    bench.table.row(
        f"reading at ×{rate}: between two paints p95; main thread busy",
        f"{percentile(noted['frames'], 0.95):.1f} ms; {spent['TaskDuration'] / span:.0%}", "≤ 20 ms",
        frames=noted["frames"], seconds=span, spent=spent,
    )  # fmt: skip
    bench.table.row(
        f"reading at ×{rate}: long tasks; longest",
        f"{len(noted['tasks'])}; {max(noted['tasks'], default=0):.0f} ms", "0" if rate == 1 else "≤ 2",
        tasks=noted["tasks"],
    )  # fmt: skip
    bench.table.row(
        f"reading at ×{rate}: patch p95 / reveal p95 / layout, mean",
        f"{percentile(noted['patches'], 0.95):.1f} / {percentile(noted['reveals'], 0.95):.1f} / {layout:.1f} ms",
        "≤ 2 / 0.5 / 3" if rate == 1 else "≤ 8 / 3 / 10", patches=noted["patches"], reveals=noted["reveals"],
    )  # fmt: skip
    bench.table.row(
        f"reading at ×{rate}: DOM records p50 / p95; layout shift",
        f"{percentile(noted['records'], 0.5):.0f} / {percentile(noted['records'], 0.95):.0f}; {noted['shift']:.3f}",
        "≤ 5 / 20; 0.02", records=noted["records"],
    )  # fmt: skip


async def _typing(bench: Bench, browser: Browser, rate: int, *, below: int = 0, keys: int = 100) -> None:
    """Press keys below 1,000 messages, or ``below`` an answer of so many characters, while 200 a second come."""
    what = f"typing at ×{rate} below {f'an answer of {below:,} characters' if below else '1,000 messages'}"
    async with opened(bench, browser, DESKTOP if rate == 1 else PHONE) as (shown, _), client_of(bench) as client:
        first = await client.ask(what, characters=below or 40, per_second=100_000)
        if not below:
            lengthen(bench, first, 1_000)
        await shown.goto(f"{bench.site.url}/c/{first.conversation}#end")
        await shown.wait_for_selector("html[data-connection=online]", timeout=30_000)
        await asyncio.sleep(1)
        await slowed(shown, rate)
        name = f"{what}: the next one"
        bench.provider.order(name, 4_000, 50)
        await shown.fill("chat-composer textarea", name)
        await shown.press("chat-composer textarea", "Control+Enter")
        await shown.wait_for_selector("article[data-role=assistant][data-status=streaming]")
        above = await shown.locator("article").count()
        assert below or above > 40, f"only {above} messages are shown: the answer is not below 1,000"
        noted = await _typed(shown, keys)
        bare = await shown.context.new_page()
        await bare.set_content(BARE)
        await slowed(bare, rate)
        least = await _typed(bare, keys)
    bench.table.row(
        f"{what} while an answer streams: key to paint p50 / p95; long tasks",
        f"{percentile(noted['keys'], 0.5):.0f} / {percentile(noted['keys'], 0.95):.0f} ms; {len(noted['tasks'])}",
        "≤ 16 ms; 0", keys=noted["keys"], tasks=noted["tasks"],
    )  # fmt: skip
    bench.table.row(
        f"typing at ×{rate} in a page of one empty field, nothing else: key to paint p50 / p95",
        f"{percentile(least['keys'], 0.5):.0f} / {percentile(least['keys'], 0.95):.0f} ms", "–", keys=least["keys"],
    )  # fmt: skip


async def _typed(shown: Page, keys: int) -> dict[str, Any]:
    """Press keys and return what was noted of each."""
    await shown.evaluate(KEYS)
    await shown.focus("#text")
    for number in range(keys):
        await shown.keyboard.press("abcdefgh "[number % 9])
        await asyncio.sleep(PACE)
    noted: dict[str, Any] = await shown.evaluate("noted")
    return noted


async def _opening_many(bench: Bench, browser: Browser, *, count: int = 100) -> None:
    """Open conversations in turn in one tab; what the page holds must not grow with them."""
    async with opened(bench, browser, DESKTOP) as (shown, _), client_of(bench) as client:
        chats = [
            (await client.ask(f"chat {number}", characters=2_000, per_second=100_000)).conversation
            for number in range(count)
        ]
        devtools = await shown.context.new_cdp_session(shown)
        await devtools.send("Performance.enable")
        heaps = []
        for chat in chats:
            await shown.goto(f"{bench.site.url}/c/{chat}#end")
            await shown.wait_for_selector("html[data-connection=online]", timeout=30_000)
            await devtools.send("HeapProfiler.collectGarbage")
            heaps.append((await metrics(devtools))["JSHeapUsedSize"] / 1e6)
    first, last = statistics.median(heaps[:10]), statistics.median(heaps[-10:])
    bench.table.row(
        f"heap after {count} chats opened in turn, of the first ten", f"{last / first:.2f}× ({last:.1f} MB)", "≤ 1.3×",
        heaps=heaps,
    )  # fmt: skip


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give a browser that may use all cores: else it would share one with all that is on ours."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        pin(1)
        try:
            yield browser
        finally:
            await browser.close()


async def slowed(shown: Page, rate: int) -> CDPSession:
    """Give a page a part of the processor; return the line to its devtools."""
    devtools = await shown.context.new_cdp_session(shown)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return devtools


@asynccontextmanager
async def client_of(bench: Bench) -> AsyncIterator[Client]:
    """Give a socket of the person whose page was opened last."""
    client = await Client.open(bench.site, bench.provider, bench.last_visitor)
    try:
        yield client
    finally:
        client.close()


@asynccontextmanager
async def opened(
    bench: Bench, browser: Browser, size: Any, *, slow: bool = False
) -> AsyncIterator[tuple[Page, list[tuple[str, int]]]]:
    """Give a fresh page of somebody new, and the list its traffic is noted in: address, bytes on the wire."""
    visitor = bench.newcomer().session
    context = await browser.new_context(viewport=size)
    await context.add_cookies([{"name": "sessionid", "value": visitor, "url": bench.site.url}])
    await context.add_init_script(WATCH)
    shown = await context.new_page()
    devtools = await context.new_cdp_session(shown)
    traffic: list[tuple[str, int]] = []
    addresses: dict[str, str] = {}
    devtools.on(
        "Network.requestWillBeSent",
        lambda event: addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda event: traffic.append((addresses.get(event["requestId"], ""), int(event["encodedDataLength"]))),
    )
    await devtools.send("Network.enable")
    if slow:
        await devtools.send("Network.emulateNetworkConditions", SLOW_PHONE)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    try:
        yield shown, traffic
    finally:
        await context.close()


async def load(bench: Bench, shown: Page) -> None:
    await shown.goto(bench.site.url)
    await shown.wait_for_selector("html[data-connection=online]", timeout=30_000)
    await shown.wait_for_selector("chat-sidebar:defined", state="attached", timeout=30_000)
    await asyncio.sleep(0.2)


async def _touch(shown: Page) -> None:
    """Give the first sign of hands on the page, and let come what waits for it."""
    await shown.mouse.move(600, 300)
    await shown.wait_for_selector("picture-tray:defined", state="attached", timeout=30_000)
    await asyncio.sleep(0.2)


async def _first_paint(shown: Page) -> float:
    entry = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
    return float(await shown.evaluate(entry))


async def metrics(devtools: CDPSession) -> dict[str, float]:
    answer = await devtools.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}
