"""Collect what is to be translated and compile what is: ``make messages``.

Babel reads the strings, in our own way through: its extractor for Python, and Django's own view of a template. What is
new gets an empty translation, which a test refuses; what is gone goes from the catalogue. The compiled catalogue is
kept beside it, so that a checkout runs without tools.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from conversations import errors

ROOT = Path(__file__).parents[2]
LOCALES = {"zh_Hans": "zh_Hans"}
"""Django's folder of each language, and its name in Babel."""

FOREIGN: list[str | tuple[str, str]] = [
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    "Be patient, you are sending too many requests.",
    "Incorrect password.",
    "Please type your current password.",
    "Removed email address %(email)s.",
    "The email address and/or password you specified are not correct.",
    "This email address is already associated with this account.",
    "Use your password",
    "You cannot remove your primary email address (%(email)s).",
    "You have confirmed %(email)s.",
    "You have signed out.",
    "You must type the same password each time.",
    "Your primary email address must be verified.",
]
"""What packages say on our pages and have not translated, or not as we say it."""

REFUSALS = [name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.ChatError)]
KEYWORDS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop", "marked", *REFUSALS]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (1, 2)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], ((1, "c"), 2)),
}


def path_of(folder: str) -> Path:
    return ROOT / "conversations" / "locale" / folder / "LC_MESSAGES" / "django.po"


def collected() -> Catalog:
    """Return a catalogue of every string of the sources, with the places it is at."""
    catalog = Catalog()
    for path, (line, message, _, context) in _strings():
        catalog.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)], context=context)
    for message in FOREIGN:
        catalog.add(message)
    return catalog


def stored(folder: str) -> Catalog:
    with path_of(folder).open("rb") as file:
        return read_po(file, locale=LOCALES[folder])


def compiled(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def _strings() -> Iterator[tuple[Path, Any]]:
    sources = [*sorted((ROOT / "conversations").rglob("*.py")), *sorted((ROOT / "chatsite").rglob("*.py"))]
    for path in (one for one in sources if "migrations" not in one.parts):
        yield from ((path, found) for found in _read(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            lines = templatize(path.read_text(encoding="utf-8"), origin=str(path)).splitlines()
            yield from ((path, found) for found in _read("\n".join(line.strip() for line in lines)))


def _read(text: str) -> Iterator[Any]:
    return extract("python", io.BytesIO(text.encode()), KEYWORDS, options={"encoding": "utf-8"})


def main() -> None:
    """Bring each catalogue up to date with the sources and compile it."""
    template = collected()
    for folder in LOCALES:
        catalog = stored(folder)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with path_of(folder).open("wb") as file:
            write_po(file, catalog, width=120, omit_header=False)
        path_of(folder).with_suffix(".mo").write_bytes(compiled(catalog))


if __name__ == "__main__":
    main()
