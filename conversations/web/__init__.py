"""The door of pages and forms: parse a request, call one verb, present the outcome.

Imports access, actions, presentation, frames, generation.control; no other door. What must stay true: every page
works without JavaScript, and no GET changes anything.
"""
