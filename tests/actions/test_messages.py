"""The verbs that end in a new answer: what they make, what they refuse, and that they do it once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from conversations.actions.messages import (
    Started,
    continue_answer,
    edit_message,
    first_words,
    regenerate,
    select_branch,
    send_message,
)
from conversations.errors import Busy, Invalid, NoModel, NotFound, TooLong
from conversations.models import ChatModel, Conversation, Generation, Message, Provider, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chat_model() -> ChatModel:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:1/v1")
    return ChatModel.objects.create(provider=provider, key="m", name="m", label="M")


def ref() -> str:
    return uuid4().hex


def end(started: Started, *, text: str = "an answer", status: str = "complete") -> None:
    Generation.objects.filter(pk=started.generation).update(status=status)
    Message.objects.filter(pk=started.answer).update(status=status, text=text)


def asked(user: User, text: str = "hello", **more: object) -> Started:
    started = send_message(user, ref=ref(), text=text, **more)  # type: ignore[arg-type]
    end(started)
    return started


def test_a_first_question_makes_a_conversation_titled_by_its_first_words(alice: User) -> None:
    started = send_message(alice, ref=ref(), text="  What is a monad?\nPlease be brief.")
    conversation = Conversation.objects.get()
    assert conversation.title == "What is a monad?"
    assert conversation.leaf_id == started.answer
    question, answer = Message.objects.path_to(started.answer)
    assert (question.text, question.role) == ("  What is a monad?\nPlease be brief.", "user")
    assert (answer.status, answer.role, answer.parent_id) == ("waiting", "assistant", question.pk)


def test_the_same_ref_again_answers_the_same_ids_and_does_nothing_twice(alice: User) -> None:
    key = ref()
    first = send_message(alice, ref=key, text="once")
    again = send_message(alice, ref=key, text="once")
    assert again.is_repeat
    assert (again.question, again.answer, again.conversation) == (first.question, first.answer, first.conversation)
    assert Message.objects.count() == 2


def test_two_people_may_use_the_same_ref(alice: User, bob: User) -> None:
    key = ref()
    send_message(alice, ref=key, text="mine")
    assert not send_message(bob, ref=key, text="mine too").is_repeat


def test_a_stale_parent_makes_a_branch_and_says_so(alice: User) -> None:
    first = asked(alice)
    newer = asked(alice, "newer", conversation=first.conversation, parent=first.answer)
    stale = send_message(alice, ref=ref(), text="stale", conversation=first.conversation, parent=first.answer)
    assert stale.branched
    assert not newer.branched
    siblings = Message.objects.filter(parent=first.answer).values_list("text", flat=True)
    assert sorted(siblings) == ["newer", "stale"]
    assert Conversation.objects.get().leaf_id == stale.answer


def test_nobody_can_ask_in_the_conversation_of_another(alice: User, bob: User) -> None:
    first = asked(alice)
    for conversation, parent in ((first.conversation, first.answer), (first.conversation, None), (uuid4(), None)):
        with pytest.raises(NotFound):
            send_message(bob, ref=ref(), text="x", conversation=conversation, parent=parent)
    assert Message.objects.count() == 2


def test_a_parent_of_another_conversation_is_refused(alice: User) -> None:
    one, other = asked(alice), asked(alice)
    with pytest.raises(Invalid):
        send_message(alice, ref=ref(), text="x", conversation=one.conversation, parent=other.answer)


def test_a_question_below_a_running_answer_waits(alice: User) -> None:
    started = send_message(alice, ref=ref(), text="slow")
    with pytest.raises(Busy):
        send_message(alice, ref=ref(), text="x", conversation=started.conversation, parent=started.answer)
    with pytest.raises(Busy):
        regenerate(alice, ref=ref(), message=started.answer)
    with pytest.raises(Busy):
        continue_answer(alice, ref=ref(), message=started.answer)


@pytest.mark.parametrize("text", ["", "   \n\t", "a\x00b"])
def test_text_that_cannot_be_sent_is_refused_and_nothing_is_stored(alice: User, text: str) -> None:
    with pytest.raises(Invalid):
        send_message(alice, ref=ref(), text=text)
    assert not Conversation.objects.exists()


def test_text_beyond_the_limit_is_refused_with_the_limit(alice: User) -> None:
    with pytest.raises(TooLong, match="50,000"):
        send_message(alice, ref=ref(), text="x" * 50_001)


def test_a_model_that_is_switched_off_cannot_be_asked(alice: User, chat_model: ChatModel) -> None:
    ChatModel.objects.update(is_enabled=False)
    with pytest.raises(NoModel):
        send_message(alice, ref=ref(), text="x", model="m")
    with pytest.raises(NoModel):
        send_message(alice, ref=ref(), text="x")


def test_an_edited_question_stands_beside_the_old_one(alice: User) -> None:
    first = asked(alice)
    second = asked(alice, "typo", conversation=first.conversation, parent=first.answer)
    edited = edit_message(alice, ref=ref(), message=second.question, text="fixed")
    texts = [message.text for message in Message.objects.path_to(edited.answer)]
    assert texts == ["hello", "an answer", "fixed", ""]
    assert Message.objects.filter(pk=second.question).exists()


def test_an_answer_cannot_be_edited_as_if_it_were_a_question(alice: User) -> None:
    first = asked(alice)
    with pytest.raises(Invalid):
        edit_message(alice, ref=ref(), message=first.answer, text="x")


def test_regenerating_makes_a_sibling(alice: User) -> None:
    first = asked(alice)
    second = regenerate(alice, ref=ref(), message=first.answer)
    assert second.answer != first.answer
    assert second.question == first.question
    assert Message.objects.filter(parent=first.question).count() == 2


def test_a_retry_of_a_failed_answer_without_text_uses_it_again(alice: User) -> None:
    first = send_message(alice, ref=ref(), text="x")
    end(first, text="", status="failed")
    again = regenerate(alice, ref=ref(), message=first.answer)
    assert again.answer == first.answer
    assert Message.objects.get(pk=first.answer).status == "waiting"


def test_a_retry_of_a_failed_answer_with_text_keeps_it_as_a_version(alice: User) -> None:
    first = send_message(alice, ref=ref(), text="x")
    end(first, text="half", status="failed")
    again = regenerate(alice, ref=ref(), message=first.answer)
    assert again.answer != first.answer


def test_continuing_keeps_the_message_and_its_text(alice: User) -> None:
    first = send_message(alice, ref=ref(), text="x")
    end(first, text="half", status="interrupted")
    more = continue_answer(alice, ref=ref(), message=first.answer)
    message = Message.objects.get(pk=first.answer)
    assert more.answer == first.answer
    assert (message.text, message.status, message.generation_id) == ("half", "waiting", more.generation)


def test_foreign_and_absent_messages_are_told_apart_by_nobody(alice: User, bob: User) -> None:
    first = asked(alice)
    for verb in (regenerate, continue_answer):
        refusals = []
        for message in (first.answer, uuid4()):
            with pytest.raises(NotFound) as refusal:
                verb(bob, ref=ref(), message=message)
            refusals.append(str(refusal.value))
        assert len(set(refusals)) == 1


def test_a_chosen_branch_is_shown_down_to_its_last_message(alice: User) -> None:
    first = asked(alice)
    second = asked(alice, "second", conversation=first.conversation, parent=first.answer)
    other = asked(alice, "other", conversation=first.conversation, parent=first.answer)
    assert Conversation.objects.get().leaf_id == other.answer
    assert select_branch(alice, first.conversation, second.question) == second.answer
    assert Conversation.objects.get().leaf_id == second.answer


def test_nobody_selects_in_the_conversation_of_another(alice: User, bob: User) -> None:
    first = asked(alice)
    with pytest.raises(NotFound):
        select_branch(bob, first.conversation, first.question)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("one line", "one line"),
        ("\n\n  spaced   out \nmore", "spaced out"),
        ("word " * 30, "word word word word word word word word word word word word …"),
        ("x" * 300, "x" * 60 + " …"),
    ],
)
def test_first_words_make_a_title(text: str, title: str) -> None:
    assert first_words(text) == title
