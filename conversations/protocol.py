"""The wire between page and server: every command and every frame, and nothing else.

Commands come from the page as JSON text frames and are decoded and checked in one pass by ``parse_command``.
Frames go to the page and are encoded once by ``encode``. docs/protocol.md tells the same for clients of
other makers; a test keeps the two and ``static/js/protocol.js`` in step. Pure: imports only ``errors``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from conversations.errors import Invalid, TooLong

MAX_COMMAND_BYTES = 64 * 1024
"""The largest command frame: a question of about 60,000 characters; pictures travel by HTTP."""

MAX_ATTACHMENTS = 10

Status = Literal["waiting", "streaming", "complete", "stopped", "failed", "interrupted"]
Ref = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
ModelName = Annotated[str, Meta(min_length=1, max_length=200)]
Attachments = Annotated[tuple[UUID, ...], Meta(max_length=MAX_ATTACHMENTS)]


# Commands


class Watch(Struct, tag="watch", frozen=True):
    """Join a conversation; ``after`` is the last message the page already shows."""

    conversation: UUID
    after: UUID | None = None


class Unwatch(Struct, tag="unwatch", frozen=True):
    """Leave a conversation."""

    conversation: UUID


class Seen(Struct, tag="seen", frozen=True):
    """Say that the last answer of a conversation has been before somebody's eyes."""

    conversation: UUID


class Send(Struct, tag="send", frozen=True):
    """Ask something; ``ref`` makes it idempotent, ``parent`` is the message the person saw as the last one.

    A new conversation that is ``temporary`` is in no list and vanishes after a day.
    """

    ref: Ref
    text: str
    conversation: UUID | None = None
    parent: UUID | None = None
    attachments: Attachments = ()
    model: ModelName | None = None
    temporary: bool = False


class Edit(Struct, tag="edit", frozen=True):
    """Ask a question anew in other words: a new branch beside the old question."""

    ref: Ref
    message: UUID
    text: str
    attachments: Attachments = ()
    model: ModelName | None = None


class Regenerate(Struct, tag="regenerate", frozen=True):
    """Answer the same question again: a new sibling of ``message``."""

    ref: Ref
    message: UUID
    model: ModelName | None = None


class Continue(Struct, tag="continue", frozen=True):
    """Let an answer that was stopped, cut or failed go on where it ended."""

    ref: Ref
    message: UUID


class Stop(Struct, tag="stop", frozen=True):
    """End a running answer; what was seen stays."""

    message: UUID


class Resync(Struct, tag="resync", frozen=True):
    """Ask for a snapshot, after a gap in ``seq``."""

    message: UUID


class Ack(Struct, tag="ack", frozen=True):
    """Say what has been shown, so that the server may send more."""

    message: UUID
    seq: Annotated[int, Meta(ge=0, le=2**53)]


Command = Watch | Unwatch | Seen | Send | Edit | Regenerate | Continue | Stop | Resync | Ack

_commands: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_ref_of = msgspec.json.Decoder(dict[str, Any])


def parse_command(text: str) -> Command:
    """Decode one command.

    Raises ``TooLong`` beyond ``MAX_COMMAND_BYTES`` and ``Invalid`` for everything that is no command.
    """
    if len(text) > MAX_COMMAND_BYTES or len(text.encode("utf-8", "replace")) > MAX_COMMAND_BYTES:
        raise TooLong("This is too long to be sent at once.")
    try:
        return _commands.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as exc:
        raise Invalid(f"This command is not understood: {exc}") from exc


def ref_of(text: str) -> str | None:
    """Return the ``ref`` of a command that could not be parsed, so that its sender knows which one failed."""
    if len(text) > MAX_COMMAND_BYTES:
        return None
    try:
        ref = _ref_of.decode(text).get("ref")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return ref if isinstance(ref, str) and len(ref) <= 64 else None


# Frames


class Accepted(Struct, tag="accepted", frozen=True, omit_defaults=True):
    """A command was carried out; ``branched``: the conversation had moved on and both versions are kept."""

    ref: str
    conversation: UUID
    question: UUID
    answer: UUID
    branched: bool = False


class Refused(Struct, tag="refused", frozen=True):
    """A command was not carried out."""

    ref: str | None
    code: str
    message: str
    retryable: bool
    trace_id: str | UnsetType = UNSET


class MessageFrame(Struct, tag="message", frozen=True):
    """A whole message as HTML of the page's own partial; ``ref`` only for the socket that asked for it."""

    conversation: UUID
    message: UUID
    parent: UUID | None
    role: str
    html: str
    ref: str | UnsetType = UNSET


class Watched(Struct, tag="watched", frozen=True):
    """Everything the page missed has been sent."""

    conversation: UUID


class Delta(Struct, tag="delta", frozen=True):
    """What is new since ``seq - 1``: patches ``(block, keep, html)`` and further text of the reasoning."""

    message: UUID
    seq: int
    length: int
    patches: list[tuple[int, int, str | None]]
    reasoning: str | UnsetType = UNSET


class Snapshot(Struct, tag="snapshot", frozen=True):
    """The whole state of an answer; frames at or below ``seq`` are to be dropped.

    ``thinking`` is for how many seconds it has thought; once there are blocks it thinks no more.
    """

    message: UUID
    seq: int
    length: int
    blocks: list[str]
    status: Status
    reasoning: str = ""
    place: int | UnsetType = UNSET
    thinking: int | UnsetType = UNSET


class Queued(Struct, tag="queued", frozen=True):
    """The provider is busy: this is the answer's place in the line, 1 is next, 0 is over."""

    message: UUID
    place: int


class End(Struct, tag="end", frozen=True):
    """The last frame of an answer; ``html`` is the whole article, its blocks equal to what was streamed."""

    message: UUID
    seq: int
    length: int
    status: Status
    html: str
    usage: dict[str, Any] | UnsetType = UNSET
    error: dict[str, Any] | UnsetType = UNSET
    allowance: str | UnsetType = UNSET


class ConversationFrame(Struct, tag="conversation", frozen=True):
    """A row of the sidebar changed: title, or whether an answer is being written."""

    conversation: UUID
    title: str
    answering: bool
    html: str


class ConversationDeleted(Struct, tag="conversation_deleted", frozen=True):
    """A conversation is gone."""

    conversation: UUID


class ThreadChanged(Struct, tag="thread", frozen=True):
    """Messages of a conversation are gone: what is shown of it is to be fetched anew."""

    conversation: UUID


class SidebarChanged(Struct, tag="sidebar", frozen=True):
    """Rows have changed places, or folders: the list is to be fetched anew."""


class Beat(Struct, tag="beat", frozen=True):
    """The socket lives."""


Frame = (
    Accepted
    | Refused
    | MessageFrame
    | Watched
    | Delta
    | Snapshot
    | Queued
    | End
    | ConversationFrame
    | ConversationDeleted
    | SidebarChanged
    | ThreadChanged
    | Beat
)

_frames = msgspec.json.Encoder()


def encode(frame: Frame) -> str:
    """Encode a frame as the text that goes over the socket."""
    return _frames.encode(frame).decode()
