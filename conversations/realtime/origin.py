"""Refuse sockets that another site's page opens: the exact origin must match, scheme and port included.

Channels' own validator compares host names only and lets everything pass under ``ALLOWED_HOSTS=*``
(reliability.md S8); browsers send cookies with cross-site sockets, so this is what stops hijacking.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

Headers = list[tuple[bytes, bytes]]
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_allowed(headers: Headers, scheme: str) -> bool:
    """Tell whether the one Origin header names this site.

    Where ``SITE_ORIGINS`` is set, only those count. Else the origin must be the very host and port that the request
    was sent to, over ``scheme``, and that host must be one of ``ALLOWED_HOSTS``.
    """
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    origin = _parts(origins[0].decode("latin-1"))
    if origin is None:
        return False
    if settings.SITE_ORIGINS:
        return origin in [_parts(one.lower()) for one in settings.SITE_ORIGINS]
    host = _parts(f"{scheme}://{hosts[0].decode('latin-1').lower()}")
    return origin == host and validate_host(origin[1], settings.ALLOWED_HOSTS)


def _parts(origin: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin; None for anything that is not exactly one, as browsers write it."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    bare = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    if origin != bare:
        return None
    return parts.scheme, host, port if port is not None else _DEFAULT_PORTS[parts.scheme]
