"""Chats from files: our own, ChatGPT's and Open WebUI's; nothing is lost, and nothing that is refused changes anything."""

from __future__ import annotations

import base64
import io
import json
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.errors import Busy, ChatError, Invalid, TooLong
from conversations.models import Attachment, AttachmentUse, ChatFile, Conversation, Message, SearchEntry, User
from conversations.transfer import importing, sources
from conversations.transfer.archive import archive_of
from conversations.transfer.elements import Elements
from conversations.transfer.exporting import chats_of
from tests.pictures.samples import photo

pytestmark = pytest.mark.django_db

CHATGPT: list[dict[str, Any]] = [
    {
        "title": "Tides <script>alert(1)</script>",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_900.0,
        "conversation_id": "c-1",
        "current_node": "a2",
        "mapping": {
            "root": {"id": "root", "message": None, "parent": None, "children": ["sys"]},
            "sys": {
                "message": {"author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}},
                "parent": "root", "children": ["u1"],
            },
            "u1": {
                "message": {
                    "author": {"role": "user"}, "create_time": 1_700_000_001,
                    "content": {"content_type": "multimodal_text", "parts": [
                        {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-AbC1"},
                        "What is this?",
                    ]},
                },
                "parent": "sys", "children": ["a1", "a2-thinks"],
            },
            "a1": {
                "message": {
                    "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["A **tree**."]},
                    "metadata": {"model_slug": "gpt-4o"}, "create_time": 1_700_000_002,
                },
                "parent": "u1", "children": ["u2"],
            },
            "u2": {
                "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Which?"]}},
                "parent": "a1", "children": [],
            },
            "a2-thinks": {
                "message": {
                    "author": {"role": "assistant"},
                    "content": {"content_type": "thoughts", "thoughts": [{"summary": "Look", "content": "closely"}]},
                },
                "parent": "u1", "children": ["a2-calls"],
            },
            "a2-calls": {
                "message": {
                    "author": {"role": "assistant"}, "recipient": "browser",
                    "content": {"content_type": "code", "language": "unknown", "text": "search('x')"},
                },
                "parent": "a2-thinks", "children": ["tool"],
            },
            "tool": {
                "message": {"author": {"role": "tool"}, "content": {"content_type": "text", "parts": ["found"]}},
                "parent": "a2-calls", "children": ["a2"],
            },
            "a2": {
                "message": {
                    "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["A bush."]},
                    "metadata": {"model_slug": "o3"},
                },
                "parent": "tool", "children": ["a2-more"],
            },
            "a2-more": {
                "message": {
                    "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["Or a hedge."]},
                },
                "parent": "a2", "children": [],
            },
        },
    },
    {"title": "Empty", "mapping": {"r": {"message": None, "parent": None, "children": []}}, "current_node": "r"},
]  # fmt: skip

OPEN_WEBUI: list[dict[str, Any]] = [
    {
        "id": "w-1", "title": "潮汐", "created_at": 1_700_000_000, "updated_at": 1_700_000_500, "pinned": True,
        "meta": {"tags": ["sea", "moon, and sun"]},
        "chat": {
            "history": {
                "currentId": "b",
                "messages": {
                    "q": {"id": "q", "parentId": None, "childrenIds": ["a", "b"], "role": "user", "content": "为什么？",
                          "timestamp": 1_700_000_001},
                    "b": {"id": "b", "parentId": "q", "childrenIds": [], "role": "assistant", "model": "llama3",
                          "content": '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n'
                                     "&gt; The moon.\n</details>\nBecause of the moon.", "timestamp": 1_700_000_003},
                    "a": {"id": "a", "parentId": "q", "childrenIds": [], "role": "assistant", "content": "First."},
                },
            }
        },
    }
]  # fmt: skip


def uploaded(content: object, name: str = "chats.json") -> SimpleUploadedFile:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile(name, body)


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def brought(user: User, content: object) -> importing.Report:
    importing.offer(user, "chats", uploaded(content))
    return importing.take(user)


def tree(home: Conversation) -> dict[str, tuple[str, str]]:
    """Return each text with its role and the text above it."""
    said = list(Message.objects.filter(conversation=home).select_related("parent").order_by("pk"))
    return {one.text: (one.role, one.parent.text if one.parent else "") for one in said}


