"""How messages are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conversations.models import Conversation, Generation, Message, User
from conversations.presentation import MessageView, article, in_plain_words, script_of, single


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("潮汐每天来两次。", "zh"),
        ("潮は一日に二回来ます。", "ja"),
        ("밀물은 하루에 두 번 온다.", "ko"),
        ("The tide (潮) comes twice a day.", ""),
        ("Прилив приходит дважды в день.", ""),
        ("", ""),
        ("12 345", ""),
    ],
    ids=["chinese", "japanese", "korean", "one-word", "russian", "empty", "numbers"],
)
def test_the_fonts_and_voices_of_a_message_are_those_of_its_script(text: str, language: str) -> None:
    assert script_of(text) == language


def answered(alice: User, text: str, status: str = "complete", finish_reason: str = "stop") -> MessageView:
    """Return an answer of alice's as it is shown."""
    home = Conversation.objects.create(owner=alice)
    question = Message.objects.create(conversation=home, role="user", text="a *question*")
    answer = Message.objects.create(conversation=home, parent=question, role="assistant", text=text, status=status)
    now = timezone.now()
    answer.generation = Generation.objects.create(
        message=answer, conversation=home, owner=alice, ref=str(answer.pk), status=status, model_label="Model M",
        finish_reason=finish_reason, completion_tokens=1234, started_at=now - timedelta(seconds=2), ended_at=now,
    )  # fmt: skip
    answer.save(update_fields=["generation"])
    view = single(answer.pk)
    assert view is not None
    return view


@pytest.mark.django_db
def test_an_answer_that_ended_at_its_limit_says_so_and_can_go_on(alice: User) -> None:
    view = answered(alice, "It ends because", finish_reason="length")
    assert view.caption == ["Model M", "2.0 s", "ended at its length limit", "1,234 tokens"]
    assert view.can_continue
    assert "ended at its length limit" not in answered(alice, "It is whole.").caption


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["failed", "stopped"])
def test_an_answer_without_text_offers_nothing_that_needs_one(alice: User, status: str) -> None:
    needing_text = ('data-do="copy"', 'data-do="rate"', "/tell", "/share")
    some, none = article(answered(alice, "Some text.", status)), article(answered(alice, "", status))
    assert all(sign in some for sign in needing_text)
    assert not any(sign in none for sign in needing_text)
    assert 'data-do="regenerate"' in none


@pytest.mark.django_db
def test_only_a_message_with_text_is_quoted_and_copied(alice: User, client: Client) -> None:
    client.force_login(alice)
    for text, offers in (("Some text.", True), ("", False)):
        dialog = client.get(f"/m/{answered(alice, text, 'failed').id}/more?part=dialog")
        assert ('data-do="quote"' in dialog.text) is offers


@pytest.mark.django_db
def test_plain_words_are_an_answer_as_it_is_read_and_a_question_as_it_was_typed(alice: User) -> None:
    view = answered(alice, "## A head\n\nSome **bold**, `code` & a [link](https://example.org).\n\n- one\n")
    answer = Message.objects.get(pk=view.id)
    assert in_plain_words(answer) == "A head Some bold, code & a link. one"
    assert answer.parent is not None
    assert in_plain_words(answer.parent) == "a *question*"
