from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from conversations.actions import feedback, writing
from conversations.actions.attachments import keep_picture
from conversations.models import Attachment, Conversation, Preset, Prompt, ShareLink, Tuning, User
from conversations.pictures import Remade
from conversations.transfer.archive import archive_of
from tests.transfer.conftest import say
from tests.transfer.test_exporting import peak_of

pytestmark = pytest.mark.django_db


def opened(user: User) -> ZipFile:
    archive = ZipFile(io.BytesIO(b"".join(archive_of(user))))
    assert archive.testzip() is None
    return archive


def test_the_archive_holds_chats_pictures_and_a_file_to_read_for_each(alice: User, hers: Conversation) -> None:
    archive = opened(alice)
    digest = Attachment.objects.get().digest
    (readable,) = (name for name in archive.namelist() if name.startswith("chats/"))
    assert set(archive.namelist()) == {"chats.json", "account.json", f"pictures/{digest}.jpg", readable}
    assert readable.endswith("Trees -b-& 树--b-.md")
    (chat,) = json.loads(archive.read("chats.json"))["conversations"]
    assert chat["messages"][0]["pictures"][0]["file"] == f"pictures/{digest}.jpg"
    assert f"](../pictures/{digest}.jpg)" in archive.read(readable).decode()
    kinds = {info.filename.partition("/")[0]: info.compress_type for info in archive.infolist()}
    assert kinds == dict.fromkeys(("chats.json", "account.json", "chats"), ZIP_DEFLATED) | {"pictures": ZIP_STORED}


def test_the_account_tells_what_there_is_beside_chats(alice: User, bob: User, hers: Conversation) -> None:
    alice.instructions = "be brief"
    alice.save()
    writing.keep_draft(alice, None, "a draft for a new chat")
    writing.keep_draft(alice, hers.pk, "a draft in the chat")
    Prompt.objects.create(owner=alice, name="mine", text="{{topic}}?")
    Prompt.objects.create(owner=None, name="the site's", text="x")
    Prompt.objects.create(owner=bob, name="his", text="x")
    Preset.objects.create(owner=alice, name="calm", system_prompt="calm", temperature=0.0)
    Tuning.objects.create(conversation=hers, system_prompt="a poet", top_p=0.5)
    feedback.give(alice, hers.leaf_id, "up")  # type: ignore[arg-type]
    ShareLink.objects.create(
        conversation=hers, owner=alice, title="shown", digest="x" * 64, sealed_token="SEALED", snapshot=[]
    )
    text = opened(alice).read("account.json").decode()
    told = json.loads(text)
    assert (told["settings"]["email"], told["settings"]["instructions"]) == ("alice@example.org", "be brief")
    assert [one["text"] for one in told["drafts"]] == ["a draft for a new chat", "a draft in the chat"]
    assert told["prompts"] == [{"name": "mine", "text": "{{topic}}?"}]
    assert told["presets"] == [{"name": "calm", "model": "", "system_prompt": "calm", "temperature": 0.0}]
    assert told["chat_settings"] == [{"chat": str(hers.pk), "system_prompt": "a poet", "top_p": 0.5}]
    assert [(one["title"], one["chat"]) for one in told["links"]] == [("shown", str(hers.pk))]
    assert [(one["message"], one["value"]) for one in told["ratings"]] == [(str(hers.leaf_id), "up")]
    assert [one["name"] for one in told["folders"]] == ["Work / 工作"]
    assert [one["name"] for one in told["tags"]] == ["blue", "green"]
    assert "SEALED" not in text
    assert "password" not in text


def test_nothing_of_a_temporary_or_deleted_chat_is_in_it(alice: User, hers: Conversation) -> None:
    Tuning.objects.create(conversation=hers, system_prompt="whisper")
    writing.keep_draft(alice, hers.pk, "whisper")
    for gone in ({"vanishes_at": timezone.now() + timedelta(hours=1)}, {"deleted_at": timezone.now()}):
        Conversation.objects.update(**{"vanishes_at": None, "deleted_at": None, **gone})
        archive = opened(alice)
        assert archive.namelist() == ["chats.json", "account.json"]
        assert b"whisper" not in archive.read("account.json")


def test_chats_of_one_name_and_any_title_have_files_of_their_own_in_their_folder(alice: User) -> None:
    titles = ["same", "Same", "same", "same (2)", "../../up", "/root", "C:\\x", "a\nb", "", "", "树" * 200]
    for title in titles:
        Conversation.objects.create(owner=alice, title=title)
    names = [name for name in opened(alice).namelist() if name.startswith("chats/")]
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(name.count("/") == 1 and "\\" not in name and "\n" not in name for name in names)


def test_a_picture_of_two_chats_is_in_it_once_and_a_lost_one_is_left_out(alice: User, hers: Conversation) -> None:
    other = Conversation.objects.create(owner=alice, title="other")
    picture = Attachment.objects.get()
    picture.uses.create(message=say(other, None, "user", "again"), position=0)
    assert sum(name.startswith("pictures/") for name in opened(alice).namelist()) == 1
    picture.delete_files()
    assert sum(name.startswith("pictures/") for name in opened(alice).namelist()) == 0


def test_it_takes_no_more_memory_than_a_piece_of_it(alice: User, long_chat: Conversation) -> None:
    assert len(opened(alice).read("chats.json")) > 2_500_000
    assert peak_of(archive_of(alice)) < 3_000_000


def test_it_is_sent_to_its_owner_while_it_is_made(
    as_: Callable[[User], Client], alice: User, hers: Conversation
) -> None:
    answer: Any = as_(alice).get("/settings/export/archive")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == f'attachment; filename="chats-{timezone.localdate()}.zip"'
    assert answer.streaming
    archive = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    page = as_(alice).get("/settings/delete").content.decode()
    assert page.index("/settings/export/archive") < page.index("Delete the account")
    assert Client().get("/settings/export/archive").status_code == 302


def test_one_chat_is_an_archive_with_its_pictures_and_nothing_else(
    as_: Callable[[User], Client], alice: User, bob: User, hers: Conversation
) -> None:
    other = Conversation.objects.create(owner=alice, title="other")
    keep_picture(alice, "other.png", Remade(b"other", "image/png", 1, 1, b"x")).uses.create(
        message=say(other, None, "user", "again"), position=0
    )
    answer: Any = as_(alice).get(f"/c/{hers.pk}/export/zip")
    archive = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    assert sorted(name.partition("/")[0] for name in archive.namelist()) == ["chats", "chats.json", "pictures"]
    (chat,) = json.loads(archive.read("chats.json"))["conversations"]
    assert chat["messages"][0]["pictures"][0]["file"] in archive.namelist()
    assert "/export/zip" in as_(alice).get(f"/c/{hers.pk}/export").content.decode()
    assert as_(bob).get(f"/c/{hers.pk}/export/zip").status_code == 404


def test_the_old_address_gives_all_chats_as_json(
    as_: Callable[[User], Client], alice: User, hers: Conversation
) -> None:
    answer: Any = as_(alice).get("/settings/export")
    assert len(json.loads(b"".join(answer.streaming_content))["conversations"]) == 1
