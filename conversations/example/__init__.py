"""A site that some forty people have used for a year, to look at: made up, the same for the same seed and day.

What lives here: ``cast`` (people, groups, models, prices), ``talks`` (what they ask and are told), ``year`` (when they
do, and the rows of it), ``tidy`` (in which folders they keep it), ``opinions`` (what they say of it).

It may import models, tokens, rendering, usage and the search index; only the command ``demo_data`` imports it. What
must stay true: every row is one that the site itself might have written, and all sums are those of the records.
"""

from conversations.example.year import AlreadyHere, Made, Scale, fill

__all__ = ["AlreadyHere", "Made", "Scale", "fill"]
