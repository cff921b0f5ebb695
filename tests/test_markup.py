"""Templates are sent without their indentation, and nothing in them lives of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
OURS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
KEPT = re.compile(r"<(pre|textarea)\b[^>]*>(.*?)</\1>", re.DOTALL)
SENTENCE = re.compile(r"\{% blocktranslate((?:(?!trimmed)[^%])*)%\}(.*?)\{% endblocktranslate %\}", re.DOTALL)


@pytest.mark.parametrize("name", OURS)
def test_a_template_is_sent_line_by_line_without_its_indentation(name: str) -> None:
    written = (TEMPLATES / name).read_text(encoding="utf-8")
    sent = get_template(name).template.source  # type: ignore[attr-defined]
    assert sent.split("\n") == [line.lstrip(" \t") for line in written.split("\n")]
    for kept in (*KEPT.findall(written), *SENTENCE.findall(written)):
        assert not re.search(r"\n[ \t]", kept[1]), "it would change what is shown"


def test_mails_are_sent_as_they_are_written() -> None:
    for path in TEMPLATES.rglob("*.txt"):
        written = path.read_text(encoding="utf-8")
        assert get_template(path.relative_to(TEMPLATES).as_posix()).template.source == written  # type: ignore[attr-defined]
