"""JSON read an element at a time, so that a file of 200 MB needs the memory of its largest chat.

What is looked for is a list of chats: the whole document, or the member ``conversations`` of it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, Final

from conversations.errors import Invalid

CHATS: Final = "conversations"
"""The member that holds the chats where the document is an object."""
LARGEST: Final = 64 * 1024 * 1024
"""Characters of one element; more would be held in memory several times over."""

_PIECE: Final = 256 * 1024
_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER_OR_WORD = re.compile(r"[-+.\w]*\Z")


class Elements:
    """The elements of the list in a file of UTF-8, and in ``head`` what stands beside it and has been read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.head: dict[str, Any] = {}
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at = "", 0
        self._line, self._column = 1, 1  # of the first character of _text
        self._is_over = False

    def __iter__(self) -> Iterator[Any]:
        """Yield each element. Raises ``Invalid`` with the line and column where the file is no such JSON."""
        first = self._next()
        if first == "[":
            yield from self._list()
        elif first == "{":
            yield from self._members()
        else:
            raise self._wrong(self._at)
        if self._next():
            raise self._wrong(self._at)

    # What stands in a document

    def _list(self) -> Iterator[Any]:
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            sign = self._next()
            if sign not in (",", "]"):
                raise self._wrong(self._at)
            self._at += 1
            if sign == "]":
                return

    def _members(self) -> Iterator[Any]:
        self._at += 1
        if self._next() == "}":
            self._at += 1
            return
        while True:
            if self._next() != '"':
                raise self._wrong(self._at)
            name = self._value()
            if self._next() != ":":
                raise self._wrong(self._at)
            self._at += 1
            if name == CHATS and self._next() == "[":
                yield from self._list()
            else:
                self.head[name] = self._value()
            sign = self._next()
            if sign not in (",", "}"):
                raise self._wrong(self._at)
            self._at += 1
            if sign == "}":
                return

    def _value(self) -> Any:
        """Return the value that begins here; more is read as long as it may merely be cut off."""
        self._next()
        more = _PIECE
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self._text, self._at)
            except json.JSONDecodeError as exc:
                if self._is_over or not self._may_be_cut(exc):
                    raise self._wrong(exc.pos) from None
            except RecursionError:
                raise self._wrong(self._at) from None
            except ValueError:  # a number of thousands of digits
                raise self._wrong(self._at) from None
            else:
                if self._is_over or not _NUMBER_OR_WORD.match(self._text, end):  # "12" may go on as "12.5"
                    self._at = end
                    return value
            self._drop()  # only here: to cut the text at each of its elements would copy what is left as often
            if len(self._text) > LARGEST:
                raise Invalid(
                    "Line {line}: one chat is larger than this site takes. Nothing was changed.", line=self._line
                )
            self._read(more)
            more = len(self._text)  # twice as much each time: a large element is not decoded again and again

    def _may_be_cut(self, exc: json.JSONDecodeError) -> bool:
        if exc.msg.startswith("Unterminated string"):
            return True
        left = self._text[exc.pos : exc.pos + 12]
        return len(left) < 12 and (bool(_NUMBER_OR_WORD.match(left.strip())) or left.startswith("\\"))

    # The text

    def _next(self) -> str:
        """Return the next sign that is not blank, without taking it; empty at the end."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_over:
                return ""
            self._drop()
            self._read(_PIECE)

    def _read(self, size: int) -> None:
        piece = self._file.read(size)
        try:
            self._text += self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            line = self._line + self._text.count("\n")
            raise Invalid(
                "Near line {line}: the file is not written in UTF-8. Nothing was changed.", line=line
            ) from None
        self._is_over = not piece

    def _drop(self) -> None:
        """Forget what has been taken, but for how many lines it was."""
        self._line, self._column = self._place(self._at)
        self._text, self._at = self._text[self._at :], 0

    def _place(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", 0, at)
        if not lines:
            return self._line, self._column + at
        return self._line + lines, at - self._text.rfind("\n", 0, at)

    def _wrong(self, at: int) -> Invalid:
        line, column = self._place(at)
        return Invalid(
            "Line {line}, column {column}: this is not the JSON of a list of chats. Nothing was changed.",
            line=line,
            column=column,
        )
