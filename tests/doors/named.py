"""A running site that browsers know by an https address, as one behind a proxy is."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.support.site import Site, running_site

ORIGIN = "https://chat.example.org"
HOST = "chat.example.org"


@contextmanager
def named_site(**environment: str) -> Iterator[tuple[Site, int]]:
    """Run a site of that name and give the port at which it listens: it tells only its name."""
    port = _quiet_port()
    with running_site(PORT=str(port), SITE_ORIGINS=ORIGIN, ALLOWED_HOSTS=HOST, **environment) as site:
        yield site, port


def _quiet_port() -> int:
    """Return a free port from below those that outgoing connections are given: none can take it meanwhile."""
    for port in random.sample(range(20_000, 32_000), 100):
        with closing(socket.socket()) as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
