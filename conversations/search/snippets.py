"""The place of a text where a query was found, short enough for a line or two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from conversations.search.queries import Query
from conversations.search.words import Found, locate

_BEFORE = 40
"""Characters that are shown before the first word that was found."""
_MOST_PLACES = 200
_NOISE = re.compile(r"(?m)^(?=.*\|)(?=.*-)[|: \t-]+$|[*`#|~]+|\s+")
_LINK = re.compile(r"""!?\[([^\[\]]*)\]\([^()\s]*(?:\s+"[^"]*")?\)""")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an excerpt."""

    text: str
    is_found: bool = False


def excerpt(text: str, query: Query, width: int = 180) -> list[Piece]:
    """Return about ``width`` characters of ``text`` around the place where most of ``query`` stands together.

    Of a link its words are shown; its address only where nothing else was found.
    """
    without_addresses = _LINK.sub(r"\1", text)
    if places := list(islice(_places(without_addresses, query), _MOST_PLACES)):
        text = without_addresses
    else:
        places = list(islice(_places(text, query), _MOST_PLACES))
    first = max(0, _best(places, width) - _BEFORE)
    if first and (space := text.find(" ", first, first + _BEFORE)) >= 0:
        first = space + 1
    last = min(len(text), first + width)
    pieces = [Piece("… ")] if first else []
    at = first
    for start, end, _ in places:
        if start < at or end > last:
            continue
        pieces += [Piece(_clean(text[at:start])), Piece(text[start:end], is_found=True)]
        at = end
    pieces.append(Piece(_clean(text[at:last]) + (" …" if last < len(text) else "")))
    return [piece for piece in pieces if piece.text]


def _places(text: str, query: Query) -> list[tuple[int, int, str]]:
    """Return where each word of the query stands, in order."""
    whole = {word for phrase in query.phrases for word in phrase.words}
    beginnings = tuple(phrase.words[-1] for phrase in query.phrases if phrase.is_open)
    found: list[tuple[int, int, str]] = []
    for word in locate(text):
        if word.is_run:
            found += _in_run(word, query.runs)
        elif word.text in whole:
            found.append((word.start, word.end, word.text))
        elif beginnings and word.text.startswith(beginnings):
            found.append((word.start, word.end, beginnings[0]))
        if len(found) >= _MOST_PLACES:
            break
    return found


def _in_run(run: Found, wanted: tuple[str, ...]) -> list[tuple[int, int, str]]:
    found = []
    for part in wanted:
        at = run.text.find(part)
        while at >= 0:
            is_exact = len(run.text) == run.end - run.start
            start, end = (run.start + at, run.start + at + len(part)) if is_exact else (run.start, run.end)
            found.append((start, end, part))
            at = run.text.find(part, at + len(part))
    return sorted(found)


def _best(places: list[tuple[int, int, str]], width: int) -> int:
    """Return where the window begins that shows most of what was looked for; the first of several."""
    best, most = 0, 0
    for index, (start, _, _) in enumerate(places):
        near = {term for at, end, term in places[index : index + 20] if end - start <= width - _BEFORE}
        if len(near) > most:
            best, most = start, len(near)
    return best


def _clean(text: str) -> str:
    """Leave out the signs of Markdown, the rules of its tables and line ends, which say nothing in one line."""
    return _NOISE.sub(lambda found: " " if found.group().isspace() else "", text)
