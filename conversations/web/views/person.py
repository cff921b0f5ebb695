"""A person's own data and account."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from conversations.actions import people, retention
from conversations.generation import control
from conversations.web.people import PersonRequest, for_people


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def delete(request: PersonRequest) -> HttpResponse:
    """Ask, offer the export, then delete the account; who signs in here is asked for the password or factor again."""
    if request.method == "POST" and get_adapter().get_reauthentication_methods(request.user):
        raise_if_reauthentication_required(request, app="account")
    word = request.user.email
    refusal = ""
    if request.method == "POST":
        if retention.is_held(request.user):
            refusal = gettext("Your chats must be kept for a legal reason at present. Please ask the administrator.")
        elif request.POST.get("email", "").strip().lower() == word:
            user = request.user
            async_to_sync(control.stop_all_of)(user.pk)
            logout(request)
            people.delete_account(user)
            messages.success(request, gettext("Your account and all your chats are deleted."))
            return redirect(settings.LOGIN_URL)
        else:
            refusal = gettext("This is not the address of your account.")
    return render(request, "settings/delete.html", {"refusal": refusal})
