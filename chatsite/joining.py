"""Join the page's modules into two files: what is needed at once, and what comes when the page is idle.

Our modules stay plain ES modules in the repository and in tests. What browsers get is each module as a function that
runs when it is first asked for, so that one element that fails leaves the others alone. One file compresses a fifth
better than thirty, and a phone waits for one answer in place of thirty.
"""

from __future__ import annotations

import re
from pathlib import Path

APP, LATER = "js/app.js", "js/later.js"

_IMPORT = re.compile(r"""^import \{([^}]*)\} from ["'](\.{1,2}/[^"']+)["'];[ \t]*$""", re.MULTILINE)
_DYNAMIC = re.compile(r"""import\(["'](\.{1,2}/[^"']+)["']\)""")
_EXPORT = re.compile(r"^export (default )?(async function|function|class|const|let) (\w+)", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_COMMENT_BEHIND = re.compile(r"[ \t]+// [^\"'`\n]*$", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_HEAD = """const once = (make) => {
let made;
return () => (made ??= make());
};
const modules = {};
"""


def joined(static_dir: Path) -> dict[str, str]:
    """Return the two files by their static names.

    Raises ``ValueError`` for a form of import or export that is not understood here.
    """
    first = _reachable(static_dir, APP, but=LATER)
    second = [name for name in _reachable(static_dir, LATER) if name not in first]
    return {
        APP: _HEAD + "".join(_wrapped(static_dir, name) for name in first) + f'modules["{APP}"]();\n',
        LATER: "export default (once, modules) => {\n"
        + "".join(_wrapped(static_dir, name) for name in second)
        + f'modules["{LATER}"]();\n}};\n',
    }


def bare_module(source: str) -> str:
    """Return a module without comments and indentation, each line at its place.

    Our modules hold no text of several lines (a test sees to it), so no line begins inside a string.
    """
    return _INDENTATION.sub("", _COMMENT_BEHIND.sub("", _COMMENT_LINE.sub("", source)))


def _reachable(static_dir: Path, start: str, *, but: str = "") -> list[str]:
    """Return the modules that ``start`` imports in either way, each after those it imports, itself last."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found or name == but:
            return
        source = _source(static_dir, name)
        for relative in [path for _, path in _IMPORT.findall(source)] + _DYNAMIC.findall(source):
            visit(_resolved(static_dir, name, relative))
        if name not in found:
            found.append(name)

    visit(start)
    return found


def _wrapped(static_dir: Path, name: str) -> str:
    """Return a module as ``modules["js/…"] = once(() => {…; return {exports}; });``."""
    source = _source(static_dir, name)
    exported = {("default" if default else word): word for default, _, word in _EXPORT.findall(source)}

    def imported(match: re.Match[str]) -> str:
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", " ".join(match[1].split()))
        return f'const {{ {names.rstrip(" ,")} }} = modules["{_resolved(static_dir, name, match[2])}"]();'

    def dynamic(match: re.Match[str]) -> str:
        target = _resolved(static_dir, name, match[1])
        if target == LATER:
            return f'import("{match[1]}").then((part) => part.default(once, modules))'
        return f'Promise.resolve().then(() => modules["{target}"]())'

    body = _EXPORT.sub(r"\2 \3", _DYNAMIC.sub(dynamic, _IMPORT.sub(imported, source)))
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name}: {left[0]!r} cannot be joined.")
    returned = ", ".join(key if key == word else f"{key}: {word}" for key, word in exported.items())
    return f'modules["{name}"] = once(() => {{\n{body.strip()}\nreturn {{ {returned} }};\n}});\n'


def _resolved(static_dir: Path, name: str, relative: str) -> str:
    return ((static_dir / name).parent / relative).resolve().relative_to(static_dir.resolve()).as_posix()


def _source(static_dir: Path, name: str) -> str:
    return bare_module((static_dir / name).read_text(encoding="utf-8"))
