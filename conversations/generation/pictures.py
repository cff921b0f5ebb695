"""Pictures on their way to the provider: inside the request, or as signed addresses of this site."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from uuid import UUID

from django.core import signing
from django.urls import reverse

from conversations import conf
from conversations.models import Attachment, AttachmentUse
from conversations.upstream import ImagePart, TextPart

logger = logging.getLogger(__name__)

SIGNED_SECONDS = 3600
"""How long a signed address can be fetched: providers do it at once or, queued, within minutes."""
_SALT = "conversations.pictures"
_LEFT_OUT = "[A picture was here.]"

Part = TextPart | ImagePart


def for_turns(conversation: UUID, path: Sequence[UUID], *, can_see: bool) -> dict[UUID, list[Part]]:
    """Return the parts for the pictures of each question of a branch.

    Of those beyond ``CHAT_MAX_PICTURES``, and of all for a model that cannot see, only a word goes along.
    """
    uses = AttachmentUse.objects.filter(message__conversation=conversation).select_related("attachment")
    by_message: dict[UUID, list[Attachment]] = {}
    for use in uses.order_by("message", "position"):
        by_message.setdefault(use.message_id, []).append(use.attachment)
    left = conf.pictures().most_sent if can_see else 0
    parts: dict[UUID, list[Part]] = {}
    for message in reversed(path if by_message else ()):
        for attachment in reversed(by_message.get(message, [])):
            part = _part(attachment) if left > 0 else TextPart(_LEFT_OUT)
            left -= 1
            parts.setdefault(message, []).insert(0, part)
    return parts


def content_of(text: str, parts: Sequence[Part]) -> str | tuple[Part, ...]:
    """Return the content of a turn: plain text, or its text and its pictures."""
    if not parts:
        return text
    content = (TextPart(text), *parts) if text else tuple(parts)
    words = [part.text for part in content if isinstance(part, TextPart)]
    return "\n\n".join(words) if len(words) == len(content) else content  # blind models may not know of parts either


def signed_address(attachment: Attachment) -> str:
    token = signing.dumps(str(attachment.pk), salt=_SALT)
    return conf.site_origin() + reverse("attachment:signed", args=[token])


def signed_attachment(token: str) -> Attachment | None:
    """Return the picture of a signed address, or None if it is wrong or too old."""
    try:
        key = signing.loads(token, salt=_SALT, max_age=SIGNED_SECONDS)
    except signing.BadSignature:
        return None
    return Attachment.objects.filter(pk=key, address="").first()


def _part(attachment: Attachment) -> Part:
    if attachment.address:
        return ImagePart(attachment.address)
    if conf.pictures().are_sent_by_address and conf.site_origin():
        return ImagePart(signed_address(attachment))
    try:
        encoded = attachment.read(attachment.encoded_file).decode("ascii")
    except FileNotFoundError:
        logger.error("The files of picture %s are gone", attachment.pk)
        return TextPart(_LEFT_OUT)
    return ImagePart(f"data:{attachment.media_type};base64,{encoded}")
