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
_CELLS = re.compile(r"(?:.*(?<!\\)\|)?")
_PIPE = re.compile(r"(?<!\\)\|")
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
    cells = _CELLS.match(last).end()  # type: ignore[union-attr]  # it matches anything
    cell = last[cells:] if _stands_still(bare[first + 1], bare[-1]) else ""
    if _LEAD.sub("", last[:cells] + cell, count=1).strip() in ("|", ""):
        return "\n".join(above)
    return "\n".join([*above, last[:cells] + _closed(cell)])


def _stands_still(dashes: str, row: str) -> bool:
    """Tell whether what is there of the last cell stays where it is: from an end or a middle it is pushed on."""
    columns = [column.strip() for column in _PIPE.split(dashes)]
    number = len(_PIPE.findall(row))
    return number >= len(columns) or not columns[number].endswith(":")


def _closed(text: str) -> str:
    """Return one paragraph with its open inline markers closed, and those at its very end left out."""
    out: list[str] = []
    stack: list[str] = []
    at, end = 0, len(text)
    while at < end:
        mark = text[at]
        if mark == "\\":
            if text.startswith(("\\(", "\\["), at):
                close = text.find("\\)" if text[at + 1] == "(" else "\\]", at + 2)
                if close < 0:
                    break
                out.append(text[at : close + 2])
                at = close + 2
                continue
            if at + 1 == end:
                break
            out.append(text[at : at + 2])
            at += 2
        elif mark == "`":
            run = _run(text, at)
            close = _same_run(text, at + run, run)
            if close < 0:
                inside = text[at + run :].rstrip("`")
                if inside.strip():
                    out.append(text[at : at + run] + inside + "`" * run)
                break
            out.append(text[at : close + run])
            at = close + run
        elif mark == "$" and text.startswith("$$", at):
            close = text.find("$$", at + 2)
            if close < 0:
                break
            out.append(text[at : close + 2])
            at = close + 2
        elif mark in "*_~":
            at = _emphasis(text, at, out, stack)
        elif mark == "[" or (mark == "!" and text.startswith("![", at)):
            at, more = _link(text, at + (mark == "!"), mark == "!", out)
            if not more:
                break
        elif mark == "!" and at + 1 == end:
            out.append(mark)
            at += 1
        else:
            stop = at + 1
            while stop < end and text[stop] not in "\\`$*_~[!":
                stop += 1
            out.append(text[at:stop])
            at = stop
    body = "".join(out)
    if not stack:
        return body
    trimmed = body.rstrip()
    return trimmed + "".join(reversed(stack))


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


def _link(text: str, at: int, is_picture: bool, out: list[str]) -> tuple[int, bool]:
    """Copy a finished link; of one that is being typed show only its words. False ends the paragraph."""
    close = text.find("]", at)
    words = text[at + 1 :] if close < 0 else text[at + 1 : close]
    if close < 0 or close + 1 == len(text):
        if re.fullmatch(r"[ xX]?", words):  # perhaps a task
            out.append(text[at - is_picture :])
        else:
            out.append(_closed(words))
        return len(text), False
    if text[close + 1] == "(":
        stop = text.find(")", close + 2)
        if stop < 0:
            out.append(_closed(words))
            return len(text), False
        out.append(text[at - is_picture : stop + 1])
        return stop + 1, True
    out.append(text[at - is_picture : close + 1])
    return close + 1, True
