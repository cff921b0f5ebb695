"""Mail that allauth does not send."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from conversations.models import Invitation


def invite(invitation: Invitation, url: str) -> None:
    """Send the link of an invitation to its address."""
    facts = {"url": url, "site_name": settings.SITE_NAME, "expires_at": invitation.expires_at}
    subject = _("You are invited to {site}").format(site=settings.SITE_NAME)
    send_mail(subject, render_to_string("account/email/invitation.txt", facts), None, [invitation.email])
