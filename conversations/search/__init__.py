"""Finding messages and chats by their words, in both databases, without another service.

What lives here: ``words`` (the one tokenizer), ``queries`` (what a person typed, as what the index understands),
``index`` (keeping it in step, in the transaction of whatever changes a text), ``finding`` (the newest first, of one
person or of everybody) and ``snippets`` (the place in the text, with what was found marked).

It may import models; never a door, never the runtime. What must stay true: a text that is stored is found by each of
its words, one that is gone by none; nobody finds what is not theirs.
"""
