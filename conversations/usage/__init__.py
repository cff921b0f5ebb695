"""What answers added up to: ``sums`` keeps the sums, ``report`` is the page's view of them, ``bill`` a month's.

It may import models and conf; verbs, the ledger and doors call it. What must stay true: the sums are those of the
settled records, to the last hundred-millionth, whatever happens in whichever order (``sums.rebuild`` tells).
"""

from conversations.usage.sums import book, rebuild

__all__ = ["book", "rebuild"]
