"""The rules of our CSS: small parts, tokens for every colour, logical properties, and nothing that no page uses."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from chatsite.static_files import stylesheet

ROOT = Path(__file__).resolve().parents[1]
CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "templates"
ADMINISTRATION = ROOT / "static" / "administration" / "admin.css"  # over another project's sheets, which have no layers
PAGES = sorted({*(ROOT / "static").glob("*/*.css")} - {*CSS.glob("*.css"), ADMINISTRATION})  # what only some pages load
PARTS = [*sorted(CSS.glob("*.css")), *sorted((CSS / "components").glob("*.css")), *PAGES]
COMPONENTS = [*sorted((CSS / "components").glob("*.css")), *PAGES]
WRITERS = [*TEMPLATES.rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
RENDERER = ROOT / "conversations" / "rendering"

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch)\(")
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:top|right|bottom|left)[\w-]*"
    r"|(?:min-|max-)?(?:width|height)|top|right|bottom|left|text-align\s*:\s*(?:left|right)|float)\s*:"
)
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
BREAKPOINT = re.compile(r"\(\s*width\s*[<>]=?\s*([^)]+)\)")
SYNTAX = re.compile(r"^[a-z]{1,3}\d?$")  # the highlighter's short class names


def text_of(part: Path) -> str:
    return COMMENT.sub("", part.read_text(encoding="utf-8"))


def without_queries(css: str) -> str:
    return re.sub(r"@(?:media|supports)[^{]*", "", css)


def selectors(css: str) -> str:
    """Return what stands before each brace, without strings and values."""
    return "\n".join(re.findall(r"([^{};]+)\{", re.sub(r'"[^"]*"', "", css)))


@pytest.fixture(scope="module")
def written() -> str:
    """Return everything that can put a class on a page."""
    sources = [*WRITERS, *RENDERER.rglob("*.py")]
    return "\n".join(source.read_text(encoding="utf-8") for source in sources)


@pytest.mark.parametrize("part", [*PARTS, ADMINISTRATION], ids=lambda part: part.name)
def test_a_part_has_no_colour_of_its_own(part: Path) -> None:
    if part.name != "tokens.css":
        assert COLOUR.findall(text_of(part)) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_knows_no_left_and_no_right(part: Path) -> None:
    assert PHYSICAL.findall(without_queries(text_of(part))) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_has_no_ids_and_shouts_only_to_hide(part: Path) -> None:
    css = text_of(part)
    assert re.findall(r"#[a-zA-Z][\w-]*", selectors(css)) == []
    loud = [line for line in css.splitlines() if "!important" in line]
    if part.name not in ("reset.css", "print.css"):
        assert loud == []
    assert all("display: none !important" in line for line in loud)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_begins_with_what_it_is_for_and_fits_on_a_screen(part: Path) -> None:
    css = part.read_text(encoding="utf-8")
    assert css.startswith("/* ")
    if part in COMPONENTS:
        assert len(css.splitlines()) <= 45
        assert text_of(part).strip().startswith("@layer components {")


@pytest.mark.parametrize("part", COMPONENTS, ids=lambda part: part.name)
def test_a_component_is_named_like_a_class_that_a_page_writes(part: Path, written: str) -> None:
    assert re.search(rf"\.{part.stem}\b", text_of(part))
    assert re.search(rf"[\"' ]{part.stem}(?=[\"' ]|--)", written)


def test_every_class_in_the_css_is_written_somewhere(written: str) -> None:
    used = {name for part in PARTS for name in CLASS.findall(selectors(text_of(part)))}
    unknown = {name for name in used if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", written)}
    made = {
        "message--user",
        *(f"icon--{name}" for name in ("check", "copy", "previous", "next", "continue")),
    }  # put together from a variable
    assert {name for name in unknown - made if not SYNTAX.match(name)} == set()


def test_there_is_one_breakpoint() -> None:
    found = {width.strip() for part in PARTS for width in BREAKPOINT.findall(part.read_text(encoding="utf-8"))}
    assert found == {"56rem"}


def test_every_token_that_is_used_is_defined_and_none_is_idle() -> None:
    everything = "\n".join(text_of(part) for part in PARTS)
    defined = set(re.findall(r"(?<![\w-])(--[\w-]+)\s*:", everything))
    used = set(re.findall(r"var\((--[\w-]+)", everything))
    assert used - defined == set()
    assert defined - used == set()
    assert set(re.findall(r"var\((--[\w-]+)", text_of(ADMINISTRATION))) - defined == set()


def test_all_css_together_stays_small() -> None:
    everything = stylesheet(ROOT / "static")
    assert len(everything.encode()) <= 35_000
    assert len(gzip.compress(everything.encode())) <= 10_000


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    for template in TEMPLATES.rglob("*.html"):
        html = template.read_text(encoding="utf-8")
        assert not re.search(r"""\sstyle=|<style|\son\w+=["']""", html), template
        assert not re.search(r"""<script(?![^>]*\s(?:src=|type="application/json"))""", html), template


def test_every_template_says_first_what_it_is() -> None:
    for template in TEMPLATES.rglob("*.html"):
        assert "{# " in template.read_text(encoding="utf-8").splitlines()[0], template


def test_only_what_moves_nothing_is_animated_and_not_for_long() -> None:
    tokens = (CSS / "tokens.css").read_text(encoding="utf-8")
    assert all(int(time) <= 200 for time in re.findall(r"--(?:fast|slow): (\d+)ms", tokens))
    for path in PARTS:
        source = path.read_text(encoding="utf-8")
        for moved in re.findall(r"transition: ([^;}]+)", source):
            for part in moved.split(","):
                assert re.fullmatch(
                    r"(opacity|translate|rotate|color|background-color) var\(--(fast|slow)\)( var\(--ease\))?",
                    part.strip(),
                ), (path.name, part)
