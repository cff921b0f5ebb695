"""What every request carries: a trace id, the person's time zone; and what every answer to them: no shared caching."""

from __future__ import annotations

import secrets
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation
from django.utils.decorators import sync_only_middleware
from structlog.contextvars import bind_contextvars, get_contextvars

Handler = Callable[[HttpRequest], HttpResponseBase]


@sync_only_middleware
def traced(get_response: Handler) -> Handler:
    """Give the request an id that its response, its error page and every line of the log about it carry.

    It stays bound: Django logs refusals outside of all middleware. A server gives each request a context of its own.
    """

    def handle(request: HttpRequest) -> HttpResponseBase:
        bind_contextvars(trace_id=secrets.token_hex(8))
        response = get_response(request)
        response.headers["X-Request-ID"] = trace_id()
        return response

    return handle


def trace_id() -> str:
    """Return the id of the request that is being answered; empty outside of one."""
    return str(get_contextvars().get("trace_id", ""))


class PageCompression(GZipMiddleware):
    """Compress pages, which are text, and leave pictures alone, which are compressed already.

    Secrets in a page (its form tokens) are masked anew each time, and Django adds a random length against BREACH.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


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


@sync_only_middleware
def person_language(get_response: Handler) -> Handler:
    """Speak the language that a person has chosen, wherever they sign in; others are heard by LocaleMiddleware."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        chosen = request.user.language if request.user.is_authenticated else ""
        if chosen in dict(settings.LANGUAGES):
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        return get_response(request)

    return handle


def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
