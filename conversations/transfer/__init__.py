"""Chats on their way out of this site and into it.

What lives here: ``formats`` (a chat as plain values, and as versioned JSON), ``exporting`` (rows to this JSON, a piece
at a time), ``naming`` (file names out of titles), ``markdown`` and ``page`` (files for people), ``account`` (what a
person has beside chats), ``archive`` (all of it as a ZIP, in constant memory), ``elements`` (JSON read an element at a
time), ``given`` (values of a file, taken with care), ``own`` and ``foreign`` (our chats and other sites' read back),
``belongings`` (what was beside them), ``sources`` (a file that was uploaded, open), ``importing`` (its chats looked
through, then kept).

It may import models, access, actions, presentation, rendering and errors; never a door, never the runtime. What
must stay true: what was exported and is imported again is the same chat with all its branches, and a file that is
refused changes nothing.
"""
