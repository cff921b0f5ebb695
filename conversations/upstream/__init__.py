"""The provider side: one pooled client that asks OpenAI-compatible Chat Completions providers and reads answers.

What lives here: ``sse`` (bytes to events), ``deltas`` (events to typed deltas), ``answers`` (a whole answer's
state: limits, end, errors within), ``failures`` (bad answers to ``UpstreamError``), ``retries`` (when to ask
again), ``client`` (the only file that touches the network). All but ``client`` is sans-IO and free of clocks.

It may import: httpx, httpx-aiohttp, aiohttp and msgspec. Nothing of ours: it does not know that browsers,
databases or Django exist.

What must stay true: whatever bytes a provider sends, the caller sees deltas in order and then exactly one of
two ends, a ``Finished`` delta or one ``UpstreamError``; and no text that leaves this room holds the secret, a
NUL or a lone surrogate.
"""

from conversations.upstream.addresses import is_sendable
from conversations.upstream.client import UpstreamClient
from conversations.upstream.deltas import Delta, Finished, ReasoningDelta, SourcesDelta, TextDelta, UsageDelta
from conversations.upstream.errors import CODES, UpstreamError
from conversations.upstream.requests import (
    JSON,
    ChatRequest,
    Endpoint,
    ImagePart,
    Limits,
    Parameters,
    TextPart,
    Timeouts,
    Turn,
)

__all__ = [
    "CODES",
    "JSON",
    "ChatRequest",
    "Delta",
    "Endpoint",
    "Finished",
    "ImagePart",
    "Limits",
    "Parameters",
    "ReasoningDelta",
    "SourcesDelta",
    "TextDelta",
    "TextPart",
    "Timeouts",
    "Turn",
    "UpstreamClient",
    "UpstreamError",
    "UsageDelta",
    "is_sendable",
]
