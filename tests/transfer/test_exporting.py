from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.models import Conversation, Message, User
from conversations.transfer import exporting

pytestmark = pytest.mark.django_db


def exported(user: User, **options: bool) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(exporting.chats_of(user, **options)))
    return found


def peak_of(pieces: Iterator[object]) -> int:
    """Return the bytes that were held at most while ``pieces`` were made and thrown away."""
    tracemalloc.start()
    try:
        for _ in pieces:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_chat_is_told_with_all_its_branches_and_where_it_stands(alice: User, hers: Conversation) -> None:
    found = exported(alice)
    assert (found["format"], found["version"]) == ("chatsite", 2)
    assert found["person"]["email"] == "alice@example.org"
    (chat,) = found["conversations"]
    facts = {name: chat[name] for name in ("title", "folder", "tags", "pinned")}
    assert facts == {"title": "Trees <b>& 树</b>", "folder": "Work / 工作", "tags": ["blue", "green"], "pinned": True}
    assert "archived" not in chat
    assert [one["role"] for one in chat["messages"]] == ["user", "assistant", "assistant", "user", "assistant"]
    keys = [one["id"] for one in chat["messages"]]
    assert [one["parent"] for one in chat["messages"]] == [None, keys[0], keys[0], keys[2], keys[3]]
    assert chat["leaf"] == keys[4]


def test_an_answer_is_told_with_its_model_its_thinking_and_its_sources(alice: User, hers: Conversation) -> None:
    answer = exported(alice)["conversations"][0]["messages"][2]
    run = answer["run"]
    assert (answer["status"], answer["reasoning"]) == ("complete", "thoughts </details>")
    assert (run["model"], run["completion_tokens"], run["reasoning_seconds"]) == ("Model M", 7, 3)
    assert run["sources"] == [["https://example.org/a_(b)", "Trees [of] the world"], ["https://example.org/c", ""]]


def test_a_picture_names_its_file_only_where_files_go_along(alice: User, hers: Conversation) -> None:
    (picture,) = exported(alice)["conversations"][0]["messages"][0]["pictures"]
    assert picture["name"] == "tree [x](y).jpg"
    assert picture["file"].startswith("pictures/")
    (picture,) = exported(alice, with_files=False)["conversations"][0]["messages"][0]["pictures"]
    assert picture == {"name": "tree [x](y).jpg"}


def test_a_running_answer_is_told_as_interrupted(alice: User, hers: Conversation) -> None:
    Message.objects.filter(pk=hers.leaf_id).update(status="streaming")
    assert exported(alice)["conversations"][0]["messages"][-1]["status"] == "interrupted"


def test_archived_chats_go_along_and_deleted_temporary_and_foreign_ones_do_not(alice: User, bob: User) -> None:
    now = timezone.now()
    Conversation.objects.create(owner=alice, title="archived", archived_at=now)
    Conversation.objects.create(owner=alice, title="deleted", deleted_at=now)
    Conversation.objects.create(owner=alice, title="temporary", vanishes_at=now + timedelta(hours=1))
    Conversation.objects.create(owner=bob, title="foreign")
    found = exported(alice)["conversations"]
    assert [(one["title"], one["archived"], one["messages"]) for one in found] == [("archived", True, [])]


def test_a_long_chat_takes_no_more_memory_than_a_batch_of_it(alice: User, long_chat: Conversation) -> None:
    size = sum(len(piece) for piece in exporting.chats_of(alice))
    assert size > 2_500_000
    assert peak_of(exporting.chats_of(alice)) < size / 2
