"""Where a request goes and what lets it in: addresses and headers of an endpoint, checked before anything is sent."""

from __future__ import annotations

from typing import Final

import httpx

from conversations.upstream.errors import UpstreamError
from conversations.upstream.requests import Endpoint

_CHAT: Final = "/chat/completions"
_MODELS: Final = "/models"
_SECRET_NAMES: Final = ("key", "token", "auth", "secret", "cookie", "password")


def chat_url(endpoint: Endpoint) -> httpx.URL:
    return _url(endpoint, _CHAT)


def models_url(endpoint: Endpoint) -> httpx.URL:
    return _url(endpoint, _MODELS)


def _url(endpoint: Endpoint, path: str) -> httpx.URL:
    """Return the base address with ``path`` behind it; a query (``?api-version=``) stays. Only http and https."""
    try:
        base = httpx.URL(endpoint.base_url.strip())
    except httpx.InvalidURL:
        raise _wrong_address("it is not a valid URL") from None
    if base.scheme not in ("http", "https") or not base.host:
        raise _wrong_address("it must begin with http:// or https://")
    if base.userinfo:
        raise _wrong_address("it must not hold a user name or password: give the key by itself")
    before = base.path.rstrip("/").removesuffix(_CHAT).rstrip("/")
    return base.copy_with(path=before + path, fragment=None)


def _wrong_address(why: str) -> UpstreamError:
    return UpstreamError("unreachable", f"The provider's address cannot be used: {why}.", retryable=False)


def headers_for(endpoint: Endpoint) -> dict[str, str]:
    """Return the headers of every request. Identity, because decompression would hold deltas back."""
    headers = {
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "chatsite",
    }
    if secret := endpoint.secret.strip():
        if not (secret.isascii() and secret.isprintable()):
            raise UpstreamError("invalid_key", "The key holds characters that no key has. Was it copied whole?")
        headers["authorization"] = f"Bearer {secret}"
    for name, value in endpoint.headers.items():
        if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum() and _is_sendable(value)):
            raise UpstreamError("bad_request", "A header set for this provider holds characters that cannot be sent.")
        headers[name.lower()] = value
    return headers


def _is_sendable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def secrets_of(endpoint: Endpoint) -> tuple[str, ...]:
    """Return what must not come back in an error: the key, and headers whose names say that they are secret."""
    named = (value for name, value in endpoint.headers.items() if any(word in name.lower() for word in _SECRET_NAMES))
    return (endpoint.secret, *named)
