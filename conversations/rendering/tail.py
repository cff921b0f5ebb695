"""How the tail of a growing answer is shown without rendering all of it each time.

What is shown here is a guess like ``completion``'s and replaced when the tail is sealed. Plain words are appended to
the HTML; of a list only the last item and of a table only the last row are rendered again.
"""

from __future__ import annotations

import re
from html import escape

from conversations.rendering.blocks import Above, render_blocks
from conversations.rendering.completion import completed
from conversations.rendering.patches import utf16_length

_PLAIN = re.compile(r"(?:[^\W_]|[ ,;.:!?'\"%()-])+")
_PLAIN_WORD = re.compile(r"(?:[^\W_]|[,;.:!?'\"%()-])+")
_CLOSERS = re.compile(r"(?:</(?:p|li|ul|ol|em|strong|h[3-6]|blockquote|td|th|tr|tbody|thead|table|div|s)>\s*)+\Z")
_MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]")
_ITEM = re.compile(r"^(?:[-*+]|\d{1,9}[.)])[ \t]", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_DELIMITERS = re.compile(r"\|[|:\- \t]*-[|:\- \t]*")


def goes_on(tail: str, checked: int) -> bool:
    """Tell that no line since ``checked`` can have ended the list or table that ``tail`` begins with."""
    end = tail.rfind("\n") + 1
    if end <= checked:
        return True
    if _MARKER.match(tail):
        return all(not line.strip() or line[0] in " \t" or _MARKER.match(line) for line in _lines(tail, checked, end))
    if tail[0] == "|":
        return all(line.startswith("|") for line in _lines(tail, checked, end))
    return False


def _lines(tail: str, start: int, end: int) -> list[str]:
    return tail[start : end - 1].split("\n")


class Words:
    """A shown block that ends in plain words: its HTML up to there, what closes it, and blanks not shown yet."""

    __slots__ = ("_blank", "_html", "closers", "units")

    def __init__(self, html: str, closers: str, blank: str) -> None:
        self._html, self.closers, self._blank = html, closers, blank
        self.units = utf16_length(html)

    @classmethod
    def at_end_of(cls, tail: str, html: str) -> Words | None:
        """Return where words may be appended, if the source's last word is plain and is what the HTML ends in."""
        line = tail[tail.rfind("\n") + 1 :]
        ink = line.rstrip(" ")
        word = ink[ink.rfind(" ") + 1 :]
        closers = _CLOSERS.search(html)
        if closers is None or not _PLAIN_WORD.fullmatch(word) or not any(map(str.isalpha, line)):
            return None
        head = html[: closers.start()]
        return cls(head, closers.group(), line[len(ink) :]) if head.endswith(word) else None

    @property
    def whole(self) -> str:
        return self._html + self.closers

    def takes(self, text: str) -> bool:
        """Tell whether ``text`` can only be words here, whatever comes next."""
        return _PLAIN.fullmatch(text) is not None

    def append(self, text: str) -> str:
        """Append plain text; return the HTML that is new, in front of what closes the block."""
        ink = text.rstrip(" ")
        if not ink:
            self._blank += text
            return ""
        new = self._blank + escape(ink, quote=False)
        self._blank = text[len(ink) :]
        self._html += new
        self.units += utf16_length(new)
        return new


class TailView:
    """The shown HTML of a tail, with what can be kept of it from one time to the next."""

    def __init__(self) -> None:
        self._head = ""
        self._head_html = ""
        self._is_loose = False

    def render(self, tail: str, above: Above) -> list[str]:
        """Return the HTML of the blocks of ``tail``; ``above`` is not touched."""
        html = None
        if _MARKER.match(tail):
            html = self._list(tail, above)
        elif tail.startswith("|"):
            html = self._table(tail, above)
        if html is not None:
            return [html]
        self._head = ""
        return render_blocks(completed(tail), above.copy())

    # Lists

    def _list(self, tail: str, above: Above) -> str | None:
        starts = [
            match.start() for match in _ITEM.finditer(tail, len(self._head) if tail.startswith(self._head) else 0)
        ]
        last = starts[-1] if starts else 0
        if not last or any(line and line[0] not in " \t" for line in tail[last:].split("\n")[1:]):
            return None
        head = self._list_head(tail[:last], above)
        if head is None:
            return None
        item = self._items(tail[last:], above, is_whole=False)
        return None if item is None else head[: -len("</ul>")] + item + head[-len("</ul>") :]

    def _list_head(self, source: str, above: Above) -> str | None:
        """Return the HTML of all items but the last; those known before are not rendered again."""
        is_loose = re.search(r"\n[ \t]*\n", source) is not None
        if self._head and source.startswith(self._head) and is_loose == self._is_loose:
            if source == self._head:
                return self._head_html
            more = self._items(source[len(self._head) :], above, is_whole=True)
            if more is None:
                return None
            html = self._head_html[: -len("</ul>")] + more + self._head_html[-len("</ul>") :]
        else:
            self._is_loose = is_loose
            blocks = render_blocks(source, above.copy())
            html = blocks[0] if len(blocks) == 1 else ""
            if not html.endswith(("</ul>", "</ol>")):
                return None
        self._head, self._head_html = source, html
        return html

    def _items(self, source: str, above: Above, *, is_whole: bool) -> str | None:
        """Render items as they look behind another one: that one decides whether they are set loosely."""
        mark = _MARKER.match(source)
        assert mark is not None
        first = mark.group() + "x\n" + ("\n" if self._is_loose else "")
        blocks = render_blocks(first + (source if is_whole else completed(source)), above.copy())
        if len(blocks) != 1:
            return None
        return blocks[0].partition("</li>\n")[2][: -len("</ul>")]

    # Tables

    def _table(self, tail: str, above: Above) -> str | None:
        lines = tail.split("\n", 2)
        if len(lines) < 3 or not _DELIMITERS.fullmatch(lines[1].rstrip()):
            return None
        last = tail.rfind("\n") + 1
        if _BLANK_LINE.search(tail, 0, last):
            return None  # it has ended; what follows may become another one
        header = f"{lines[0]}\n{lines[1]}\n"
        head = self._table_head(header, tail[:last], above)
        if head is None or not tail[last:].strip(" |"):
            return head
        rows = self._rows(header, completed(header + tail[last:])[len(header) :], above)
        return None if rows is None else _with_rows(head, rows)

    def _table_head(self, header: str, source: str, above: Above) -> str | None:
        if self._head and source.startswith(self._head) and self._head.startswith(header):
            if source != self._head:
                rows = self._rows(header, source[len(self._head) :], above)
                if rows is None:
                    return None
                self._head_html = _with_rows(self._head_html, rows)
        else:
            blocks = render_blocks(source, above.copy())
            if len(blocks) != 1 or not blocks[0].endswith("</table></div>"):
                return None
            self._head_html = blocks[0]
        self._head = source
        return self._head_html

    def _rows(self, header: str, source: str, above: Above) -> str | None:
        blocks = render_blocks(header + source, above.copy())
        return blocks[0].partition("<tbody>\n")[2].partition("</tbody>")[0] if len(blocks) == 1 else None


def _with_rows(table: str, rows: str) -> str:
    head, body, rest = table.rpartition("</tbody>")
    if body:
        return head + rows + body + rest
    head, end, rest = table.rpartition("</table></div>")
    return head + "<tbody>\n" + rows + "</tbody>\n" + end + rest
