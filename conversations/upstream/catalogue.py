"""The list of models that a provider serves at ``/models``, in the shapes that are about."""

from __future__ import annotations

from typing import Any, Final

from conversations.upstream.deltas import NotAChunk, parse_object
from conversations.upstream.failures import Reply

_MOST: Final = 10_000
_LONGEST: Final = 200


def model_names(body: bytes, reply: Reply) -> list[str]:
    """Return the names in the provider's order, each once. Raises ``UpstreamError`` where there is no list."""
    try:
        # A bare list is not an object: put one around it.
        value = parse_object(b'{"data":%b}' % body if body.lstrip().startswith(b"[") else body)
    except NotAChunk:
        raise reply.error("protocol", "The provider's list of models is not JSON.") from None
    models = value.get("data", value.get("models"))
    if not isinstance(models, list):
        if value.get("error"):
            raise reply.from_object(value)
        raise reply.error("protocol", "The provider's list of models has an unknown shape.")
    return list(dict.fromkeys(name for model in models[:_MOST] if (name := _name_of(model))))


def _name_of(model: Any) -> str:
    if isinstance(model, dict):
        model = next((model[key] for key in ("id", "name", "model") if isinstance(model.get(key), str)), "")
    if not isinstance(model, str) or not 0 < len(model) <= _LONGEST or not model.isprintable():
        return ""
    return model
