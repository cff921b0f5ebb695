"""Pages for what went wrong; they share the site's layout."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from conversations.web.middleware import trace_id


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Show the page that needs neither the database nor the request: either may be what failed."""
    return HttpResponseServerError(render_to_string("500.html", {"trace_id": trace_id()}))
