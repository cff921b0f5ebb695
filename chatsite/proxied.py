"""Who is really there, and how they came, when a proxy stands in front: ``BEHIND_PROXY``.

A proxy appends the address it sees to ``X-Forwarded-For``, behind whatever the browser has put there. So only the last
entries can be believed, as many as there are proxies of ours; the first one, which servers like to take, anybody can
make up. Without a proxy of ours nothing of it is believed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

Headers = list[tuple[bytes, bytes]]
Application = Callable[..., Awaitable[Any]]

_SECURE = {"http": "https", "websocket": "wss"}


class Proxied:
    """Give the application the client's address and scheme as the ``proxies`` in front of it tell them."""

    def __init__(self, application: Application, proxies: int) -> None:
        self._application, self._proxies = application, proxies

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if self._proxies and scope["type"] in _SECURE:
            headers = scope["headers"]
            if (address := client_address(headers, self._proxies)) is not None:
                scope = {**scope, "client": [address, 0]}
            if is_secure(headers, self._proxies):
                scope = {**scope, "scheme": _SECURE[scope["type"]]}
        return await self._application(scope, receive, send)


def client_address(headers: Headers, proxies: int) -> str | None:
    """Return the address that the outermost of ``proxies`` saw; None where the header does not tell one."""
    entries = _entries(headers, b"x-forwarded-for")
    if len(entries) < proxies:
        return None
    entry = entries[-proxies]
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        return str(ip_address(entry))
    except ValueError:
        return None


def is_secure(headers: Headers, proxies: int) -> bool:
    """Tell whether the outermost proxy was reached by https; most proxies write a single entry for all of them."""
    entries = _entries(headers, b"x-forwarded-proto")
    return entries[-min(proxies, len(entries))].lower() == "https"


def _entries(headers: Headers, wanted: bytes) -> list[str]:
    joined = b",".join(value for name, value in headers if name.lower() == wanted)
    return [entry.strip() for entry in joined.decode("latin-1").split(",")]
