from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from conversations.actions.attachments import keep_picture
from conversations.models import Conversation, Folder, Generation, Message, Tag, User
from conversations.models.folders import key_of
from conversations.pictures import Remade
from conversations.rendering import VERSION, render
from tests.pictures.samples import photo

CODE = "```python\nprint('naïve 你好')\n```"


@pytest.fixture(autouse=True)
def _files_of_the_test(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {
        "pictures": {
            "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "pictures"},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }  # fmt: skip


@pytest.fixture
def as_() -> Callable[[User], Client]:
    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of


def say(home: Conversation, parent: Message | None, role: str, text: str, **fields: Any) -> Message:
    made = {"blocks": render(text), "render_version": VERSION} if role == "assistant" else {}
    return Message.objects.create(conversation=home, parent=parent, role=role, text=text, **made, **fields)


@pytest.fixture
def hers(alice: User) -> Conversation:
    """Two turns of alice in a folder: a picture, another version of the first answer, thoughts, code, a source."""
    folder = Folder.objects.create(owner=alice, name="Work / 工作", key=key_of("Work / 工作"))
    home = Conversation.objects.create(
        owner=alice, title="Trees <b>& 树</b>", folder=folder, pinned_at=timezone.now(), title_from="person"
    )
    home.tags.add(*(Tag.objects.create(owner=alice, name=name, key=key_of(name)) for name in ("green", "blue")))
    first = say(home, None, "user", "What is **this**?\n\n1 < 2")
    content = photo((120, 80))
    keep_picture(alice, "tree [x](y).jpg", Remade(content, "image/jpeg", 120, 80, b"thumbnail")).uses.create(
        message=first, position=0
    )
    say(home, first, "assistant", "the other version")
    answer = say(home, first, "assistant", f"A **tree**, $x^2$:\n\n{CODE}", reasoning="thoughts </details>")
    run = Generation.objects.create(
        message=answer, conversation=home, owner=alice, ref="one", status="complete", model_label="Model M",
        completion_tokens=7, reasoning_seconds=3, ended_at=timezone.now(),
        sources=[["https://example.org/a_(b)", "Trees [of] the world"], ["https://example.org/c", ""]],
    )  # fmt: skip
    Message.objects.filter(pk=answer.pk).update(generation=run)
    later = say(home, answer, "user", "然后呢?")
    leaf = say(home, later, "assistant", "<script>alert(1)</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    Conversation.objects.filter(pk=home.pk).update(leaf=leaf)
    return Conversation.objects.get(pk=home.pk)


@pytest.fixture
def long_chat(alice: User) -> Conversation:
    """A branch of 1,000 messages, each of some kilobytes."""
    from conversations.models.ids import ids_in_order

    home = Conversation.objects.create(owner=alice, title="Long")
    ids = ids_in_order(1_000)
    text = "A line of an answer, long enough to count.\n\n" * 60
    Message.objects.bulk_create(
        [
            Message(
                pk=one, conversation=home, parent_id=above, role="assistant" if index % 2 else "user", text=text,
                blocks=["<p>short</p>"], render_version=VERSION,
            )
            for index, (one, above) in enumerate(zip(ids, [None, *ids], strict=False))
        ],
        batch_size=200,
    )  # fmt: skip
    Conversation.objects.filter(pk=home.pk).update(leaf=ids[-1])
    return Conversation.objects.get(pk=home.pk)
