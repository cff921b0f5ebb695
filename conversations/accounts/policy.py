"""Who may make an account, and who must do more to use one: the administrators' choices over the environment's."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from conversations.models import Invitation, SitePolicy, User


class InvitationUsed(Exception):
    """Somebody else has made an account with this invitation in the meantime."""


SESSION_KEY = "invitation"
_SALT = "conversations.invitation"


def sign_up() -> str:
    """Return ``open``, ``invitation``, ``oidc`` or ``closed``."""
    return SitePolicy.current().sign_up or str(settings.CHAT_SIGNUP)


def is_open_for(request: HttpRequest, *, by_company: bool) -> bool:
    """Tell whether this visitor may make an account; nobody may before the first administrator exists."""
    if not User.objects.exists():
        return False
    how = sign_up()
    if how == "open" or (how == "oidc" and by_company):
        return True
    return how in ("invitation", "oidc") and invitation_of(request) is not None


def check_address(request: HttpRequest | None, email: str) -> None:
    """Raise ``ValidationError`` for an address that the invitation or the site's domains do not cover."""
    invitation = invitation_of(request) if request is not None else None
    if invitation is not None:
        if invitation.email and invitation.email.lower() != email.lower():
            raise ValidationError(_("The invitation is for another address."))
        return
    domains = {line.strip().lstrip("@").lower() for line in SitePolicy.current().domains.splitlines() if line.strip()}
    domains |= {domain.lstrip("@").lower() for domain in settings.CHAT_SIGNUP_DOMAINS}
    if domains and email.rpartition("@")[2].lower() not in domains:
        raise ValidationError(_("Accounts here are for certain mail domains only, and this is none of them."))


# Invitations


def token_of(invitation: Invitation) -> str:
    """Return what stands in the link of an invitation: always the same, for its end is kept with the invitation."""
    return signing.Signer(salt=_SALT).sign(str(invitation.pk))


def invitation_by(token: str) -> Invitation | None:
    """Return the invitation of a link while it can be used."""
    try:
        key = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Invitation.objects.open().filter(pk=key).first()


def accept(request: HttpRequest, invitation: Invitation) -> None:
    """Remember for this visit that somebody was invited."""
    request.session[SESSION_KEY] = str(invitation.pk)


def invitation_of(request: HttpRequest) -> Invitation | None:
    session = getattr(request, "session", None)
    key = session.get(SESSION_KEY) if session is not None else None
    return Invitation.objects.open().filter(pk=key).first() if key else None


def joined(request: HttpRequest, user: User) -> None:
    """Use up the invitation of somebody who has just made an account, and let them into its group.

    Raises ``InvitationUsed`` where another one was faster: one invitation, one account.
    """
    invitation = invitation_of(request)
    if invitation is None:
        return
    if not Invitation.objects.open().filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user):
        raise InvitationUsed
    if invitation.group is not None:
        user.groups.add(invitation.group)
    request.session.pop(SESSION_KEY, None)


# Second factors


def needs_second_factor(user: User) -> bool:
    """Tell whether somebody of the staff has yet to set up a second factor that this site asks for."""
    from allauth.mfa.utils import is_mfa_enabled

    return user.is_staff and SitePolicy.current().staff_need_mfa and not is_mfa_enabled(user)
