"""Pin, archive, folders, tags, and what is unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.actions import conversations as chats
from conversations.actions import order
from conversations.errors import ChatError, Invalid, LimitReached, NotFound, TooLong
from conversations.models import Conversation, Folder, Tag, User
from conversations.web import listing, sidebar

pytestmark = pytest.mark.django_db


def made(user: User, title: str = "chat", **fields: object) -> Conversation:
    return Conversation.objects.create(owner=user, title=title, **fields)


def now_of(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def test_a_chat_stays_pinned_where_it_is_when_it_is_pinned_again(alice: User) -> None:
    chat = made(alice)
    order.pin(alice, chat.pk)
    first = now_of(chat).pinned_at
    order.pin(alice, chat.pk)
    assert first is not None
    assert now_of(chat).pinned_at == first
    order.unpin(alice, chat.pk)
    assert now_of(chat).pinned_at is None


def test_there_are_not_more_pins_than_fit(alice: User) -> None:
    now = timezone.now()
    Conversation.objects.bulk_create(Conversation(owner=alice, pinned_at=now) for _ in range(order.MOST_PINNED))
    with pytest.raises(LimitReached):
        order.pin(alice, made(alice).pk)


def test_the_archive_gives_back_what_it_took_with_its_folder(alice: User) -> None:
    chat = made(alice)
    order.arrange(alice, chat.pk, new="Travel")
    order.archive(alice, chat.pk)
    assert not Conversation.objects.owned_by(alice).listed().exists()
    order.unarchive(alice, chat.pk)
    assert str(now_of(chat).folder) == "Travel"
    assert Conversation.objects.owned_by(alice).listed().exists()


def test_a_folders_name_is_taken_whatever_its_case(alice: User, bob: User) -> None:
    travel = order.create_folder(alice, "  Travel\n\x00 plans ")
    assert travel.name == "Travel plans"
    assert order.create_folder(alice, "TRAVEL plans") == travel
    work = order.create_folder(alice, "Stra\u00dfe")
    with pytest.raises(Invalid):
        order.rename_folder(alice, travel.pk, "STRASSE")
    assert order.rename_folder(alice, work.pk, "strasse").name == "strasse"
    assert order.create_folder(bob, "Travel plans") != travel


@pytest.mark.parametrize(("name", "refusal"), [("", Invalid), (" \x00 ", Invalid), ("x" * 61, TooLong)])
def test_a_name_that_is_none_is_refused(alice: User, name: str, refusal: type[ChatError]) -> None:
    with pytest.raises(refusal):
        order.create_folder(alice, name)
    with pytest.raises(refusal):
        order.rename_folder(alice, order.create_folder(alice, "a").pk, name)


def test_a_deleted_folder_leaves_its_chats(alice: User) -> None:
    chat = made(alice)
    order.arrange(alice, chat.pk, new="Travel")
    order.delete_folder(alice, Folder.objects.get().pk)
    assert now_of(chat).folder is None
    assert Conversation.objects.owned_by(alice).loose().get() == chat


def test_folders_are_shifted_among_each_other_and_not_beyond_the_ends(alice: User) -> None:
    a, b, c = (order.create_folder(alice, name) for name in "abc")
    order.shift_folder(alice, c.pk, -1)
    order.shift_folder(alice, a.pk, -1)
    names = Folder.objects.order_by("position").values_list("name", flat=True)
    assert "".join(names) == "acb"
    order.shift_folder(alice, a.pk, 1)
    order.shift_folder(alice, b.pk, 1)
    assert "".join(names.all()) == "cab"


def test_tags_are_set_as_written_once_each_and_idle_ones_are_forgotten(alice: User) -> None:
    chat = made(alice)
    order.arrange(alice, chat.pk, tags="red, Blue ,, RED,")
    assert sorted(now_of(chat).tags.values_list("name", flat=True)) == ["Blue", "red"]
    order.arrange(alice, chat.pk, tags="blue")
    assert list(Tag.objects.values_list("name", flat=True)) == ["Blue"]
    order.arrange(alice, chat.pk, tags="")
    assert not Tag.objects.exists()


def test_a_refused_tag_leaves_the_folder_as_it_was(alice: User) -> None:
    chat = made(alice)
    with pytest.raises(LimitReached):
        order.arrange(alice, chat.pk, new="Travel", tags=",".join(str(n) for n in range(11)))
    assert now_of(chat).folder is None
    assert not Folder.objects.exists()


def test_nobody_orders_the_chats_of_another_or_by_the_folders_of_another(alice: User, bob: User) -> None:
    hers, his = made(alice), made(bob)
    folder, tag = order.create_folder(alice, "hers"), Tag.objects.create(owner=alice, name="t", key="t")
    verbs: list[Callable[[], object]] = [
        *(lambda verb=verb: verb(bob, hers.pk) for verb in (order.pin, order.unpin, order.archive, order.unarchive)),
        lambda: order.mark_seen(bob, hers.pk),
        lambda: order.arrange(bob, hers.pk, tags="x"),
        lambda: order.arrange(bob, his.pk, folder=folder.pk),
        lambda: order.rename_folder(bob, folder.pk, "his"),
        lambda: order.shift_folder(bob, folder.pk, 1),
        lambda: order.delete_folder(bob, folder.pk),
        lambda: order.delete_tag(bob, tag.pk),
        lambda: order.carry_out(bob, "delete", [his.pk, hers.pk]),
        lambda: order.carry_out(bob, "restore", [hers.pk]),
        lambda: order.carry_out(bob, "move", [his.pk], folder=folder.pk),
    ]
    for verb in verbs:
        with pytest.raises(NotFound):
            verb()
    assert now_of(his).deleted_at is None, "all or none"


def test_several_chats_are_changed_together(alice: User) -> None:
    two = [made(alice).pk, made(alice).pk]
    order.carry_out(alice, "move", two, new="Travel")
    order.carry_out(alice, "tag", two, tags="x")
    order.carry_out(alice, "archive", two)
    assert [str(one.folder) for one in Conversation.objects.archived().filter(tags__name="x")] == ["Travel"] * 2
    order.carry_out(alice, "unarchive", two[:1])
    order.carry_out(alice, "delete", two)
    assert not Conversation.objects.present().exists()
    order.carry_out(alice, "restore", two)
    assert Conversation.objects.archived().get().pk == two[1]


def test_what_cannot_be_done_with_several_is_said(alice: User) -> None:
    chat = made(alice)
    for act, chosen, refusal in [
        ("explode", [chat.pk], Invalid),
        ("archive", [], Invalid),
        ("tag", [chat.pk], Invalid),
    ]:
        with pytest.raises(refusal):
            order.carry_out(alice, act, chosen)
    with pytest.raises(TooLong):
        order.carry_out(alice, "archive", [uuid4() for _ in range(101)])


def test_an_answer_is_unread_until_it_was_seen(alice: User) -> None:
    now = timezone.now()
    chat = made(alice, seen_at=now - timedelta(minutes=2), answered_at=now - timedelta(minutes=1))
    assert chat.is_unread
    assert order.mark_seen(alice, chat.pk) is True
    assert order.mark_seen(alice, chat.pk) is False
    assert not now_of(chat).is_unread


def test_an_answer_of_a_clock_that_is_ahead_can_be_seen_too(alice: User) -> None:
    now = timezone.now()
    chat = made(alice, seen_at=now, answered_at=now + timedelta(minutes=1))
    order.mark_seen(alice, chat.pk)
    assert not now_of(chat).is_unread


# The law of the lists

STEPS = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["pin", "unpin", "archive", "unarchive", "delete", "restore", "a", "b", "out", "gone"]),
)


def everywhere(user: User) -> Counter[UUID]:
    """Return how often each chat is shown: in the sidebar with all folders open, and in the archive."""
    marks = [sidebar.short(one) for one in Folder.objects.owned_by(user).values_list("pk", flat=True)]
    whole = sidebar.whole(user, open_folders=marks)
    lists = [whole.pinned, *(one.rows for one in whole.folders), *(one.rows for one in whole.groups)]
    shown = Counter(UUID(row.id) for rows in lists for row in rows)
    archive = listing.page_of(user, listing.Scope(is_archive=True), "")["rows"]
    shown.update(one.pk for one in archive)  # type: ignore[attr-defined]
    return shown


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=12))
def test_any_series_of_acts_leaves_every_chat_listed_once(alice: User, steps: list[tuple[int, str]]) -> None:
    Conversation.objects.all().delete()
    Folder.objects.all().delete()
    four = [made(alice, str(number)).pk for number in range(4)]
    for which, act in steps:
        one = four[which]
        try:
            if act in ("delete", "restore"):
                getattr(chats, act)(alice, one)
            elif act in ("a", "b"):
                order.arrange(alice, one, new=act)
            elif act == "out":
                order.arrange(alice, one, folder=order.NO_FOLDER)
            elif act == "gone":
                for folder in Folder.objects.owned_by(alice):
                    order.delete_folder(alice, folder.pk)
            else:
                getattr(order, act)(alice, one)
        except NotFound:
            assert not Conversation.objects.present().filter(pk=one).exists()
    there = Conversation.objects.present().values_list("pk", flat=True)
    assert everywhere(alice) == Counter(there)
