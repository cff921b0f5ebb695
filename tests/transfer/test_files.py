"""One chat as a file or on paper, as its owner gets it from the site."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conversations.models import Attachment, Conversation, Message, User
from conversations.rendering import closed, render
from conversations.transfer import markdown, page
from conversations.transfer.naming import file_name, plain_words
from tests.transfer.conftest import say
from tests.transfer.test_exporting import peak_of

pytestmark = pytest.mark.django_db

As = Callable[[User], Client]
NASTY = {
    "path": "../../etc/passwd\\..\\boot.ini",
    "lines": "one\ntwo\r\nthree\u2028four\tfive",
    "direction": "\u202egpj.exe\u202c \u200fשלום",
    "long": "树" * 200,
    "formula": '=cmd|"/c calc"!A1',
    "header": 'a"; filename="evil.html\\',
    "script": "<script>alert(1)</script>&amp;<!-- turns -->",
    "markdown": "# [x](javascript:alert(1)) *a* _b_ `c` 1. ![p](q) $x$ &lt;",
    "dots": " ... ",
    "nothing": "",
    "emoji": "👩‍🚀 🏳️‍🌈 é",
}


def get(client: Client, path: str) -> tuple[Any, str]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer, b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_markdown_holds_the_sources_of_the_shown_branch(as_: As, alice: User, hers: Conversation) -> None:
    alice.name = "Alice *A*"
    alice.save()
    answer, text = get(as_(alice), f"/c/{hers.pk}/export/md")
    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "## Alice \\*A\\* · " in text
    assert "## Model M · " in text
    for source in (
        "What is **this**?\n\n1 < 2\n",
        "A **tree**, $x^2$:\n\n```python\nprint('naïve 你好')\n```\n",
        "然后呢?\n",
    ):
        assert f"\n\n{source}" in text
    assert r"Picture: tree &#91;x\](y).jpg" in text
    assert "1. [Trees &#91;of\\] the world](<https://example.org/a_%28b%29>)" in text
    assert "the other version" not in text
    assert "thoughts" not in text


def test_json_holds_one_chat_with_all_its_branches(as_: As, alice: User, hers: Conversation) -> None:
    Conversation.objects.create(owner=alice, title="another")
    answer, text = get(as_(alice), f"/c/{hers.pk}/export/json")
    found = json.loads(text)
    assert [len(chat["messages"]) for chat in found["conversations"]] == [5]
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_html_file_is_whole_and_can_do_nothing(as_: As, alice: User, hers: Conversation) -> None:
    _, text = get(as_(alice), f"/c/{hers.pk}/export/html")
    assert "Trees &lt;b&gt;&amp; 树&lt;/b&gt;" in text
    for shown in ("<strong>tree</strong>", "<math", "你好", "<table>", "然后呢?", "data:image/jpeg;base64,", "Model M"):
        assert shown in text
    assert "thoughts &lt;/details&gt;" in text
    assert "the other version" not in text
    assert not re.search(r"<script|<link|<form|<button|\son\w+=|javascript:", text)
    assert not re.search(r"""(?:src|href)=["'](?!data:image/|#i-|https://example\.org/)""", text)
    assert not re.search(r"url\((?!data:)|@import", text)
    assert text.count("<style>") == 1
    assert text.rstrip().endswith("</html>")


def test_paper_tells_the_address_of_a_link_once(as_: As, alice: User) -> None:
    home = Conversation.objects.create(owner=alice)
    said = say(home, None, "assistant", "[words](https://example.org/1) and https://example.org/2?a=1&b=2")
    Conversation.objects.filter(pk=home.pk).update(leaf=said)
    _, text = get(as_(alice), f"/c/{home.pk}/print")
    assert re.findall(r'<a (class="bare" )?href="https://example.org/(\d)', text) == [("", "1"), ('class="bare" ', "2")]


def test_a_picture_without_its_files_is_told_by_name(as_: As, alice: User, hers: Conversation) -> None:
    Attachment.objects.get().delete_files()
    _, text = get(as_(alice), f"/c/{hers.pk}/export/html")
    assert "data:image" not in text
    assert "tree [x](y).jpg" in text


def test_the_print_page_shows_the_whole_branch_and_no_chrome(as_: As, alice: User, long_chat: Conversation) -> None:
    _, text = get(as_(alice), f"/c/{long_chat.pk}/print")
    assert text.count("<article") == 1_000
    assert "chat-composer" not in text
    assert "sidebar" not in text
    assert text.count("<script") == 1  # of the button


