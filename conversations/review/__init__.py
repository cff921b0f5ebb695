"""The desk of reviewers and the page of the log.

What lives here: ``filters`` (what the list can be narrowed to), ``listing`` (pages of it by key, and samples),
``transcript`` (a whole tree of messages as it was seen), ``exports`` (a selection as a file, in constant memory),
``views`` and ``log`` (the pages). It reads through ``access.reviewable_for`` only, and writes nothing but openings
and entries of the log. It borrows ``web.people``, which lets in who is logged in.
"""
