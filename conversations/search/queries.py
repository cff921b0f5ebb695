"""What a person typed into a search field, as SQLite's FTS5 and PostgreSQL's tsquery understand it.

All terms must be found. What was typed without a space between (``foo.bar``, ``手机壳``) and what stands in quotes is
one phrase. The last word may be the beginning of a longer one, unless a space or a quote ends it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from conversations.search.words import fold, locate, pairs_of, tokenize

LONGEST_QUERY = 200
"""Characters that are looked at; ux.md asks for a search field, not for a document."""
_SHORTEST_BEGINNING = 2
_CHUNK = re.compile(r'"([^"]*)"?|(\S+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; the last one may go on where ``is_open``."""

    words: tuple[str, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What must be found, all of it; empty where nothing can be looked for. ``runs`` are for showing it."""

    phrases: tuple[Phrase, ...] = ()
    singles: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

    @property
    def whole(self) -> Query:
        """Return the same with the last word as a whole one, which is much cheaper to find where it is common."""
        return replace(self, phrases=tuple(dict.fromkeys(replace(one, is_open=False) for one in self.phrases)))

    def __bool__(self) -> bool:
        return bool(self.phrases or self.singles)


def parse(text: str) -> Query:
    """Return the query in ``text``; of anything at all, nothing is an error.

    >>> parse('"high water" 月 moo').phrases
    (Phrase(words=('high', 'water'), is_open=False), Phrase(words=('moo',), is_open=True))
    """
    text = text[:LONGEST_QUERY]
    phrases: dict[Phrase, None] = {}
    runs: dict[str, None] = {}
    for match in _CHUNK.finditer(text):
        quoted, plain = match.groups()
        chunk = fold(plain if quoted is None else quoted)
        places = list(locate(chunk))
        runs.update(dict.fromkeys(place.text for place in places if place.is_run))
        if words := tokenize(chunk).words:
            last = places[-1]
            is_whole = quoted is not None or match.end() < len(text) or last.end < len(chunk.rstrip("*"))
            is_open = not (is_whole or last.is_run) and len(last.text) >= _SHORTEST_BEGINNING
            phrases[Phrase(tuple(words), is_open)] = None
    return Query(tuple(phrases), tuple(run for run in runs if not pairs_of(run)), tuple(runs))


def for_fts5(query: Query, mark: str = "") -> str:
    """Return the query in the language of SQLite's FTS5, of rows that carry ``mark``. Words hold no quotes."""
    terms = [f'words : "{" ".join(one.words)}"' + (" *" if one.is_open else "") for one in query.phrases]
    terms += [f'singles : "{single}"' for single in query.singles]
    if mark:
        terms.append(f'marks : "{mark}"')
    return " AND ".join(terms)


def for_tsquery(query: Query) -> str:
    """Return the query in the language of PostgreSQL's tsquery. Words hold no quotes and no backslashes."""
    terms = [
        "(" + " <-> ".join(f"'{word}'" for word in one.words) + (":*" if one.is_open else "") + ")"
        for one in query.phrases
    ]
    terms += [f"'{single}'" for single in query.singles]
    return " & ".join(terms)
