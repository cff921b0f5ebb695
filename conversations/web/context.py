"""What every template knows: the site's name, the theme, the modules to load ahead, and the request's trace id."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static

from conversations.web.middleware import trace_id
from conversations.web.modules import modules as module_names

THEMES = ("system", "light", "dark")


def site(request: HttpRequest) -> dict[str, object]:
    theme = request.COOKIES.get("theme", "system")
    return {
        "site_name": settings.SITE_NAME,
        "theme": theme if theme in THEMES else "system",
        "modules": _modules(),
        "trace_id": trace_id(),
    }


@cache
def _modules() -> list[str]:
    """Return the addresses of all modules of the page, so that none waits for another to be discovered."""
    return [static(name) for name in module_names(settings.BASE_DIR / "static")]
