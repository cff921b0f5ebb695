"""Markdown to safe HTML, whole or while it is being written.

What lives here: ``markdown`` (the one parser and its rules), ``highlight`` (code, line by line), ``safety`` (the second
fence behind the renderer), ``blocks`` (source to one element per block), ``completion`` (how an unfinished end is
shown), ``incremental`` (the renderer of a running answer), ``patches`` (what changes between two states).

It may import: markdown-it-py and its plugins, linkify-it-py, Pygments, math-core, nh3. No Django, no asyncio.

What must stay true: for any text cut at any places, applying the patches of all ``feed``s and of ``finish`` gives
exactly ``render`` of the whole text; and no HTML leaves this room that ``safety`` has not let through.
"""

from conversations.rendering.blocks import closed, links_of
from conversations.rendering.incremental import VERSION, IncrementalRenderer, render
from conversations.rendering.patches import Patch, apply_patches

__all__ = ["VERSION", "IncrementalRenderer", "Patch", "apply_patches", "closed", "links_of", "render"]
