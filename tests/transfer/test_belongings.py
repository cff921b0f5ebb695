"""What an archive holds beside its chats comes along with them, once, and is refused where it is broken."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.actions import writing
from conversations.errors import Invalid
from conversations.models import ChatFile, Conversation, Preset, Prompt, Tuning, User
from conversations.transfer import importing
from conversations.transfer.archive import archive_of
from conversations.transfer.formats import FORMAT, VERSION
from tests.doors.belongings import chat_model

pytestmark = pytest.mark.django_db


def uploaded(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("archive.zip", content)


def ours_with(account: str) -> bytes:
    """Return an archive of this site: one chat, and this beside it."""
    said = [{"id": "m", "parent": None, "role": "user", "text": "words"}]
    chats = {"format": FORMAT, "version": VERSION, "conversations": [{"id": "c", "messages": said}]}
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("chats.json", json.dumps(chats))
        archive.writestr("account.json", account)
    return out.getvalue()


def test_prompts_presets_and_the_manner_of_chats_come_along_and_twice_changes_nothing(
    alice: User, bob: User, hers: Conversation, as_: Callable[[User], Client]
) -> None:
    model = chat_model()
    Prompt.objects.create(owner=alice, name="Greet", text="Hello {{name}}")
    Prompt.objects.create(owner=alice, name="Sum", text="Sum this up.")
    Prompt.objects.create(owner=bob, name="Greet", text="Hi.")
    Preset.objects.create(owner=alice, name="Calm", chat_model=model, system_prompt="Be calm.", temperature=0.5)
    Preset.objects.create(owner=alice, name="Odd", max_tokens=9)
    Tuning.objects.create(conversation=hers, system_prompt="a poet", top_p=0.5)
    archive = b"".join(archive_of(alice))
    assert not importing.offer(alice, "archive.zip", uploaded(archive)).brings
    report = importing.offer(bob, "archive.zip", uploaded(archive))
    assert (report.prompts, report.presets) == (2, 2)
    assert "2 new prompts" in as_(bob).get("/settings/data").content.decode()
    assert as_(bob).post("/settings/import/take").status_code == 302
    prompts = Prompt.objects.owned_by(bob)
    assert {(one.name, one.text) for one in prompts} == {
        ("Greet", "Hi."), ("Greet (2)", "Hello {{name}}"), ("Sum", "Sum this up."),
    }  # fmt: skip
    calm, odd = Preset.objects.owned_by(bob)
    assert (calm.chat_model, calm.temperature, odd.max_tokens) == (model, 0.5, 9)
    assert writing.manner_of(Tuning.objects.get(conversation__owner=bob)) == writing.manner_of(hers.tuning)
    assert not importing.offer(bob, "archive.zip", uploaded(archive)).brings


def test_prompts_for_which_there_is_no_room_are_told(
    alice: User, as_: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_KEPT", 1)
    kept = {"prompts": [{"name": str(number), "text": f"text {number}"} for number in range(3)]}
    importing.offer(alice, "archive.zip", uploaded(ours_with(json.dumps(kept))))
    assert (
        "2 prompts and presets could not be kept"
        in as_(alice).post("/settings/import/take", follow=True).content.decode()
    )
    assert Prompt.objects.owned_by(alice).count() == 1


@pytest.mark.parametrize(
    ("account", "place"),
    [
        ('{"prompts":\n oops}', "account.json, line 2"),
        ('{"prompts": [{"name": "a", "text": 1}]}', "account.json: prompts[0].text"),
        ('{"presets": {"a": 1}}', "account.json: presets"),
        ('{"chat_settings": [{"chat": null}]}', "account.json: chat_settings[0]"),
        ("[" * 100_000, "account.json"),
        ("[]", "account.json"),
    ],
)
def test_what_is_broken_beside_the_chats_is_refused_with_its_place(alice: User, account: str, place: str) -> None:
    with pytest.raises(Invalid, match=re.escape(place)):
        importing.offer(alice, "archive.zip", uploaded(ours_with(account)))
    assert not ChatFile.objects.exists()
