"""From source to one HTML element per top-level block."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Self

from markdown_it.token import Token

from conversations.rendering.markdown import make
from conversations.rendering.safety import cleaned

_md = make()
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK = re.compile(r'<a href="(https?://[^"]+)"')


@dataclass(slots=True)
class Above:
    """What a block takes from those above it: link definitions by normalised label, and the sections it stands in."""

    references: dict[str, Any] = field(default_factory=dict)
    headings: list[int] = field(default_factory=list)

    def copy(self) -> Self:
        """Return one to try something on."""
        return type(self)(dict(self.references), list(self.headings))


@dataclass(frozen=True, slots=True)
class Outline:
    """A top-level block: its kind and its lines."""

    kind: str
    start: int
    end: int


def outline(source: str, above: Above) -> list[Outline]:
    """Return the top-level blocks of ``source`` without looking into their text; a third of a parse."""
    tokens: list[Token] = []
    env = {"references": dict(above.references)}
    _md.block.parse(source, _md, env, tokens)
    return [
        Outline(token.type, token.map[0], token.map[1])
        for token in tokens
        if token.level == 0 and token.nesting >= 0 and token.map is not None
    ]


def render_blocks(source: str, above: Above) -> list[str]:
    """Return the HTML of each top-level block; definitions and headings found in ``source`` are added to ``above``."""
    env: dict[str, Any] = {"references": above.references, "headings": above.headings}
    tokens = _md.parse(source, env)
    html: list[str] = []
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            html.append(cleaned(_md.renderer.render(tokens[start : index + 1], _md.options, env)).strip())
            start = index + 1
    return [block for block in html if block]


def closed(source: str) -> str:
    """Return ``source`` so that other text can follow: with its last block closed, if that is a fence left open."""
    blocks = outline(source, Above()) if _FENCE.search(source) else []
    if not blocks or blocks[-1].kind != "fence":
        return source
    lines = re.split(r"\r\n|\r|\n", source)
    opening = _FENCE.match(lines[blocks[-1].start])
    mark = opening[1] if opening else ""
    last = _FENCE.fullmatch(lines[blocks[-1].end - 1].rstrip(" \t"))
    is_closed = blocks[-1].end - blocks[-1].start > 1 and last is not None and last[1].startswith(mark)
    return source if is_closed else f"{source}\n{mark}"


def links_of(blocks: Iterable[str]) -> list[str]:
    """Return the web addresses that rendered blocks lead to, each once, in order."""
    return list(dict.fromkeys(unescape(url) for block in blocks for url in _LINK.findall(block)))
