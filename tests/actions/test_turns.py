"""Delete turns, go on from a message in a chat of its own, and chats that vanish."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from conversations import access, frames
from conversations.actions import conversations as chats
from conversations.actions import order
from conversations.actions.attachments import keep_picture
from conversations.actions.messages import send_message
from conversations.actions.turns import delete_turn, fork, turn_for
from conversations.errors import Busy, Forbidden, Invalid, NotFound
from conversations.models import Attachment, Conversation, Generation, LegalHold, Message, User
from conversations.pictures import Remade
from conversations.search import finding
from conversations.search.queries import parse
from conversations.transfer import exporting
from conversations.web import listing, sidebar
from tests.doors.belongings import chat_model

pytestmark = pytest.mark.django_db


class Tree:
    """q1 a1 q2 a2, and beside a1 the version b1 with q3 below it."""

    def __init__(self, owner: User) -> None:
        self.home = Conversation.objects.create(owner=owner, title="tree")
        self.at: dict[str, UUID] = {}
        for name, parent in [("q1", ""), ("a1", "q1"), ("q2", "a1"), ("a2", "q2"), ("b1", "q1"), ("q3", "b1")]:
            role = "user" if name.startswith("q") else "assistant"
            made = Message.objects.create(
                conversation=self.home, parent_id=self.at.get(parent), role=role, text=name, blocks=[f"<p>{name}</p>"]
            )
            self.at[name] = made.pk
        self.show("a2")

    def show(self, name: str) -> None:
        Conversation.objects.filter(pk=self.home.pk).update(leaf=self.at[name])

    @property
    def shown(self) -> list[str]:
        leaf = Conversation.objects.get(pk=self.home.pk).leaf_id
        return [one.text for one in Message.objects.path_to(leaf)] if leaf else []

    @property
    def texts(self) -> set[str]:
        return set(Message.objects.filter(conversation=self.home).values_list("text", flat=True))


@pytest.fixture
def tree(alice: User) -> Tree:
    return Tree(alice)


def test_a_turn_goes_with_what_hangs_below_it_and_the_branch_above_is_shown(alice: User, tree: Tree) -> None:
    assert turn_for(alice, tree.at["a2"]).others == 1
    delete_turn(alice, tree.at["a2"])
    assert tree.texts == {"q1", "a1", "b1", "q3"}
    assert tree.shown == ["q1", "a1"]


def test_deleting_the_first_turn_leaves_nothing_and_says_so_before(alice: User, tree: Tree) -> None:
    assert turn_for(alice, tree.at["q1"]).others == 5
    delete_turn(alice, tree.at["q1"])
    assert tree.texts == set()
    assert tree.shown == []


def test_where_a_question_had_another_version_that_one_is_shown(alice: User, tree: Tree) -> None:
    other = Message.objects.create(conversation=tree.home, parent_id=tree.at["a1"], role="user", text="other")
    delete_turn(alice, tree.at["q2"])
    assert tree.shown == ["q1", "a1", "other"]
    assert Message.objects.filter(pk=other.pk).exists()


def test_a_branch_that_is_not_shown_can_lose_a_turn_without_the_shown_one_changing(alice: User, tree: Tree) -> None:
    delete_turn(alice, tree.at["q3"])
    assert tree.shown == ["q1", "a1", "q2", "a2"]


def test_a_long_chat_is_deleted_in_few_queries(alice: User, tree: Tree, django_assert_max_num_queries: object) -> None:
    above = tree.at["a2"]
    for number in range(300):
        above = Message.objects.create(conversation=tree.home, parent_id=above, role="user", text=str(number)).pk
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        delete_turn(alice, tree.at["q1"])
    assert tree.texts == set()


def test_a_turn_can_go_while_its_answer_is_written_and_the_run_ends_without_a_trace(alice: User, tree: Tree) -> None:
    run = Generation.objects.create(message_id=tree.at["a2"], conversation=tree.home, owner=alice, ref="running1")
    assert turn_for(alice, tree.at["q2"]).live == [tree.at["a2"]]
    delete_turn(alice, tree.at["q2"])
    assert Generation.claim_end(run.pk, status="complete") is False


def test_nobody_deletes_or_forks_the_turn_of_another(bob: User, tree: Tree) -> None:
    for verb in (turn_for, delete_turn, fork):
        with pytest.raises(NotFound):
            verb(bob, tree.at["q1"])
    assert len(tree.texts) == 6


def test_a_fork_holds_the_branch_down_to_the_message_and_leaves_the_chat_as_it_was(alice: User, tree: Tree) -> None:
    order.arrange(alice, tree.home.pk, new="Travel")
    picture = keep_picture(alice, "p.png", Remade(b"p", "image/png", 4, 3, b"p"))
    picture.uses.create(message_id=tree.at["q1"], position=0)
    made = fork(alice, tree.at["a1"])
    assert made != tree.home
    made.refresh_from_db()
    assert made.leaf_id is not None
    copied = Message.objects.path_to(made.leaf_id)
    assert [one.text for one in copied] == ["q1", "a1"]
    assert str(made.folder) == "Travel"
    assert Attachment.objects.count() == 1
    assert picture.uses.filter(message=copied[0]).exists()
    assert len(tree.texts) == 6
    delete_turn(alice, copied[0].pk)
    assert len(tree.texts) == 6


def test_what_is_still_written_is_not_forked(alice: User, tree: Tree) -> None:
    Message.objects.filter(pk=tree.at["a2"]).update(status="streaming")
    with pytest.raises(Busy):
        fork(alice, tree.at["a2"])
    assert Conversation.objects.count() == 1


# Chats that vanish


@pytest.fixture
def fleeting(alice: User) -> Conversation:
    chat_model()
    asked = send_message(alice, ref="12345678", text="whisper", model="blind", is_temporary=True)
    return Conversation.objects.get(pk=asked.conversation)


def test_a_temporary_chat_is_in_no_list_no_search_and_no_export(alice: User, fleeting: Conversation) -> None:
    whole = sidebar.whole(alice)
    assert [row.id for group in whole.groups for row in group.rows] == []
    for scope in (listing.Scope(), listing.Scope(is_archive=True)):
        assert list(listing.page_of(alice, scope, "")["rows"]) == []  # type: ignore[call-overload]
    found = finding.find(alice, parse("whisper"))
    assert (found.titles, found.hits) == ([], [])
    assert "whisper" not in "".join(exporting.chats_of(alice))
    assert frames.conversation_frame(fleeting.pk) is None


def test_a_temporary_chat_takes_no_place_in_the_order(alice: User, fleeting: Conversation) -> None:
    for verb in (order.pin, order.archive):
        with pytest.raises(Invalid):
            verb(alice, fleeting.pk)
    with pytest.raises(Invalid):
        order.carry_out(alice, "move", [fleeting.pk], new="x")


def test_a_temporary_chat_goes_on_until_it_is_left_or_its_day_is_over(alice: User, fleeting: Conversation) -> None:
    assert access.conversation_for(alice, fleeting.pk) == fleeting
    chats.leave(alice, fleeting.pk)
    assert not Message.objects.exists()
    asked = send_message(alice, ref="87654321", text="whisper", model="blind", is_temporary=True)
    Conversation.objects.update(vanishes_at=timezone.now() - timedelta(seconds=1))
    for reach in (
        lambda: access.conversation_for(alice, asked.conversation),
        lambda: access.message_for(alice, asked.question),
    ):
        with pytest.raises(NotFound):
            reach()
    assert chats.purge() == 1
    assert not Message.objects.exists()


def test_a_legal_hold_keeps_turns_and_temporary_chats(alice: User, tree: Tree, fleeting: Conversation) -> None:
    hold = LegalHold.objects.create(person=alice, reason="a case")
    with pytest.raises(Forbidden):
        delete_turn(alice, tree.at["a2"])
    assert len(tree.texts) == 6
    chats.leave(alice, fleeting.pk)
    assert Message.objects.filter(conversation=fleeting).exists()
    with pytest.raises(NotFound):
        access.conversation_for(alice, fleeting.pk)
    hold.delete()
    delete_turn(alice, tree.at["a2"])
    assert len(tree.texts) == 4


def test_only_a_temporary_chat_is_left(alice: User, tree: Tree) -> None:
    with pytest.raises(Invalid):
        chats.leave(alice, tree.home.pk)
    assert len(tree.texts) == 6
