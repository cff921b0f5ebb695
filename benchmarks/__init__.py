"""Measurements, repeatable by ``make bench``: the server on one core, provider and clients on the other.

Imports the tests' site and nothing of the product but the wire. What must stay true: rendering, persistence, flow
control and limits are on while measuring, and every stream's text is compared with what was sent.
"""
