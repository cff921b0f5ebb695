"""The chat application: one Django app, many rooms.

Doors (``realtime``, ``web``, ``admin``, ``management``) parse, call one verb and present. Verbs (``access``,
``actions``, ``catalogue``) are synchronous and transactional. The runtime (``generation``) owns every running
answer. The store is ``models``. The pure rooms (``protocol``, ``errors``, ``rendering``, ``upstream``,
``pictures``) know neither Django nor the database. Arrows point down only; ``lint-imports`` holds them there.
"""
