"""Django's admin under our content policy and our own log-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy

from conversations import audit
from conversations.accounts import policy
from conversations.models import User


class _Audited:
    """What is mixed into every table of the administration: its changes stand in the site's own log, too."""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _record(request, "admin.added", obj, message)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        _record(request, "admin.changed", obj, message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        for obj in queryset:
            _record(request, "admin.deleted", obj, "")
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Log who was chosen for an action other than deletion, which logs itself; of very many, how many."""
        name = request.POST.get("action", "")
        if name and name != "delete_selected":
            everybody = request.POST.get("select_across", "0") not in ("", "0")
            chosen = queryset if everybody else queryset.filter(pk__in=request.POST.getlist("_selected_action"))
            for obj in chosen[:_MOST_LOGGED]:
                _record(request, f"admin.{name}"[:60], obj, "")
            if (count := chosen.count()) > _MOST_LOGGED:
                kind = queryset.model._meta.model_name or ""
                audit.record(cast(User, request.user), f"admin.{name}"[:60], kind=kind, details={"count": count})
        return super().response_action(request, queryset)  # type: ignore[misc]


_MOST_LOGGED = 1000


def _record(request: HttpRequest, action: str, obj: Model, message: Any) -> None:
    audit.record(
        cast(User, request.user), action, kind=obj._meta.model_name or "", target=str(obj.pk), label=str(obj),
        details={"fields": _fields(message)} if message else {},
    )  # fmt: skip


def _fields(message: Any) -> list[str]:
    """Return the names of what was changed; never what it says, which may be a key."""
    parts = message if isinstance(message, list) else []
    return sorted({str(field) for part in parts for what in part.values() for field in what.get("fields", [])})


class ChatAdminSite(AdminSite):
    site_header = site_title = gettext_lazy("Administration")
    index_title = gettext_lazy("Tables")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        plain = admin_class or ModelAdmin
        super().register(model_or_iterable, type(plain.__name__, (_Audited, plain), {}), **options)

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
