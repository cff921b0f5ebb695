"""Keep the index in step with what is stored. To be called in the transaction that changes the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from conversations.models import Conversation, Message, SearchEntry
from conversations.search.words import Words, tokenize

PART = 8_000
"""Words of one entry: PostgreSQL counts places up to 16,383 and holds at most 1 MB of words in a row."""
_BATCH = 300
"""Texts of one round while an index is made anew."""

_SQLITE = [
    "CREATE VIRTUAL TABLE conversations_words USING fts5(words, singles, marks, tokenize = 'ascii')",
    "CREATE TRIGGER conversations_words_gone AFTER DELETE ON conversations_searchentry"
    " BEGIN DELETE FROM conversations_words WHERE rowid = old.id; END",
]
_POSTGRESQL = [
    "ALTER TABLE conversations_searchentry ADD COLUMN words tsvector NOT NULL",
    "CREATE INDEX conversations_words ON conversations_searchentry USING gin (words)",
]
_WHOSE = [
    # Common words are read from a person's newest entry backwards. The order is by a number of its own, because for the
    # plain one PostgreSQL walks back over everybody's entries: it takes a person's to lie evenly among them.
    "ALTER TABLE conversations_searchentry ADD COLUMN IF NOT EXISTS owner uuid",
    "DROP INDEX IF EXISTS conversations_words_of",
    "CREATE INDEX IF NOT EXISTS conversations_newest_of ON conversations_searchentry (owner, (id * -1))",
    "CREATE INDEX IF NOT EXISTS conversations_newest_titles_of ON conversations_searchentry (owner, (id * -1))"
    " WHERE message_id IS NULL",  # else a word that no title has would be looked for in all messages
]


class Text(NamedTuple):
    """A text to be found: of a message, or the title of a chat where ``message`` is None."""

    owner: UUID
    conversation: UUID
    message: UUID | None
    text: str


def mark_of(owner: UUID, *, titles: bool = False) -> str:
    """Return what is on every entry of a person in SQLite, so that the index itself tells theirs from others'."""
    return ("t" if titles else "m") + owner.hex


def add(texts: Iterable[Text], using: str = "default") -> None:
    """Make texts findable that were not so far."""
    connection = connections[using]
    insert = _insert_with_words if connection.vendor == "postgresql" else _insert_beside_words
    with connection.cursor() as cursor:
        for text in texts:
            for part, words in enumerate(_parts(tokenize(text.text))):
                insert(cursor, text, part, words, using)


def put_message(message: UUID, text: str) -> None:
    """Make a message findable by ``text`` and by nothing that it said before."""
    SearchEntry.objects.filter(message=message).delete()
    home = Message.objects.filter(pk=message).values_list("conversation__owner", "conversation")
    add(Text(owner, conversation, message, text) for owner, conversation in home)


def put_title(conversation: Conversation) -> None:
    """Make a chat findable by its title as it is now."""
    SearchEntry.objects.filter(conversation=conversation, message=None).delete()
    add([Text(conversation.owner_id, conversation.pk, None, conversation.title)])


def prepare(connection: BaseDatabaseWrapper) -> None:
    """Make the tables of words; for migrations."""
    with connection.cursor() as cursor:
        for statement in [*_POSTGRESQL, *_WHOSE] if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def tell_owners(connection: BaseDatabaseWrapper) -> None:
    """Note whose each entry is, where PostgreSQL's table was made before it knew; for migrations."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE[0])
        cursor.execute(
            "UPDATE conversations_searchentry e SET owner = c.owner_id"
            " FROM conversations_conversation c WHERE c.id = e.conversation_id AND e.owner IS NULL"
        )
        for statement in _WHOSE[1:]:
            cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Undo ``prepare``."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE conversations_searchentry DROP COLUMN words, DROP COLUMN owner")
        else:
            cursor.execute("DROP TRIGGER conversations_words_gone")
            cursor.execute("DROP TABLE conversations_words")


def fill(using: str = "default") -> int:
    """Index every message and title from the beginning; return how many. Each round is a transaction of its own."""
    SearchEntry.objects.using(using).all()._raw_delete(using)
    count = 0
    for texts in _everything(using):
        with transaction.atomic(using=using):
            add(texts, using)
        count += len(texts)
    return count


def take_stock(using: str = "default") -> None:
    """Let PostgreSQL count how common words are, by which it chooses its way; it does so by itself, but later."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("ANALYZE conversations_searchentry")


def _everything(using: str) -> Iterator[list[Text]]:
    """Give all texts, oldest first."""
    messages = (
        "SELECT m.id, c.owner_id, c.id, m.id, m.text FROM conversations_message m"
        " JOIN conversations_conversation c ON c.id = m.conversation_id"
        " WHERE m.id > %s AND m.text <> '' ORDER BY m.id LIMIT %s"
    )
    titles = (
        "SELECT c.id, c.owner_id, c.id, NULL, c.title FROM conversations_conversation c"
        " WHERE c.id > %s AND c.title <> '' ORDER BY c.id LIMIT %s"
    )
    for sql in (titles, messages):
        last: Any = UUID(int=0)
        while True:
            with connections[using].cursor() as cursor:
                cursor.execute(sql, [_for_database(last, using), _BATCH])
                rows = cursor.fetchall()
            if not rows:
                break
            last = rows[-1][0]
            yield [Text(_id(owner), _id(home), _id(message) if message else None, text)
                   for _, owner, home, message, text in rows]  # fmt: skip


def _for_database(value: Any, using: str) -> Any:
    return Message._meta.pk.get_db_prep_value(value, connections[using])


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _parts(words: Words) -> Iterator[Words]:
    """Divide what is too long for one row; single characters stand with the first."""
    if not words.words and not words.singles:
        return
    yield Words(words.words[:PART], words.singles)
    for start in range(PART, len(words.words), PART):
        yield Words(words.words[start : start + PART], [])


# Plain SQL, because a migration fills the index while the models are ahead of the tables.


def _insert_with_words(cursor: CursorWrapper, text: Text, part: int, words: Words, using: str) -> None:
    cursor.execute(
        "INSERT INTO conversations_searchentry (conversation_id, message_id, part, owner, words)"
        " VALUES (%s, %s, %s, %s, %s::tsvector)",
        [text.conversation, text.message, part, text.owner, _tsvector(words)],
    )


def _insert_beside_words(cursor: CursorWrapper, text: Text, part: int, words: Words, using: str) -> None:
    home, message = _for_database(text.conversation, using), text.message and _for_database(text.message, using)
    mark = mark_of(text.owner, titles=message is None)
    cursor.execute(
        "INSERT INTO conversations_searchentry (conversation_id, message_id, part) VALUES (%s, %s, %s)",
        [home, message, part],
    )
    cursor.execute(
        "INSERT INTO conversations_words (rowid, words, singles, marks) VALUES (%s, %s, %s, %s)",
        [cursor.lastrowid, " ".join(words.words), " ".join(words.singles), mark],
    )


def _tsvector(words: Words) -> str:
    """Return words with their places in PostgreSQL's notation. None of them holds a quote or a backslash."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, word in enumerate(words.words, 1):
        places[word].append(str(place))
    placed = (f"'{word}':{','.join(at)}" for word, at in places.items())
    return " ".join([*placed, *(f"'{single}'" for single in words.singles)])
