"""Blocks that are appended to and never parsed again: an open fence, and text too large for Markdown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from html import escape

from conversations.rendering.highlight import CLOSING, START, coloured_line, language_of, opening
from conversations.rendering.patches import utf16_length


class OpenBlock(ABC):
    """A block that is appended to and never parsed again."""

    is_closed = False

    def __init__(self, head: str) -> None:
        self._parts = [head]
        self.stable_units = utf16_length(head)
        self._fresh: list[str] = []
        self._end = ""

    @property
    def html(self) -> str:
        self._parts = ["".join(self._parts)]
        return self._parts[0] + self._end

    def begin(self) -> str:
        """Return the HTML for a page that does not have the block yet."""
        self._fresh.clear()
        return self.html

    def since_stable(self) -> str:
        """Return what follows the part that the page keeps, and let it keep the finished lines from now on."""
        html = "".join(self._fresh) + self._end
        self._fresh.clear()
        return html

    def since_stable_finished(self) -> str:
        """Return the same of a block that has ended."""
        return "".join(self._fresh) + self.finished_end()

    def finished(self) -> str:
        """Return the HTML of a block that has ended."""
        self._parts = ["".join(self._parts)]
        return self._parts[0] + self.finished_end()

    @abstractmethod
    def finished_end(self) -> str:
        """Return what closes the block now that nothing more comes."""

    @abstractmethod
    def take(self, text: str) -> str:
        """Append text; return what is left over once the block is closed."""

    def _add(self, html: str) -> None:
        self._parts.append(html)
        self._fresh.append(html)
        self.stable_units += utf16_length(html)


class OpenFence(OpenBlock):
    """A fenced code block at the top level, without indentation."""

    def __init__(self, mark: str, info: str) -> None:
        self._language = language_of(info)
        super().__init__(opening(self._language))
        self._closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
        self._begins_closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}*[ \t]*")
        self._state = START
        self._line = ""
        self._end = CLOSING

    def take(self, text: str) -> str:
        """Take lines until the fence closes; return what comes after it."""
        text = self._line + text
        at = 0
        while (stop := text.find("\n", at)) >= 0:
            line = text[at:stop]
            at = stop + 1
            if self._closing.fullmatch(line):
                self.is_closed = True
                self._line, self._end = "", CLOSING
                return text[at:]
            html, self._state = coloured_line(self._language, self._state, line + "\n")
            self._add(html)
        self._line = text[at:]
        self._end = self._coloured_rest() + CLOSING
        return ""

    def _coloured_rest(self) -> str:
        """Colour the unfinished line for now; a line that may become the closing fence is not shown."""
        if not self._line or self._begins_closing.fullmatch(self._line):
            return ""
        return coloured_line(self._language, self._state, self._line)[0]

    def finished_end(self) -> str:
        if self._line and not self._closing.fullmatch(self._line):
            return coloured_line(self._language, self._state, self._line)[0] + CLOSING
        return CLOSING


class OpenText(OpenBlock):
    """Text too large for Markdown, shown as it is until a blank line (or for good)."""

    def __init__(self, *, for_good: bool = False) -> None:
        super().__init__('<pre class="plain" tabindex="0">')
        self._for_good = for_good
        self._end = "</pre>"
        self._line_feed = ""  # the last one waits: it may be the first half of a blank line

    def take(self, text: str) -> str:
        text = self._line_feed + text
        stop = -1 if self._for_good else text.find("\n\n")
        if stop >= 0:
            self.is_closed = True
            self._line_feed = ""
            self._add(escape(text[:stop]))
            return text[stop + 2 :]
        self._line_feed = "\n" if text.endswith("\n") else ""
        self._add(escape(text[:-1] if self._line_feed else text))
        return ""

    def finished_end(self) -> str:
        return self._end
