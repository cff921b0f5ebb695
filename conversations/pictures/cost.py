"""Roughly what a picture costs."""

from __future__ import annotations

from math import ceil


def tokens_for(width: int, height: int) -> int:
    """Return the tokens a picture of so many pixels counts as, about.

    The rule OpenAI publishes for GPT-4o at high detail: fit into 2,048 × 2,048, then the short side into 768, then
    170 for each tile of 512 and 85 once. Others count differently, but in the same order of magnitude.
    """
    scale = min(1.0, 2048 / max(width, height))
    scale = min(scale, 768 / min(width, height))
    return 85 + 170 * ceil(width * scale / 512) * ceil(height * scale / 512)
