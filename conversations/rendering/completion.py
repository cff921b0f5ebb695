"""How an unfinished end is shown: open markers as if closed, half-typed ones not at all.

This is presentation only. The source is never changed, and what was shown is replaced as soon as the block is sealed
or the answer ends; so a wrong guess here costs a flicker, never a wrong text.
"""

from __future__ import annotations

import re

_FENCE_LINE = re.compile(r"^[ >\t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})", re.MULTILINE)
_ONLY_MARKS = re.compile(
    r"[ \t>]*(?:[#*+\-=~`|:>_$ \t\\]+|(?:[-*+][ \t]+)?\d{1,9}[.)]?|(?:[-*+][ \t]+)?\[[ xX]?\]?)[ \t]*"
)
_DELIMITER_ROW = re.compile(r"[|:\- \t]*")
_LEAD = re.compile(r"[ >\t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\|))?")
_PIPE = re.compile(r"(?<!\\)\|")
_MARK = re.compile(r"[\\`$*_~\[!]")
_TAIL = 4_000
"""Characters looked at: an open marker further up stays as it is."""


def completed(source: str) -> str:
    """Return ``source`` as it should be rendered while more of it may come."""
    head, line = _split_last(source, "\n")
    fences = len(_FENCE_LINE.findall(head))
    if fences % 2:
        return head + ("" if re.fullmatch(r"[ >\t]*[`~]{1,}[ \t]*", line) else line)
    if _FENCE_LINE.match(line):
        return head
    is_row = line.lstrip(" >\t").startswith("|")
    if not is_row and _ONLY_MARKS.fullmatch(line):
        line = ""
    source = head + line
    before, paragraph = _split_last(source[-_TAIL:], "\n\n")
    before = source[:-_TAIL] + before
    table = _completed_table(paragraph)
    return before + (table if table is not None else _closed(paragraph))


def _split_last(text: str, mark: str) -> tuple[str, str]:
    at = text.rfind(mark)
    return (text[: at + len(mark)], text[at + len(mark) :]) if at >= 0 else ("", text)


def _completed_table(paragraph: str) -> str | None:
    """Show a table once its header and its row of dashes are there: they say where its columns stand, for good."""
    lines = paragraph.split("\n")
    bare = [_LEAD.sub("", line, count=1) for line in lines]  # it may stand in a quote or a list
    blank = max((index for index, line in enumerate(bare[:-1]) if not line.strip()), default=-1)
    rows = [index for index in range(blank + 1, len(lines)) if bare[index].startswith("|")]
    if not rows or (rows[-1] != len(lines) - 1 and bare[-1]):
        return None
    first = rows[0]
    if len(lines) - first == 1 or (len(lines) - first == 2 and _DELIMITER_ROW.fullmatch(bare[-1])):
        return "\n".join(lines[:first])
    *above, last = lines
    pipes = [pipe.end() for pipe in _PIPE.finditer(last)]
    cells = pipes[-1] if pipes else 0
    cell = last[cells:] if _stands_still(bare[first + 1], len(pipes)) else ""
    if _LEAD.sub("", last[:cells] + cell, count=1).strip() in ("|", ""):
        return "\n".join(above)
    return "\n".join([*above, last[:cells] + _closed(cell)])


def _stands_still(dashes: str, column: int) -> bool:
    """Tell whether what is there of a cell stays where it is: from an end or a middle the next letter pushes it on."""
    columns = _PIPE.split(dashes) if _DELIMITER_ROW.fullmatch(dashes) else []
    return column >= len(columns) or not columns[column].rstrip().endswith(":")


def _closed(text: str) -> str:
    """Return one paragraph with its open inline markers closed, and those at its very end left out."""
    out: list[str] = []
    stack: list[str] = []
    at = 0
    while at < len(text):
        mark = text[at]
        if mark == "\\":
            at = _escape(text, at, out)
        elif mark == "`":
            at = _code(text, at, out)
        elif text.startswith("$$", at):
            at = _formula(text, at, "$$", out)
        elif mark in "*_~":
            at = _emphasis(text, at, out, stack)
        elif mark == "[" or text.startswith("![", at):
            at = _link(text, at + (mark == "!"), mark == "!", out)
        else:
            stop = _MARK.search(text, at + 1)
            plain = text[at : stop.start() if stop else len(text)]
            out.append(plain)
            at += len(plain)
    body = "".join(out)
    return body.rstrip() + "".join(reversed(stack)) if stack else body


# Each of these takes what begins at ``at``, puts what is shown of it into ``out`` and returns where the rest begins: at
# the end of the text, where what is open hides all that follows.


def _escape(text: str, at: int, out: list[str]) -> int:
    if text.startswith(("\\(", "\\["), at):
        return _formula(text, at, "\\)" if text[at + 1] == "(" else "\\]", out)
    if at + 2 <= len(text):
        out.append(text[at : at + 2])
    return at + 2


def _code(text: str, at: int, out: list[str]) -> int:
    run = _run(text, at)
    close = _same_run(text, at + run, run)
    if close >= 0:
        out.append(text[at : close + run])
        return close + run
    inside = text[at + run :].rstrip("`")
    if inside.strip():
        out.append(text[at : at + run] + inside + "`" * run)
    return len(text)


def _formula(text: str, at: int, mark: str, out: list[str]) -> int:
    """Take a formula, whose two marks are two characters each; nothing of one that is open is shown."""
    close = text.find(mark, at + 2)
    if close < 0:
        return len(text)
    out.append(text[at : close + 2])
    return close + 2


def _emphasis(text: str, at: int, out: list[str], stack: list[str]) -> int:
    run = _run(text, at)
    mark, stop = text[at], at + run
    before, after = text[at - 1 : at], text[stop : stop + 1]
    can_close = bool(before.strip()) and not (mark == "_" and after.isalnum())
    can_open = bool(after.strip()) and not (mark == "_" and before.isalnum())
    left = run
    while can_close and left and stack and stack[-1][0] == mark and len(stack[-1]) <= left:
        left -= len(stack.pop())
    if can_close and left and stack and stack[-1][0] == mark and stop == len(text):
        out.append(mark * (run - left))  # half of a closing run: the rest is on its way
        return stop
    if left and stop == len(text) and not (can_close and left < run):
        out.append(mark * (run - left))  # at the very end: nothing to emphasise yet
        return stop
    if can_open and left and (mark != "~" or left == 2):
        if left == 3:
            stack += [mark * 2, mark] if mark != "~" else []
        elif left < 3:
            stack.append(mark * left)
    out.append(text[at:stop])
    return stop


def _link(text: str, at: int, is_picture: bool, out: list[str]) -> int:
    """Take a finished link; of one that is being typed only its words are shown."""
    close = text.find("]", at)
    words = text[at + 1 :] if close < 0 else text[at + 1 : close]
    is_open = close < 0 or close + 1 == len(text)
    stop = text.find(")", close + 2) if not is_open and text[close + 1] == "(" else close
    if is_open and re.fullmatch(r"[ xX]?", words):  # perhaps a task
        out.append(text[at - is_picture :])
    elif is_open or stop < 0:
        out.append(_closed(words))
    else:
        out.append(text[at - is_picture : stop + 1])
        return stop + 1
    return len(text)


def _run(text: str, at: int) -> int:
    stop = at
    while stop < len(text) and text[stop] == text[at]:
        stop += 1
    return stop - at


def _same_run(text: str, at: int, run: int) -> int:
    """Return where a run of exactly ``run`` backticks begins, or -1."""
    while True:
        at = text.find("`", at)
        if at < 0:
            return -1
        length = _run(text, at)
        if length == run:
            return at
        at += length
