"""What changes between two states of an answer, and the reference browser that applies it.

A patch is ``(block, keep, html)``: keep the first ``keep`` UTF-16 code units of the block's HTML, as browsers count
them, and put ``html`` behind them. A new block keeps 0; ``html`` of None removes the block and all after it.
"""

from __future__ import annotations

from collections.abc import Sequence

Patch = tuple[int, int, str | None]


def utf16_length(text: str) -> int:
    """Return the length of ``text`` as a browser counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def common_prefix(old: str, new: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def difference(first: int, old: Sequence[str], new: Sequence[str]) -> list[Patch]:
    """Return the patches that turn the blocks ``old``, the first of which has the number ``first``, into ``new``."""
    patches: list[Patch] = []
    for index, html in enumerate(new):
        before = old[index] if index < len(old) else ""
        if before != html:
            keep = common_prefix(before, html)
            patches.append((first + index, utf16_length(html[:keep]), html[keep:]))
    if len(new) < len(old):
        patches.append((first + len(new), 0, None))
    return patches


def apply_patches(blocks: Sequence[str], patches: Sequence[Patch]) -> list[str]:
    """Return the blocks after ``patches``, as the page computes them."""
    result = list(blocks)
    for block, keep, html in patches:
        if html is None:
            del result[block:]
            continue
        before = result[block] if block < len(result) else ""
        kept = before.encode("utf-16-le", "surrogatepass")[: keep * 2].decode("utf-16-le", "surrogatepass")
        result[block : block + 1] = [kept + html]
    return result
