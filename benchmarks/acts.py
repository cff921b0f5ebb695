"""What a person does in the page, from the act to the paint that shows it (ux.md 4.2), and how large pages become."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Browser, Page

from benchmarks.machine import percentile
from benchmarks.page import DESKTOP, LONG, PHONE, chromium, client_of, load, metrics, opened, slowed
from benchmarks.scenarios import Bench, lengthen

TIMES = 20
CHATS = 12
DEAF = 0.4
"""Seconds; for the first 0.3 Stop takes a click for the second half of one on Send (ux.md C8)."""
LAST = ".turn:last-of-type [data-role=assistant]"

NOTE = """() => {
  Object.assign(noted, { events: [], began: 0, shown: null });
  const note = (list) => noted.events.push(...list.getEntries().map(({ name, duration }) => [name, duration]));
  new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16 });
  const painted = () => new Promise((done) => unwatchedFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  }));
  window.whenShown = (isShown) => new Promise((done) => {
    const look = (_, watch) => {
      if (!isShown()) return false;
      watch?.disconnect();
      painted().then(done);
      return true;
    };
    const whole = { subtree: true, childList: true, attributes: true, characterData: true };
    if (!look()) new MutationObserver(look).observe(document, whole);
  });
}"""
"""``whenShown`` gives the time of the paint after a state has come."""
WAIT = """(isShown) => {
  noted.began = 0;
  const begin = ({ timeStamp }) => { noted.began ||= timeStamp; };
  for (const name of ["keydown", "click"]) addEventListener(name, begin, { capture: true, once: true });
  noted.shown = whenShown(new Function(`return ${isShown}`));
}"""
LAST_GROWTH = """() => {
  noted.grown = [];
  const text = [...document.querySelectorAll("[data-blocks]")].at(-1);
  let length = text.textContent.length;
  new MutationObserver(() => {
    if (text.textContent.length > length) noted.grown.push(performance.now());
    length = text.textContent.length;
  }).observe(text, { subtree: true, childList: true, characterData: true });
  addEventListener("click", ({ timeStamp }) => { noted.began = timeStamp; }, { capture: true, once: true });
}"""
FIRST_DELTA = """
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (window.noted && !noted.delta && String(data).includes('"delta"')) noted.delta = performance.now();
      });
    }
  };
