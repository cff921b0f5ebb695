"""The door of the websocket: parse a command, call one verb, present the outcome.

Imports protocol, actions, access, frames and generation; no other door, no rendering, no upstream. What must stay
true: a socket is allowed anew at every command, and a reader that does not read costs at most a megabyte.
"""
