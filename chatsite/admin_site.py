"""Django's admin under our content policy and our own log-in."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class ChatAdminSite(AdminSite):
    site_header = site_title = "Administration"
    index_title = "Tables"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Allow the admin's own script files, which carry no nonce."""
        return csp_update({"script-src": [SELF]})(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the site's log-in, which is rate limited; somebody without the right gets the home page."""
        if request.user.is_authenticated:
            return redirect("chat:new")
        return redirect(f"/accounts/login/?next={request.path}")


class ChatAdminConfig(AdminConfig):
    default_site = "chatsite.admin_site.ChatAdminSite"