"""


async def acts(bench: Bench) -> None:
    """Ask, stop, open, search and switch, as a desktop and as a phone with a quarter of the processor."""
    async with chromium() as browser:
        for rate in (1, 4):
            await _asking(bench, browser, rate)
            await _finding(bench, browser, rate)
        await _opening(bench, browser, slow=False)
        await _opening(bench, browser, slow=True)
        await _growing(bench, browser)


async def _asking(bench: Bench, browser: Browser, rate: int) -> None:
    async with opened(bench, browser, DESKTOP if rate == 1 else PHONE) as (shown, _):
        await shown.context.add_init_script(FIRST_DELTA)
        await load(bench, shown)
        elements = await shown.evaluate("document.querySelectorAll('*').length")
        await slowed(shown, rate)
        await shown.evaluate(NOTE)
        own, first, stopped = [], [], []
        for number in range(TIMES):
            name = f"ask {number} at ×{rate}"
            bench.provider.order(name, 400, 50)
            await shown.fill("#text", name)
            count = await shown.locator("article[data-role=user]").count()
            await shown.evaluate("() => { noted.delta = 0; }")
            has_come = f"document.querySelectorAll('article[data-role=user]').length > {count}"
            own.append(await _until(shown, lambda: shown.press("#text", "Control+Enter"), has_come))
            await shown.wait_for_function("() => noted.delta")
            text = "[...document.querySelectorAll('[data-blocks]')].at(-1)?.textContent.length > 0"
            first.append(await shown.evaluate(f"async () => await whenShown(() => {text}) - noted.delta"))
            await asyncio.sleep(DEAF)
            await shown.evaluate(LAST_GROWTH)
            await shown.click("[data-do=stop]")
            await shown.wait_for_selector(f"{LAST}:is([data-status=stopped], [data-status=complete])")
            await shown.wait_for_selector("chat-composer form[data-state=empty]")
            last = await shown.evaluate("Math.max(0, (noted.grown.at(-1) ?? 0) - noted.began)")
            stopped.append(last)
        longest = await _longest(shown)
    bench.table.row(
        f"at ×{rate}: Enter to the own message, the first delta to its paint, Stop to the last growth; p95",
        f"{percentile(own, 0.95):.0f}, {percentile(first, 0.95):.0f}, {percentile(stopped, 0.95):.0f} ms",
        "≤ 50, 32, 100" if rate == 1 else "–", own=own, first=first, stopped=stopped,
    )  # fmt: skip
    bench.table.row(f"at ×{rate}: longest interaction while asking", f"{longest:.0f} ms", _longest_wanted(rate))
    if rate == 1:
        bench.table.row("elements of an empty page", f"{elements}", "≤ 300")


async def _finding(bench: Bench, browser: Browser, rate: int) -> None:
    async with opened(bench, browser, DESKTOP) as (shown, _), client_of(bench) as client:
        for number in range(CHATS):
            await client.ask(f"tides {number}", characters=1_000, per_second=100_000)
        await load(bench, shown)
        await shown.mouse.move(600, 300)
        await shown.wait_for_function("() => customElements.get('page-dialog')")
        await slowed(shown, rate)
        await shown.evaluate(NOTE)
        opening, results, themes = [], [], []
        has_focus = "document.activeElement.closest('search-palette') !== null"
        for number in range(TIMES):
            opening.append(await _until(shown, lambda: shown.keyboard.press("Control+k"), has_focus))
            await shown.keyboard.type("tide")
            found = "document.querySelector('search-palette mark') !== null"
            results.append(await _until(shown, lambda: shown.keyboard.press("s"), found))
            await shown.keyboard.press("Escape")
            await shown.wait_for_function("() => !document.querySelector('dialog[open]')")
            await shown.click("[popovertarget=account-menu]")
            theme = ("dark", "light")[number % 2]
            is_so = f"document.documentElement.dataset.theme === '{theme}'"
            button = shown.locator(f"[data-do=theme][value={theme}]")
            themes.append(await _until(shown, button.click, is_so))
            await shown.keyboard.press("Escape")
        longest = await _longest(shown)
    bench.table.row(
        f"at ×{rate}: the palette open p50 / p95, its results after the last key p95, the theme switched p50",
        f"{statistics.median(opening):.0f} / {percentile(opening, 0.95):.0f}, {percentile(results, 0.95):.0f},"
        f" {statistics.median(themes):.0f} ms",
        "≤ 50, 200, 17" if rate == 1 else "–", opening=opening, results=results, themes=themes,
    )  # fmt: skip
    bench.table.row(f"at ×{rate}: longest interaction while finding", f"{longest:.0f} ms", _longest_wanted(rate))


async def _opening(bench: Bench, browser: Browser, *, slow: bool) -> None:
    """Click on chats of 40 messages in the list, and wait for the end of each."""
    waits = []
    async with opened(bench, browser, PHONE if slow else DESKTOP, slow=slow) as (shown, _), client_of(bench) as client:
        for number in range(CHATS):
            result = await client.ask(f"long {number}", characters=800, per_second=100_000)
            lengthen(bench, result, 40)
        await load(bench, shown)
        for number in range(CHATS):
            row = shown.locator(".sidebar [data-row] a.row__link").nth(number)
            if slow:
                await shown.click(".bar__menu")
            note = "({ timeStamp }) => sessionStorage.setItem('clicked', performance.timeOrigin + timeStamp)"
            await shown.evaluate(f"() => addEventListener('click', {note}, {{ capture: true }})")
            address = await row.get_attribute("href")
            await row.click()
            await shown.wait_for_url(f"**{address}")
            await shown.wait_for_selector("html[data-connection=online]", timeout=30_000)
            await shown.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length > 0")
            waits.append(
                await shown.evaluate(
                    "performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime"
                    " - sessionStorage.getItem('clicked')"
                )
            )
            assert await shown.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY") < 50
    where, wanted = ("slow phone", "≤ 1200") if slow else ("desktop", "≤ 300")
    bench.table.row(
        f"{where}: click on a chat to its end painted, p50 / p95",
        f"{statistics.median(waits):.0f} / {percentile(waits, 0.95):.0f} ms", wanted, waits=waits,
    )  # fmt: skip


async def _growing(bench: Bench, browser: Browser, *, times: int = 3) -> None:
    """Read answers of 10,000 words below 200 turns: what each update costs, and what the page holds at the end."""
    early, late, heaps = [], [], []
    for number in range(times):
        patches, heap = await _read_longest(bench, browser, f"ten thousand words, {number}")
        tenth = len(patches) // 10
        early += patches[:tenth]
        late += patches[-tenth:]
        heaps.append(heap)
    first, last = (percentile(some, 0.95) for some in (early, late))
    bench.table.row(
        f"{times} answers of 10,000 words below 200 turns: patch p50 / p95 of the first, of the last tenth; heap",
        f"{statistics.median(early):.1f} / {first:.1f}, {statistics.median(late):.1f} / {last:.1f} ms"
        f" ({last / first:.2f}×); {max(heaps):.1f} MB",
        "≤ 1.5×; 60", early=early, late=late, heaps=heaps,
    )  # fmt: skip


async def _read_longest(bench: Bench, browser: Browser, name: str) -> tuple[list[float], float]:
    """Return the milliseconds of each update of one answer, and the heap after it in MB."""
    async with opened(bench, browser, DESKTOP) as (shown, _), client_of(bench) as client:
        begun = await client.ask(f"above {name}", characters=400, per_second=100_000)
        lengthen(bench, begun, 400)
        await shown.goto(f"{bench.site.url}/c/{begun.conversation}#end")
        await shown.wait_for_selector("html[data-connection=online]", timeout=30_000)
        devtools = await shown.context.new_cdp_session(shown)
        await devtools.send("Performance.enable")
        bench.provider.order(name, LONG, 600)
        await shown.fill("#text", name)
        await shown.press("#text", "Control+Enter")
        await shown.wait_for_selector("article[data-role=assistant][data-status=streaming]")
        await shown.evaluate("() => { noted.patches = []; }")
        await shown.wait_for_selector(f"{LAST}[data-status=complete]", timeout=120_000)
        patches: list[float] = await shown.evaluate("noted.patches")
        await devtools.send("HeapProfiler.collectGarbage")
        return patches, (await metrics(devtools))["JSHeapUsedSize"] / 1e6


async def _until(shown: Page, act: Callable[[], Awaitable[Any]], is_shown: str) -> float:
    """Return the milliseconds from an act's event to the paint after ``is_shown`` has come true."""
    await shown.evaluate(WAIT, is_shown)
    await act()
    return float(await shown.evaluate("async () => await noted.shown - noted.began"))


async def _longest(shown: Page) -> float:
    """Return the longest interaction as the browser itself measures it, to 8 ms; those below 16 ms count as that."""
    await asyncio.sleep(0.3)
    return float(await shown.evaluate("Math.max(16, ...noted.events.map(([, duration]) => duration))"))


def _longest_wanted(rate: int) -> str:
    return "≤ 100" if rate == 1 else "≤ 200"