def test_chatgpts_chats_come_with_their_branches_and_without_what_was_hidden(alice: User) -> None:
    report = importing.offer(alice, "conversations.json", uploaded(CHATGPT))
    assert (report.kind, report.chats, report.messages, report.branches) == ("chatgpt", 1, 4, 2)
    assert (report.empty, report.pictures, report.lost_pictures, report.new) == (1, 1, 1, 1)
    assert not Conversation.objects.exists()
    assert importing.take(alice).done == 1
    home = Conversation.objects.get()
    assert home.title == "Tides <script>alert(1)</script>"
    assert home.touched_at.timestamp() == 1_700_000_900
    assert tree(home) == {
        "What is this?": ("user", ""),
        "A **tree**.": ("assistant", "What is this?"),
        "Which?": ("user", "A **tree**."),
        "A bush.\n\nOr a hedge.": ("assistant", "What is this?"),
    }
    leaf = Message.objects.get(pk=home.leaf_id)
    assert (leaf.text, leaf.reasoning, leaf.generation.model_label) == ("A bush.\n\nOr a hedge.", "Look\nclosely", "o3")
    assert SearchEntry.objects.filter(conversation=home).count() == 5
    assert not ChatFile.objects.exists()


def test_open_webuis_chats_come_with_their_order_thoughts_and_tags(alice: User) -> None:
    assert brought(alice, OPEN_WEBUI).done == 1
    home = Conversation.objects.get()
    assert home.pinned_at is not None
    assert {tag.name for tag in home.tags.all()} == {"sea", "moon and sun"}
    answers = list(Message.objects.filter(role="assistant").order_by("pk").values_list("text", "reasoning"))
    assert answers == [("First.", ""), ("Because of the moon.", "The moon.")]
    assert Message.objects.get(pk=home.leaf_id).text == "Because of the moon."
    assert home.language == "zh"


def test_the_own_archive_comes_back_whole_and_twice_changes_nothing(alice: User, bob: User, hers: Conversation) -> None:
    archive = b"".join(archive_of(alice))
    here = importing.offer(alice, "mine.zip", uploaded(archive, "mine.zip"))
    assert (here.chats, here.new) == (1, 0)  # it was never gone
    report = importing.offer(bob, "hers.zip", uploaded(archive, "hers.zip"))
    assert (report.kind, report.new, report.lost_pictures) == ("chatsite", 1, 0)
    importing.take(bob)
    his = Conversation.objects.get(owner=bob)
    assert tree(his) == tree(hers)
    assert his.title == hers.title
    assert abs(his.touched_at - hers.touched_at) < timedelta(milliseconds=1)  # what the JSON tells
    assert his.folder is not None
    assert his.folder.name == "Work / 工作"
    assert {tag.name for tag in his.tags.all()} == {"green", "blue"}
    assert AttachmentUse.objects.filter(message__conversation=his).count() == 1
    assert Attachment.objects.get(owner=bob).digest
    one, other = ("".join(chats_of(user, with_files=False)) for user in (alice, bob))
    assert told(one) == told(other)
    before = Message.objects.count()
    again = importing.offer(bob, "hers.zip", uploaded(archive, "hers.zip"))
    assert (again.new, again.here) == (0, 1)
    importing.take(bob)
    assert Message.objects.count() == before


def told(exported: str) -> list[Any]:
    """Return the chats of an export without what is another's in a copy: ids."""
    chats = json.loads(exported)["conversations"]
    for chat in chats:
        names = {said["id"]: number for number, said in enumerate(chat["messages"])}
        chat["id"], chat["leaf"] = "", names[chat["leaf"]]
        for said in chat["messages"]:
            said["id"], said["parent"] = names[said["id"]], names.get(said["parent"])
            said.get("run", {}).pop("started_at", None)
            if not said.get("run"):
                said.pop("run", None)
    return list(chats)


