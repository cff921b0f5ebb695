"""Static files: one stylesheet out of its parts, modules without comments, hashed names, rewritten imports.

The parts of the stylesheet are joined, not bundled: 14 requests less on a slow line (ux.md 4.1 has the measurement).
Comments and indentation are a quarter of what a page's modules weigh; lines stay where they are, so that a reported
line is the line in the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
_FIRST = ("layers.css", "tokens.css", "reset.css", "base.css", "layout.css")
_LAST = ("utilities.css", "print.css")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"\s*\n\s*")
_COMMENT_LINE = re.compile(r"^[ \t]*//.*$", re.MULTILINE)
_COMMENT_BEHIND = re.compile(r"[ \t]+// [^\"'`\n]*$", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def stylesheet(static_dir: Path) -> str:
    """Return the parts under ``static/css`` in the order of their layers, without comments and indentation."""
    css = static_dir / "css"
    parts = [css / name for name in _FIRST]
    parts += sorted((css / "components").glob("*.css"))
    parts += [css / name for name in _LAST]
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts if part.exists())
    return _BLANK.sub("\n", _COMMENT.sub("", text)).strip() + "\n"


def bare_module(source: str) -> str:
    """Return a module without comments and indentation, each line at its place.

    Our modules hold no text of several lines (a test sees to it), so no line begins inside a string.
    """
    return _INDENTATION.sub("", _COMMENT_BEHIND.sub("", _COMMENT_LINE.sub("", source)))


class AssembledFinder(BaseFinder):
    """Offer to collectstatic what is made from its sources: ``css/site.css`` and the bare modules."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Find nothing: these exist only once they are collected."""
        return [] if find_all else None

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, InMemoryStorage]]:
        storage = InMemoryStorage()
        static_dir = settings.BASE_DIR / "static"
        storage.save(STYLESHEET, ContentFile(stylesheet(static_dir)))
        for path in sorted((static_dir / "js").rglob("*.js")):
            name = path.relative_to(static_dir).as_posix()
            storage.save(name, ContentFile(bare_module(path.read_text(encoding="utf-8"))))
        for name in [STYLESHEET, *_files_below(storage, "js")]:
            yield name, storage


def _files_below(storage: InMemoryStorage, folder: str) -> Iterator[str]:
    folders, files = storage.listdir(folder)
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files_below(storage, f"{folder}/{name}")


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside ``import … from "./x.js";`` (a trailing semicolon is needed there)."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 10
