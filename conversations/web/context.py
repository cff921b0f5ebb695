"""What every template knows: the site's name, the theme, and the request's trace id."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from conversations.web.middleware import trace_id

THEMES = ("system", "light", "dark")


def site(request: HttpRequest) -> dict[str, object]:
    theme = request.COOKIES.get("theme", "system")
    return {
        "site_name": settings.SITE_NAME,
        "theme": theme if theme in THEMES else "system",
        "trace_id": trace_id(),
    }
