"""What every template knows: the site's name and policy, the theme, and the request's trace id."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString

from conversations.accounts import policy
from conversations.models import SitePolicy, User
from conversations.web.middleware import trace_id

THEMES = ("system", "light", "dark")
PAPER = {"light": "#fbfdfd", "dark": "#111618"}
"""The token ``--canvas`` of each theme, for what browsers paint before they have read the stylesheet."""


def site(request: HttpRequest) -> dict[str, object]:
    """Return the values; what costs a query is a function, called by the templates that show it."""
    theme = request.COOKIES.get("theme", "system")
    return {
        "site_name": settings.SITE_NAME,
        "theme": theme if theme in THEMES else "system",
        "reading": lambda: _reading(request),
        "paper": PAPER,
        "drawing": _drawing(),
        "trace_id": trace_id(),
        "banner": lambda: SitePolicy.current().banner,
        "can_sign_up": lambda: policy.is_open_for(request, by_company=False),
        "has_company": bool(settings.OIDC_ISSUER),
        "company_name": settings.OIDC_NAME,
    }


@cache
def _drawing() -> SafeString:
    """Return the icon as an address that holds it: smaller than the head of an answer that would bring it."""
    svg = (settings.BASE_DIR / "static" / "icons" / "icon.svg").read_text(encoding="utf-8")
    return SafeString("data:image/svg+xml," + quote(svg.strip().replace('"', "'"), safe=" =:/'"))


def _reading(request: HttpRequest) -> dict[str, str]:
    user = getattr(request, "user", None)
    return user.reading_marks if isinstance(user, User) else {}
