"""Where a request goes and what lets it in: addresses and headers of an endpoint, checked before anything is sent."""

from __future__ import annotations

from typing import Final

import httpx

from conversations.upstream.errors import UpstreamError
from conversations.upstream.requests import Endpoint

_CHAT: Final = "/chat/completions"
_MODELS: Final = "/models"
_MOST_OF_A_HEADER: Final = 4_000
_NOT_FOR_OTHERS: Final = frozenset(
    {
        "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type",
        "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
        "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""What this client says itself: who is asked, with which key, and how the body travels."""


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
        if not is_sendable(name, value):
            raise UpstreamError("bad_request", "A header set for this provider cannot be sent.")
        headers[name.lower()] = value
    return headers


def is_sendable(name: str, value: str) -> bool:
    """Tell whether a header may go along: one line of plain characters, and none that this client sets itself."""
    is_name = name.isascii() and name.replace("-", "").replace("_", "").isalnum() and len(name) <= 100
    is_value = value.isascii() and value.isprintable() and len(value) <= _MOST_OF_A_HEADER
    return is_name and is_value and name.lower() not in _NOT_FOR_OTHERS


def secrets_of(endpoint: Endpoint) -> tuple[str, ...]:
    """Return what must not come back in an error: the key and the values of all headers."""
    return (endpoint.secret, *endpoint.headers.values())
