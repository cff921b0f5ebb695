"""Sharing: a link shows a part of a chat as it was, to whom it is meant for, until it ends."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from conversations.actions import conversations, sharing
from conversations.actions.attachments import keep_picture
from conversations.models import (
    Attachment,
    Conversation,
    Generation,
    Message,
    ShareLink,
    SitePolicy,
    User,
)
from conversations.pictures import Remade

pytestmark = pytest.mark.django_db

PICTURE = Remade(b"picture bytes", "image/png", 4, 3, b"thumbnail bytes")


@pytest.fixture(autouse=True)
def _pictures_in_a_folder_of_the_test(settings: Any, tmp_path: Path) -> None:
    pictures = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "pictures": pictures}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def say(home: Conversation, parent: Message | None, role: str, text: str, **fields: Any) -> Message:
    return Message.objects.create(conversation=home, parent=parent, role=role, text=text, **fields)


@pytest.fixture
def hers(alice: User) -> Conversation:
    """Two questions of alice, the first with a picture and with an answer that has another version."""
    alice.name = "Alice Canary-Name"
    alice.save()
    home = Conversation.objects.create(owner=alice, title="Canary <b>title</b>")
    first = say(home, None, "user", "first question")
    keep_picture(alice, "tree.png", PICTURE).uses.create(message=first, position=0)
    say(home, first, "assistant", "CANARY other version")
    answer = say(home, first, "assistant", "first **answer**", reasoning="CANARY thoughts")
    run = Generation.objects.create(
        message=answer, conversation=home, owner=alice, ref="one", status="complete", model_label="Model M",
        completion_tokens=987_654, ended_at=timezone.now(),
    )  # fmt: skip
    Message.objects.filter(pk=answer.pk).update(generation=run)
    later = say(home, answer, "user", "CANARY later question")
    leaf = say(home, later, "assistant", "CANARY later answer")
    Conversation.objects.filter(pk=home.pk).update(leaf=leaf)
    return Conversation.objects.get(pk=home.pk)


def first_answer(home: Conversation) -> UUID:
    return Message.objects.get(conversation=home, text="first **answer**").pk


def share(client: Client, home: Conversation, message: UUID | None = None, **fields: str) -> str:
    """Make a link by the form and return its address."""
    path = f"/c/{home.pk}/share" + (f"?message={message}" if message else "")
    page = client.post(path, {"title": "For you", **fields}, follow=True).content.decode()
    found = re.search(r'value="http://testserver(/share/[^"]+)"', page)
    assert found, page
    return found[1]


def test_a_link_shows_what_the_form_says_and_nothing_else(alice: User, hers: Conversation) -> None:
    address = share(as_(alice), hers, first_answer(hers))
    form = as_(alice).get(f"/c/{hers.pk}/share?message={first_answer(hers)}").content.decode()
    assert "1 question, with its pictures" in form
    assert "1 answer, and which model wrote it" in form
    shown = Client().get(address)
    page = shown.content.decode()
    for visible in ("For you", "first question", "first <strong>answer</strong>", "Model M", f"{address}/1/0"):
        assert visible in page
    ids = [str(one.pk) for one in (*Message.objects.all(), hers, alice, *Attachment.objects.all())]
    for hidden in ("CANARY", "Canary", "987654", "987,654", "alice@", *ids):
        assert hidden not in page
    assert shown["X-Robots-Tag"] == "noindex, nofollow"
    assert "script-src 'nonce-" in shown["Content-Security-Policy"]
    assert page.count("<script") == 1
    assert "<form" not in page


def test_thinking_is_shown_where_that_was_chosen(alice: User, hers: Conversation) -> None:
    page = Client().get(share(as_(alice), hers, first_answer(hers), thinking="on")).content.decode()
    assert "CANARY thoughts" in page


def test_what_is_written_after_the_sharing_is_not_shown(alice: User, hers: Conversation) -> None:
    answer = Message.objects.get(pk=first_answer(hers))
    address = share(as_(alice), hers, answer.pk)
    answer.text += "\n\nand a later CANARY"
    answer.blocks, answer.render_version = ["<p>and a later CANARY</p>"], 10_000
    answer.save()
    page = Client().get(address).content.decode()
    assert "first <strong>answer</strong>" in page
    assert "CANARY" not in page


def test_a_picture_is_reached_by_the_link_and_not_beside_it(alice: User, bob: User, hers: Conversation) -> None:
    address = share(as_(alice), hers, first_answer(hers))
    picture = Client().get(f"{address}/1/0")
    assert (picture.content, picture["Content-Type"]) == (b"picture bytes", "image/png")
    assert picture["Cache-Control"] == "private, no-cache"  # nor is it seen after the link has ended
    assert Client().get(f"{address}/1/0/thumbnail").content == b"thumbnail bytes"
    absent = ["1/1", "2/0", "0/0", "3/0", "99999999999999999999/0", "1/99999999999999999999"]
    assert {Client().get(f"{address}/{place}").status_code for place in absent} == {404}
    assert as_(bob).get(f"/attachments/{Attachment.objects.get().pk}").status_code == 404


def ends(alice: User, hers: Conversation) -> dict[str, Any]:
    return {
        "revoked": lambda link: as_(alice).post(f"/settings/links/{link.pk}/revoke"),
        "expired": lambda link: ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        "its chat deleted": lambda link: conversations.delete(alice, hers.pk),
        "its account deleted": lambda link: alice.delete(),
        "sharing not allowed": lambda link: SitePolicy.objects.create(pk=1, sharing="off"),
    }


@pytest.mark.parametrize(
    "end", ["revoked", "expired", "its chat deleted", "its account deleted", "sharing not allowed"]
)
def test_a_link_that_has_ended_is_like_one_that_never_was(alice: User, hers: Conversation, end: str) -> None:
    def without_chance(text: str) -> str:
        return re.sub(r"[0-9a-f]{16}|nonce=\"[^\"]+", "", text)

    address = share(as_(alice), hers, first_answer(hers))
    ends(alice, hers)[end](ShareLink.objects.get())
    for place in ("", "/1/0", "/1/0/thumbnail"):
        gone, never = Client().get(address + place), Client().get(f"/share/never{place}")
        assert (gone.status_code, never.status_code) == (404, 404)
        assert without_chance(gone.content.decode()) == without_chance(never.content.decode())


def test_a_link_for_people_sends_strangers_to_the_log_in(alice: User, bob: User, hers: Conversation) -> None:
    address = share(as_(alice), hers, audience="people")
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")
    assert as_(bob).get(address).status_code == 200


def test_a_site_may_share_with_its_people_only(alice: User, bob: User, hers: Conversation) -> None:
    address = share(as_(alice), hers)
    SitePolicy.objects.create(pk=1, sharing="people")
    assert Client().get(address).status_code == 302
    assert as_(bob).get(address).status_code == 200
    assert 'value="anybody"' not in as_(alice).get(f"/c/{hers.pk}/share").content.decode()
    sharing.share(alice, hers.pk, audience="anybody")
    assert ShareLink.objects.latest("made_at").audience == "people"


def test_a_site_may_share_nothing(alice: User, hers: Conversation) -> None:
    SitePolicy.objects.create(pk=1, sharing="off")
    refused = as_(alice).post(f"/c/{hers.pk}/share")
    assert refused.status_code == 403
    assert "Chats are not shared on this site." in refused.content.decode()
    assert not ShareLink.objects.exists()


def test_only_the_digest_and_a_seal_of_the_token_are_stored(alice: User, hers: Conversation) -> None:
    token = share(as_(alice), hers).rpartition("/")[2]
    (row,) = ShareLink.objects.values()
    assert token not in str(row)
    assert len(token) >= 22


def test_the_list_shows_all_links_with_their_addresses_page_by_page(alice: User, bob: User, hers: Conversation) -> None:
    for number in range(60):
        sharing.share(alice, hers.pk, title=f"number {number};")
    first = as_(alice).get("/settings/links").content.decode()
    found = re.search(r'href="(/settings/links\?after=[^"]+)"', first)
    assert found
    second = as_(alice).get(found[1]).content.decode()
    assert [f"number {number};" in first for number in (59, 10, 9)] == [True, True, False]
    assert [f"number {number};" in second for number in (10, 9, 0)] == [False, True, True]
    assert "number" not in as_(bob).get("/settings/links").content.decode()


def test_an_address_sealed_under_a_lost_key_can_still_be_revoked(alice: User, hers: Conversation) -> None:
    address = share(as_(alice), hers)
    ShareLink.objects.update(sealed_token="lost")
    page = as_(alice).get("/settings/links").content.decode()
    assert "cannot be shown again" in page
    assert Client().get(address).status_code == 200
    as_(alice).post(f"/settings/links/{ShareLink.objects.get().pk}/revoke")
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?message=1", {}),
        ("?message=00000000-0000-4000-8000-000000000000", {}),
        ("", {"title": "x" * 201}),
        ("", {"lasts": "a while"}),
        ("", {"audience": "everybody"}),
    ],
)
def test_what_makes_no_sense_is_refused(alice: User, hers: Conversation, query: str, fields: dict[str, str]) -> None:
    answer = as_(alice).post(f"/c/{hers.pk}/share{query}", fields)
    assert answer.status_code in (400, 404, 413)
    assert not ShareLink.objects.exists()


@pytest.mark.parametrize("start", ["0", "-1", "x", "9" * 30, "²", "3"])
def test_a_page_of_a_link_that_there_is_not_is_not_there(alice: User, hers: Conversation, start: str) -> None:
    address = share(as_(alice), hers, first_answer(hers))
    assert Client().get(f"{address}?from={start}").status_code == 404


def test_an_answer_that_is_being_written_is_not_shared(alice: User, hers: Conversation) -> None:
    Message.objects.filter(pk=hers.leaf_id).update(status="streaming")
    assert as_(alice).post(f"/c/{hers.pk}/share").status_code == 409


def test_a_long_chat_is_shown_page_by_page_from_its_beginning(alice: User) -> None:
    home, above = Conversation.objects.create(owner=alice, title="long"), None
    for number in range(1, 151):
        above = say(home, above, "assistant" if number % 2 == 0 else "user", f"message {number};")
    Conversation.objects.filter(pk=home.pk).update(leaf=above)
    address = share(as_(alice), home)
    first, second = (Client().get(address + query).content.decode() for query in ("", "?from=101"))
    assert [f"message {number};" in first for number in (1, 100, 101)] == [True, True, False]
    assert [f"message {number};" in second for number in (100, 101, 150)] == [False, True, True]
    assert f"{address}?from=101" in first


def test_a_copy_is_ones_own_with_its_pictures(alice: User, bob: User, hers: Conversation) -> None:
    address = share(as_(alice), hers, first_answer(hers))
    before = Client().get(address).content
    for _ in range(2):  # the button is pressed twice
        copied = as_(bob).post(f"{address}/copy", {"ref": "one"})
    home = Conversation.objects.get(owner=bob)
    assert copied["Location"] == f"/c/{home.pk}#end"
    said = Message.objects.filter(conversation=home).order_by("id")
    assert [(one.role, one.text, one.reasoning) for one in said] == [
        ("user", "first question", ""),
        ("assistant", "first **answer**", ""),
    ]
    picture = Attachment.objects.get(owner=bob)
    assert as_(bob).get(f"/attachments/{picture.pk}").content == b"picture bytes"
    page = as_(bob).get(f"/c/{home.pk}").content.decode()
    assert "Model M" in page
    assert "CANARY" not in page
    alice.delete()
    assert as_(bob).get(f"/c/{home.pk}").status_code == 200
    assert as_(bob).get(f"/attachments/{picture.pk}").content == b"picture bytes"
    assert before


def test_a_copy_can_be_made_again_after_it_was_deleted(alice: User, bob: User, hers: Conversation) -> None:
    token = share(as_(alice), hers).rpartition("/")[2]
    first = sharing.copy(bob, token, "one")
    conversations.delete(bob, first.pk)
    second = sharing.copy(bob, token, "one")
    assert first.pk != second.pk
    conversations.restore(bob, first.pk)
    assert Conversation.objects.owned_by(bob).present().count() == 2


def test_strangers_cannot_copy(alice: User, hers: Conversation) -> None:
    address = share(as_(alice), hers)
    answer = Client().post(f"{address}/copy")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert Conversation.objects.count() == 1
