"""Join the page's modules into three files: what is needed at once, when the page is idle, and by whoever uses it.

Our modules stay plain ES modules in the repository and in tests. What browsers get is each module as a function that
runs when it is first asked for, so that one element that fails leaves the others alone. One file compresses a fifth
better than thirty, and a phone waits for one answer in place of thirty.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from rjsmin import jsmin

APP, LATER, HANDS = "js/app.js", "js/later.js", "js/hands.js"
PARTS = (LATER, HANDS)

_IMPORT = re.compile(r"""^import \{([^}]*)\} from ["'](\.{1,2}/[^"']+)["'];[ \t]*$""", re.MULTILINE)
_DYNAMIC = re.compile(r"""import\(["'](\.{1,2}/[^"']+)["']\)""")
_EXPORT = re.compile(r"^export (default )?(async function|function|class|const|let) (\w+)", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_PRIVATE = re.compile(r"^(?:(?:static|async|get|set) )*#(\w+)", re.MULTILINE)
_PRIVATE_USE = re.compile(r"(?:(?<=\.)|(?<=^)|(?<=^get )|(?<=^set )|(?<=^async ))#(\w+)|#(\w+)(?= in )", re.MULTILINE)
_LETTERS = string.ascii_letters
_HEAD = """const once = (make) => {
let made;
return () => (made ??= make());
};
const modules = [];
"""


def joined(static_dir: Path) -> dict[str, str]:
    """Return the three files by their static names. Each part takes from the first what that has already.

    Raises ``ValueError`` for a form of import or export that is not understood here.
    """
    first = _reachable(static_dir, APP, but=PARTS)
    rest = {part: [name for name in _reachable(static_dir, part) if name not in first] for part in PARTS}
    every = dict.fromkeys([*first, *chain(*rest.values())])
    taken = {name: f"modules[{number}]" for number, name in enumerate(every)}  # by name they would be 0.1 KB more
    files = {APP: _HEAD + "".join(_wrapped(static_dir, name, taken) for name in first) + f"{taken[APP]}();\n"}
    for part, names in rest.items():
        wrapped = "".join(_wrapped(static_dir, name, taken) for name in names)
        files[part] = f"export default (once, modules) => {{\n{wrapped}return {taken[part]}();\n}};\n"
    return {name: f"{jsmin(script)}\n" for name, script in files.items()}


def _reachable(static_dir: Path, start: str, *, but: tuple[str, ...] = ()) -> list[str]:
    """Return the modules that ``start`` imports in either way, each after those it imports, itself last."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found or name in but:
            return
        source = _source(static_dir, name)
        for relative in [path for _, path in _IMPORT.findall(source)] + _DYNAMIC.findall(source):
            visit(_resolved(static_dir, name, relative))
        if name not in found:
            found.append(name)

    visit(start)
    return found


def _wrapped(static_dir: Path, name: str, taken: Mapping[str, str]) -> str:
    """Return a module as ``modules[7] ??= once(() => {…; return {exports}; });``: two parts may bring the same."""
    source = _source(static_dir, name)
    exported = {("default" if default else word): word for default, _, word in _EXPORT.findall(source)}

    def imported(match: re.Match[str]) -> str:
        names = re.sub(r"(\w+) as (\w+)", r"\1: \2", " ".join(match[1].split()))
        return f"const {{ {names.rstrip(' ,')} }} = {taken[_resolved(static_dir, name, match[2])]}();"

    def dynamic(match: re.Match[str]) -> str:
        target = _resolved(static_dir, name, match[1])
        if target in PARTS:
            return f'import("{match[1]}").then((part) => part.default(once, modules))'
        return f"Promise.resolve().then(() => {taken[target]}())"

    body = _EXPORT.sub(r"\2 \3", _DYNAMIC.sub(dynamic, _IMPORT.sub(imported, source)))
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name}: {left[0]!r} cannot be joined.")
    returned = ", ".join(key if key == word else f"{key}: {word}" for key, word in exported.items())
    return f"{taken[name]} ??= once(() => {{\n{body.strip()}\nreturn {{ {returned} }};\n}});\n"


def _resolved(static_dir: Path, name: str, relative: str) -> str:
    return ((static_dir / name).parent / relative).resolve().relative_to(static_dir.resolve()).as_posix()


def _source(static_dir: Path, name: str) -> str:
    return short_privates(_INDENTATION.sub("", (static_dir / name).read_text(encoding="utf-8")))


def short_privates(source: str) -> str:
    """Return a module without indentation whose private names (``#field``) are letters: nobody outside knows them."""
    names = dict.fromkeys(_PRIVATE.findall(source))
    short = {name: _letters(number) for number, name in enumerate(names)}
    return _PRIVATE_USE.sub(lambda match: "#" + short.get(match[1] or match[2], match[1] or match[2]), source)


def _letters(number: int) -> str:
    most = len(_LETTERS)
    return _LETTERS[number] if number < most else _LETTERS[number // most - 1] + _LETTERS[number % most]