def test_a_chat_that_has_grown_elsewhere_comes_as_another_one(alice: User) -> None:
    brought(alice, CHATGPT)
    grown = json.loads(json.dumps(CHATGPT))
    grown[0]["mapping"]["u2"]["children"] = ["a3"]
    words = {"author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["An oak."]}}
    grown[0]["mapping"]["a3"] = {"message": words, "parent": "u2", "children": []}
    assert brought(alice, grown).done == 1
    assert Conversation.objects.count() == 2
    assert brought(alice, grown).new == 0


def test_pictures_come_out_of_the_archive_or_the_text_and_are_made_anew(alice: User) -> None:
    picture = photo((90, 60))
    body = zipped(**{"conversations.json": json.dumps(CHATGPT).encode(), "file-AbC1-tree.png": picture})
    assert importing.offer(alice, "export.zip", uploaded(body)).lost_pictures == 0
    importing.take(alice)
    assert (Attachment.objects.get().width, Attachment.objects.get().height) == (90, 60)
    inside = json.loads(json.dumps(OPEN_WEBUI))
    url = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
    inside[0]["chat"]["history"]["messages"]["q"]["files"] = [
        {"type": "image", "url": url}, {"type": "image", "url": "data:image/png;base64,AAAA"}, {"type": "file"}
    ]  # fmt: skip
    brought(alice, inside)
    assert AttachmentUse.objects.filter(message__text="为什么？").count() == 1


def test_pictures_that_cannot_be_kept_are_told_and_stop_nothing(alice: User, as_: Callable[[User], Client]) -> None:
    chats = json.loads(json.dumps(OPEN_WEBUI))
    damaged = "data:image/png;base64," + base64.b64encode(photo((9, 9))[:60]).decode()
    messages = chats[0]["chat"]["history"]["messages"]
    messages["q"]["files"] = [{"type": "image", "url": damaged}]
    messages["a"]["files"] = [{"type": "image", "url": damaged}]
    report = importing.offer(alice, "chats", uploaded(chats))
    assert (report.pictures, report.lost_pictures) == (2, 1), "an answer keeps no picture here"
    page = as_(alice).post(reverse("settings:take"), follow=True).content.decode()
    assert "1 chat was imported." in page
    assert "1 picture could not be kept" in page


def test_a_damaged_picture_in_an_archive_is_left_out_and_its_chat_is_not(alice: User) -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        archive.writestr("__MACOSX/._conversations-000.json", b"\x00\x05\x16\x07")
        archive.writestr("conversations-000.json", json.dumps(CHATGPT))
        archive.writestr("file-AbC1-tree.png", photo((90, 60)))
    whole = bytearray(out.getvalue())
    whole[whole.index(b"file-AbC1-tree.png") + 200] ^= 255
    importing.offer(alice, "export.zip", uploaded(bytes(whole)))
    assert importing.take(alice).left_out == 1
    assert Message.objects.filter(text="What is this?").exists()
    assert not Attachment.objects.exists()


def test_marks_that_only_chatgpts_page_can_show_are_left_out(alice: User) -> None:
    chats = json.loads(json.dumps(CHATGPT))
    chats[0]["mapping"]["a1"]["message"]["content"]["parts"] = ["A tree \ue200cite\ue202turn0search0\ue201."]
    brought(alice, chats)
    assert Message.objects.filter(text="A tree .").exists()


BROKEN = {
    "cut off": (b'[{"mapping": {', r"Line 1, column 15"),
    "a wrong sign": (b'[\n {"mapping": {}},\n {"mapping" 1}\n]', r"Line 3, column 13"),
    "no list": (b'"chats"', r"Line 1, column 1:"),
    "more behind": (b"[] []", r"Line 1, column 4"),
    "no chat": (b'[{"a": 1}]', r"\[0\]: this is no chat"),
    "nothing": (b"[]", r"no chat in this file"),
    "latin": ('[{"title": "Größe"}]'.encode("latin-1"), r"Near line 1: .*UTF-8"),
    "deep": (b"[" * 100_000, r"Line 1, column"),
    "a huge number": (b"[" + b"9" * 10_000 + b"]", r"Line 1, column"),
    "another version": (b'{"format": "chatsite", "version": 99, "conversations": [{}]}', r"another version"),
    "no messages": (
        b'{"format": "chatsite", "version": 2, "conversations": [{"id": "x"}]}',
        r"conversations\[0\].messages:",
    ),
    "an orphan": (
        b'{"format": "chatsite", "version": 2, "conversations": [{"id": "x", "messages": '
        b'[{"id": "1", "role": "user", "text": "a", "parent": "0"}]}]}',
        r"conversations\[0\].messages\[0\].parent: no message above",
    ),
    "a zip of something": (zipped(readme=b"x"), r"no chats.json"),
    "a broken zip": (b"PK\x03\x04 and nothing", r"ZIP archive is broken"),
    "a zip with a broken list": (zipped(**{"chats.json": b'{"conversations": [}'}), r"Line 1, column 20"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused_with_its_place_and_changes_nothing(name: str, alice: User) -> None:
    brought(alice, OPEN_WEBUI)
    importing.offer(alice, "kept.json", uploaded(CHATGPT))
    body, words = BROKEN[name]
    with pytest.raises(Invalid, match=words):
        importing.offer(alice, "broken", uploaded(body))
    assert Conversation.objects.count() == 1
    assert ChatFile.objects.get().name == "kept.json"


def test_what_is_too_large_is_refused_before_it_is_read(alice: User, settings: Any) -> None:
    settings.CHAT_MAX_IMPORT_MB = 1
    with pytest.raises(TooLong):
        importing.offer(alice, "large", uploaded(b" " * (1024 * 1024 + 1)))
    bomb = zipped(**{"chats.json": b"[" + b" " * 3_000_000 + b"]"})
    assert len(bomb) < 20_000
    sources.MOST_UNPACKED, before = 1_000_000, sources.MOST_UNPACKED  # type: ignore[misc]
    try:
        with pytest.raises(TooLong):
            importing.offer(alice, "bomb", uploaded(bomb))
    finally:
        sources.MOST_UNPACKED = before  # type: ignore[misc]


def test_circles_and_very_long_chains_are_taken_as_far_as_they_make_sense(alice: User) -> None:
    def node(role: str, parent: str, child: str) -> dict[str, Any]:
        words = {"author": {"role": role}, "content": {"content_type": "text", "parts": [f"{role} of {parent}"]}}
        return {"message": words, "parent": parent, "children": [child]}

    circle = {"a": node("user", "b", "b"), "b": node("assistant", "a", "a"), "c": node("user", "c", "c")}
    roles = ("user", "assistant")
    chain = {str(n): node(roles[n % 2], str(n - 1), str(n + 1)) for n in range(10_000)}
    assert brought(alice, [{"title": "circle", "mapping": circle, "current_node": "zzz"}]).done == 1
    assert Message.objects.count() == 3
    assert brought(alice, [{"title": "chain", "mapping": chain, "current_node": "9999"}]).done == 1
    assert Message.objects.count() == 10_003


def test_what_no_database_stores_is_replaced(alice: User) -> None:
    chats = json.loads(json.dumps(OPEN_WEBUI))
    chats[0]["title"] = "a\x00b"
    chats[0]["created_at"] = 1e300
    chats[0]["chat"]["history"]["messages"]["a"]["content"] = "half \ud83d and \x00"
    chats[0]["chat"]["history"]["messages"]["a"]["files"] = 5
    brought(alice, chats)
    assert Conversation.objects.get().title == "a\ufffdb"
    assert Message.objects.filter(text="half \ufffd and \ufffd").exists()


def test_what_takes_long_goes_on_where_it_was(alice: User) -> None:
    many = [{**OPEN_WEBUI[0], "id": f"w-{number}"} for number in range(120)]
    importing.offer(alice, "many.json", uploaded(many))
    first = importing.take(alice, seconds=0)
    assert 0 < first.done < 120
    while importing.offered_to(alice):
        importing.take(alice, seconds=0.05)
    assert Conversation.objects.count() == 120


def test_a_file_that_takes_longer_to_read_than_there_is_time_is_taken_all_the_same(alice: User) -> None:
    many = [{**OPEN_WEBUI[0], "id": f"w-{number}"} for number in range(60)]
    importing.offer(alice, "many.json", uploaded(many))
    for number in range(60):
        assert importing.take(alice, seconds=-1).done == number + 1
    assert importing.take(alice, seconds=-1).done == 60
    assert not ChatFile.objects.exists()


def test_many_small_chats_behind_a_large_one_are_read_once_each() -> None:
    large = json.dumps([{"chat": "x" * 5_000_000}, *({"n": number} for number in range(3_000))]).encode()
    began = time.process_time()
    assert sum(1 for _ in Elements(io.BytesIO(large))) == 3_001
    assert time.process_time() - began < 3, "the rest is not copied for each element"


def test_two_tabs_do_not_take_one_file_at_once(alice: User) -> None:
    importing.offer(alice, "one.json", uploaded(CHATGPT))
    assert ChatFile.objects.undecided().update(claimed_at="2999-01-01T00:00Z") == 1
    for act in (importing.take, importing.discard):
        with pytest.raises(Busy):
            act(alice)


def test_a_large_file_needs_the_memory_of_its_largest_chat() -> None:
    one = json.dumps({"mapping": {}, "title": "x" * 10_000}).encode()
    body = io.BytesIO(b"[" + b",\n".join([one] * 2_000) + b"]")
    tracemalloc.start()
    assert sum(1 for _ in Elements(body)) == 2_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["mapping", "chat", "history", "messages", "currentId", "current_node", "message", "author", "role", "content",
         "parts", "parent", "children", "parentId", "childrenIds", "id", "title", "files", "format", "version", "text",
         "conversations", "run", "pictures", "leaf", "metadata", "content_type", "u", "a"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, max_size=3), st.booleans())
def test_no_junk_is_more_than_refused(alice: User, junk: list[Any], is_ours: bool) -> None:
    content: object = {"format": "chatsite", "version": 2, "conversations": junk} if is_ours else junk
    try:
        importing.offer(alice, "junk", uploaded(content))
        importing.take(alice)
    except ChatError:
        pass


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, max_size=6), st.integers(1, 9))
def test_elements_are_those_of_the_whole_document_however_it_is_cut(values: list[Any], size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _: int | None = -1) -> bytes:
            return super().read(size)

    body = json.dumps(values, indent=1, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        body.decode()
    except UnicodeDecodeError:
        return
    assert repr(list(Elements(Slow(body)))) == repr(values)


def test_the_page_shows_what_is_in_a_file_before_it_keeps_it(alice: User, as_: Callable[[User], Client]) -> None:
    client = as_(alice)
    shown = client.post("/settings/import", {"file": uploaded(CHATGPT, "my <b>.json")}, follow=True).content.decode()
    assert "1 chat, 4 messages, 2 branches" in shown
    assert "my &lt;b&gt;.json" in shown
    assert "1 chat has no message" in shown
    assert not Conversation.objects.exists()
    done = client.post("/settings/import/take", follow=True).content.decode()
    assert "1 chat was imported" in done
    again = client.post("/settings/import", {"file": uploaded(CHATGPT)}, follow=True).content.decode()
    assert "There is nothing new in this file" in again
    assert client.post("/settings/import/discard").status_code == 302
    refused = client.post("/settings/import", {"file": uploaded(b"[{")})
    assert refused.status_code == 400
    assert "Line 1, column 3" in refused.content.decode()
    assert client.post("/settings/import").status_code == 400


def test_a_file_that_nobody_decides_about_is_forgotten(alice: User) -> None:
    importing.offer(alice, "one.json", uploaded(CHATGPT))
    assert importing.sweep() == 0
    ChatFile.objects.update(made_at="2020-01-01T00:00Z")
    assert importing.sweep() == 1
    assert not ChatFile.objects.exists()


def test_deleted_chats_are_listed_until_they_are_gone_and_can_be_restored(
    alice: User, hers: Conversation, as_: Callable[[User], Client]
) -> None:
    client = as_(alice)
    client.post(f"/c/{hers.pk}/delete")
    page = client.get("/settings/data").content.decode()
    assert "Trees &lt;b&gt;&amp; 树&lt;/b&gt;" in page
    assert "gone for good on" in page
    client.post(f"/c/{hers.pk}/restore")
    assert "No chat was deleted" in client.get("/settings/data").content.decode()
