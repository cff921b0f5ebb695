"""Preferences, script errors, health."""

from __future__ import annotations

import logging

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from conversations.generation.mesh import mesh
from conversations.generation.registry import registry
from conversations.web.context import PAPER, THEMES

logger = logging.getLogger("conversations.page")
_YEAR = 365 * 24 * 3600


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember theme and folded list in cookies, so that the next page has them in its first HTML."""
    target = request.POST.get("next") or request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = redirect(target)
    keep_theme(request, response, request.POST.get("theme", ""))
    if (how := request.POST.get("sidebar", "")) in ("open", "closed"):
        _keep(request, response, "sidebar", how)
    return response


def keep_theme(request: HttpRequest, response: HttpResponseBase, theme: str) -> None:
    """Remember a theme for a year, if it is one."""
    if theme in THEMES:
        _keep(request, response, "theme", theme)


def _keep(request: HttpRequest, response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Say what the site is called and looks like once it is installed on a phone or a desktop."""
    icons = [("icon-192", "192x192", "any"), ("icon-512", "512x512", "any"), ("maskable-512", "512x512", "maskable")]
    facts = {
        "id": "/",
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "start_url": reverse("chat:new"),
        "scope": "/",
        "display": "standalone",
        "theme_color": PAPER["light"],
        "background_color": PAPER["light"],
        "icons": [
            *(
                {"src": static(f"icons/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}
                for name, sizes, purpose in icons
            ),
            {"src": static("icons/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
        ],
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@csrf_exempt  # a beacon carries no token; nothing is changed, one bounded line is logged
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Log that the page's script failed: where, never what was written."""
    fields = {name: request.POST.get(name, "")[:200] for name in ("path", "message", "line")}
    if request.user.is_authenticated:
        logger.warning("The page's script failed: %r", fields)
    return HttpResponse(status=204)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether this process can serve people: database, channel layer, not shutting down."""
    problems = []
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        problems.append("database")
    if not isinstance(get_channel_layer(), InMemoryChannelLayer) and not mesh().is_connected:
        problems.append("channel layer")
    if registry.is_draining:
        problems.append("shutting down")
    text = "not ready: " + ", ".join(problems) if problems else "ready"
    return HttpResponse(text + "\n", status=503 if problems else 200, content_type="text/plain")
