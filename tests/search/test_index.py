"""The index is in step with what is stored, in SQLite here and in PostgreSQL in ``test_both_databases``."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from conversations.actions import conversations as verbs
from conversations.actions import messages
from conversations.actions.people import delete_account
from conversations.generation import ledger, recovery
from conversations.models import ChatModel, Conversation, Message, Provider, SearchEntry, User
from conversations.search import finding, index
from conversations.search.queries import parse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_model(db: None) -> None:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:9/v1")
    ChatModel.objects.create(provider=provider, key="m", name="m", label="M")


def ask(user: User, text: str, **more: object) -> messages.Started:
    return messages.send_message(user, ref=uuid4().hex, text=text, **more)  # type: ignore[arg-type]


def found(user: User, text: str) -> list[str]:
    """Return what is found: the titles in angle brackets, then the excerpts."""
    findings = finding.find(user, parse(text))
    titles = ["<" + "".join(piece.text for piece in one.title) + ">" for one in findings.titles]
    return titles + ["".join(piece.text for piece in hit.excerpt) for hit in findings.hits]


def test_a_question_and_its_chat_are_found_at_once(alice: User) -> None:
    ask(alice, "Why is the sea salty?")
    assert found(alice, "sea") == ["<Why is the sea salty?>", "Why is the sea salty?"]
    assert found(alice, "salty sea") == found(alice, "SEA")
    assert found(alice, '"salty sea"') == []


def test_nobody_finds_what_is_not_theirs(alice: User, bob: User) -> None:
    ask(alice, "my secret")
    assert found(bob, "secret") == []
    assert found(bob, index.mark_of(alice.pk)) == found(bob, ":" + index.mark_of(alice.pk)) == []


def test_chinese_is_found_by_one_two_and_many_characters(alice: User) -> None:
    ask(alice, "潮汐是由月球引起的海水涨落现象")
    for wanted in ["月", "月球", "海水涨落", "引起的 月球"]:
        assert found(alice, wanted)[-1] == "潮汐是由月球引起的海水涨落现象", wanted
    assert found(alice, "月水") == found(alice, "日") == []


def test_an_answer_is_found_when_it_has_ended_and_by_its_last_text_only(alice: User) -> None:
    started = ask(alice, "Ahoy?")
    Message.objects.filter(pk=started.answer).update(text="half a word", status="streaming")
    assert recovery.interrupt_orphans(grace=timedelta(0)) == [(started.conversation, started.answer)]
    assert found(alice, "half") == ["half a word"]
    Message.objects.filter(pk=started.answer).update(text="a whole sentence")
    index.put_message(started.answer, "a whole sentence")
    assert (found(alice, "half"), found(alice, "sentence")) == ([], ["a whole sentence"])


def test_a_new_title_replaces_the_old_one(alice: User) -> None:
    chat = ask(alice, "One").conversation
    assert ledger.set_title(chat, "About whales")
    verbs.rename(alice, chat, "About dolphins")
    assert (found(alice, "whales"), found(alice, "dolphins")) == ([], ["<About dolphins>"])


def test_what_is_deleted_is_not_found_until_it_is_restored_and_leaves_no_word_when_purged(alice: User) -> None:
    chat = ask(alice, "ephemeral").conversation
    verbs.delete(alice, chat)
    assert found(alice, "ephemeral") == []
    verbs.restore(alice, chat)
    assert len(found(alice, "ephemeral")) == 2
    Conversation.objects.filter(pk=chat).delete()
    assert words_kept() == 0


def test_an_account_goes_with_its_words(alice: User) -> None:
    ask(alice, "here and gone")
    delete_account(alice)
    assert words_kept() == SearchEntry.objects.count() == 0


def test_a_refused_question_leaves_no_word(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.quotas.reserve", refuse)
    with pytest.raises(RuntimeError):
        ask(alice, "never stored")
    assert found(alice, "never") == []
    assert words_kept() == 0


def refuse(*_: object) -> None:
    raise RuntimeError


def test_every_word_of_a_very_long_text_is_found_once(alice: User) -> None:
    text = " ".join(f"word{number}" for number in range(2 * index.PART + 10))
    chat = ask(alice, "first").conversation
    message = Message.objects.create(conversation_id=chat, role="assistant", text=text)
    index.put_message(message.pk, text)
    for number in (0, index.PART, 2 * index.PART + 9):
        hits = finding.find(alice, parse(f"word{number} ")).hits
        assert len(hits) == 1
    assert len(finding.find(alice, parse("word1")).hits) == 1  # stands in every part, is one message


def test_the_title_that_was_typed_stands_before_those_that_begin_with_it(alice: User) -> None:
    for number in ("77", *(f"77{digit}" for digit in range(9))):
        home = Conversation.objects.create(owner=alice, title=f"Chat number {number}")
        index.put_title(home)
    titles = ["".join(piece.text for piece in one.title) for one in finding.find(alice, parse("chat number 77")).titles]
    assert titles[0] == "Chat number 77"
    assert len(titles) == finding.MOST_TITLES
    assert finding.find(alice, parse("chat number 77")).has_more_titles
    everything = finding.find(alice, parse("chat number 77"), most_titles=10)
    assert len(everything.titles) == 10
    assert not everything.has_more_titles


def test_pages_of_results_join_without_gaps(alice: User) -> None:
    chat = ask(alice, "first").conversation
    rows = Message.objects.bulk_create(
        Message(conversation_id=chat, role="user", text=f"tide {number}") for number in range(45)
    )
    index.add(index.Text(alice.pk, chat, row.pk, row.text) for row in rows)
    seen, before = [], None
    while True:
        page = finding.find(alice, parse("tide"), before=before, limit=20)
        seen += [hit.message for hit in page.hits]
        before = page.more
        if before is None:
            break
    assert seen == [row.pk for row in reversed(rows)]


def test_the_index_made_anew_finds_the_same(alice: User) -> None:
    ask(alice, "Why is the sea salty? 海")
    before = found(alice, "sea"), found(alice, "海")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM conversations_searchentry")
    assert found(alice, "sea") == []
    call_command("index_search", stdout=StringIO())
    assert (found(alice, "sea"), found(alice, "海")) == before


def words_kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM conversations_words")
        return int(cursor.fetchone()[0])
