"""Documents that cannot rot: what the code says and what the pages say is compared."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from conversations import protocol

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(
    path.relative_to(ROOT)
    for folder in ("chatsite", "conversations")
    for path in (ROOT / folder).rglob("__init__.py")
    if "migrations" not in path.parts
)
COMMANDS = {command.__struct_config__.tag: command for command in get_args(protocol.Command)}
FRAMES = {frame.__struct_config__.tag: frame for frame in get_args(protocol.Frame)}


@pytest.mark.parametrize("path", PACKAGES, ids=str)
def test_every_package_says_what_lives_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "chatsite" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r"env_\w+\(\s*\"([A-Z_]+)\"", source))
    assert len(names) > 20
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"`{name}`" not in table] == []


@pytest.mark.parametrize("tag", [*COMMANDS, *FRAMES])
def test_every_command_and_frame_is_in_the_protocol_page(tag: str) -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    row = next((line for line in page.splitlines() if line.startswith(f"| `{tag}` |")), "")
    fields = {**COMMANDS, **FRAMES}[tag].__struct_fields__
    assert row
    assert [name for name in fields if f"`{name}`" not in row] == []


def test_the_page_knows_the_same_commands_and_frames() -> None:
    source = (ROOT / "static" / "js" / "protocol.js").read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", source))
    assert [tag for tag in [*COMMANDS, *FRAMES] if tag not in words] == []
    assert str(protocol.MAX_COMMAND_BYTES) in source or "64 * 1024" in source


def test_scripts_hold_no_words_for_people() -> None:
    sentences = re.compile(r"""(?<![\w$])(["'`])([A-Z][a-z]+(?: [a-z]+)+[.!?…]?)\1""")
    found = [
        (path.name, match.group(2))
        for path in (ROOT / "static" / "js").rglob("*.js")
        for match in sentences.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_test_that_the_page_of_promises_names_is_there() -> None:
    promises = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py):(\w+)`", promises)
    assert len(named) > 100
    gone = [
        f"{path}:{name}"
        for path, name in named
        if f"def test_{name}(" not in (ROOT / "tests" / path).read_text(encoding="utf-8")
    ]
    assert gone == []


POINTS = {"C": 13, "U": 9, "S": 15, "L": 12, "A": 11, "E": 7, "N": 7, "B": 9, "P": 4, "G": 5, "H": 3, "D": 6, "T": 4}
POINTS |= {"I": 5, "X": 2, "J": 4, "F": 5, "R": 5}
"""How many points the page's specification has under each letter."""


def test_every_point_of_the_page_is_promised_or_its_deviation_told() -> None:
    promises = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\b[A-Z]\d{1,2}\b", promises))
    assert [
        f"{letter}{n}" for letter, most in POINTS.items() for n in range(1, most + 1) if f"{letter}{n}" not in told
    ] == []
