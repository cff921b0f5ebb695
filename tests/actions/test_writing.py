"""Drafts, the manner of a chat, presets and prompts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from conversations.actions import writing
from conversations.actions.messages import send_message
from conversations.actions.turns import fork
from conversations.errors import Invalid, LimitReached, NotFound, TooLong
from conversations.generation import ledger
from conversations.models import ChatModel, Conversation, Draft, Generation, Preset, Prompt, Tuning, User
from conversations.models.ids import new_id
from tests.doors.belongings import chat_model

pytestmark = pytest.mark.django_db
NOTHING = {"system_prompt": "", "temperature": None, "top_p": None, "max_tokens": None, "reasoning_effort": ""}


@pytest.fixture
def home(alice: User) -> Conversation:
    return Conversation.objects.create(owner=alice, title="one", chat_model=chat_model())


def asked(user: User, home: Conversation) -> Any:
    """Ask in a chat and return what the provider would be asked."""
    started = send_message(user, ref=str(new_id()), text="hello", conversation=home.pk)
    process = new_id()
    ledger.beat(process, "here", 1)
    job = ledger.load_job(started.generation, process)
    assert job is not None
    return job.request


def test_the_draft_saved_last_counts_and_each_chat_has_its_own(alice: User, home: Conversation) -> None:
    writing.keep_draft(alice, None, "new")
    writing.keep_draft(alice, home.pk, "first")
    writing.keep_draft(alice, home.pk, "second")
    writing.keep_draft(alice, None, "newer")
    drafts = [writing.draft_of(alice, one) for one in (home, None)]
    assert [one.text for one in drafts if one] == ["second", "newer"]
    assert Draft.objects.count() == 2


def test_clearing_forgets_only_the_text_one_has_seen(alice: User, home: Conversation) -> None:
    seen = writing.keep_draft(alice, home.pk, "from the desk")
    newer = writing.keep_draft(alice, home.pk, "from the phone")
    for stamp in (seen, "", "yesterday", "2026-13-45T00:00:00Z", "2026-01-01"):
        writing.keep_draft(alice, home.pk, "", seen=stamp)
    assert writing.draft_of(alice, home) is not None
    writing.keep_draft(alice, home.pk, " ", seen=newer)
    assert writing.draft_of(alice, home) is None


def test_sending_forgets_the_draft_of_what_is_sent_and_no_other(alice: User, home: Conversation) -> None:
    writing.keep_draft(alice, home.pk, "hello")
    writing.keep_draft(alice, None, "hello")
    asked(alice, home)
    assert writing.draft_of(alice, home) is None
    assert writing.draft_of(alice, None) is not None


def test_a_draft_that_cannot_be_kept_is_refused(alice: User, bob: User, home: Conversation, settings: Any) -> None:
    with pytest.raises(NotFound):
        writing.keep_draft(bob, home.pk, "mine now")
    with pytest.raises(Invalid):
        writing.keep_draft(alice, home.pk, "a\x00b")
    with pytest.raises(TooLong):
        writing.keep_draft(alice, home.pk, "x" * 1_000_001)
    assert not Draft.objects.exists()


def test_a_chat_is_answered_in_its_own_manner_and_else_in_that_of_the_model(alice: User, home: Conversation) -> None:
    ChatModel.objects.update(temperature=0.1, top_p=0.2, answer_tokens=100)
    alice.instructions = "Be brief."
    alice.save()
    assert asked(alice, home).parameters == {"temperature": 0.1, "top_p": 0.2, "max_tokens": 100}
    Generation.objects.update(status="complete")
    manner = NOTHING | {"system_prompt": "Be a poet.", "temperature": 0.0, "max_tokens": 5_000}
    writing.tune(alice, home.pk, **manner | {"reasoning_effort": "low"})
    home = Conversation.objects.get(pk=home.pk)
    request = asked(alice, home)
    told = {"temperature": 0.0, "top_p": 0.2, "max_tokens": 100, "reasoning_effort": "low"}
    assert request.parameters == told
    assert next((one.role, one.content) for one in request.turns) == ("system", "Be brief.\n\nBe a poet.")


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": 2.1}, {"temperature": -1.0}, {"temperature": float("nan")}, {"top_p": 1.5},
        {"max_tokens": 0}, {"max_tokens": 10**12}, {"reasoning_effort": "extreme"},
        {"system_prompt": "x" * 20_001}, {"system_prompt": "a\x00b"},
    ],
    ids=lambda wrong: "-".join(wrong),
)  # fmt: skip
def test_a_manner_outside_of_its_limits_changes_nothing(alice: User, home: Conversation, wrong: dict[str, Any]) -> None:
    writing.tune(alice, home.pk, **NOTHING | {"temperature": 1.0})
    with pytest.raises(Invalid):
        writing.tune(alice, home.pk, **NOTHING | wrong)
    assert Tuning.objects.get().temperature == 1.0


def test_a_chat_gives_up_its_own_manner_and_a_fork_takes_it_along(alice: User, home: Conversation) -> None:
    writing.tune(alice, home.pk, **NOTHING | {"system_prompt": "Be a poet."})
    started = send_message(alice, ref=str(new_id()), text="hello", conversation=home.pk)
    made = fork(alice, started.question)
    assert Tuning.objects.get(conversation=made).system_prompt == "Be a poet."
    writing.tune(alice, home.pk)
    assert Conversation.objects.get(pk=home.pk).own_tuning is None


def test_a_preset_brings_its_model_and_its_manner(alice: User, bob: User, home: Conversation) -> None:
    kept = writing.keep_preset(alice, home.pk, "Poet", **NOTHING | {"system_prompt": "Be a poet."})
    writing.keep_preset(alice, home.pk, " Poet ", **NOTHING | {"system_prompt": "Rhyme."})
    assert Preset.objects.get().system_prompt == "Rhyme."
    other = Conversation.objects.create(owner=alice)
    writing.use_preset(alice, other.pk, kept.pk)
    assert Conversation.objects.get(pk=other.pk).chat_model == home.chat_model
    assert Tuning.objects.get(conversation=other).system_prompt == "Rhyme."
    his = Conversation.objects.create(owner=bob)
    for preset in (kept.pk, new_id()):
        with pytest.raises(NotFound):
            writing.use_preset(bob, his.pk, preset)
    Preset.objects.update(owner=None)
    writing.use_preset(bob, his.pk, kept.pk)
    with pytest.raises(NotFound):
        writing.delete_preset(alice, kept.pk)  # the site's are the administrators'


def test_prompts_are_ones_own_and_say_what_they_ask_for(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = writing.keep_prompt(
        alice, " Trans  late ", "Translate {{ text }} into {{language}}, {{text}} only. {{}} {x}"
    )
    assert (kept.name, kept.variables) == ("Trans late", ["text", "language"])
    for wrong in (("", "x"), ("x", ""), ("x" * 61, "x"), ("x", "a\x00"), ("x", "x" * 20_001)):
        with pytest.raises(Invalid):
            writing.keep_prompt(alice, *wrong)
    attempts: list[tuple[User, UUID]] = [(bob, kept.pk), (alice, new_id())]
    for person, prompt in attempts:
        with pytest.raises(NotFound):
            writing.keep_prompt(person, "stolen", "x", prompt)
        with pytest.raises(NotFound):
            writing.delete_prompt(person, prompt)
    monkeypatch.setattr(writing, "MOST_KEPT", 1)
    with pytest.raises(LimitReached):
        writing.keep_prompt(alice, "one more", "x")
    writing.delete_prompt(alice, kept.pk)
    assert not Prompt.objects.exists()
