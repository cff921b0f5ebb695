"""Pictures as rows: whose they are, which question holds them, when they go."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from conversations import access
from conversations.actions.attachments import keep_address, keep_picture, sweep, used_bytes
from conversations.actions.conversations import purge
from conversations.actions.messages import edit_message, regenerate, send_message
from conversations.errors import Invalid, NoRoom, NotFound, NoVision
from conversations.generation import ledger, pictures
from conversations.models import Attachment, ChatModel, Conversation, Generation, Message, Provider, ServerProcess, User
from conversations.pictures import Remade
from conversations.upstream import ImagePart, TextPart

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    location = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "pictures": location}
    return tmp_path


@pytest.fixture(autouse=True)
def seeing() -> ChatModel:
    provider = Provider.objects.create(name="P", base_url="http://127.0.0.1:1/v1")
    ChatModel.objects.create(provider=provider, key="blind", name="blind", label="Blind", order=2)
    return ChatModel.objects.create(provider=provider, key="v", name="v", label="Seeing", can_see=True, order=1)


def made(content: bytes = b"pixels") -> Remade:
    return Remade(content, "image/jpeg", 400, 300, b"thumbnail")


def ref() -> str:
    return uuid4().hex


def files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def sent_for(answer: object) -> Any:
    """Return the content of the last question as the provider would get it."""
    process = ServerProcess.objects.create(host="h", pid=1)
    job = ledger.load_job(Generation.objects.get(message_id=answer).pk, process.pk)
    assert job is not None
    return job.request.turns[-1].content


def test_the_same_picture_twice_is_stored_once_for_each_person(alice: User, bob: User, folder: Path) -> None:
    one, again, his = (
        keep_picture(alice, "a.jpg", made()),
        keep_picture(alice, "b.jpg", made()),
        keep_picture(bob, "c", made()),
    )
    assert one == again
    assert his != one
    assert files(folder) == 6
    assert used_bytes(alice) == one.size == len(b"pixels") + len(b"thumbnail") + len("cGl4ZWxz")


def test_a_picture_whose_files_were_lost_is_stored_again(alice: User, folder: Path) -> None:
    one = keep_picture(alice, "a.jpg", made())
    storages["pictures"].delete(one.picture_file)
    assert keep_picture(alice, "a.jpg", made()) == one
    assert one.read(one.picture_file) == b"pixels"


def test_pictures_beyond_a_persons_room_are_refused_and_leave_nothing(alice: User, folder: Path, settings: Any) -> None:
    settings.CHAT_STORAGE_MB = 1
    keep_picture(alice, "a", made(b"x" * 400_000))
    with pytest.raises(NoRoom, match="1 MB"):
        keep_picture(alice, "b", made(b"y" * 400_000))
    assert Attachment.objects.count() == 1
    assert files(folder) == 3


def test_pictures_reach_the_provider_in_their_order_behind_the_text(alice: User) -> None:
    first, second = keep_picture(alice, "a", made(b"one")), keep_picture(alice, "b", made(b"two"))
    started = send_message(alice, ref=ref(), text="look", attachments=[second.pk, first.pk])
    assert sent_for(started.answer) == (
        TextPart("look"),
        ImagePart("data:image/jpeg;base64,dHdv"),
        ImagePart("data:image/jpeg;base64,b25l"),
    )


def test_pictures_alone_can_be_sent_and_give_the_conversation_its_title(alice: User) -> None:
    started = send_message(alice, ref=ref(), text="", attachments=[keep_picture(alice, "cat.jpg", made()).pk])
    assert Conversation.objects.get().title == "cat.jpg"
    assert sent_for(started.answer) == (ImagePart("data:image/jpeg;base64,cGl4ZWxz"),)


def test_nothing_at_all_cannot_be_sent(alice: User) -> None:
    with pytest.raises(Invalid):
        send_message(alice, ref=ref(), text=" ")


def test_of_many_pictures_the_most_recent_go_along(alice: User, settings: Any) -> None:
    settings.CHAT_MAX_PICTURES = 2
    ids = [keep_picture(alice, "a", made(name.encode())).pk for name in ("one", "two", "three")]
    started = send_message(alice, ref=ref(), text="look", attachments=ids)
    words, *rest = sent_for(started.answer)
    assert words == TextPart("look")
    assert [type(part) for part in rest] == [TextPart, ImagePart, ImagePart]


def test_a_model_that_cannot_see_refuses_pictures_and_is_told_of_earlier_ones_in_words(alice: User) -> None:
    picture = keep_picture(alice, "a", made()).pk
    with pytest.raises(NoVision, match="Blind cannot see"):
        send_message(alice, ref=ref(), text="look", attachments=[picture], model="blind")
    assert not Conversation.objects.exists()
    started = send_message(alice, ref=ref(), text="look", attachments=[picture])
    Generation.objects.update(status="complete")
    Message.objects.filter(pk=started.answer).update(status="complete", text="seen")
    with pytest.raises(NoVision):
        regenerate(alice, ref=ref(), message=started.answer, model="blind")
    later = send_message(
        alice, ref=ref(), text="and now?", conversation=started.conversation, parent=started.answer, model="blind"
    )
    process = ServerProcess.objects.create(host="h", pid=1)
    job = ledger.load_job(Generation.objects.get(message_id=later.answer).pk, process.pk)
    assert job is not None
    assert [turn.content for turn in job.request.turns] == ["look\n\n[A picture was here.]", "seen", "and now?"]


def test_an_edited_question_keeps_the_pictures_it_is_sent_with(alice: User) -> None:
    one, two = keep_picture(alice, "a", made(b"one")), keep_picture(alice, "b", made(b"two"))
    started = send_message(alice, ref=ref(), text="look", attachments=[one.pk, two.pk])
    edited = edit_message(alice, ref=ref(), message=started.question, text="look again", attachments=[two.pk])
    assert sent_for(edited.answer) == (TextPart("look again"), ImagePart("data:image/jpeg;base64,dHdv"))


def test_anothers_picture_is_as_absent_as_none(alice: User, bob: User) -> None:
    his = keep_picture(bob, "a", made())
    for one in (his.pk, uuid4()):
        with pytest.raises(NotFound) as refused:
            send_message(alice, ref=ref(), text="look", attachments=[one])
        assert "gone or was never yours" in str(refused.value)
        with pytest.raises(NotFound):
            access.attachment_for(alice, one)
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.png", "ftp://example.org/a.png", "file:///etc/passwd", "https://", "https://localhost/a",
        "https://me:secret@example.org/a.png", "data:image/png;base64,AAAA", "https://exa mple.org/a", "", "https://[::1",
        "https://example.org/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_only_plain_public_https_addresses_are_taken(alice: User, address: str) -> None:
    with pytest.raises(Invalid):
        keep_address(alice, address)


def test_an_address_goes_to_the_provider_as_it_was_given(alice: User) -> None:
    address = "https://example.org/pics/cat.png?size=2#top"
    kept = keep_address(alice, f" {address}\n")
    assert (kept.name, kept.files, kept.size) == ("cat.png", [], 0)
    started = send_message(alice, ref=ref(), text="look", attachments=[kept.pk])
    assert sent_for(started.answer) == (TextPart("look"), ImagePart(address))


def test_sent_by_address_the_provider_gets_a_signed_address_that_grows_old(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHAT_PICTURES_BY_ADDRESS, settings.SITE_ORIGINS = True, ["https://chat.example.org"]
    kept = keep_picture(alice, "a", made())
    started = send_message(alice, ref=ref(), text="look", attachments=[kept.pk])
    url = sent_for(started.answer)[1].url
    assert url.startswith("https://chat.example.org/pictures/")
    token = url.rpartition("/")[2]
    assert pictures.signed_attachment(token) == kept
    assert pictures.signed_attachment(token + "x") is None
    monkeypatch.setattr(pictures, "SIGNED_SECONDS", -1)
    assert pictures.signed_attachment(token) is None


def test_the_sweep_removes_what_no_message_uses_after_a_day(alice: User, folder: Path) -> None:
    used, draft, _ = (keep_picture(alice, "a", made(name)) for name in (b"used", b"draft", b"old"))
    send_message(alice, ref=ref(), text="look", attachments=[used.pk])
    Attachment.objects.exclude(pk=draft.pk).update(touched_at=timezone.now() - timedelta(days=2))
    assert sweep() == 1
    assert set(Attachment.objects.all()) == {used, draft}
    assert files(folder) == 6
    assert sweep() == 0


def test_a_purged_conversation_takes_its_pictures_with_it(alice: User, folder: Path) -> None:
    kept = keep_picture(alice, "a", made())
    started = send_message(alice, ref=ref(), text="look", attachments=[kept.pk])
    Attachment.objects.update(touched_at=timezone.now() - timedelta(days=40))
    Conversation.objects.filter(pk=started.conversation).update(deleted_at=timezone.now() - timedelta(days=20))
    assert (purge(), sweep()) == (0, 0)
    Conversation.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    assert (purge(), sweep()) == (1, 1)
    assert files(folder) == 0


def test_the_pictures_of_a_deleted_person_go_with_them(
    alice: User, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    keep_picture(alice, "a", made())
    with django_capture_on_commit_callbacks(execute=True):
        alice.delete()
    assert files(folder) == 0