@pytest.mark.parametrize("form", ["export/md", "export/json", "export/html", "print"])
def test_what_is_another_s_absent_deleted_or_no_form_is_not_found(
    as_: As, alice: User, bob: User, hers: Conversation, form: str
) -> None:
    assert as_(alice).get(f"/c/{hers.pk}/{form}").status_code == 200
    assert as_(bob).get(f"/c/{hers.pk}/{form}").status_code == 404
    assert as_(alice).get(f"/c/{alice.pk}/{form}").status_code == 404
    assert as_(alice).get(f"/c/{hers.pk}/{form}x").status_code == 404
    assert as_(alice).get(f"/c/{hers.pk}/{form}%00").status_code == 404
    assert as_(alice).post(f"/c/{hers.pk}/{form}").status_code == 405
    assert Client().get(f"/c/{hers.pk}/{form}").status_code == 302
    Conversation.objects.update(deleted_at=timezone.now())
    assert as_(alice).get(f"/c/{hers.pk}/{form}").status_code == 404


def test_a_temporary_chat_can_be_taken_along_by_itself(as_: As, alice: User, hers: Conversation) -> None:
    Conversation.objects.update(vanishes_at=timezone.now() + timedelta(hours=1))
    assert "然后呢" in get(as_(alice), f"/c/{hers.pk}/export/md")[1]


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_an_empty_chat_is_a_file_as_well(as_: As, alice: User, form: str) -> None:
    home = Conversation.objects.create(owner=alice)
    assert get(as_(alice), f"/c/{home.pk}/export/{form}")[1]


@pytest.mark.parametrize("title", NASTY.values(), ids=NASTY)
def test_any_title_makes_a_safe_name_and_stays_text(as_: As, alice: User, title: str) -> None:
    home = Conversation.objects.create(owner=alice, title=title)
    name = file_name(home, "md")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [^\\/:*?\"<>|\x00-\x1f]+\.md", name)
    assert len(name.encode()) <= 140
    for form in ("md", "json", "html"):
        answer, text = get(as_(alice), f"/c/{home.pk}/export/{form}")
        assert "\n" not in answer["Content-Disposition"]
        assert "<script>alert" not in text or form == "json"
    assert json.loads(get(as_(alice), f"/c/{home.pk}/export/json")[1])["conversations"][0]["title"] == title


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_words_of_a_name_hold_nothing_that_a_file_system_minds(title: str) -> None:
    words = plain_words(title)
    assert len(words.encode()) <= 120
    assert words.isprintable() or any(sign.isspace() for sign in words)
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e]', words)
    assert words == words.strip(" .")


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=40))
@example("[1]")
@settings(max_examples=100, deadline=None)
def test_a_plain_line_shows_as_it_is(words: str) -> None:
    shown = "".join(render(f"# {markdown.plain(words)}"))
    assert html.unescape(re.sub(r"<[^>]+>", "", shown)).strip() == words.strip()


@given(
    st.lists(
        st.sampled_from(["```", "````py", "~~~", "- a", "  ```", "> ```", "text", "", "    ```", "``` x `"]), max_size=8
    )
)
@settings(max_examples=200, deadline=None)
def test_a_closed_text_cannot_swallow_what_follows(lines: list[str]) -> None:
    source = "\n".join(lines)
    assert render(f"{closed(source)}\n\n# The next one")[-1] == "<h3>The next one</h3>"
    if render(f"{source}\n\n# The next one")[-1] == "<h3>The next one</h3>":
        assert closed(source) == source


def test_an_answer_cut_in_its_code_leaves_the_next_one_whole(as_: As, alice: User) -> None:
    home = Conversation.objects.create(owner=alice, title="cut")
    question = say(home, None, "user", "code?")
    cut = say(home, question, "assistant", "```python\nprint(", status="stopped")
    Conversation.objects.filter(pk=home.pk).update(leaf=say(home, cut, "user", "and then?"))
    text = get(as_(alice), f"/c/{home.pk}/export/md")[1]
    assert "print(\n```\n\n*Stopped*\n\n## " in text


def test_files_of_a_long_chat_take_little_memory(alice: User, long_chat: Conversation) -> None:
    for pieces in (lambda: page.file_of(long_chat), lambda: markdown.markdown_of(long_chat, alice)):
        size = sum(len(piece) for piece in pieces())
        assert size > 1_000_000
        assert peak_of(pieces()) < 3_000_000


def test_words_and_times_are_those_of_the_request(as_: As, alice: User, hers: Conversation) -> None:
    Conversation.objects.update(created_at="2026-03-01T23:30:00Z")
    Message.objects.update(created_at="2026-03-01T23:30:00Z")
    client = as_(alice)
    client.cookies["tz"] = "Asia/Shanghai"
    answer, text = get(client, f"/c/{hers.pk}/export/md")
    assert "2026-03-02" in answer["Content-Disposition"]
    assert re.search(r"## Model M · March 2, 2026, 7:30 a", text.replace("\\", ""))
