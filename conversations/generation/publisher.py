"""Send frames to whom they concern: sockets of this process directly, other processes by the mesh."""

from __future__ import annotations

from uuid import UUID

from conversations import process
from conversations.generation.hub import Socket
from conversations.generation.mesh import mesh
from conversations.generation.ports import GenerationJob
from conversations.protocol import (
    ConversationDeleted,
    ConversationFrame,
    Delta,
    Frame,
    SidebarChanged,
    Snapshot,
    encode,
)


def publish(job: GenerationJob, frame: Delta | Snapshot) -> None:
    """Send a frame of a running answer; encoded once for everybody."""
    is_local = process.hub.is_watched(job.conversation)
    is_remote = mesh().is_watched_elsewhere(job.conversation)
    if not is_local and not is_remote:
        return
    text = encode(frame)
    if is_local:
        process.hub.live(job.conversation, frame.message, frame.seq, text)
    if is_remote:
        mesh().send_live(job.conversation, frame.message, frame.seq, text)


def tell_watchers(conversation: UUID, frame: Frame, *, but: Socket | None = None) -> None:
    """Send a frame to everybody who has the conversation open, but one socket."""
    text = encode(frame)
    process.hub.tell_watchers(conversation, text, but=but)
    mesh().tell_watchers(conversation, text)


def tell_person(user: UUID, frame: ConversationFrame | ConversationDeleted | SidebarChanged) -> None:
    """Send a frame to all open pages of a person, and to those that are being loaded."""
    text = encode(frame)
    about = None if isinstance(frame, SidebarChanged) else frame.conversation
    process.hub.tell_person(user, about, text)
    mesh().tell_person(user, about, text)
