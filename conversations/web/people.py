"""Views for people who are logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from conversations.errors import ChatError
from conversations.failure_words import told
from conversations.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class PersonRequest(HttpRequest):
    """A request of somebody who is logged in."""

    user: User


def for_people(
    view: Callable[Concatenate[PersonRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Send strangers to the log-in, and turn a refusal of a verb into a page or, for our script, into JSON."""

    @wraps(view)
    def handle(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if is_script(request):
                return JsonResponse({"code": "signed_out", "message": ""}, status=401)
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        try:
            return view(request, *args, **kwargs)  # type: ignore[arg-type]
        except ChatError as exc:
            if is_script(request):
                return JsonResponse({"code": exc.code, "message": told(exc)}, status=exc.status)
            template = "404.html" if exc.status == 404 else "errors/refused.html"
            return render(request, template, {"message": told(exc)}, status=exc.status)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], handle)


def is_script(request: HttpRequest) -> bool:
    """Tell whether our own script asks, which wants no page back."""
    return request.headers.get("X-Requested-With") == "fetch"
