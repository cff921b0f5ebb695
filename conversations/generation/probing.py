"""Ask a provider whether it would answer, for whoever sets it up: its list of models, or one token of an answer.

What comes back is a code and the provider's own words, which never hold the key; an administrator may read them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from conversations.upstream import ChatRequest, Endpoint, Turn, UpstreamClient, UpstreamError

_PATIENCE = 20.0
"""Seconds: somebody waits in front of a button."""

_NO_LIST = frozenset({"unreachable", "protocol", "bad_request", "provider_error", "model_not_found", "too_large"})
"""What a provider without a list may answer to a request for it; the others are true of its answers as well."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a provider answered: nothing wrong where ``error`` is None; ``models`` is None where it has no list."""

    models: list[str] | None = None
    asked: str = ""  # the model that gave one token
    error: UpstreamError | None = field(default=None, repr=False)


async def probe(endpoint: Endpoint, model: str = "") -> Finding:
    """Ask for the list, which some providers give to anybody, and then ``model``, if there is one, for one token."""
    endpoint = _impatient(endpoint)
    models = None
    async with UpstreamClient() as client:  # of its own: what it finds must not come over a connection of before
        try:
            models = await client.list_models(endpoint)
        except UpstreamError as error:
            if error.status is None or error.code not in _NO_LIST or not model:
                return Finding(error=error)
        if not model:
            return Finding(models)
        try:
            await client.complete(endpoint, ChatRequest(model, (Turn("user", "Hi"),), {"max_tokens": 1}))
        except UpstreamError as error:
            return Finding(models, error=error)
    return Finding(models, asked=model)


async def listed(endpoint: Endpoint) -> list[str]:
    """Return the names of a provider's list; ``UpstreamError`` where it has none."""
    async with UpstreamClient() as client:
        return await client.list_models(_impatient(endpoint))


def _impatient(endpoint: Endpoint) -> Endpoint:
    timeouts = endpoint.timeouts
    shorter = replace(timeouts, connect=min(timeouts.connect, _PATIENCE), first=min(timeouts.first, _PATIENCE))
    return replace(endpoint, timeouts=shorter)
