"""Reviewing in the open: only within a scope, only for a reason, and the owner is told."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from conversations import quotas
from conversations.models import (
    AuditEntry,
    ChatModel,
    Conversation,
    Generation,
    Message,
    Provider,
    ReviewOpening,
    ReviewScope,
    SitePolicy,
    UsageRecord,
    User,
)
from conversations.models.usage import UNITS
from conversations.review.listing import MOST_SAMPLED
from conversations.search import index
from tests.doors.belongings import as_, somebody, things_of

pytestmark = pytest.mark.django_db

REASON = "a complaint about an answer"


@pytest.fixture
def group(db: None, alice: User) -> Group:
    group = Group.objects.create(name="Sales")
    alice.groups.add(group)
    return group


@pytest.fixture
def rita(group: Group) -> User:
    """Reviews the people of one group."""
    rita = somebody("rita")
    rita.user_permissions.add(Permission.objects.get(codename="review"))
    ReviewScope.objects.create(reviewer=rita, group=group)
    return rita


@pytest.fixture
def desk(rita: User) -> Client:
    return as_(rita)


def chat(owner: User, *texts: str, model: ChatModel | None = None, **fields: Any) -> Conversation:
    """Make a conversation of questions and answers; the words of all can be found."""
    title = fields.pop("title", texts[0])
    home = Conversation.objects.create(owner=owner, title=title, chat_model=model, **fields)
    above = None
    for number, text in enumerate(texts):
        above = Message.objects.create(
            conversation=home, parent=above, role="assistant" if number % 2 else "user", text=text
        )
        index.put_message(above.pk, text)
    Conversation.objects.filter(pk=home.pk).update(leaf=above)
    return home


def run(home: Conversation, **fields: Any) -> Generation:
    answer = Message.objects.filter(conversation=home).order_by("-id")[0]
    given = {"status": "complete", "model_label": "M", "ref": uuid4().hex, **fields}
    made = Generation.objects.create(message=answer, conversation=home, owner=home.owner, **given)
    Message.objects.filter(pk=answer.pk).update(generation=made)
    return made


def listed(desk: Client, query: str = "") -> list[str]:
    """Return the titles of the list, from top to bottom, over all its pages."""
    titles, url = [], f"/review/{query}"
    while url:
        answer = desk.get(url)
        assert answer.status_code == 200
        titles += [line.title for line in answer.context["lines"]]
        url = answer.context["next_url"] and "/review/" + answer.context["next_url"]
    return titles


def opened(desk: Client, home: Conversation, reason: str = REASON) -> str:
    answer = desk.post(f"/review/c/{home.pk}", {"reason": reason})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_reviewer_sees_their_groups_only_and_an_administrator_without_a_scope_nothing(
    desk: Client, alice: User, bob: User, sue: User
) -> None:
    chat(alice, "hers")
    his = chat(bob, "his")
    assert listed(desk) == ["hers"]
    assert desk.get(f"/review/c/{his.pk}").status_code == 404
    assert desk.post(f"/review/c/{his.pk}", {"reason": REASON}).status_code == 404
    assert as_(sue).get("/review/").status_code == 404
    ReviewScope.objects.create(reviewer=sue)
    assert listed(as_(sue)) == ["his", "hers"]


def test_each_opening_takes_a_reason_makes_an_entry_and_is_told_to_the_owner(
    desk: Client, rita: User, alice: User
) -> None:
    home = chat(alice, "a question", "an answer")
    assert desk.post(f"/review/c/{home.pk}", {"reason": " short "}).status_code == 400
    assert not AuditEntry.objects.exists()
    for number in range(1, 4):
        page = desk.get(opened(desk, home)).content.decode()
        assert "an answer" in page
        assert AuditEntry.objects.filter(action="review.opened", target=str(home.pk)).count() == number
    entry = AuditEntry.objects.latest("number")
    assert (entry.actor, entry.label, entry.details) == (rita.email, alice.email, {"reason": REASON})
    seen = as_(alice).get(f"/c/{home.pk}").content.decode()
    assert seen.count("Reviewed on") == 3
    assert REASON in seen


@pytest.mark.parametrize(
    ("policy", "days", "is_told"), [("week", 6, False), ("week", 8, True), ("month", 8, False), ("never", 99, False)]
)
def test_the_policy_may_put_the_notice_off(desk: Client, alice: User, policy: str, days: int, is_told: bool) -> None:
    SitePolicy.objects.create(pk=1, review_notice=policy)
    home = chat(alice, "a question")
    opened(desk, home)
    ReviewOpening.objects.update(made_at=timezone.now() - timedelta(days=days))
    assert ("Reviewed on" in as_(alice).get(f"/c/{home.pk}").content.decode()) == is_told


def test_the_way_back_leads_to_the_list_as_it_was_narrowed(desk: Client, alice: User) -> None:
    chat(alice, "a question", language="zh")
    listing = desk.get("/review/?language=zh&person=alice").content.decode()
    row = html.unescape(listing.partition('<th scope="row"><a href="')[2].partition('"')[0])
    for answer in (desk.get(row), desk.post(row, {"reason": REASON}, follow=True)):
        assert 'href="/review/?language=zh&amp;person=alice"' in answer.content.decode()
    planted = desk.get(row.partition("?")[0] + "?list=%22%3E%3Cscript%3E%0d%0a//evil.example").content.decode()
    assert 'href="/review/?&quot;&gt;&lt;script&gt;' in planted


def test_an_opening_is_its_reviewers_and_ends_after_hours_or_with_the_right(
    desk: Client, rita: User, sue: User, alice: User
) -> None:
    address = opened(desk, chat(alice, "a question"))
    ReviewScope.objects.create(reviewer=sue)
    assert as_(sue).get(address).status_code == 404
    ReviewScope.objects.filter(reviewer=rita).delete()
    assert desk.get(address).status_code == 404
    ReviewScope.objects.create(reviewer=rita)
    assert desk.get(address).status_code == 200
    ReviewOpening.objects.update(made_at=timezone.now() - timedelta(hours=9))
    assert desk.get(address).status_code == 404


def test_a_transcript_shows_every_branch_with_its_figures_and_its_pictures(desk: Client, alice: User) -> None:
    things = things_of(alice, "kept")
    home = Conversation.objects.get(pk=things.conversation)
    run(
        home,
        status="failed",
        error_code="rate_limited",
        trace_id="trace-7",
        error_message="slow down",
        prompt_tokens=7,
        instead_of="The dear one",
        parameters={"temperature": 0.2, "max_tokens": 900},
    )
    other = Message.objects.create(conversation=home, role="user", text="the first wording")
    page = desk.get(opened(desk, home)).content.decode()
    assert page.index("kept question") < page.index("kept answer") < page.index(other.text)
    for words in (
        "Version 1 of 2",
        "Version 2 of 2",
        "trace-7",
        "rate_limited",
        "slow down",
        "7 + 0 tokens",
        "instead of The dear one",
        "temperature 0.2",
        "max_tokens 900",
    ):
        assert words in page
    assert 'form="act"' not in page
    address = page.partition('href="/review/openings/')[2].partition('"')[0]
    assert b"".join(desk.get(f"/review/openings/{address}")) == b"kept"
    assert desk.get(f"/attachments/{things.attachment}").status_code == 404


def test_a_long_transcript_is_divided_and_loses_nothing(desk: Client, alice: User) -> None:
    home = chat(alice, *(f"message number {number}." for number in range(450)))
    address, first, seen = opened(desk, home), "0", []
    while first:
        answer = desk.get(f"{address}?first={first}")
        seen += [said.view.text for said in answer.context["transcript"].said]
        first = str(answer.context["transcript"].later or "")
    assert seen == [f"message number {number}." for number in range(450)]


def test_a_reviewer_cannot_write_where_they_read(desk: Client, alice: User) -> None:
    home = chat(alice, "a question", "an answer")
    opened(desk, home)
    leaf = Message.objects.filter(conversation=home).latest("id")
    for path, fields in (
        (f"/c/{home.pk}/rename", {"title": "x"}), (f"/c/{home.pk}/delete", {}), (f"/m/{leaf.pk}/regenerate", {}),
        ("/send", {"text": "x", "conversation": str(home.pk)}),
    ):  # fmt: skip
        assert desk.post(path, fields).status_code == 404, path


def test_filters_hold_together_and_any_junk_is_told_in_words(desk: Client, alice: User, group: Group) -> None:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:9/v1")
    model = ChatModel.objects.create(provider=provider, key="m", name="m", label="Big")
    carol = somebody("carol")
    carol.groups.add(group)
    old = timezone.now() - timedelta(days=40)
    failed = chat(alice, "why is the sea salty", "because of rivers", model=model, cost_units=2 * UNITS)
    run(failed, status="failed", model_label="Big", trace_id="t-1")
    dear = chat(carol, "潮汐是什么", "月球", model=model, cost_units=5 * UNITS, language="zh", touched_at=old)
    run(dear, model_label="Big")
    chat(alice, "plain sea words")
    assert listed(desk, "?model=Big&status=failed") == ["why is the sea salty"]
    assert listed(desk, "?sort=cost") == ["潮汐是什么", "why is the sea salty", "plain sea words"]
    assert listed(desk, "?least=3") == listed(desk, "?language=zh") == listed(desk, "?q=%E6%9C%88") == ["潮汐是什么"]
    assert listed(desk, "?q=sea") == ["plain sea words", "why is the sea salty"]
    assert listed(desk, "?q=sea&status=failed") == listed(desk, "?trace=t-1") == ["why is the sea salty"]
    assert listed(desk, f"?person=carol&group={group.pk}") == ["潮汐是什么"]
    day = timezone.localdate() - timedelta(days=20)
    assert listed(desk, f"?until={day}") == ["潮汐是什么"]
    assert "潮汐是什么" not in listed(desk, f"?since={day}")
    for junk in (
        "since=junk",
        "group=x%00",
        "status=odd",
        "least=-1",
        "model=none",
        "since=2026-02-02&until=2026-01-01",
    ):
        answer = desk.get(f"/review/?{junk}")
        assert (answer.status_code, answer.context["lines"]) == (200, [])
        assert 'role="alert"' in answer.content.decode()
    for junk in ("after=junk_junk", "q=%22%00%27", "draw=9&per=odd", "draw=999999&per=week&seed=x"):
        assert desk.get(f"/review/?{junk}").status_code == 200


def test_a_reviewer_learns_of_no_group_outside_their_scopes(desk: Client, rita: User, alice: User, bob: User) -> None:
    other = Group.objects.create(name="Secret project")
    bob.groups.add(other)
    alice.groups.add(other)
    chat(alice, "hers")
    page = desk.get(f"/review/?group={other.pk}")
    assert (page.status_code, page.context["lines"]) == (200, [])
    assert "Secret project" not in desk.get("/review/").content.decode()
    ReviewScope.objects.create(reviewer=rita)
    assert listed(desk, f"?group={other.pk}") == ["hers"]


def test_people_outside_a_scope_do_not_hide_those_within(desk: Client, group: Group) -> None:
    User.objects.bulk_create(User(email=f"an{number:03}@example.org", name="Ann") for number in range(210))
    within = somebody("annabel")
    within.groups.add(group)
    chat(within, "hers")
    assert listed(desk, "?person=an") == ["hers"]


def test_a_cost_is_asked_for_from_both_sides(desk: Client, alice: User) -> None:
    for dollars in (0, 1, 2, 3):
        chat(alice, f"{dollars}", cost_units=dollars * UNITS)
    assert listed(desk, "?least=1&most=2&sort=cost") == ["2", "1"]
    assert listed(desk, "?most=0") == ["0"]


@pytest.mark.parametrize("query", ["", "?sort=cost", "?q=word"])
def test_pages_join_without_gaps_and_show_nothing_twice(desk: Client, alice: User, query: str) -> None:
    for number in range(120):
        chat(alice, "word", f"word again {number}", title=f"{number}", cost_units=number % 7)
    titles = listed(desk, query)
    assert len(titles) == len(set(titles)) == 120


def test_a_sample_is_random_within_the_selection_and_its_address_shows_it_again(desk: Client, alice: User) -> None:
    for number in range(30):
        chat(alice, f"{number}")
    drawn = desk.get("/review/?draw=4&per=week&seed=5").context["lines"]
    assert len(drawn) == 4
    assert drawn == desk.get("/review/?draw=4&per=week&seed=5").context["lines"]
    assert drawn != desk.get("/review/?draw=4&per=week&seed=6").context["lines"]


def test_a_sample_is_of_what_the_words_find(desk: Client, alice: User) -> None:
    for number in range(20):
        chat(alice, "the sea" if number % 4 == 0 else "the land", title=f"{number}")
    drawn = desk.get("/review/?q=sea&draw=9&per=week&seed=5").context["lines"]
    assert {line.title for line in drawn} == {"0", "4", "8", "12", "16"}


def test_a_sample_of_many_weeks_leaves_none_out(desk: Client, alice: User) -> None:
    now = timezone.now()
    for week in range(30):
        for _ in range(10):
            chat(alice, f"{week}", touched_at=now - timedelta(weeks=week))
    drawn = desk.get("/review/?draw=10&per=week&seed=5").context["lines"]
    assert len(drawn) == MOST_SAMPLED
    assert {line.title for line in drawn} == {str(week) for week in range(30)}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_takes_a_reason_is_logged_told_and_neutral(desk: Client, alice: User, bob: User, form: str) -> None:
    home = chat(alice, "=cmd|' /C calc'!A0", "fine")
    chat(bob, "not for rita")
    assert desk.post("/review/export", {"form": form, "reason": ""}).status_code == 400
    answer = desk.post("/review/export?q=fine", {"form": form, "reason": REASON})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "not for rita" not in text
    if form == "jsonl":
        assert [json.loads(line)["text"] for line in text.splitlines()] == ["=cmd|' /C calc'!A0", "fine"]
    else:
        assert "'=cmd" in text
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.details) == ("review.exported", {"reason": REASON, "form": form, "q": "fine"})
    assert "Exported for review" in as_(alice).get(f"/c/{home.pk}").content.decode()


def test_an_export_is_made_while_it_is_sent(desk: Client, alice: User) -> None:
    """The server must not collect it first: a hundred conversations are looked at before the first piece leaves."""
    for number in range(250):
        chat(alice, f"{number} {'long ' * 200}", title=f"{number}")
    answer = desk.post("/review/export", {"form": "jsonl", "reason": REASON})

    async def some() -> tuple[int, int]:
        pieces = aiter(answer)
        first = await anext(pieces)
        looked_at = await sync_to_async(ReviewOpening.objects.count)()
        rest = [piece async for piece in pieces]
        return looked_at, (first + b"".join(rest)).count(b"\n")

    assert async_to_sync(some)() == (100, 250)


def test_the_number_of_queries_does_not_grow_with_the_list(
    desk: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        run(chat(alice, f"{number}", "a"), prompt_tokens=1)
    with django_assert_max_num_queries(16):
        desk.get("/review/")


def test_the_cost_of_a_conversation_is_booked_with_its_answers(alice: User) -> None:
    home = chat(alice, "a question", "an answer")
    for _ in range(2):
        made = run(home, prompt_tokens=1_000_000, completion_tokens=0)
        UsageRecord.objects.create(owner=alice, generation=made, prompt_price=Decimal("1.5"))
        quotas.settle(made, has_text=True)
    home.refresh_from_db()
    assert home.cost_units == 3 * UNITS
