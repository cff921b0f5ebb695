"""Conversations live as long as their group's rule says; holds keep them, receipts tell how many went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from conversations.actions import conversations as chats
from conversations.actions import retention
from conversations.models import Attachment, AuditEntry, Conversation, LegalHold, RetentionRule, SearchEntry, User
from tests.doors.belongings import as_, things_of
from tests.review.test_desk import chat

pytestmark = pytest.mark.django_db


def old(owner: User, title: str, days: int) -> Conversation:
    return chat(owner, title, "an answer", touched_at=timezone.now() - timedelta(days=days))


def titles() -> set[str]:
    return set(Conversation.objects.values_list("title", flat=True))


def test_the_shortest_rule_of_somebodys_groups_counts_and_else_that_of_everybody(alice: User, bob: User) -> None:
    for name, days in (("Legal", 90), ("Sales", 30)):
        group = Group.objects.create(name=name)
        alice.groups.add(group)
        RetentionRule.objects.create(group=group, days=days)
    RetentionRule.objects.create(days=365)
    for days in (10, 60, 400):
        old(alice, f"hers {days}", days)
        old(bob, f"his {days}", days)
    assert retention.purge() == 3
    assert titles() == {"hers 10", "his 10", "his 60"}
    receipts = AuditEntry.objects.filter(action="retention.purged").values_list("label", "details")
    assert dict(receipts) == {
        "Sales: 30 days": {"days": 30, "conversations": 2, "messages": 4, "pictures": 0},
        "everybody: 365 days": {"days": 365, "conversations": 1, "messages": 2, "pictures": 0},
    }


def test_without_a_rule_nothing_goes(alice: User) -> None:
    old(alice, "ancient", 9999)
    assert retention.purge() == 0
    assert titles() == {"ancient"}


def test_a_hold_keeps_what_it_names_from_every_purge(alice: User, bob: User) -> None:
    RetentionRule.objects.create(days=5)
    kept = old(alice, "kept", 50)
    old(alice, "not kept", 50)
    old(bob, "all of his", 50)
    LegalHold.objects.create(conversation=kept, reason="case 7")
    LegalHold.objects.create(person=bob, reason="case 8")
    assert retention.purge() == 1
    Conversation.objects.update(deleted_at=timezone.now() - timedelta(days=9999))
    assert chats.purge() == 0
    assert titles() == {"kept", "all of his"}
    assert retention.expires_at(kept) is None
    page = as_(bob).post("/settings/delete", {"email": bob.email})
    assert User.objects.filter(pk=bob.pk).exists()
    assert page.status_code in (200, 302)


def test_words_and_pictures_go_with_a_conversation(alice: User) -> None:
    RetentionRule.objects.create(days=5)
    things = things_of(alice, "kept")
    picture = Attachment.objects.get(pk=things.attachment)
    Conversation.objects.update(touched_at=timezone.now() - timedelta(days=6))
    retention.purge()
    assert not Attachment.objects.exists()
    assert not SearchEntry.objects.exists()
    with pytest.raises(FileNotFoundError):
        picture.read(picture.picture_file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM conversations_words")
        assert cursor.fetchone() == (0,)


def test_the_owner_is_told_when_the_end_is_near(alice: User) -> None:
    RetentionRule.objects.create(days=60)
    soon, later = old(alice, "soon", 48), old(alice, "later", 2)
    assert "Deleted in 12 days" in as_(alice).get(f"/c/{soon.pk}").content.decode()
    assert "Deleted in" not in as_(alice).get(f"/c/{later.pk}").content.decode()
