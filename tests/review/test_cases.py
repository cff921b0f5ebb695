"""What people say of answers becomes cases; reviewers work through them, and the people are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from conversations import audit
from conversations.actions import feedback as verbs
from conversations.models import AuditEntry, Case, Conversation, Feedback, Message, ReviewScope, User
from tests.doors.belongings import as_, somebody
from tests.review.test_desk import chat, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(alice: User) -> Message:
    alice.groups.add(Group.objects.create(name="Sales"))
    return Message.objects.get(conversation=chat(alice, "a question", "an answer"), role="assistant")


@pytest.fixture
def rita(answered: Message) -> User:
    rita = somebody("rita")
    rita.user_permissions.add(Permission.objects.get(codename="review"))
    ReviewScope.objects.create(reviewer=rita, group=Group.objects.get())
    return rita


@pytest.fixture
def desk(rita: User) -> Client:
    return as_(rita)


def tell(user: User, message: Message, **fields: Any) -> Any:
    return as_(user).post(f"/m/{message.pk}/tell", fields)


def test_a_thumb_up_is_kept_shown_and_taken_back(alice: User, answered: Message) -> None:
    her = as_(alice)
    assert her.post(f"/m/{answered.pk}/rate", {"value": "up"}).status_code == 302
    assert 'data-do="rate" aria-pressed="true"' in her.get(f"/c/{answered.conversation_id}").content.decode()
    her.post(f"/m/{answered.pk}/rate", {"value": ""})
    assert not Feedback.objects.exists()
    assert not Case.objects.exists()


def test_a_bad_answer_and_a_report_of_it_are_one_case_that_grows_more_urgent(alice: User, answered: Message) -> None:
    assert "Thank you" in tell(alice, answered, value="down", reasons=["wrong"], comment="no").content.decode()
    assert Case.objects.get().kind == "down"
    tell(alice, answered, value="report", reasons=["harmful", "wrong"], comment="worse")
    case = Case.objects.get()
    assert (case.kind, case.reasons, case.comment) == ("report", ["harmful", "wrong"], "worse")
    as_(alice).post(f"/m/{answered.pk}/rate", {"value": ""})
    assert not Case.objects.exists()


def test_a_case_that_somebody_has_taken_is_not_taken_back(alice: User, answered: Message, rita: User) -> None:
    tell(alice, answered, value="report")
    verbs.assign(rita, Case.objects.get().pk, to_me=True)
    as_(alice).post(f"/m/{answered.pk}/rate", {"value": ""})
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"value": "odd"}, {"value": "down", "reasons": ["odd"]}, {"value": "down", "comment": "x" * 1001}]
)
def test_what_makes_no_sense_is_refused_and_stays_typed(alice: User, answered: Message, fields: dict[str, Any]) -> None:
    answer = tell(alice, answered, **{"comment": "my words", **fields})
    assert answer.status_code in (400, 413)
    assert fields.get("comment", "my words") in answer.content.decode()
    assert not Feedback.objects.exists()


def test_a_question_or_somebody_elses_answer_cannot_be_rated(alice: User, bob: User, answered: Message) -> None:
    assert tell(alice, Message.objects.get(role="user"), value="down").status_code == 400
    assert tell(bob, answered, value="down").status_code == 404


def test_the_queue_is_worked_through_from_the_most_urgent_and_the_person_is_told(
    alice: User, answered: Message, desk: Client, rita: User
) -> None:
    other = Message.objects.get(conversation=chat(alice, "q", "a second answer"), role="assistant")
    tell(alice, other, value="down")
    tell(alice, answered, value="report", reasons=["wrong"], comment="<b>it is wrong</b>")
    cases = list(desk.get("/review/queue").context["cases"])
    assert [case.kind for case in cases] == ["report", "down"]
    page = f"/review/cases/{cases[0].pk}"
    assert "&lt;b&gt;it is wrong" in desk.get(page).content.decode()
    desk.post(page, {"do": "take"})
    desk.post(page, {"do": "label", "text": " billing,  billing , rude"})
    desk.post(page, {"do": "note", "text": "looks right to me"})
    shown = desk.get(page).content.decode()
    for words in ("billing, rude", "looks right to me", rita.email, f'href="/review/cases/{cases[1].pk}"'):
        assert words in shown
    assert (
        'value="You reported an answer in it"'
        in desk.get(f"/review/c/{answered.conversation_id}?case={cases[0].pk}").content.decode()
    )
    done = desk.post(page, {"do": "resolve", "text": "The model was wrong; we changed it."})
    assert done["Location"] == f"/review/cases/{cases[1].pk}"  # on to the next
    assert "The model was wrong; we changed it." in as_(alice).get(f"/c/{answered.conversation_id}").content.decode()
    assert [case.kind for case in desk.get("/review/queue").context["cases"]] == ["down"]
    assert [case.kind for case in desk.get("/review/queue?state=resolved").context["cases"]] == ["report"]
    assert desk.post(page, {"do": "resolve", "text": "again"}).status_code == 400
    assert [entry.action for entry in AuditEntry.objects.order_by("number")] == ["case.taken", "case.resolved"]
    assert audit.verify().holds


def test_what_is_too_long_or_empty_is_refused_with_the_text_kept(alice: User, answered: Message, desk: Client) -> None:
    tell(alice, answered, value="report")
    page = f"/review/cases/{Case.objects.get().pk}"
    for fields in ({"do": "note", "text": " "}, {"do": "note", "text": "y" * 1001}, {"do": "label", "text": "z" * 31}):
        assert desk.post(page, fields).status_code == 400
    assert "y" * 1001 in desk.post(page, {"do": "note", "text": "y" * 1001}).content.decode()
    assert desk.post(page, {"do": "odd"}).status_code == 302


def test_a_flag_and_ratings_are_filters_of_the_list(alice: User, answered: Message, desk: Client) -> None:
    chat(alice, "another")
    assert listed(desk, "?flagged=on") == []
    made = desk.post(f"/review/c/{answered.conversation_id}/flag", {"comment": "odd tone"})
    assert "odd tone" in desk.get(made["Location"]).content.decode()
    assert listed(desk, "?flagged=on") == ["a question"]
    tell(alice, answered, value="down")
    assert listed(desk, "?rated=down") == ["a question"]
    assert listed(desk, "?rated=up") == []


def test_cases_outside_of_the_scope_do_not_exist(bob: User, answered: Message, desk: Client) -> None:
    his = Message.objects.get(conversation=chat(bob, "q", "a"), role="assistant")
    tell(bob, his, value="report")
    case = Case.objects.get()
    assert list(desk.get("/review/queue").context["cases"]) == []
    assert desk.get(f"/review/cases/{case.pk}").status_code == 404
    assert desk.post(f"/review/cases/{case.pk}", {"do": "resolve"}).status_code == 404
    assert desk.post(f"/review/c/{his.conversation_id}/flag").status_code == 404
    assert Conversation.objects.count() == 2
