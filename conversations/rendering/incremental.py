"""Render an answer while it is being written, at a cost that does not grow with its length.

The source is held as *sealed* blocks, of which only the HTML is left, and a *tail*, the last top-level block. A block
is sealed once a later one has begun on complete lines: ``foo\\n***`` may still become ``foo\\n***bold***``. What
is shown of the tail is a guess (``completion``) and replaced when the tail is sealed; sealed blocks change only when
a link definition arrives later than its use, and then just those that use it.

Three ways in, from cheap to dear: plain words are appended to the shown HTML; lines of an open fence are appended to
it; everything else renders the tail again. Whatever the way, the finished HTML depends on the source alone.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from itertools import pairwise

from markdown_it.common.utils import normalizeReference

from conversations.rendering.blocks import Above, Outline, outline, render_blocks
from conversations.rendering.open_blocks import OpenBlock, OpenFence, OpenText
from conversations.rendering.patches import Patch, difference
from conversations.rendering.tail import TailView, Words, goes_on

VERSION = 3
"""Raise it when the HTML of the same source changes: what is stored is then rendered anew."""

LONGEST_BLOCK = 32_000
"""A top-level block that is no fence and grows beyond this ends at its last blank line, and where it has none it is
shown as plain text. Nobody writes such blocks, and the parser takes up to a second for hostile ones of this size."""

MOST_CHARACTERS = 1_000_000
"""What comes beyond this in one text is shown as plain text."""

_PIECE = 4_000
_LEISURE = 9
"""A tail is not rendered again before this many times the time of its last rendering has passed: an answer may spend a
tenth of its time on itself, however dear its Markdown is. ``catch_up`` or ``finish`` show what was left out."""

_FENCE = re.compile(r"(?P<mark>`{3,}(?=[^`\n]*\n)|~{3,})(?P<info>[^\n]*)\n")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)+)\]", re.DOTALL)
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")


class IncrementalRenderer:
    """The rendering of one text that grows. Not thread-safe; about 2 KB beside the HTML it holds."""

    def __init__(self) -> None:
        self.length = 0
        self._sealed: list[str] = []
        self._tail = ""
        self._shown: list[str] = []  # the tail's blocks as the page has them; an open block counts as one
        self._open: OpenBlock | None = None
        self._above = Above()
        self._users: defaultdict[str, list[tuple[int, int, str, list[int]]]] = defaultdict(list)
        self._words: Words | None = None
        self._view = TailView()
        self._checked = 0
        self._held = ""
        self._rest_until = 0.0
        self._is_behind = False
        self._taken = 0
        self._is_plain_for_good = False

    @property
    def blocks(self) -> list[str]:
        """The HTML of every block as the page has it now."""
        if self._open is not None:
            return [*self._sealed, self._open.html]
        return [*self._sealed, *self._shown]

    def feed(self, text: str) -> list[Patch]:
        """Append source text; return what changes on the page."""
        self.length += len(text)
        text = self._normal(text)
        if not text:
            return []
        if self._words is not None and self._words.takes(text) and self._has_room(text):
            self._tail += text
            self._taken += len(text)
            return self._append_words(self._words, text)
        return self._render(text)

    @property
    def behind_for(self) -> float | None:
        """Seconds until ``catch_up`` may show what came during a rest; None where nothing did."""
        return max(0.0, self._rest_until - time.perf_counter()) if self._is_behind else None

    def catch_up(self) -> list[Patch]:
        """Show what came during a rest, for when nothing else comes."""
        return self._render_tail("") if self._is_behind else []

    def swallow(self, text: str) -> None:
        """Append source text that nobody watches: nothing of it is shown before ``finish``."""
        self.length += len(text)
        self._absorb(self._normal(text))

    def finish(self) -> list[Patch]:
        """End the text: what was shown as if closed is now shown as it is."""
        self._is_behind = False
        first = len(self._sealed)
        old = self._take_shown()
        if self._held:
            self._held = ""
            self._absorb("\n")
        repaired: list[Patch] = []
        if self._open is not None:
            self._sealed.append(self._open.finished())
            self._open = None
        elif self._tail:
            repaired = self._seal(self._tail)
        self._tail, self._words = "", None
        return repaired + difference(first, old, self._sealed[first:])

    # In

    def _normal(self, text: str) -> str:
        """Make line feeds of all line breaks; a carriage return at the end waits for what follows it."""
        if self._held:
            text, self._held = self._held + text, ""
        if "\r" in text:
            if text.endswith("\r"):
                text, self._held = text[:-1], "\r"
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\x00", "\ufffd") if "\x00" in text else text

    def _append_words(self, words: Words, text: str) -> list[Patch]:
        keep = words.units
        new = words.append(text)
        if not new:
            return []
        self._shown[-1] = words.whole
        return [(len(self._sealed) + len(self._shown) - 1, keep, new + words.closers)]

    def _render(self, text: str) -> list[Patch]:
        self._words = None
        open_before = self._open
        if open_before is not None:
            return self._render_open(open_before, text)
        if time.perf_counter() < self._rest_until and self._has_room(text):
            self._tail += text
            self._taken += len(text)
            self._is_behind = True
            return []
        return self._render_tail(text)

    def _render_tail(self, text: str) -> list[Patch]:
        self._is_behind = False
        began = time.perf_counter()
        first, old = len(self._sealed), self._shown
        repaired = self._absorb(text) if text else self._absorb_piece("")
        self._show_tail()
        new = self._sealed[first:] + (self._shown if self._open is None else [self._open.begin()])
        self._rest_until = time.perf_counter() + (time.perf_counter() - began) * _LEISURE
        return repaired + difference(first, old, new)

    def _has_room(self, text: str) -> bool:
        return len(self._tail) + len(text) < LONGEST_BLOCK and self._taken + len(text) <= MOST_CHARACTERS

    def _render_open(self, block: OpenBlock, text: str) -> list[Patch]:
        first = len(self._sealed)
        keep = block.stable_units
        repaired = self._absorb(text)
        if self._open is block:
            return [*repaired, (first, keep, block.since_stable())]
        self._show_tail()
        patches: list[Patch] = [(first, keep, block.since_stable_finished())]
        more = self._sealed[first + 1 :] + (self._shown if self._open is None else [self._open.begin()])
        return repaired + patches + difference(first + 1, [], more)

    def _take_shown(self) -> list[str]:
        old = [self._open.html] if self._open is not None else self._shown
        self._shown = []
        return old

    def _absorb(self, text: str) -> list[Patch]:
        """Take text into open block and tail, sealing what has ended; return repairs of earlier blocks.

        Text goes in by pieces, so that a block reaches ``LONGEST_BLOCK`` at the same character however it came.
        """
        repaired: list[Patch] = []
        at = 0
        while at < len(text):
            room = _PIECE
            if self._open is None:
                room = min(room, LONGEST_BLOCK - len(self._tail))
            if not self._is_plain_for_good:
                room = min(room, MOST_CHARACTERS - self._taken)
            piece = text[at : at + room]
            at += len(piece)
            self._taken += len(piece)
            repaired += self._absorb_piece(piece)
            if self._taken >= MOST_CHARACTERS and not self._is_plain_for_good:
                repaired += self._go_plain()
        return repaired

    def _absorb_piece(self, piece: str) -> list[Patch]:
        repaired: list[Patch] = []
        self._tail += piece
        while self._tail:
            if self._open is not None:
                self._tail = self._open.take(self._tail)
                if not self._open.is_closed:
                    break
                self._sealed.append(self._open.finished())
                self._open = None
                continue
            if blank := _BLANK_LINES.match(self._tail):
                self._tail = self._tail[blank.end() :]
                continue
            if fence := _FENCE.match(self._tail):
                self._open = OpenFence(fence["mark"], fence["info"])
                self._tail = self._tail[fence.end() :]
                continue
            if len(self._tail) < LONGEST_BLOCK and goes_on(self._tail, self._checked):
                self._checked = self._tail.rfind("\n") + 1
                break
            cut, sealing = self._seal_complete()
            self._checked = 0 if cut else self._tail.rfind("\n") + 1
            repaired += sealing
            if cut:
                continue
            if len(self._tail) < LONGEST_BLOCK:
                break
            repaired += self._break_up()
        return repaired

    def _break_up(self) -> list[Patch]:
        """End a block that has grown too long: at its last blank line, or where it has none, by showing plain text."""
        self._checked = 0
        blank = self._tail.rfind("\n\n")
        if blank > 0:
            source, self._tail = self._tail[: blank + 1], self._tail[blank + 1 :]
            return self._seal(source)
        self._open = OpenText()
        return []

    def _go_plain(self) -> list[Patch]:
        """End the Markdown at the cap: seal what there is, show the rest as it comes."""
        self._is_plain_for_good = True
        repaired: list[Patch] = []
        if self._open is not None:
            self._sealed.append(self._open.finished())
        elif self._tail:
            repaired = self._seal(self._tail)
        self._tail, self._open = "", OpenText(for_good=True)
        return repaired

    # Sealing

    def _seal_complete(self) -> tuple[bool, list[Patch]]:
        """Seal all blocks before the last one whose beginning is certain."""
        lines_done = self._tail.count("\n")
        if not lines_done:
            return False, []
        found = outline(self._tail, self._above)
        if len(found) < 2:
            return False, []
        lines = self._tail.split("\n")
        cuts = [
            block.start
            for before, block in pairwise(found)
            if block.start + _lines_needed(block) <= lines_done and _is_apart(lines, before, block)
        ]
        if not cuts:
            return False, []
        repaired: list[Patch] = []
        start = 0
        for cut in cuts:
            repaired += self._seal("\n".join(lines[start:cut]) + "\n")
            start = cut
        self._tail = "\n".join(lines[start:])
        return True, repaired

    def _seal(self, source: str) -> list[Patch]:
        known, headings = len(self._above.references), list(self._above.headings)
        first = len(self._sealed)
        html = render_blocks(source, self._above)
        self._sealed += html
        repaired = self._repair(list(self._above.references)[known:]) if len(self._above.references) > known else []
        if "[" in source and html:
            self._remember_users(first, len(html), source, headings)
        return repaired

    def _remember_users(self, first: int, count: int, source: str, headings: list[int]) -> None:
        labels = {normalizeReference(label) for label in _LABEL.findall(source)}
        for label in labels:
            if label not in self._above.references:
                self._users[label].append((first, count, source, headings))

    def _repair(self, labels: list[str]) -> list[Patch]:
        """Render blocks again that used a label before its definition came."""
        patches: list[Patch] = []
        for label in labels:
            for first, count, source, headings in self._users.pop(label, ()):
                html = render_blocks(source, Above(self._above.references, list(headings)))
                if len(html) == count:
                    patches += difference(first, self._sealed[first : first + count], html)
                    self._sealed[first : first + count] = html
        return patches

    # Showing

    def _show_tail(self) -> None:
        """Render what is shown of the tail, and note whether plain words may be appended to it."""
        self._words = None
        if self._open is not None or not self._tail:
            self._shown = []
            return
        self._shown = self._view.render(self._tail, self._above)
        if self._shown:
            self._words = Words.at_end_of(self._tail, self._shown[-1])


def _lines_needed(block: Outline) -> int:
    """Return how many of a block's lines must be complete before nothing can change where it begins."""
    if block.kind == "table_open":
        return 2
    if block.kind == "math_block":
        return block.end - block.start
    return 1


def _is_apart(lines: list[str], before: Outline, block: Outline) -> bool:
    """Tell whether a block begins apart from a link definition above it, which its text might still belong to."""
    gap = lines[before.end : block.start]
    return not any(line.strip() for line in gap) or not lines[block.start - 1].strip()


def render(text: str) -> list[str]:
    """Return the HTML of each top-level block of a whole text."""
    renderer = IncrementalRenderer()
    renderer.swallow(text)
    renderer.finish()
    return renderer.blocks
