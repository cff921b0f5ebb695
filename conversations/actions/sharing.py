"""Show a part of a conversation to others by a link, take the link back, and go on from what others have shown."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Length
from django.utils import timezone

from conversations import access, secrets
from conversations.actions import attachments as attached
from conversations.actions.chats import keep_chat
from conversations.errors import Busy, Forbidden, Invalid, LimitReached, TooLong
from conversations.models import (
    Attachment,
    AttachmentUse,
    Conversation,
    Generation,
    Message,
    ShareLink,
    SitePolicy,
    User,
)
from conversations.models.conversations import TITLE_LENGTH
from conversations.models.messages import LIVE
from conversations.models.sharing import Seen, digest_of, new_token
from conversations.names import on_one_line
from conversations.pictures import Remade
from conversations.rendering import VERSION
from conversations.transfer.formats import Chat, Run, Said

logger = logging.getLogger(__name__)

LASTS: dict[str, timedelta | None] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "ever": None,
}
MOST_LINKS = 500
"""Of one person; a page of them stays readable, and nobody needs more at the same time."""


@dataclass(frozen=True, slots=True)
class Part:
    """What would become visible: a branch from its beginning to its last message."""

    conversation: Conversation
    last: Message
    seen: list[Seen]
    questions: int

    @property
    def answers(self) -> int:
        return len(self.seen) - self.questions

    @property
    def thinking(self) -> int:
        return sum(bool(one.reasoning) for one in self.seen)


def part_for(user: User, conversation: UUID, until: UUID | None = None) -> Part:
    """Return the shown branch, or the branch up to ``until``. Raises ``Forbidden``, ``Invalid`` or ``Busy``."""
    if SitePolicy.current().sharing == SitePolicy.Sharing.OFF:
        raise Forbidden("Chats are not shared on this site.")
    home = access.conversation_for(user, conversation)
    leaf = home.leaf_id
    if until is not None:
        last = access.message_for(user, until)
        if last.conversation_id != home.pk:
            raise Invalid("This message belongs to another conversation.")
        leaf = last.pk
    path = Message.objects.path_ids(leaf) if leaf else []
    if not path:
        raise Invalid("There is nothing to share in this chat yet.")
    # Lengths in place of texts: a chat of 10,000 messages is counted, not read.
    rows = Message.objects.filter(conversation=home).annotate(said=Length("text"), thought=Length("reasoning"))
    facts = {row["pk"]: row for row in rows.values("pk", "role", "status", "said", "thought")}
    if any(facts[pk]["status"] in LIVE for pk in path):
        raise Busy("The answer is still being written. Wait for it or stop it, then share.")
    questions = sum(facts[pk]["role"] == Message.Role.USER for pk in path)
    seen = [Seen(pk, facts[pk]["said"], facts[pk]["thought"]) for pk in path]
    return Part(home, Message.objects.get(pk=path[-1]), seen, questions)


def share(
    user: User,
    conversation: UUID,
    *,
    until: UUID | None = None,
    title: str = "",
    lasts: str = "month",
    audience: str = ShareLink.Audience.ANYBODY,
    shows_thinking: bool = False,
) -> ShareLink:
    """Make a link to what ``part_for`` returns, as it is now."""
    part = part_for(user, conversation, until)
    title = on_one_line(title)
    if len(title) > TITLE_LENGTH:
        raise TooLong("A title has at most {count} characters.", count=TITLE_LENGTH)
    if lasts not in LASTS or audience not in ShareLink.Audience.values:
        raise Invalid("Choose how long the link lasts and who may open it.")
    if ShareLink.objects.owned_by(user).count() >= MOST_LINKS:
        raise LimitReached("You have {count} links. Revoke some first.", count=MOST_LINKS)
    if SitePolicy.current().sharing == SitePolicy.Sharing.PEOPLE:
        audience = ShareLink.Audience.PEOPLE
    token, span = new_token(), LASTS[lasts]
    return ShareLink.objects.create(
        conversation=part.conversation,
        owner=user,
        title=title or part.conversation.title,
        digest=digest_of(token),
        sealed_token=secrets.seal(token),
        audience=audience,
        shows_thinking=shows_thinking,
        snapshot=[[str(one.message), one.text, one.reasoning] for one in part.seen],
        expires_at=timezone.now() + span if span else None,
    )


def revoke(user: User, link: UUID) -> ShareLink:
    """End a link at once and for good; its address is that of nothing from now on."""
    found = access.share_link_for(user, link)
    ShareLink.objects.filter(pk=found.pk).delete()
    return found


def token_of(link: ShareLink) -> str:
    """Return the secret of a link for its owner; empty if it was sealed under a key that is gone."""
    try:
        return secrets.unseal(link.sealed_token)
    except secrets.CannotOpen:
        return ""


def seal_anew() -> None:
    """Seal under the present ``SECRET_KEY`` what an earlier one sealed; what cannot be opened stays as it is."""
    for pk, sealed in ShareLink.objects.values_list("pk", "sealed_token").iterator():
        try:
            anew = secrets.sealed_anew(sealed)
        except secrets.CannotOpen:
            continue  # its holders can go on using it; its owner can only revoke it
        if anew != sealed:
            ShareLink.objects.filter(pk=pk, sealed_token=sealed).update(sealed_token=anew)


# What is shown


def seen_messages(link: ShareLink, first: int = 1, count: int | None = None) -> list[tuple[int, Message]]:
    """Return messages of a snapshot with their numbers, from the ``first`` on, as they were then and not to be saved.

    Those that were deleted since are left out.
    """
    seen = link.seen[first - 1 :] if count is None else link.seen[first - 1 : first - 1 + count]
    found: dict[UUID, Message] = {}
    for start in range(0, len(seen), 500):  # SQLite binds 999 values in its older builds
        wanted = [one.message for one in seen[start : start + 500]]
        found |= Message.objects.filter(conversation=link.conversation_id).in_bulk(wanted)
    return [
        (number, _as_then(found[one.message], one)) for number, one in enumerate(seen, first) if one.message in found
    ]


def _as_then(message: Message, seen: Seen) -> Message:
    if len(message.text) > seen.text:
        message.text, message.render_version = message.text[: seen.text], 0
    message.reasoning = message.reasoning[: seen.reasoning]
    return message


# Going on from it


def copy(user: User, token: str, ref: str) -> Conversation:
    """Make a conversation of one's own of what a link shows; the same ``ref`` again is the same copy.

    Pictures are stored for the new owner, within their own room. Raises ``NotFound``, ``Invalid`` or ``NoRoom``.
    """
    link = access.shared_link(token, user)
    key = digest_of(f"copy {ref}")
    if known := Conversation.objects.owned_by(user).present().filter(import_key=key).first():
        return known
    messages = [message for _, message in seen_messages(link)]
    if not messages:
        raise Invalid("There is nothing left to copy.")
    copied = keep_chat(user, _chat_of(link, messages), _copied_pictures(user, messages), key)
    return copied or Conversation.objects.owned_by(user).present().get(import_key=key)


def _chat_of(link: ShareLink, messages: list[Message]) -> Chat:
    runs = Generation.objects.in_bulk([one.generation_id for one in messages if one.generation_id])
    keys = [str(one.pk) for one in messages]
    said = [
        Said(
            key=key,
            parent=above,
            role=one.role,
            text=one.text,
            status=Message.Status.INTERRUPTED if one.is_live else one.status,
            reasoning=one.reasoning if link.shows_thinking else "",
            run=_run_of(one, runs.get(one.generation_id)) if one.is_answer else None,
            blocks=tuple(one.blocks) if one.is_answer and one.render_version == VERSION else None,
        )
        for one, key, above in zip(messages, keys, [None, *keys], strict=False)
    ]
    return Chat(key=str(link.pk), title=link.title, leaf=keys[-1], said=said)


def _run_of(message: Message, old: Generation | None) -> Run:
    """Return which model wrote an answer, and from what; how long it took and what it cost stays with its owner."""
    is_good = message.status in (Message.Status.COMPLETE, Message.Status.STOPPED)
    sources = tuple((address, title) for address, title in old.sources) if old else ()
    return Run(model=old.model_label if old else "", sources=sources, error_code="" if is_good else "interrupted")


def _copied_pictures(user: User, messages: list[Message]) -> dict[str, list[Attachment]]:
    """Store the pictures of ``messages`` for somebody else; one whose files are lost is left out."""
    copies: dict[str, list[Attachment]] = {}
    questions = [one.pk for one in messages if not one.is_answer]
    for start in range(0, len(questions), 500):
        uses = AttachmentUse.objects.filter(message__in=questions[start : start + 500]).select_related("attachment")
        for use in uses.order_by("message", "position"):
            if (picture := _copied_picture(user, use.attachment)) is not None:
                copies.setdefault(str(use.message_id), []).append(picture)
    return copies


def _copied_picture(user: User, old: Attachment) -> Attachment | None:
    if old.address:
        return attached.keep_address(user, old.address)
    try:
        content, thumbnail = old.read(old.picture_file), old.read(old.thumbnail_file)
    except FileNotFoundError:
        logger.error("The files of picture %s are gone", old.pk)
        return None
    made = Remade(content, old.media_type, old.width or 0, old.height or 0, thumbnail)
    return attached.keep_picture(user, old.name, made)
