"""Rename, delete, restore."""

from __future__ import annotations

import pytest

from conversations import access
from conversations.actions.conversations import delete, rename, restore
from conversations.errors import NotFound, TooLong
from conversations.models import Conversation, User

pytestmark = pytest.mark.django_db


def made(user: User) -> Conversation:
    return Conversation.objects.create(owner=user, title="first words")


def test_a_title_of_ones_own_is_kept_without_line_breaks(alice: User) -> None:
    conversation = made(alice)
    rename(alice, conversation.pk, "  a \n\x00 title ")
    conversation.refresh_from_db()
    assert (conversation.title, conversation.title_from) == ("a title", "person")


def test_an_empty_title_changes_nothing(alice: User) -> None:
    conversation = made(alice)
    rename(alice, conversation.pk, "   ")
    conversation.refresh_from_db()
    assert (conversation.title, conversation.title_from) == ("first words", "first_words")


def test_a_title_too_long_is_refused(alice: User) -> None:
    with pytest.raises(TooLong):
        rename(alice, made(alice).pk, "x" * 201)


def test_what_is_deleted_does_not_exist_until_it_is_restored(alice: User) -> None:
    conversation = made(alice)
    delete(alice, conversation.pk)
    for verb in (lambda: access.conversation_for(alice, conversation.pk), lambda: delete(alice, conversation.pk)):
        with pytest.raises(NotFound):
            verb()
    restore(alice, conversation.pk)
    assert access.conversation_for(alice, conversation.pk) == conversation
    assert restore(alice, conversation.pk) == conversation


def test_nobody_touches_the_conversation_of_another(alice: User, bob: User) -> None:
    conversation = made(alice)
    with pytest.raises(NotFound):
        rename(bob, conversation.pk, "mine now")
    with pytest.raises(NotFound):
        delete(bob, conversation.pk)
    delete(alice, conversation.pk)
    with pytest.raises(NotFound):
        restore(bob, conversation.pk)
