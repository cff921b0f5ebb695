"""What answers added up to: ``sums`` keeps the sums, ``report`` reads and ``plots`` draws them, ``bill`` is a month's.

It may import models and conf; verbs, the ledger and doors call it. What must stay true: the sums are those of the
settled records, to the last hundred-millionth, whatever happens in whichever order (``sums.rebuild`` tells), and a page
reads the sums, never the records.
"""

from conversations.usage.sums import book, rebuild

__all__ = ["book", "rebuild"]
