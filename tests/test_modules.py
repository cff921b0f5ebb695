"""The page's modules: small, shallow, without words, and named as the wire names things."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import msgspec
import pytest
from rjsmin import jsmin

from chatsite.joining import APP, HANDS, LATER, joined
from conversations import protocol

JS = Path(__file__).resolve().parents[1] / "static" / "js"
MODULES = sorted(JS.rglob("*.js"))
IMPORT = re.compile(r"""(?:from\s*|import\()["'](\.{1,2}/[^"']+)["']""")
ROOMS = {"elements": {"elements", "models", "helpers"}, "models": {"helpers"}, "helpers": {"helpers"}}
BUDGET_AT_ONCE = 25_000
BUDGET = 45_000
BUDGET_UNPACKED = 80_000
"""Bytes as they are sent, by gzip: 25 KB at once, the rest when the page is idle or used; and what is parsed at once."""
DEPTH = 4
"""From ``app.js`` down; what is needed at once is preloaded, so depth costs no round trips."""

each = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(JS).as_posix())


def imports(path: Path) -> list[Path]:
    return [(path.parent / name).resolve() for name in IMPORT.findall(path.read_text(encoding="utf-8"))]


def depth(path: Path, above: tuple[Path, ...] = ()) -> int:
    assert path not in above, f"{path.name} imports itself by way of {[one.name for one in above]}"
    return max((1 + depth(below, (*above, path)) for below in imports(path)), default=0)


@each
def test_imports_exist_end_in_semicolons_and_are_shallow(path: Path) -> None:
    assert all(below.is_file() for below in imports(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("import ", "} from")) and not line.endswith(";")] == []
    assert depth(path) <= DEPTH


@each
def test_rooms_import_only_what_is_below_them(path: Path) -> None:
    room = path.relative_to(JS).parts[0]
    if room not in ROOMS:
        return
    below = {one.relative_to(JS).parts[0] for one in imports(path)} - {"protocol.js"}
    assert below <= ROOMS[room]


@each
def test_no_words_live_in_scripts(path: Path) -> None:
    """Selectors, media queries and keys of the browser may hold blanks; sentences may not."""
    code = jsmin(path.read_text(encoding="utf-8"))
    texts = re.findall(r'"([^"\n]*)"|`([^`\n]*)`', code)
    flat = [one or other for one, other in texts]
    sentences = [text for text in flat if re.search(r"[A-Za-z]{2,}[,.!?]? [a-z]{2,}", text) and not is_code(text)]
    assert sentences == []


def is_code(text: str) -> bool:
    return bool(re.search(r"[\[\]#<>():;=]|\$\{|^(?:area|details|footer|chat-composer|[a-z-]+(?:, [a-z-]+)+)", text))


@each
def test_html_is_never_built_from_strings(path: Path) -> None:
    code = jsmin(path.read_text(encoding="utf-8"))
    writes = re.findall(r"(?:innerHTML|outerHTML)\s*\+?=[^=]|insertAdjacentHTML|document\.write|eval\(", code)
    assert len(writes) == (1 if path.name == "dom.js" else 0)


@each
def test_keys_are_read_only_past_the_guard_for_input_methods(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    for match in re.finditer(r"#\w*(?:keyed|called)\(event\) \{\n(.*)\n|\"keydown\", \(event\) => \{\n(.*)\n", code):
        first = (match[1] or match[2]).strip()
        assert first.startswith(("if (isComposing(event)", "if (event.isComposing")), first


def test_the_modules_fit_their_budget() -> None:
    weights = {name: len(gzip.compress(script.encode())) for name, script in joined(JS.parent).items()}
    assert weights[APP] <= BUDGET_AT_ONCE
    assert len(joined(JS.parent)[APP]) <= BUDGET_UNPACKED
    assert sum(weights.values()) <= BUDGET


def test_every_module_is_in_one_of_the_three_files_and_in_no_other() -> None:
    files = joined(JS.parent)
    held = [int(number) for script in files.values() for number in re.findall(r"modules\[(\d+)\]\?\?=once", script)]
    assert sorted(held) == list(range(len(MODULES)))
    for name, element in ((APP, "chat-thread"), (LATER, "chat-sidebar"), (HANDS, "message-editor")):
        assert [file for file, script in files.items() if f'"{element}":()=>' in script] == [name]


def test_a_form_of_import_that_cannot_be_joined_is_told(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / LATER).write_text("")
    (tmp_path / HANDS).write_text("")
    (tmp_path / APP).write_text('import * as all from "./later.js";\n')
    with pytest.raises(ValueError, match="cannot be joined"):
        joined(tmp_path)


def test_commands_and_frames_have_the_names_of_the_wire() -> None:
    code = (JS / "protocol.js").read_text(encoding="utf-8")

    def names(table: str) -> set[str]:
        body = re.search(rf"{table} = Object\.freeze\(\{{(.*?)\}}\)", code, re.DOTALL)
        assert body
        return set(re.findall(r': "(\w+)"', body[1]))

    def tags(union: object) -> set[str]:
        return {str(msgspec.inspect.type_info(member).tag) for member in union.__args__}  # type: ignore[attr-defined]

    assert names("COMMANDS") == tags(protocol.Command)
    assert names("FRAMES") == tags(protocol.Frame)
