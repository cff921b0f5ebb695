"""The manner of a chat, prompts and drafts, as their pages work without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conversations.models import ChatModel, Conversation, Draft, ModelPrice, Preset, Prompt, Tuning, User
from tests.doors.belongings import as_, chat_model

pytestmark = pytest.mark.django_db
MANNER = {"system_prompt": "Be <b>.", "temperature": "0.5", "top_p": "", "max_tokens": "", "reasoning_effort": ""}


@pytest.fixture
def home(alice: User) -> Conversation:
    return Conversation.objects.create(owner=alice, title="one", chat_model=chat_model())


def test_a_chat_is_tuned_kept_as_a_preset_and_reset_by_forms_alone(alice: User, home: Conversation) -> None:
    hers, here = as_(alice), f"/c/{home.pk}/tune"
    mark = re.compile(r"data-tuned[^>]* hidden>")
    assert mark.search(hers.get(f"/c/{home.pk}").content.decode())
    assert 'value="reset"' not in hers.get(here).content.decode()
    answer = hers.post(here, MANNER | {"name": "Calm"}, follow=True)
    assert "Be &lt;b&gt;." in answer.content.decode()
    assert 'value="reset"' in answer.content.decode()
    assert not mark.search(hers.get(f"/c/{home.pk}").content.decode())
    hers.post(here, {"do": "reset"})
    assert not Tuning.objects.exists()
    hers.post(here, {"do": "use", "preset": str(Preset.objects.get().pk)})
    assert Tuning.objects.get().temperature == 0.5
    assert "Calm" in hers.get("/settings/prompts").content.decode()
    hers.post(f"/settings/presets/{Preset.objects.get().pk}/delete")
    assert not Preset.objects.exists()


@pytest.mark.parametrize("wrong", ["much", "3", "1e999", "nan", "\x00"], ids=["word", "over", "endless", "nan", "nul"])
def test_what_is_wrong_is_said_and_what_was_typed_stays(alice: User, home: Conversation, wrong: str) -> None:
    answer = as_(alice).post(f"/c/{home.pk}/tune", MANNER | {"temperature": wrong, "name": "My name"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Be &lt;b&gt;." in page
    assert "My name" in page
    assert "data-refusal hidden" not in page
    assert not Tuning.objects.exists()


def test_prompts_are_added_changed_and_deleted_by_forms_alone(alice: User) -> None:
    hers = as_(alice)
    assert hers.post("/settings/prompts", {"name": "", "text": "kept text"}).status_code == 400
    assert "kept text" in hers.post("/settings/prompts", {"name": "", "text": "kept text"}).content.decode()
    hers.post("/settings/prompts", {"name": "Greet <i>", "text": "Hello {{name}}"})
    Prompt.objects.create(name="Of all", text="x")
    page = hers.get("/settings/prompts").content.decode()
    assert "Greet &lt;i&gt;" in page
    assert "Of all" in page
    mine = f"/settings/prompts/{Prompt.objects.get(owner=alice).pk}"
    assert "Hello {{name}}" in hers.get(mine).content.decode()
    hers.post(mine, {"name": "Greet", "text": "Hi {{name}}"})
    offered = hers.get("/settings/prompts?part=list").content.decode()
    assert "Hi {{name}}" in offered
    assert "Of all" in offered
    hers.post(f"{mine}/delete")
    assert not Prompt.objects.filter(owner=alice).exists()


def test_administrators_see_the_prompts_of_the_site_and_nobodys_own(alice: User, sue: User) -> None:
    own = Prompt.objects.create(owner=alice, name="Private", text="x")
    boss: Client = as_(sue)
    boss.post("/admin/conversations/prompt/add/", {"name": "Of all", "text": "x"})
    page = boss.get("/admin/conversations/prompt/").content.decode()
    assert "Of all" in page
    assert "Private" not in page
    assert boss.get(f"/admin/conversations/prompt/{own.pk}/change/").status_code == 302


def test_a_draft_kept_on_one_device_is_on_the_page_of_another(alice: User, home: Conversation) -> None:
    hers = as_(alice)
    answer = hers.post("/draft", {"conversation": str(home.pk), "text": 'say "<hello>"'})
    page = hers.get(f"/c/{home.pk}").content.decode()
    assert 'data-draft="say &quot;&lt;hello&gt;&quot;"' in page
    assert answer.json()["stamp"] in page
    assert 'data-draft=""' in hers.get("/").content.decode()
    hers.post("/draft", {"conversation": str(home.pk), "text": "", "seen": answer.json()["stamp"]})
    assert not Draft.objects.exists()


def test_the_picker_says_what_a_model_costs_today(alice: User) -> None:
    model, today = chat_model(), timezone.localdate()
    assert "per million tokens" not in as_(alice).get("/").content.decode()
    for days, price in ((-9, "3"), (-1, "2.50"), (1, "9")):
        ModelPrice.objects.create(
            chat_model=model, since=today + timedelta(days=days), prompt_price=price, completion_price="100"
        )
    assert "2.5 / 100 per million tokens" in as_(alice).get("/").content.decode()


def test_a_chat_whose_model_has_gone_says_so(alice: User, home: Conversation) -> None:
    gone = ChatModel.objects.create(
        provider=chat_model().provider, key="gone", name="gone", label="Gone Model", is_enabled=False
    )
    assert "cannot be used any more" not in as_(alice).get(f"/c/{home.pk}").content.decode()
    Conversation.objects.update(chat_model=gone)
    assert "Gone Model cannot be used any more" in as_(alice).get(f"/c/{home.pk}").content.decode()
