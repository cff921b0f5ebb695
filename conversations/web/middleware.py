"""What every request of a person carries: their time zone; and what every answer to them: no shared caching."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_only_middleware

Handler = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def visitor(get_response: Handler) -> Handler:
    """Show times in the zone that the page told by its ``tz`` cookie, and keep answers out of shared caches.

    ``no-store`` would be stricter, but it also keeps pages out of the back/forward cache (ux.md N5).
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        with timezone.override(_zone(request.COOKIES.get("tz", ""))):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return handle


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
