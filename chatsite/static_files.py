"""Static files: one stylesheet and three scripts out of their parts, hashed names, and compression where it is ours.

The parts of the stylesheet are joined in the order of their layers, those of the scripts as ``joining`` says:
40 requests less on a slow line (ux.md 4.1 has the measurement).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder, FileSystemFinder
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from chatsite.joining import joined

STYLESHEET = "css/site.css"
TOKENS = "css/tokens.css"  # also by itself: the administration takes nothing else of ours
_FIRST = ("layers.css", "tokens.css", "reset.css", "base.css", "layout.css")
_LAST = ("utilities.css", "print.css")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANK = re.compile(r"\s*\n\s*")
_SPACE = re.compile(r"\s*([{};])\s*|(?<=[\w)\"%*\]]), |(?<=[\w-]): | / | [>+~] (?=[^;{}]*\{)")
_INSIDE = re.compile(r"(?<=[{};,])& (?=[>+~.:\[]|[a-z]+\d?[ ,{>+~.\[])")  # "& .icon" is ".icon" where rules are nested
_SEAM = "}@layer components{"


def parts(static_dir: Path) -> list[Path]:
    """Return the files under ``static/css`` in the order of their layers."""
    css = static_dir / "css"
    return [
        *(css / name for name in _FIRST),
        *sorted((css / "components").glob("*.css")),
        *(css / name for name in _LAST),
    ]


def stylesheet(static_dir: Path) -> str:
    """Return the parts of the stylesheet in one, without comments, spare blanks and repeated layers."""
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts(static_dir))
    bare = _BLANK.sub("\n", _COMMENT.sub("", text)).strip()
    tight = _INSIDE.sub("", _SPACE.sub(lambda match: match[0].strip(), bare).replace(";}", "}"))
    before, *components = tight.split(_SEAM)
    return before + _SEAM + "".join(components) + "\n"


class AssembledFinder(BaseFinder):
    """Offer to collectstatic what is made from its sources: ``css/site.css`` and the joined scripts."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Find nothing: these exist only once they are collected."""
        return [] if find_all else None

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, InMemoryStorage]]:
        storage = InMemoryStorage()
        static_dir = settings.BASE_DIR / "static"
        storage.save(STYLESHEET, ContentFile(stylesheet(static_dir)))
        scripts = joined(static_dir)
        for name, script in scripts.items():
            storage.save(name, ContentFile(script))
        for name in [STYLESHEET, *scripts]:
            yield name, storage


class SourceFinder(FileSystemFinder):
    """Offer the other static files as they are; the sources of what is assembled stay at home."""

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        for name, storage in super().list(ignore_patterns):
            if name == TOKENS or not name.startswith(("js/", "css/")):
                yield name, storage


class SiteStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside ``import("./later.js")``.

    Only what a chat loads is compressed ahead, under the name it is served by: the admin's files, loaded seldom, cost
    a first start two seconds.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 10

    def compress_files(self, paths: Iterable[str]) -> Any:
        served = set(self.hashed_files.values())
        return super().compress_files([path for path in paths if path in served and not path.startswith("admin/")])
