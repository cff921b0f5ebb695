"""How the people of the example keep order: folders, tags, a few pins, an archive. Most keep none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from conversations.models import Conversation, Folder, Tag, User
from conversations.models.folders import key_of

_FOLDERS = ("Customers", "Reports", "Code", "Travel", "Ideas", "翻译")
_TAGS = ("urgent", "waiting", "to read", "good answer")
_OLD = timedelta(days=150)


class Order:
    """Puts chats that are not stored yet where their people keep them; ``write`` stores the rest after them."""

    def __init__(self, chance: Random, people: Sequence[User]) -> None:
        self._chance = chance
        self._folders: dict[User, list[Folder]] = {}
        self._tags: dict[User, list[Tag]] = {}
        self._tagged: list[tuple[Conversation, Tag]] = []
        for person in people:
            folders = chance.sample(_FOLDERS, k=chance.choice((0, 0, 2, 3)))
            tags = chance.sample(_TAGS, k=chance.choice((0, 0, 0, 2)))
            self._folders[person] = [
                Folder.objects.get_or_create(
                    owner=person, key=key_of(name), defaults={"name": name, "position": place}
                )[0]
                for place, name in enumerate(folders)
            ]
            self._tags[person] = [
                Tag.objects.get_or_create(owner=person, key=key_of(name), defaults={"name": name})[0] for name in tags
            ]

    def keep(self, chats: Sequence[Conversation]) -> None:
        """Order the chats of a year: all were seen but the last answer of some, old ones are archived by a few."""
        chance, last = self._chance, max(chat.touched_at for chat in chats)
        of_person: dict[User, list[Conversation]] = defaultdict(list)
        for chat in chats:
            of_person[chat.owner].append(chat)
        for person, mine in of_person.items():
            is_tidy = bool(self._folders[person])
            for chat in mine:
                chat.answered_at = chat.seen_at = chat.touched_at
                if is_tidy and last - chat.touched_at > _OLD and chance.random() < 0.5:
                    chat.archived_at = chat.touched_at + _OLD
                elif is_tidy and chance.random() < 0.4:
                    chat.folder = chance.choice(self._folders[person])
                if self._tags[person] and chance.random() < 0.2:
                    self._tagged.append((chat, chance.choice(self._tags[person])))
            newest = mine[-1]
            if chance.random() < 0.5:
                newest.seen_at = newest.created_at
            elif newest.archived_at is None:
                newest.pinned_at, newest.folder = newest.touched_at, None

    def write(self) -> None:
        through = Conversation.tags.through
        through._default_manager.bulk_create(through(conversation=chat, tag=tag) for chat, tag in self._tagged)
