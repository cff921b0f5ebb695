"""Pictures are remade a few at a time, each in a process of its own that can be killed."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from conversations.errors import Invalid, Unavailable
from conversations.pictures.kinds import Remade

logger = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Processes at the same time; the others wait. Each takes up to 150 MB for a moment."""
SECONDS: Final = 20.0
"""What one picture may take before its process is killed."""
PATIENCE: Final = 60.0
"""How long an upload waits for its turn, in seconds."""

_HOME: Final = Path(__file__).parents[2]
_turns = BoundedSemaphore(AT_ONCE)


def remake_in_process(read: Callable[[], bytes], *, longest: int, most_pixels: int) -> Remade:
    """Return the clean picture of the file that ``read`` gives; it is read only when its turn has come.

    Blocks its thread, which must be a request's own. Raises ``Invalid`` for what is no good picture and
    ``Unavailable`` where it or its turn took too long.
    """
    if not _turns.acquire(timeout=PATIENCE):
        raise Unavailable("Too many pictures are arriving at once. Please try again in a minute.")
    try:
        return _remake(read(), longest, most_pixels)
    finally:
        _turns.release()


def _remake(content: bytes, longest: int, most_pixels: int) -> Remade:
    command = [sys.executable, "-m", "conversations.pictures.remake", str(longest), str(most_pixels)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, cwd=_HOME, env={})
    except subprocess.TimeoutExpired:
        raise Unavailable("This picture took too long to read. Please try a smaller one.") from None
    head, _, body = done.stdout.partition(b"\n")
    if done.returncode or not head:
        words = done.stderr[-300:].decode("utf-8", "replace")
        logger.warning("A picture ended its process with %s: %s", done.returncode, words)
        raise Invalid("This picture is broken or incomplete: it cannot be read to its end.")
    facts = json.loads(head)
    if "refused" in facts:
        sentence = facts["refused"]
        raise Invalid(sentence, **facts["values"])
    size = facts["size"]
    return Remade(body[:size], facts["media_type"], facts["width"], facts["height"], body[size:])
