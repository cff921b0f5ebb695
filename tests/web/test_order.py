"""The lists of chats and the forms that order them, as they work without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.actions import order
from conversations.models import Conversation, Folder, Message, Tag, User
from conversations.web import listing, sidebar

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def chat(owner: User, title: str, **fields: Any) -> Conversation:
    return Conversation.objects.create(owner=owner, title=title, **fields)


def titles(client: Client, path: str) -> list[str]:
    return [row.title for row in client.get(path).context["rows"]]


def test_a_chat_is_pinned_moved_and_archived_by_forms_alone(hers: Client, alice: User) -> None:
    one, _ = chat(alice, "one"), chat(alice, "two")
    page = hers.get(f"/c/{one.pk}/order").content.decode()
    assert all(f"/c/{one.pk}/{act}" in page for act in ("pin", "archive", "rename", "delete", "order"))
    hers.post(f"/c/{one.pk}/pin")
    assert [row.title for row in hers.get("/").context["sidebar"].pinned] == ["one"]
    answer = hers.post(f"/c/{one.pk}/order", {"folder": "", "name": "Travel <b>", "tags": "red, blue"}, follow=True)
    assert "Saved." in answer.content.decode()
    folder, tag = Folder.objects.get(), Tag.objects.get(name="red")
    assert titles(hers, f"/chats?folder={folder.pk}") == ["one"]
    assert titles(hers, f"/chats?tag={tag.pk}") == ["one"]
    assert "Travel &lt;b&gt;" in hers.get("/").content.decode()
    hers.post(f"/c/{one.pk}/archive")
    assert titles(hers, "/chats") == ["two"]
    assert titles(hers, "/chats?in=archive") == ["one"]
    hers.post(f"/c/{one.pk}/unarchive")
    assert sorted(titles(hers, "/chats")) == ["one", "two"]


def test_a_folder_that_was_left_open_shows_its_chats_in_the_first_html(hers: Client, alice: User) -> None:
    one = chat(alice, "one")
    order.arrange(alice, one.pk, new="Travel")
    mark = f'data-row="{one.pk}"'
    assert mark not in hers.get("/").content.decode()
    assert mark in hers.get(f"/c/{one.pk}").content.decode(), "the chat that is shown opens its folder"
    hers.cookies["folders"] = sidebar.short(Folder.objects.get().pk)
    assert mark in hers.get("/").content.decode()
    assert mark in hers.get("/chats?part=sidebar").content.decode()


def test_a_folder_that_is_closed_tells_of_an_answer_to_be_read_in_it(hers: Client, alice: User) -> None:
    now = timezone.now()
    one = chat(alice, "one", answered_at=now, seen_at=now - timedelta(minutes=1))
    order.arrange(alice, one.pk, new="Travel")
    assert [one.has_unread for one in hers.get("/").context["sidebar"].folders] == [True]
    order.mark_seen(alice, one.pk)
    assert [one.has_unread for one in hers.get("/").context["sidebar"].folders] == [False]


@pytest.mark.parametrize("junk", ["", "...", "x" * 5000, "%00", "a.b.c"])
def test_a_cookie_of_folders_that_makes_no_sense_opens_none(hers: Client, junk: str) -> None:
    hers.cookies["folders"] = junk
    assert hers.get("/").status_code == 200


@pytest.mark.parametrize("rows", ["", "-1", "1e9", "99999999999", "x", "\u0663"])
def test_the_list_comes_whatever_number_of_rows_is_asked_for(hers: Client, rows: str) -> None:
    assert hers.get("/chats", {"part": "sidebar", "rows": rows}).status_code == 200


def test_several_chats_are_archived_at_once_and_the_list_is_shown_again(hers: Client, alice: User) -> None:
    one, two, three = (chat(alice, title) for title in ("one", "two", "three"))
    fields = {"act": "archive", "chat": [str(one.pk), str(two.pk)], "next": "/chats"}
    answer = hers.post("/chats/act", fields, follow=True)
    assert "Done with 2 chats." in answer.content.decode()
    assert [row.pk for row in answer.context["rows"]] == [three.pk]


def test_chats_deleted_together_come_back_together(hers: Client, alice: User) -> None:
    two = [str(chat(alice, title).pk) for title in ("one", "two")]
    assert "deleted chats back" not in hers.get("/chats").content.decode()
    page = hers.post("/chats/act", {"act": "delete", "chat": two, "next": "/chats"}, follow=True)
    assert list(page.context["rows"]) == []
    assert "bring 2 deleted chats back" in page.content.decode()
    page = hers.post("/chats/act", {"act": "restore", "chat": page.context["undo"], "next": "/chats"}, follow=True)
    assert len(page.context["rows"]) == 2
    assert "deleted chats back" not in page.content.decode()


def test_a_refused_form_keeps_what_was_chosen_and_typed(hers: Client, alice: User) -> None:
    one = chat(alice, "one")
    folder = order.create_folder(alice, "Travel")
    order.arrange(alice, one.pk, folder=folder.pk)
    many = ",".join(f"tag{n}" for n in range(11))
    fields = {"act": "tag", "chat": str(one.pk), "tags": many, "next": f"/chats?folder={folder.pk}"}
    answer = hers.post("/chats/act", fields)
    assert answer.status_code == 429
    assert many in answer.content.decode()
    assert f'id="chat-{one.pk}" checked' in answer.content.decode()
    answer = hers.post(f"/c/{one.pk}/order", {"tags": many, "name": "kept"})
    assert answer.status_code == 429
    assert many in answer.content.decode()
    assert 'value="kept"' in answer.content.decode()
    answer = hers.post(f"/folders/{folder.pk}/rename", {"name": "y" * 61})
    assert answer.status_code == 413
    assert "y" * 61 in answer.content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_a_form_leads_nowhere_else(hers: Client, alice: User, target: str) -> None:
    answer = hers.post("/chats/act", {"act": "archive", "chat": str(chat(alice, "x").pk), "next": target})
    assert answer["Location"] == "/chats"


def test_what_is_chosen_on_a_later_page_is_of_that_page(hers: Client, alice: User) -> None:
    many(alice, 140)
    second = hers.get("/chats").context["next_url"]
    page = hers.get(second)
    everything = re.search(r'href="([^"]*all=1)"', page.content.decode())
    assert everything
    chosen = hers.get(everything[1].replace("&amp;", "&"))
    assert [row.pk for row in chosen.context["rows"]] == [row.pk for row in page.context["rows"]]
    first = re.search(
        r'<input type="hidden" name="next" value="([^"]*)">\s*<ul class="order__rows"', page.content.decode()
    )
    assert first
    assert first[1].replace("&amp;", "&") == second


def test_enter_in_the_field_for_tags_presses_the_button_for_tags(hers: Client, alice: User) -> None:
    chat(alice, "one")
    form = hers.get("/chats").content.decode().partition('<form class="order"')[2]
    assert re.findall(r'name="act" value="(\w+)"', form)[0] == "tag"


@pytest.mark.parametrize("name", ["\u200b", "\u202e \u2066", " \x00 "])
def test_a_name_of_which_nothing_can_be_seen_is_none(hers: Client, alice: User, name: str) -> None:
    one = chat(alice, "one")
    hers.post(f"/c/{one.pk}/rename", {"title": name})
    assert hers.post(reverse("folder:create"), {"name": name}).status_code == 400
    one.refresh_from_db()
    assert one.title == "one"


@pytest.mark.parametrize(
    "path", ["/chats?folder=x", "/chats?tag=x", "/chats?folder=00000000-0000-0000-0000-000000000000"]
)
def test_a_list_that_is_not_there_is_not_found(hers: Client, path: str) -> None:
    assert hers.get(path).status_code == 404


def test_a_question_brings_a_chat_back_from_the_archive(alice: User) -> None:
    from conversations.actions.messages import send_message
    from tests.doors.belongings import chat_model

    old = chat(alice, "old", archived_at=timezone.now(), chat_model=chat_model())
    send_message(alice, ref="12345678", text="more", conversation=old.pk)
    assert Conversation.objects.owned_by(alice).listed().get() == old


def test_a_temporary_chat_says_so_and_is_ended_by_its_form(hers: Client, alice: User) -> None:
    from tests.doors.belongings import chat_model

    chat_model()
    assert 'name="temporary"' not in hers.get("/").content.decode()
    assert 'name="temporary"' in hers.get("/?temporary=1").content.decode()
    home = chat(alice, "x", vanishes_at=timezone.now() + timedelta(hours=1))
    page = hers.get(f"/c/{home.pk}").content.decode()
    assert "it is in no list and no search" in page
    assert f"/c/{home.pk}/share" not in page
    hers.post(f"/c/{home.pk}/leave")
    assert not Conversation.objects.exists()


def test_the_page_says_how_many_messages_go_with_a_turn_and_deletes_them(hers: Client, alice: User) -> None:
    home = chat(alice, "x")
    question = Message.objects.create(conversation=home, role="user", text="q")
    reply = Message.objects.create(conversation=home, parent=question, role="assistant", text="a")
    Message.objects.create(conversation=home, parent=reply, role="user", text="q2")
    Conversation.objects.filter(pk=home.pk).update(leaf=reply)
    page = hers.get(f"/m/{reply.pk}/more").content.decode()
    assert "2 messages below it" in page
    forked = hers.post(f"/m/{reply.pk}/fork")["Location"]
    assert str(home.pk) not in forked
    assert hers.post(f"/m/{reply.pk}/delete")["Location"] == f"/c/{home.pk}#end"
    assert not Message.objects.filter(conversation=home).exists()
    assert hers.get(f"/c/{home.pk}").status_code == 200
    assert hers.get(forked.removesuffix("#end")).content.decode().count("<article") >= 2


# Ten thousand chats


def many(owner: User, count: int) -> None:
    now = timezone.now()
    folders = [order.create_folder(owner, name) for name in "abc"]
    Conversation.objects.bulk_create(
        Conversation(
            owner=owner,
            title=f"chat {number}",
            touched_at=now - timedelta(hours=number),
            folder=folders[number % 7] if number % 7 < 3 else None,
            pinned_at=now if number % 50 == 0 else None,
            archived_at=now - timedelta(hours=number) if number % 5 == 4 else None,
        )
        for number in range(count)
    )


def test_lists_cost_the_same_number_of_queries_however_long_and_are_read_by_an_index(
    alice: User, bob: User, hers: Client, django_assert_num_queries: Any
) -> None:
    many(alice, 400)
    many(bob, 400)
    folder = Folder.objects.owned_by(alice).first()
    assert folder is not None
    marks = {sidebar.short(one.pk) for one in Folder.objects.owned_by(alice)}
    with django_assert_num_queries(3):
        whole = sidebar.whole(alice, open_folders=marks)
    assert [len(one.rows) for one in whole.folders] == [sidebar.IN_A_FOLDER] * 3
    assert all(one.has_more for one in whole.folders)
    for scope in (listing.Scope(), listing.Scope(is_archive=True), listing.Scope(folder=folder)):
        with django_assert_num_queries(4):
            shown = listing.page_of(alice, scope, "")
            assert [len(list(shown[name])) for name in ("folders", "tags")] == [3, 0]  # type: ignore[call-overload]
    mine = Conversation.objects.owned_by(alice)
    for found in (
        mine.listed().latest_first(),
        mine.listed().filter(folder=folder, pinned_at=None).latest_first(),
        mine.pinned().order_by("-pinned_at", "-id"),
        mine.archived().order_by("-archived_at", "-id"),
    ):
        plan = found[:50].explain()
        assert "USING INDEX conversations_" in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def test_paging_shows_every_chat_of_a_list_once(alice: User, hers: Client) -> None:
    many(alice, 140)
    for start, expected in (("/chats", 112), ("/chats?in=archive", 28)):
        seen: list[str] = []
        path = start
        while path:
            page = hers.get(path)
            seen += [str(row.pk) for row in page.context["rows"]]
            path = page.context["next_url"]
        assert (len(seen), len(set(seen))) == (expected, expected)
