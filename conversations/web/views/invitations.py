"""Make an account by a link."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from conversations.accounts import policy


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation and, once accepted, go on to the sign-up; the same 404 for a wrong, an old and a used link.

    Looking at it uses nothing up: mail programs look at links, too.
    """
    invitation = policy.invitation_by(token)
    if invitation is None:
        raise Http404
    if request.user.is_authenticated:
        return redirect("chat:new")
    if request.method == "POST":
        policy.accept(request, invitation)
        return redirect("account_signup")
    return render(request, "account/invitation.html", {"invitation": invitation})
