"""Text can be read and controls can be seen in both themes: computed from the tokens, not from screenshots."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from conversations.web.context import PAPER

TOKENS = Path(__file__).resolve().parents[1] / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([\w-]+): light-dark\(oklch\(([^()/]+)\), oklch\(([^()/]+)\)\);")

SURFACES = ("canvas", "surface", "raised", "mine")
PAPERS = {  # what stands on what, and the ratio it needs (WCAG 2.2: 1.4.3 and 1.4.11; ours for running text: 7)
    "ink": (7.0, (*SURFACES, "code", "accent-soft", "danger-soft", "warn-soft")),
    "ink-soft": (4.5, (*SURFACES, "accent-soft", "danger-soft", "warn-soft")),
    "ink-faint": (4.5, (*SURFACES, "code")),
    "accent": (4.5, (*SURFACES, "accent-soft")),
    "on-accent": (4.5, ("accent",)),
    "danger": (4.5, ("canvas", "surface", "raised", "danger-soft")),
    "warn": (4.5, ("canvas", "warn-soft")),
    "good": (4.5, ("canvas", "raised", "code")),
    "edge": (3.0, ("canvas", "surface", "raised")),
    **{f"tok-{kind}": (4.5, ("code",)) for kind in ("keyword", "string", "number", "name", "comment")},
}

Colour = tuple[float, float, float]


def tokens() -> dict[str, tuple[Colour, Colour]]:
    found = PAIR.findall(TOKENS.read_text(encoding="utf-8"))
    return {name: (parse_oklch(light), parse_oklch(dark)) for name, light, dark in found}


def parse_oklch(text: str) -> Colour:
    lightness, chroma, hue = text.split()
    return float(lightness.removesuffix("%")) / 100, float(chroma), float(hue)


def linear_rgb(colour: Colour) -> Colour:
    """Convert OKLCH to linear sRGB by Ottosson's matrices; what lies outside of sRGB is cut, as browsers do at worst."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return clip(red), clip(green), clip(blue)


def clip(channel: float) -> float:
    return min(1.0, max(0.0, channel))


def luminance(colour: Colour) -> float:
    red, green, blue = linear_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: Colour, other: Colour) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert ratio((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ink", PAPERS)
def test_every_ink_can_be_read_on_every_paper(ink: str, theme: str) -> None:
    index = ("light", "dark").index(theme)
    known = tokens()
    least, papers = PAPERS[ink]
    short = {paper: round(ratio(known[ink][index], known[paper][index]), 2) for paper in papers}
    assert {paper: value for paper, value in short.items() if value < least} == {}


def test_every_colour_with_two_themes_is_known_here() -> None:
    papers = {paper for _, names in PAPERS.values() for paper in names}
    decoration = {"line"}
    assert set(tokens()) == set(PAPERS) | papers | decoration


def test_what_browsers_paint_before_the_stylesheet_is_its_canvas() -> None:
    for theme, place in (("light", 0), ("dark", 1)):
        linear = linear_rgb(tokens()["canvas"][place])
        shown = [12.92 * one if one <= 0.0031308 else 1.055 * one ** (1 / 2.4) - 0.055 for one in linear]
        assert PAPER[theme] == "#" + "".join(f"{round(255 * one):02x}" for one in shown)
