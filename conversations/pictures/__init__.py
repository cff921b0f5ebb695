"""Uploaded pictures: every file is decoded and made anew before anything else sees it.

What lives here: ``remake`` (bytes to a clean picture and its thumbnail, in a process of its own), ``worker`` (that
process, bounded), ``kinds`` (what is taken, told by content), ``cost`` (roughly how many tokens a picture is).

It may import: Pillow, the standard library, ``errors``. No Django, no asyncio.

What must stay true: nothing of an uploaded file is stored, shown or sent on but the pixels; size and pixel caps are
checked before anything is decoded; whatever a file does to the decoder, it does to a process that can be spared.
"""

from conversations.pictures.cost import tokens_for
from conversations.pictures.kinds import Remade, clean_name
from conversations.pictures.worker import remake_in_process

__all__ = ["Remade", "clean_name", "remake_in_process", "tokens_for"]
