"""The browser's half of the streaming law: patches grafted on the live nodes give the server's HTML, and nothing
that stands already notices.
"""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Page

from conversations.rendering import IncrementalRenderer, incremental, render
from tests.browser.workbench import open_workbench

SHOWCASE = """# A title with `code` & <tags>

A paragraph with **bold *nested* text**, a [link](https://example.org/?a=1&b=2 "title > x < y"), & entities &lt; "quotes".
A second line 你好,世界 👩‍👩‍👧‍👦 with ~~struck~~ text  
after a break.

- one
- two
  1. inner `x < y`
  2. more

     ```python
     def f(x):
         return "a & b" if x < 1 else None
     ```
- [ ] open
- [x] done

| left | right |
|:-----|------:|
| a    | 1 < 2 |
| **b**| `|`   |

```js
const a = 1 < 2 && "x";

// last
```

> quoted
> - list in it

$$ \\frac{a}{b} < \\sqrt{c} $$

***

Setext
======

See [late] and [late].

[late]: https://example.org/late "Late"
"""

APPLY = """async (script) => {
  const { Blocks } = await import("/static/js/models/blocks.js");
  const bench = document.createElement("div");
  document.body.append(bench);
  const blocks = new Blocks(bench);
  const canonical = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.innerHTML;
  };
  const wrong = [];
  script.forEach(([patches, html], step) => {
    blocks.apply(patches);
    const shown = [...bench.children].map((block) => block.outerHTML);
    const wanted = html.map(canonical);
    if (JSON.stringify(shown) !== JSON.stringify(wanted)) wrong.push({ step, shown, wanted });
    if (blocks.textLength !== bench.textContent.length) wrong.push({ step, length: blocks.textLength });
  });
  return { wrong: wrong.slice(0, 2), replaced: blocks.replaced };
}"""

Script = list[tuple[list[tuple[int, int, str | None]], list[str]]]


@pytest.fixture(autouse=True)
def _never_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render at every feed: the renderer's work budget would hide most states in a script without pauses."""
    monkeypatch.setattr(incremental, "_LEISURE", 0)


def streamed(text: str, seed: int) -> Script:
    """Return the frames of a text that arrives in pieces of any size, each with the blocks it must lead to."""
    chance = random.Random(seed)
    renderer = IncrementalRenderer()
    script: Script = []
    at = 0
    while at < len(text):
        size = chance.choice([1, 1, 2, 3, 5, 8, 40])
        patches = renderer.feed(text[at : at + size])
        at += size
        script.append(([tuple(patch) for patch in patches], list(renderer.blocks)))
    script.append(([tuple(patch) for patch in renderer.finish()], list(renderer.blocks)))
    return script


def whole(text: str, seed: int) -> Script:
    """Return harsher frames: each prefix rendered on its own, patched by what it has in common with the last."""
    chance = random.Random(seed)
    script: Script = []
    shown: list[str] = []
    at = 0
    while at < len(text):
        at += chance.choice([1, 2, 3, 7, 20])
        blocks = render(text[:at])
        patches: list[tuple[int, int, str | None]] = []
        for index, html in enumerate(blocks):
            old = shown[index] if index < len(shown) else ""
            if old != html:
                keep = common(old, html)
                patches.append((index, units(html[:keep]), html[keep:]))
        if len(blocks) < len(shown):
            patches.append((len(blocks), 0, None))
        shown = blocks
        script.append((patches, blocks))
    return script


def common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("make", [streamed, whole], ids=["streamed", "whole"])
@pytest.mark.parametrize("seed", range(4))
def test_after_every_frame_the_page_holds_the_servers_html(page: Page, make: object, seed: int) -> None:
    open_workbench(page)
    script = make(SHOWCASE, seed)  # type: ignore[operator]
    result = page.evaluate(APPLY, script)
    assert result["wrong"] == []
    assert result["replaced"] <= len(script) * 0.2


def test_a_selection_and_the_focus_survive_a_hundred_frames(page: Page) -> None:
    open_workbench(page)
    text = "A [link](https://example.org) stays.\n\nHere is text that is selected and goes on " + "and on " * 120
    script = streamed(text, 7)
    state = page.evaluate(
        """async (script) => {
          const { Blocks } = await import("/static/js/models/blocks.js");
          const bench = document.body.appendChild(document.createElement("div"));
          const blocks = new Blocks(bench);
          const half = script.findIndex(([, html]) => html.length === 2 && html[1].includes("is selected"));
          for (const [patches] of script.slice(0, half + 1)) blocks.apply(patches);
          const node = bench.children[1].firstChild;
          getSelection().setBaseAndExtent(node, 5, node, 17);
          bench.querySelector("a").focus();
          const before = String(getSelection());
          for (const [patches] of script.slice(half + 1)) blocks.apply(patches);
          return { before, after: String(getSelection()), same: bench.children[1].firstChild === node,
            focused: document.activeElement.localName, left: script.length - half };
        }""",
        script,
    )
    assert state["left"] > 100
    assert state["before"] == state["after"] == "is text that"
    assert state["same"] is True
    assert state["focused"] == "a"


def test_a_snapshot_keeps_the_nodes_of_what_has_not_changed(page: Page) -> None:
    blocks = render(SHOWCASE)
    open_workbench(page, body=f'<div id="bench">{"".join(blocks)}</div>')
    grown = [*blocks[:-1], blocks[-1].replace("</p>", " more</p>"), "<p>new</p>"]
    result = page.evaluate(
        """async ([first, second]) => {
          const { Blocks } = await import("/static/js/models/blocks.js");
          const bench = document.querySelector("#bench");
          const nodes = [...bench.children];
          const text = nodes.at(-1).lastChild;
          const blocks = new Blocks(bench);
          blocks.show(first);
          const untouched = nodes.every((node, index) => bench.children[index] === node);
          blocks.show(second);
          const kept = nodes.every((node, index) => bench.children[index] === node);
          return { untouched, kept, grew: text.data ?? "", html: bench.lastElementChild.outerHTML,
            replaced: blocks.replaced };
        }""",
        [blocks, grown],
    )
    assert result == {**result, "untouched": True, "kept": True, "html": "<p>new</p>", "replaced": 0}


def test_the_cost_of_a_frame_does_not_grow_with_the_block(page: Page) -> None:
    open_workbench(page)
    times = page.evaluate(
        """async () => {
          const { Blocks } = await import("/static/js/models/blocks.js");
          const bench = document.body.appendChild(document.createElement("div"));
          const blocks = new Blocks(bench);
          let html = "<pre><code>";
          const end = "</code></pre>";
          blocks.apply([[0, 0, html + end]]);
          const times = [];
          for (let line = 0; line < 3000; line += 1) {
            const more = `<span class="l"><span class="k">let</span> x = ${line} &lt; 2;\\n</span>`;
            const began = performance.now();
            blocks.apply([[0, html.length, more + end]]);
            times.push(performance.now() - began);
            html += more;
          }
          const trimmed = (part) => part.sort((a, b) => a - b).slice(0, -50).reduce((sum, time) => sum + time, 0) / part.length;
          return [trimmed(times.slice(100, 600)), trimmed(times.slice(-500)), blocks.replaced];
        }"""
    )
    early, late, replaced = times
    assert replaced == 0
    assert late <= 1.5 * early + 0.05
