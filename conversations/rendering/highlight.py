"""Colour code, one line at a time.

A line is coloured once, from the lexer's state at the end of the line before. That makes the cost of a line
independent of the code's length, and gives the same result whether the code comes at once or in pieces. Pygments has
no interface for this, so the loop over its state tables is our own; lexers that are no plain ``RegexLexer`` see each
line alone. Patterns that would span lines match within one line only; C comments, the case that matters, are handled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any

from pygments.lexer import ExtendedRegexLexer, Lexer, RegexLexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Comment, Error, Text, _TokenType
from pygments.util import ClassNotFound

from conversations.rendering.safety import cleaned

State = tuple[str, ...]
"""The lexer's stack of states at the end of a line."""

START: State = ("root",)
_IN_COMMENT = "*/"
"""Pushed on the state while a C comment is open."""

LONGEST_LINE = 2_000
"""Longer lines stay plain: regular expressions of lexers may take quadratic time."""

_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,30}")
_C_COMMENTS = frozenset(
    [
        "c",
        "cpp",
        "c++",
        "cs",
        "csharp",
        "css",
        "dart",
        "go",
        "java",
        "javascript",
        "js",
        "json5",
        "jsx",
        "kotlin",
        "less",
        "objective-c",
        "php",
        "rust",
        "scala",
        "scss",
        "solidity",
        "sql",
        "swift",
        "ts",
        "tsx",
        "typescript",
        "zig",
    ]
)


_COLOURLESS = frozenset({"", "w", "p", "n", "o", "err", "x"})
"""Kinds that look like plain text. Errors are a lexer's opinion of unfinished code; they are not shown."""


def language_of(info: str) -> str:
    """Return the language that a fence names in its first word, or an empty text."""
    found = _LANGUAGE.match(info.strip())
    return found.group().lower() if found else ""


@lru_cache(maxsize=128)
def _lexer(language: str) -> Lexer | None:
    if not language:
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=4096)
def coloured_line(language: str, state: State, line: str) -> tuple[str, State]:
    """Return the HTML of one line and the state at its end. ``line`` holds its line break, if it has one."""
    lexer = _lexer(language)
    if lexer is None or len(line) > LONGEST_LINE:
        return _plain(line), state
    try:
        tokens, state = _tokens(lexer, language, state, line)
    except Exception:  # a lexer is third-party code run on hostile text: a plain line is the worst it may cause
        return _plain(line), START
    html = "".join(_span(kind, text) for kind, text in tokens)
    return cleaned(f'<span class="l">{html}</span>'), state


def _plain(line: str) -> str:
    return cleaned(f'<span class="l">{escape(line)}</span>')


def _span(kind: _TokenType, text: str) -> str:
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    name = STANDARD_TYPES[kind]
    return escape(text) if name in _COLOURLESS else f'<span class="{name}">{escape(text)}</span>'


def _tokens(lexer: Lexer, language: str, state: State, line: str) -> tuple[list[tuple[_TokenType, str]], State]:
    has_table = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)
    if not has_table:
        return [(kind, text) for _, kind, text in lexer.get_tokens_unprocessed(line)], START
    stack = list(state)
    tokens = list(_run(lexer, stack, line, has_c_comments=language in _C_COMMENTS))
    return tokens, tuple(stack[-12:]) if len(stack) > 12 else tuple(stack)


def _run(lexer: Any, stack: list[str], line: str, *, has_c_comments: bool) -> Iterator[tuple[_TokenType, str]]:
    """Walk the lexer's tables over one line, leaving the state at its end in ``stack``."""
    tables, at = lexer._tokens, 0
    if stack[-1] == _IN_COMMENT:
        end = line.find("*/")
        at = len(line) if end < 0 else end + 2
        yield Comment.Multiline, line[:at]
        if end >= 0:
            stack.pop()
    while at < len(line):
        if has_c_comments and line.startswith("/*", at) and line.find("*/", at + 2) < 0:
            stack.append(_IN_COMMENT)
            yield Comment.Multiline, line[at:]
            return
        for match_at, action, change in tables[stack[-1]]:
            match = match_at(line, at)
            if match is None:
                continue
            if action is not None:
                if type(action) is _TokenType:
                    yield action, match.group()
                else:
                    yield from ((kind, text) for _, kind, text in action(lexer, match))
            at = match.end()
            if change is not None:
                _change(stack, change)
            break
        else:
            if line[at] == "\n":
                stack[:] = START
                yield Text, "\n"
            else:
                yield Error, line[at]
            at += 1


def _change(stack: list[str], change: Any) -> None:
    """Apply a new state as Pygments writes it: a tuple, a number of pops, or ``#push``."""
    if isinstance(change, tuple):
        for state in change:
            if state == "#pop":
                if len(stack) > 1:
                    stack.pop()
            elif state == "#push":
                stack.append(stack[-1])
            else:
                stack.append(state)
    elif isinstance(change, int):
        del stack[max(1, len(stack) + change) :]
    elif change == "#push":
        stack.append(stack[-1])


def coloured(code: str, language: str) -> str:
    """Return the HTML of whole code: one element per line."""
    state, parts = START, []
    for line in lines_of(code):
        html, state = coloured_line(language, state, line)
        parts.append(html)
    return "".join(parts)


def lines_of(code: str) -> list[str]:
    """Split at line feeds only, keeping them: other breaks are characters of the code."""
    lines = [line + "\n" for line in code.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def opening(language: str) -> str:
    """Return the HTML in front of the lines of a code block."""
    return (
        f'<figure class="code" data-language="{escape(language)}"><figcaption><span>{escape(language)}</span>'
        '</figcaption><pre tabindex="0"><code>'
    )


CLOSING = "</code></pre></figure>"
