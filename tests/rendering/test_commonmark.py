"""All examples of the CommonMark specification, cut anywhere: the law holds for each of them."""

from __future__ import annotations

import json
import random
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from conversations.rendering import incremental, render
from tests.rendering.test_law import cut, played


def examples() -> list[dict[str, Any]]:
    """Read the examples out of the parser's source package, which ``make test`` fetches."""
    packages = sorted((Path(sys.prefix) / "spec").glob("markdown_it_py-*.tar.gz"))
    assert packages, "The CommonMark examples are missing: run `make test`, which fetches them."
    with tarfile.open(packages[-1]) as package:
        (name,) = [name for name in package.getnames() if name.endswith("test_cmark_spec/commonmark.json")]
        file = package.extractfile(name)
        assert file is not None
        return list(json.load(file))


@pytest.fixture(autouse=True)
def _never_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 0)


def test_every_commonmark_example_cut_anywhere_renders_as_the_whole() -> None:
    found = examples()
    assert len(found) > 640
    for example in found:
        text = example["markdown"]
        whole = render(text)
        assert played(list(text)) == whole, example["example"]
        chance = random.Random(text)
        for _ in range(3):
            assert played(cut(text, [chance.randrange(10_000) for _ in range(4)])) == whole, example["example"]


def squeezed(html: str) -> str:
    """Return HTML without what makes no difference: blanks between elements, and how a no-break space is written."""
    return re.sub(r">\s+<", "><", html.replace("&nbsp;", "\u00a0")).strip()


def test_plain_constructs_render_as_the_specification_says() -> None:
    """Sections without raw HTML, links and code, where our own rules change nothing."""
    sections = {"Thematic breaks", "Paragraphs", "Emphasis and strong emphasis", "Hard line breaks", "Block quotes"}
    same = [
        example["example"]
        for example in examples()
        if example["section"] in sections
        and not any(mark in example["html"] for mark in ("<a", "<img", "<h", "<pre", "&quot;", "<br", "<li"))
        and squeezed("".join(render(example["markdown"]))) != squeezed(example["html"])
    ]
    assert same == []
