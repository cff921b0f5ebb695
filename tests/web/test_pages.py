"""Pages and forms: what they show, what they refuse, and that a GET changes nothing."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import brotli
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.models import Conversation, Message, User
from conversations.web import sidebar

pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(alice: User) -> Conversation:
    conversation = Conversation.objects.create(owner=alice, title="Her <b>secret</b>")
    question = Message.objects.create(conversation=conversation, role="user", text="<script>alert(1)</script>")
    answer = Message.objects.create(conversation=conversation, parent=question, role="assistant", text="**bold**")
    Conversation.objects.filter(pk=conversation.pk).update(leaf=answer)
    return conversation


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_conversation_is_shown_to_its_owner_with_everything_escaped(alice: User, hers: Conversation) -> None:
    page = as_(alice).get(reverse("chat:show", args=[hers.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "Her &lt;b&gt;secret" in page
    assert "<strong>bold</strong>" in page


def paths_of(conversation: object, message: object) -> list[tuple[str, str]]:
    forms = ["rename", "delete", "restore", "select"]
    acts = ["regenerate", "continue", "stop"]
    return [
        ("get", f"/c/{conversation}"),
        ("get", f"/m/{message}/edit"),
        ("post", f"/m/{message}/edit"),
        *(("post", f"/c/{conversation}/{name}") for name in forms),
        *(("post", f"/m/{message}/{name}") for name in acts),
    ]


def test_what_is_not_yours_does_not_exist(bob: User, hers: Conversation) -> None:
    client = as_(bob)
    message = Message.objects.filter(conversation=hers).first()
    assert message is not None
    fields = {"title": "mine", "message": str(message.pk), "text": "x"}
    before = list(Message.objects.values()) + list(Conversation.objects.values())
    foreign = [getattr(client, how)(path, fields) for how, path in paths_of(hers.pk, message.pk)]
    absent = [getattr(client, how)(path, fields) for how, path in paths_of(uuid4(), uuid4())]
    assert {answer.status_code for answer in foreign + absent} == {404}
    assert list(Message.objects.values()) + list(Conversation.objects.values()) == before


def test_strangers_are_sent_to_the_log_in_and_back(hers: Conversation) -> None:
    for path in ("/", f"/c/{hers.pk}", "/chats"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")


def test_forms_without_their_token_are_refused(alice: User, hers: Conversation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for path in ("/send", f"/c/{hers.pk}/delete", f"/c/{hers.pk}/rename", "/preferences"):
        assert client.post(path, {"text": "x", "title": "y"}).status_code == 403
    hers.refresh_from_db()
    assert hers.deleted_at is None


def test_what_changes_something_takes_no_get(alice: User, hers: Conversation) -> None:
    client = as_(alice)
    for name in ("rename", "delete", "restore", "select"):
        assert client.get(f"/c/{hers.pk}/{name}").status_code == 405
    assert client.get("/send").status_code == 405


def test_every_page_carries_the_policy_and_stays_out_of_shared_caches(alice: User, hers: Conversation) -> None:
    client = as_(alice)
    for path in ("/", f"/c/{hers.pk}", "/chats", "/accounts/login/", "/nowhere", "/healthz"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "private" in answer["Cache-Control"]


def test_a_refused_question_comes_back_with_its_text(alice: User) -> None:
    answer = as_(alice).post("/send", {"text": "keep me", "conversation": "", "parent": ""})
    assert answer.status_code == 400
    assert "keep me" in answer.content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_theme_is_remembered_and_leads_nowhere_else(target: str) -> None:
    answer = Client().post("/preferences", {"theme": "dark", "next": target})
    assert answer.cookies["theme"].value == "dark"
    assert answer["Location"] == "/"
    assert Client().post(f"/preferences?next={quote(target)}", {"sidebar": "closed"})["Location"] == "/"


def test_the_list_of_chats_is_folded_away_without_scripts_too(alice: User) -> None:
    client = as_(alice)
    assert "data-sidebar" not in client.get("/").content.decode()
    assert client.post("/preferences?next=/?temporary=1", {"sidebar": "closed"})["Location"] == "/?temporary=1"
    assert ' data-sidebar="closed">' in client.get("/").content.decode()
    client.post("/preferences", {"sidebar": "sideways"})
    assert ' data-sidebar="closed">' in client.get("/").content.decode()
    client.post("/preferences", {"sidebar": "open"})
    assert "data-sidebar" not in client.get("/").content.decode()


def test_the_list_of_chats_takes_the_same_number_of_queries_however_long(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    Conversation.objects.bulk_create(Conversation(owner=alice, title=f"chat {n}") for n in range(120))
    client = as_(alice)
    with django_assert_max_num_queries(12):
        first = client.get("/")
    assert first.content.decode().count("data-row=") == 40
    following = client.get(first.context["sidebar"].next_url + "&part=rows").content.decode()
    assert following.count("data-row=") == 40


@pytest.mark.parametrize(
    "cursor", ["", "x", "20260101T000000000000_x", "_", "99999999T000000000000_00000000-0000-0000-0000-000000000000"]
)
def test_a_cursor_that_makes_no_sense_begins_anew(alice: User, cursor: str) -> None:
    assert as_(alice).get("/chats", {"after": cursor}).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "used"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("br;q=0.5", "br")],
)
def test_pages_travel_compressed_as_the_browser_takes_them(alice: User, accepted: str, used: str) -> None:
    visitor = as_(alice)
    plain = visitor.get("/")
    answer = visitor.get("/", headers={"Accept-Encoding": accepted})
    assert answer["Content-Encoding"] == used
    assert "Accept-Encoding" in answer["Vary"]
    assert int(answer["Content-Length"]) == len(answer.content) < 9_000
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress}[used](answer.content)
    assert b"</html>" in unpacked
    assert abs(len(unpacked) - len(plain.content)) < 200
    lengths = {len(visitor.get("/", headers={"Accept-Encoding": accepted}).content) for _ in range(20)}
    assert len(lengths) > 5, "its length tells nothing about a secret in it"


def test_pages_travel_as_they_are_to_who_takes_nothing_else(alice: User) -> None:
    answer = as_(alice).get("/")
    assert "Content-Encoding" not in answer


def test_the_sidebar_costs_the_same_for_many_chats_and_reads_them_by_an_index(
    alice: User, bob: User, django_assert_num_queries: Any
) -> None:
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(owner=owner, title=f"chat {number}", touched_at=now - timedelta(hours=number))
        for owner in (alice, bob)
        for number in range(300)
    )
    with django_assert_num_queries(1):
        groups, more = sidebar.page_of(alice)
    assert sum(len(group.rows) for group in groups) == sidebar.PAGE
    assert more
    rows = Conversation.objects.owned_by(alice).loose().latest_first()[: sidebar.PAGE]
    plan = rows.explain()
    assert "USING INDEX" in plan
    assert "SCAN" not in plan.replace("SCAN USING INDEX", "")
    assert "TEMP B-TREE" not in plan, "the rows are sorted by hand"
