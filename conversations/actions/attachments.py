"""Take pictures, put them on questions, and remove what nobody uses any more."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from conversations import access, conf
from conversations.errors import Invalid, NoRoom, NoVision
from conversations.models import Attachment, AttachmentUse, ChatModel, Message, User
from conversations.pictures import Remade, clean_name

logger = logging.getLogger(__name__)

_LONGEST_ADDRESS = 2_000


def keep_picture(user: User, name: str, made: Remade) -> Attachment:
    """Store a remade picture; the same one again is the row that is there. Raises ``NoRoom``.

    Files come before the row: a crash in between leaves files that the next upload of the picture writes again.
    """
    digest = hashlib.sha256(made.content).hexdigest()
    if known := _known(user, digest):
        return known
    encoded = base64.b64encode(made.content)
    new = Attachment(
        owner=user,
        name=clean_name(name),
        digest=digest,
        media_type=made.media_type,
        width=made.width,
        height=made.height,
        size=len(made.content) + len(made.thumbnail) + len(encoded),
    )
    if used_bytes(user) + new.size > conf.pictures().storage_bytes:
        room = conf.pictures().storage_bytes // 1024**2
        raise NoRoom(
            "Your pictures take all of your {room} MB. Delete conversations with pictures to make room.", room=room
        )
    store = storages["pictures"]
    for file, content in zip(new.files, (made.content, made.thumbnail, encoded), strict=True):
        if not store.exists(file):
            store.save(file, ContentFile(content))
    return _saved(user, new)


def keep_address(user: User, address: str) -> Attachment:
    """Keep a public address in place of a file; the provider fetches it, this site never does.

    Raises ``Invalid`` unless it is an https address without a name and password in it.
    """
    address = address.strip()
    try:
        parts = urlsplit(address)
        is_good = parts.scheme == "https" and parts.hostname and "." in parts.hostname and not parts.username
    except ValueError:
        is_good = False
    if not is_good or len(address) > _LONGEST_ADDRESS or any(sign <= " " or sign == "\x7f" for sign in address):
        raise Invalid("Write the public address of a picture, beginning with https://.")
    digest = hashlib.sha256(b"address " + address.encode()).hexdigest()
    if known := _known(user, digest):
        return known
    name = clean_name(parts.path.rpartition("/")[2] or str(parts.hostname))
    return _saved(user, Attachment(owner=user, name=name, address=address, digest=digest))


def check(user: User, attachments: Sequence[UUID], chat_model: ChatModel) -> list[Attachment]:
    """Return the pictures in the order of their ids. Raises ``NotFound`` or ``NoVision``."""
    found = access.attachments_for(user, attachments)
    if found and not chat_model.can_see:
        raise NoVision(f"{chat_model.label} cannot see pictures. Choose a model that can, or take them off.")
    return found


def put_on(question: Message, attachments: Sequence[Attachment]) -> None:
    """Give a question its pictures."""
    AttachmentUse.objects.bulk_create(
        AttachmentUse(message=question, attachment=attachment, position=position)
        for position, attachment in enumerate(attachments)
    )


def ids_of(question: Message) -> list[UUID]:
    return list(
        AttachmentUse.objects.filter(message=question).order_by("position").values_list("attachment", flat=True)
    )


def used_bytes(user: User) -> int:
    total = Attachment.objects.owned_by(user).aggregate(total=models.Sum("size"))["total"]
    return int(total or 0)


def sweep() -> int:
    """Remove pictures that no message uses, files first; return how many.

    Daily. A file that cannot be removed keeps its row, so that the next sweep tries again.
    """
    removed = 0
    for attachment in Attachment.objects.unused():
        try:
            attachment.delete_files()
        except OSError:
            logger.exception("The files of picture %s could not be removed", attachment.pk)
            continue
        # Guarded: somebody may have sent it again in this moment, and then the files are written again on upload.
        removed += Attachment.objects.unused().filter(pk=attachment.pk).delete()[0]
    return removed


def _known(user: User, digest: str) -> Attachment | None:
    """Return the picture if it is stored already; touching it keeps the sweep away."""
    Attachment.objects.owned_by(user).filter(digest=digest).update(touched_at=timezone.now())
    found = Attachment.objects.owned_by(user).filter(digest=digest).first()
    if found is not None and all(storages["pictures"].exists(file) for file in found.files):
        return found
    return None


def _saved(user: User, new: Attachment) -> Attachment:
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError:  # the same picture at the same moment, or its files had been lost
        return Attachment.objects.owned_by(user).get(digest=new.digest)
    return new
