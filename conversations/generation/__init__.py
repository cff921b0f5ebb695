"""The runtime: every running answer of this process, from the first delta to its stored end.

``runner``, ``ports``, ``pacing`` and ``failures`` are pure and know neither Django nor the database; ``ledger`` and
``recovery`` are the only ones that touch models. Nothing here imports a door or a verb.

What must stay true: an answer belongs to the registry, never to a socket; its text, its ``seq`` and its frames agree
at every moment; its end is claimed once.
"""
