"""The one Markdown parser: untrusted text in, tokens out, and the rules that are ours.

``js-default`` with raw HTML off, said explicitly because the package's default preset allows it. Links go to http,
https and mailto only; others become plain text. Pictures are never loaded by themselves, a picture's address is how a
prompt injection carries data out: they become links. Headings are shifted below the page's own, and skip no level.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table as table_rule
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from math_core import LatexError, LatexToMathML

from conversations.rendering.highlight import CLOSING, coloured, language_of, opening

Env = MutableMapping[str, Any]

MOST_COLUMNS = 64
"""A header wider than this is no table: the parser fills every short row up to the header's width."""

NARROW, BROAD = 2, 11
"""Letters of a header that make a narrow column (a number, a mark) and a broad one (a description)."""

LONGEST_MATH = 2_000

TOP_HEADING = 3
"""Above it are the page's own: its title, and the name of whoever speaks."""

_SCHEME = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\][ \u00a0]")
# A web address or a bare host, without what is before an @, which hides where a link leads.
_HOST = re.compile(r"(https?://)?(?:[^/?#@\s]*@)?((?:[\w-]+\.)+[^\W\d_]{2,})(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_NOT_SPACE_AFTER = re.compile(r"[ \t\n]")
_latex = LatexToMathML(fancy_error=False)


def make() -> MarkdownIt:
    """Return the parser. It holds no state between texts."""
    md = MarkdownIt("js-default", {"html": False, "linkify": True, "typographer": False, "maxNesting": 20})
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # _drop_odd_links decides, and keeps the text
    md.linkify = LinkifyIt({}, {"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//"):
        md.linkify.add(scheme, None)
    md.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("fence", "math_block", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.ruler.before("escape", "math_inline", _math_inline)
    md.core.ruler.push("finish", _finish)
    for name, rule in _RENDER_RULES.items():
        md.add_render_rule(name, rule)
    return md


# Block and inline rules


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    header = state.src[state.bMarks[start] : state.eMarks[start]]
    return header.count("|") <= MOST_COLUMNS and table_rule(state, start, end, silent)


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""Read ``$$ … $$`` and ``\[ … \]`` that stand on lines of their own; blank lines end the attempt."""
    if state.is_code_block(start):
        return False
    first = _line(state, start).strip()
    mark = first[:2]
    if mark not in ("$$", "\\["):
        return False
    close = "$$" if mark == "$$" else "\\]"
    if len(first) > 2 and first[2:].endswith(close) and len(first) >= 4:
        lines, after = [first[2:-2]], start + 1
    elif close in first[2:]:
        return False
    else:
        lines, after = [first[2:]], start + 1
        while True:
            if after >= end or state.isEmpty(after) or state.sCount[after] < state.blkIndent:
                return False
            line = _line(state, after).strip()
            after += 1
            if line.endswith(close):
                lines.append(line[:-2])
                break
            if close in line:
                return False
            lines.append(line)
    if silent:
        return True
    token = state.push("math_block", "math", 0)
    token.content = "\n".join(lines).strip()
    token.block = True
    token.map = [start, after]
    state.line = after
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _math_inline(state: StateInline, silent: bool) -> bool:
    r"""Read ``$…$`` (no blank inside the marks, no digit behind, as pandoc does), ``$$…$$``, ``\(…\)``, ``\[…\]``."""
    text, at = state.src, state.pos
    for mark, close, display in (("$$", "$$", True), ("\\(", "\\)", False), ("\\[", "\\]", True), ("$", "$", False)):
        if not text.startswith(mark, at):
            continue
        begin = at + len(mark)
        stop = _closing(text, close, begin, state.posMax)
        content = text[begin:stop] if stop > begin else ""
        if mark == "$" and (
            not content or content[0] in " \t\n" or content[-1] in " \t\n\\" or text[stop + 1 : stop + 2].isdigit()
        ):
            return False
        if not content.strip():
            continue
        if not silent:
            token = state.push("math_inline", "math", 0)
            token.content, token.markup, token.meta = content.strip(), mark, {"display": display}
        state.pos = stop + len(close)
        return True
    return False


def _closing(text: str, close: str, at: int, end: int) -> int:
    """Return where ``close`` stands, unescaped, before ``end``; -1 if it does not."""
    while True:
        at = text.find(close, at, end)
        if at < 0 or close[0] == "\\" or text[at - 1] != "\\":
            return at
        at += 1


# After parsing


def _finish(state: StateCore) -> None:
    headings: list[int] = state.env.setdefault("headings", [])
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            _step_into(headings, int(token.tag[1:]))
            token.tag = state.tokens[index + 2].tag = f"h{min(6, TOP_HEADING - 1 + len(headings))}"
        elif token.type in ("th_open", "td_open"):
            _align_by_class(token)
            if token.type == "th_open":
                _tell_width(token, state.tokens[index + 1].content)
        elif token.type == "inline" and token.children:
            _drop_odd_links(token.children)
            if index >= 2 and state.tokens[index - 2].type == "list_item_open":
                _make_task(state.tokens[index - 2], token.children)


def _step_into(headings: list[int], level: int) -> None:
    """Leave the sections that a heading of ``level`` ends and enter its own.

    Only what stands above decides, so no heading changes while an answer grows.
    """
    while headings and headings[-1] >= level:
        headings.pop()
    headings.append(level)


def _align_by_class(token: Token) -> None:
    """The content policy drops style attributes; a class says the same."""
    style = str(token.attrs.pop("style", ""))
    if style.endswith("right"):
        token.attrs["class"] = "r"
    elif style.endswith("center"):
        token.attrs["class"] = "c"


def _tell_width(token: Token, header: str) -> None:
    """Say of a column with a very short or a long name that it is one: while a table grows, its header alone sets the
    widths, so that no row that comes moves another.
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in header)
    if len(header) + wide <= NARROW:
        token.attrJoin("class", "narrow")
    elif len(header) + wide >= BROAD:
        token.attrJoin("class", "broad")


def _drop_odd_links(children: list[Token]) -> None:
    """Leave the text of links to anywhere but http, https and mailto; mark the others as untrusted."""
    opened: list[bool] = []
    target = words = ""
    for token in children:
        if token.type == "link_open":
            kept = bool(_SCHEME.match(str(token.attrs.get("href", ""))))
            opened.append(kept)
            if kept:
                target, words = str(token.attrs["href"]), ""
                token.attrs = {
                    "href": token.attrs["href"],
                    "rel": "noopener noreferrer nofollow",
                    "target": "_blank",
                }
            else:
                token.hidden, token.type, token.content = True, "text", ""
        elif token.type == "link_close" and opened:
            if not opened.pop():
                token.hidden, token.type, token.content = True, "text", ""
            elif elsewhere := _other_host(words, target):
                token.meta = {"host": elsewhere}
        elif token.type in ("text", "code_inline"):
            words += token.content


def _other_host(words: str, target: str) -> str:
    """Return the host that a link leads to, where its words name another one; else an empty text.

    ``www.`` makes no difference, and neither does a host below the one that is named.
    """
    named = _HOST.fullmatch(words.strip())
    real = _HOST.fullmatch(target)
    if named is None or real is None or not real[1]:
        return ""
    said, goes = (found[2].lower().removeprefix("www.").rstrip(".") for found in (named, real))
    return "" if said == goes or goes.endswith("." + said) else real[2].lower()


def _make_task(item: Token, children: list[Token]) -> None:
    first = children[0]
    found = _TASK.match(first.content) if first.type == "text" else None
    if found is None and first.type == "text" and first.content in ("[ ]", "[x]", "[X]"):
        found = re.match(r"\[([ xX])\]", first.content)
    if found is None:
        return
    item.attrJoin("class", "task")
    first.content = first.content[found.end() :]
    box = Token("task_box", "input", 0)
    box.meta = {"checked": found.group(1) != " "}
    children.insert(0, box)


# Rendering


def _fence(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    language = language_of(token.info) if token.type == "fence" else ""
    return opening(language) + coloured(token.content, language) + CLOSING


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    words = self.renderInlineAsText(token.children or [], options, env).strip()
    if not _SCHEME.match(source):
        return escape(words)
    href = escape(source)
    return f'<a href="{href}" rel="noopener noreferrer nofollow" target="_blank">{escape(words) or href}</a>'


def _link_close(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    host = (tokens[index].meta or {}).get("host", "")
    return f'</a> <span class="elsewhere">({escape(host)})</span>' if host else "</a>"


def _task_box(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    checked, name = (" checked", "done") if tokens[index].meta["checked"] else ("", "to do")
    return f'<input type="checkbox" disabled{checked} aria-label="{name}"> '


def _math_inline_html(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    return mathml(token.content, bool(token.meta["display"])) or f"<code>{escape(token.content)}</code>"


def _math_block_html(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    content = tokens[index].content
    if html := mathml(content, True):
        return f'<div class="math" tabindex="0">{html}</div>\n'
    return opening("latex") + coloured(content + "\n", "latex") + CLOSING


@lru_cache(maxsize=512)
def mathml(latex: str, display: bool) -> str:
    """Return MathML, or an empty text for what is no LaTeX that we can read."""
    if len(latex) > LONGEST_MATH:
        return ""
    try:
        return _latex.convert_with_local_state(latex, displaystyle=display)
    except LatexError:
        return ""


def _table_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _table_close(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return "</table></div>\n"


_RENDER_RULES = {
    "fence": _fence,
    "code_block": _fence,
    "image": _image,
    "link_close": _link_close,
    "math_block": _math_block_html,
    "math_inline": _math_inline_html,
    "table_close": _table_close,
    "table_open": _table_open,
    "task_box": _task_box,
}
