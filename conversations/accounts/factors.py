"""Second factors under a new ``SECRET_KEY``."""

from __future__ import annotations

import logging

from allauth.mfa.models import Authenticator

from conversations import secrets

logger = logging.getLogger(__name__)
_SEALED = ("secret", "seed")


def seal_anew() -> None:
    """Seal under the present ``SECRET_KEY`` what an earlier one sealed; what cannot be opened stays as it is."""
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        try:
            anew = {name: secrets.sealed_anew(factor.data[name]) for name in _SEALED if factor.data.get(name)}
        except secrets.CannotOpen:
            logger.error("A second factor was sealed under another SECRET_KEY: put that one into SECRET_KEY_FALLBACKS.")
            continue
        if any(factor.data[name] != sealed for name, sealed in anew.items()):
            Authenticator.objects.filter(pk=factor.pk).update(data={**factor.data, **anew})
