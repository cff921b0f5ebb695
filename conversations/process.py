"""What this process owns for as long as it lives: its id, its provider connections, its sockets, its lines, its pace.

One place for the few things that are global by nature. Everything is made on first use, on the event loop.
"""

from __future__ import annotations

import os
import socket
import time
from functools import cache

from conversations.generation.hub import Hub
from conversations.generation.pacing import Pace
from conversations.generation.waiting import Lines
from conversations.models.ids import new_id
from conversations.upstream import UpstreamClient

ID = new_id()
HOST_NAME = socket.gethostname()
PID = os.getpid()

hub = Hub()
lines = Lines()
pace = Pace(wall=time.monotonic, cpu=time.process_time)


@cache
def upstream() -> UpstreamClient:
    """Return the pooled client that all answers of this process share."""
    return UpstreamClient()
