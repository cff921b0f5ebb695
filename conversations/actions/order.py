"""Order conversations: pin, archive, put into folders, tag, and know which of them have an answer to be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import access
from conversations.errors import Invalid, LimitReached, TooLong
from conversations.models import Conversation, Folder, Tag, User
from conversations.models.folders import NAME_LENGTH, key_of
from conversations.names import on_one_line

MOST_PINNED = 50
MOST_FOLDERS = 100
MOST_TAGS = 200
MOST_TAGS_OF_ONE = 10
MOST_AT_ONCE = 100
"""Chats that one form changes: what a page of the list shows."""


class NoFolder(Enum):
    """The place outside of all folders."""

    NO_FOLDER = "no folder"


NO_FOLDER = NoFolder.NO_FOLDER


# One chat


def pin(user: User, conversation: UUID) -> None:
    """Keep a chat above all others; one that is pinned stays where it is."""
    found = access.conversation_for(user, conversation)
    _check_listed(found)
    if Conversation.objects.owned_by(user).pinned().exclude(pk=found.pk).count() >= MOST_PINNED:
        raise LimitReached("You have pinned {count} chats. Unpin some first.", count=MOST_PINNED)
    Conversation.objects.filter(pk=found.pk, pinned_at=None).update(pinned_at=timezone.now())


def unpin(user: User, conversation: UUID) -> None:
    found = access.conversation_for(user, conversation)
    Conversation.objects.filter(pk=found.pk).update(pinned_at=None)


def archive(user: User, conversation: UUID) -> None:
    """Take a chat out of the list into the archive; it keeps its folder, its pin and its tags."""
    found = access.conversation_for(user, conversation)
    _check_listed(found)
    Conversation.objects.filter(pk=found.pk, archived_at=None).update(archived_at=timezone.now())


def unarchive(user: User, conversation: UUID) -> None:
    found = access.conversation_for(user, conversation)
    Conversation.objects.filter(pk=found.pk).update(archived_at=None)


@transaction.atomic
def arrange(
    user: User,
    conversation: UUID,
    *,
    folder: UUID | NoFolder | None = None,
    new: str = "",
    tags: str | None = None,
) -> None:
    """Put a chat into a folder, into one of the name ``new`` or into ``NO_FOLDER``, and give it exactly these tags.

    ``tags`` are separated by commas. None leaves folder or tags as they are.
    """
    found = access.conversation_for(user, conversation)
    _check_listed(found)
    if folder is not None or new.strip():
        Conversation.objects.filter(pk=found.pk).update(folder=_folder(user, folder, new))
    if tags is not None:
        found.tags.set(_tags(user, tags))
        _forget_idle_tags(user)


def mark_seen(user: User, conversation: UUID) -> bool:
    """Note that the person has seen the last answer; False if that was known."""
    found = access.conversation_for(user, conversation)
    if not found.is_unread:
        return False
    now = timezone.now()
    # Another machine's clock may have stamped the answer.
    seen = max(now, found.answered_at or now)
    return Conversation.objects.filter(pk=found.pk, seen_at=found.seen_at).update(seen_at=seen) == 1


def _check_listed(found: Conversation) -> None:
    if found.vanishes_at is not None:
        raise Invalid("A temporary chat is in no list.")


# Several chats


@transaction.atomic
def carry_out(
    user: User, act: str, conversations: Sequence[UUID], *, folder: UUID | None = None, new: str = "", tags: str = ""
) -> list[UUID]:
    """Do the same with several chats, all or none; return their ids. ``NotFound`` if one is not there."""
    verb = _of_several(user, folder, new, tags).get(act)
    if verb is None:
        raise Invalid("Choose what to do with the chats.")
    if not conversations:
        raise Invalid("Choose one chat at least.")
    if len(conversations) > MOST_AT_ONCE:
        raise TooLong("Choose {count} chats at most.", count=MOST_AT_ONCE)
    find = access.deleted_conversations_for if act == "restore" else access.conversations_for
    rows = find(user, conversations)
    for row in rows:
        _check_listed(row)
    verb(rows)
    return [row.pk for row in rows]


def _of_several(
    user: User, folder: UUID | None, new: str, tags: str
) -> dict[str, Callable[[list[Conversation]], object]]:
    def update(rows: list[Conversation], **fields: object) -> None:
        Conversation.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)

    def add_tags(rows: list[Conversation]) -> None:
        words = _tags(user, tags)
        if not words:
            raise Invalid("Write one tag at least.")
        for row in rows:
            row.tags.add(*words)
            if row.tags.count() > MOST_TAGS_OF_ONE:
                raise LimitReached("A chat has {count} tags at most.", count=MOST_TAGS_OF_ONE)

    return {
        "archive": lambda rows: update([row for row in rows if row.archived_at is None], archived_at=timezone.now()),
        "unarchive": lambda rows: update(rows, archived_at=None),
        "delete": lambda rows: update(rows, deleted_at=timezone.now()),
        "restore": lambda rows: update(rows, deleted_at=None),
        "move": lambda rows: update(rows, folder=_folder(user, folder, new)),
        "tag": add_tags,
    }


# Folders


def create_folder(user: User, name: str) -> Folder:
    """Make a folder below the others; one that has the name already is that folder."""
    name = _name(name, Invalid("A folder needs a name."))
    mine = Folder.objects.owned_by(user)
    if known := mine.named(name).first():
        return known
    places = list(mine.values_list("position", flat=True))
    if len(places) >= MOST_FOLDERS:
        raise LimitReached("You have {count} folders. Delete some first.", count=MOST_FOLDERS)
    try:
        with transaction.atomic():
            return Folder.objects.create(owner=user, name=name, key=key_of(name), position=max(places, default=0) + 1)
    except IntegrityError:  # at the same moment in another tab
        return mine.named(name).get()


def rename_folder(user: User, folder: UUID, name: str) -> Folder:
    """Give a folder another name. Raises ``Invalid`` where another folder has it."""
    found = access.folder_for(user, folder)
    found.name = _name(name, Invalid("A folder needs a name."))
    found.key = key_of(found.name)
    try:
        with transaction.atomic():
            found.save(update_fields=["name", "key"])
    except IntegrityError as exc:
        raise Invalid("Another folder has this name.") from exc
    return found


def delete_folder(user: User, folder: UUID) -> None:
    """Remove a folder; its chats stay, in none."""
    access.folder_for(user, folder).delete()


@transaction.atomic
def shift_folder(user: User, folder: UUID, by: int) -> None:
    """Move a folder up (-1) or down (1) among the others."""
    found = access.folder_for(user, folder)
    mine = list(Folder.objects.owned_by(user).select_for_update().order_by("position", "id"))
    at = mine.index(found)
    mine.insert(min(max(at + by, 0), len(mine) - 1), mine.pop(at))
    for position, one in enumerate(mine, 1):
        if one.position != position:
            Folder.objects.filter(pk=one.pk).update(position=position)


def _folder(user: User, folder: UUID | NoFolder | None, new: str) -> Folder | None:
    if new.strip():
        return create_folder(user, new)
    return access.folder_for(user, folder) if isinstance(folder, UUID) else None


# Tags


def delete_tag(user: User, name: UUID) -> None:
    """Take a tag off all chats."""
    access.tag_for(user, name).delete()


def _tags(user: User, names: str) -> list[Tag]:
    """Return the tags of the names between commas, made where they are new."""
    none = Invalid("A tag needs a name.")
    wanted = {key_of(name): name for part in reversed(names.split(",")) if part.strip() for name in [_name(part, none)]}
    if len(wanted) > MOST_TAGS_OF_ONE:
        raise LimitReached("A chat has {count} tags at most.", count=MOST_TAGS_OF_ONE)
    mine = Tag.objects.owned_by(user)
    known = {one.key for one in mine.filter(key__in=wanted)}
    new = [Tag(owner=user, name=name, key=key) for key, name in wanted.items() if key not in known]
    if new and mine.count() + len(new) > MOST_TAGS:
        raise LimitReached("You have {count} tags. Take some off first.", count=MOST_TAGS)
    Tag.objects.bulk_create(new, ignore_conflicts=True)  # at the same moment in another tab
    return list(mine.filter(key__in=wanted))


def _forget_idle_tags(user: User) -> None:
    Tag.objects.owned_by(user).filter(conversations=None).delete()


def _name(name: str, empty: Invalid) -> str:
    name = on_one_line(name)
    if not name:
        raise empty
    if len(name) > NAME_LENGTH:
        raise TooLong("A name has {count} characters at most.", count=NAME_LENGTH)
    return name
