"""What a caller asks for, as values, and the one place that turns them into the provider's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

JSON: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

_OURS = frozenset({"model", "messages", "stream", "stream_options"})
"""Members that parameters of a model cannot replace."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, for the first delta, and between two later ones.

    Comment lines and role-only chunks do not count as the first delta; a provider that only says that it
    is alive is given up after ``first``. Comment lines never count.
    """

    connect: float = 10.0
    first: float = 120.0
    stall: float = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a provider may send.

    ``answer``: characters of text and reasoning together. ``event``: bytes of one server-sent event or of one
    answer that is not streamed. ``body``: bytes of everything; 128 per character is ample for chunks of 300
    bytes that carry four characters each.
    """

    answer: int = 1_000_000
    event: int = 8 * 1024 * 1024
    body: int = 128_000_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is and how to be let in. The secret goes to this origin and nowhere else."""

    base_url: str
    secret: str = field(default="", repr=False)
    timeouts: Timeouts = Timeouts()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words in a turn that also holds pictures."""

    text: str

    def to_json(self) -> dict[str, JSON]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture: a public https address or a ``data:image/…;base64,…`` URL."""

    url: str = field(repr=False)
    detail: Literal["auto", "low", "high"] | None = None

    def to_json(self) -> dict[str, JSON]:
        image: dict[str, JSON] = {"url": self.url}
        if self.detail is not None:
            image["detail"] = self.detail
        return {"type": "image_url", "image_url": image}


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation as the provider sees it."""

    role: Literal["system", "user", "assistant"]
    content: str | tuple[TextPart | ImagePart, ...]

    def to_json(self) -> dict[str, JSON]:
        if isinstance(self.content, str):
            return {"role": self.role, "content": self.content}
        return {"role": self.role, "content": [part.to_json() for part in self.content]}


@dataclass(frozen=True, slots=True)
class Parameters:
    """How a model is to answer; None leaves it to whoever comes next, at last to the provider."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    reasoning_effort: str | None = None

    def over(self, other: Parameters) -> Parameters:
        """Return these, and those of ``other`` where these say nothing."""
        chosen = {
            name: getattr(other, name) if (mine := getattr(self, name)) is None else mine for name in self.__slots__
        }
        return Parameters(**chosen)

    def to_json(self) -> dict[str, JSON]:
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """The whole conversation, oldest turn first, and how the model is to answer it."""

    model: str
    turns: tuple[Turn, ...]
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    include_usage: bool = True

    def to_json(self, *, stream: bool, stream_options: bool) -> bytes:
        """Return the request body; ``stream_options`` is False for a provider known to refuse that member."""
        body: dict[str, JSON] = {
            name: value for name, value in self.parameters.items() if name not in _OURS and value is not None
        }
        body["model"] = self.model
        body["messages"] = [turn.to_json() for turn in self.turns]
        body["stream"] = stream
        if stream and stream_options and self.include_usage:
            body["stream_options"] = {"include_usage": True}
        return _encoded(body)


def _encoded(body: dict[str, JSON]) -> bytes:
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        # A lone surrogate somewhere in a text: no JSON reader takes it, so it is sent as U+FFFD.
        return msgspec.json.encode(_without_surrogates(body))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    return value
