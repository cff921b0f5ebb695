"""The verbs: what a person can do, one transaction each, called alike by every door.

Import access, catalogue, models and errors; never a door, never the runtime. What must stay true: a verb either did
all of it or nothing, and the same ``ref`` again gives the same answer and does nothing twice.
"""
