"""Django's admin under our content policy and our own log-in."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from conversations.accounts import policy


class ChatAdminSite(AdminSite):
    site_header = site_title = gettext_lazy("Administration")
    index_title = gettext_lazy("Tables")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Allow the admin's own script files, which carry no nonce."""
        return csp_update({"script-src": [SELF]})(super().admin_view(view, cacheable))

    def has_permission(self, request: HttpRequest) -> bool:
        """Let the staff in; without the second factor that the site asks of them only to where it is set up."""
        return super().has_permission(request) and not self._lacks_factor(request)

    def _lacks_factor(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and policy.needs_second_factor(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the site's log-in, which is rate limited; somebody without the right gets the home page."""
        if self._lacks_factor(request):
            messages.warning(
                request, gettext("Set up a second step first: the site asks it of everybody who administers.")
            )
            return redirect("mfa_index")
        if request.user.is_authenticated:
            return redirect("chat:new")
        return redirect(f"/accounts/login/?next={request.path}")
