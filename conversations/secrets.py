"""Seal and open provider keys, so that a copy of the database alone gives none away.

The key comes from ``SECRET_KEY``; ``SECRET_KEY_FALLBACKS`` still open what an earlier one sealed, until the next start
of the site has sealed it anew (``catalogue.seal_anew``).
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpen(Exception):
    """A secret was sealed under a key that is neither ``SECRET_KEY`` nor among its fallbacks."""


def _fernet(*keys: str) -> MultiFernet:
    digests = [hashlib.sha256(b"provider-key:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(secret: str) -> str:
    return _fernet(settings.SECRET_KEY).encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Return the secret; raise ``CannotOpen`` if none of our keys opens it."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotOpen from None


def sealed_anew(sealed: str) -> str:
    """Return the same secret sealed under ``SECRET_KEY`` itself, unchanged if it is; raise ``CannotOpen`` as above."""
    try:
        _fernet(settings.SECRET_KEY).decrypt(sealed.encode())
    except InvalidToken:
        return seal(unseal(sealed))
    return sealed
