"""Plots as plain numbers and paths, for a template to put into an SVG: no words, no colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

STEP = 10
HEIGHT = 100
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_THIN = 100
"""From so many bars on they touch each other."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars in a box of ``width`` × ``HEIGHT``; ``top`` is the value at its upper edge."""

    width: int
    top: float
    path: str


def bars(values: Sequence[float]) -> Bars:
    """Draw one bar for each value, from the left; a value that is not 0 can always be seen."""
    top = round_up(max(values, default=0))
    breadth = STEP if len(values) >= _THIN else STEP - 2
    drawn = []
    for number, value in enumerate(values):
        if value > 0:
            height = max(1.0, round(value / top * HEIGHT, 1))
            drawn.append(f"M{number * STEP} {HEIGHT}v-{height:g}h{breadth}v{height:g}z")
    return Bars(max(1, len(values)) * STEP, top, "".join(drawn))


def round_up(value: float) -> float:
    """Return the next number of one or two simple digits, such as 30 or 150; 1 for nothing."""
    if value <= 0:
        return 1
    power = 10.0 ** floor(log10(value))
    step = next(step for step in _STEPS if value <= step * power * (1 + 1e-9))
    return float(f"{step * power:.6g}")
