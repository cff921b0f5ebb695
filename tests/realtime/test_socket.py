"""The wire against a running site."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from conversations.rendering import render
from tests.fakes.scripts import Gate, answer, done, finish, hold, sse, status
from tests.support.site import Site, Visitor
from tests.support.socket import open_page


async def test_an_answer_arrives_as_frames_that_add_up_to_its_stored_text(shared_site: Site, newcomer: Visitor) -> None:
    text = "# Title\n\nSome **bold** text.\n\n```py\nx = 1\n```\n"
    shared_site.provider.enqueue(answer(*[text[i : i + 4] for i in range(0, len(text), 4)], counts=(7, 9)))
    async with open_page(shared_site, newcomer) as page:
        accepted = await page.ask("show me")
        end = await page.end_of(accepted["answer"])
        held = page.answers[accepted["answer"]]
    assert held.blocks == render(text)
    assert (end["status"], end["length"]) == ("complete", len(text))
    assert end["usage"] == {"prompt_tokens": 7, "completion_tokens": 9, "is_estimated": False}
    assert "".join(render(text)) in end["html"]
    assert shared_site.text_of(accepted["answer"]) == ("complete", text)


async def test_the_end_of_a_very_long_answer_arrives(shared_site: Site, newcomer: Visitor) -> None:
    """Frames that leave may be larger than commands that come."""
    text = "A long answer has many words. " * 6_000
    shared_site.provider.enqueue(answer(text[:90_000], text[90_000:]))
    async with open_page(shared_site, newcomer) as page:
        accepted = await page.ask()
        end = await page.end_of(accepted["answer"])
        await page.command("resync", message=accepted["answer"])
        snapshot = await page.until("snapshot")
    assert (end["status"], end["length"], snapshot["length"]) == ("complete", len(text), len(text))


async def test_message_frames_come_before_accepted_and_carry_the_ref_for_the_sender_only(
    shared_site: Site, newcomer: Visitor
) -> None:
    async with open_page(shared_site, newcomer) as mine, open_page(shared_site, newcomer) as other:
        first = await mine.ask("one")
        await mine.end_of(first["answer"])
        await other.command("watch", conversation=first["conversation"], after=first["answer"])
        await other.until("watched")
        seen = len(mine.frames)
        accepted = await mine.ask("two", conversation=first["conversation"], parent=first["answer"])
        told = [frame for frame in mine.frames[seen:] if frame["type"] in ("message", "accepted")]
        assert [frame["type"] for frame in told] == ["message", "message", "accepted"]
        assert all(frame["ref"] == accepted["ref"] for frame in told)
        seen_elsewhere = await other.until("message", message=accepted["question"])
        assert "ref" not in seen_elsewhere
        await other.end_of(accepted["answer"])


async def test_the_same_ref_from_two_sockets_at_once_asks_once(shared_site: Site, newcomer: Visitor) -> None:
    ref = uuid4().hex
    text = f"only once {ref}"
    async with open_page(shared_site, newcomer) as one, open_page(shared_site, newcomer) as two:
        answers = await asyncio.gather(one.ask(text, ref=ref), two.ask(text, ref=ref))
        assert answers[0]["answer"] == answers[1]["answer"]
        await one.end_of(answers[0]["answer"])
    asked = [r for r in shared_site.provider.requests if r.messages[-1]["content"] == text]
    assert len(asked) == 1


async def test_a_page_that_joins_late_gets_a_snapshot_and_then_every_frame(
    shared_site: Site, newcomer: Visitor
) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("early "), hold(), sse("late"), sse(finish()), done())
    async with open_page(shared_site, newcomer) as mine, open_page(shared_site, newcomer) as late:
        accepted = await mine.ask()
        await mine.text_beyond(accepted["answer"], 3)
        await late.command("watch", conversation=accepted["conversation"])
        snapshot = await late.until("snapshot")
        assert (snapshot["length"], snapshot["blocks"]) == (6, ["<p>early</p>"])
        await late.until("watched")
        shared_site.provider.release()
        await late.end_of(accepted["answer"])
        held = late.answers[accepted["answer"]]
        assert (held.blocks, held.gaps) == (["<p>early late</p>"], 0)


async def test_stop_keeps_what_was_shown_and_ends_the_call(shared_site: Site, newcomer: Visitor) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("kept"), hold(), sse(" never"), done())
    count = len(shared_site.provider.requests)
    async with open_page(shared_site, newcomer) as page:
        accepted = await page.ask()
        await page.text_beyond(accepted["answer"], 0)
        await page.command("stop", message=accepted["answer"])
        end = await page.end_of(accepted["answer"])
        assert end["status"] == "stopped"
    (request,) = shared_site.provider.wait_for_requests(count + 1)[count:]
    await request.disconnection()
    assert shared_site.text_of(accepted["answer"]) == ("stopped", "kept")


async def test_a_failure_is_told_in_plain_words_with_its_trace_id_and_without_the_key(
    shared_site: Site, newcomer: Visitor
) -> None:
    body = {
        "success": False,
        "error": {"code": "invalid_token", "message": "bad key test-key-canary"},
        "trace_id": "t-42",
    }
    shared_site.provider.enqueue(status(401, body))
    async with open_page(shared_site, newcomer) as page:
        accepted = await page.ask()
        end = await page.end_of(accepted["answer"])
    assert end["status"] == "failed"
    assert (end["error"]["code"], end["error"]["trace_id"]) == ("invalid_key", "t-42")
    assert "not set up correctly" in end["html"]
    assert "test-key-canary" not in json.dumps(page.frames)
    assert "test-key-canary" not in shared_site.log


async def test_the_earlier_turns_go_along_and_a_continued_answer_goes_on(shared_site: Site, newcomer: Visitor) -> None:
    provider = shared_site.provider
    provider.enqueue(answer("first answer"))
    async with open_page(shared_site, newcomer) as page:
        first = await page.ask("first")
        await page.end_of(first["answer"])
        provider.enqueue([sse("half ")])
        second = await page.ask("second", conversation=first["conversation"], parent=first["answer"])
        assert (await page.end_of(second["answer"]))["status"] == "interrupted"
        sent = provider.requests[-1].messages
        assert [m["content"] for m in sent] == ["first", "first answer", "second"]
        provider.enqueue(answer("whole"))
        page.answers.pop(second["answer"])
        await page.command("continue", ref=uuid4().hex, message=second["answer"])
        assert (await page.end_of(second["answer"]))["status"] == "complete"
        assert page.answers[second["answer"]].blocks == ["<p>half whole</p>"]
    assert [m["role"] for m in provider.requests[-1].messages] == ["user", "assistant", "user", "assistant", "user"]
    assert shared_site.text_of(second["answer"]) == ("complete", "half whole")


async def test_a_title_is_made_after_the_first_answer(shared_site: Site, newcomer: Visitor) -> None:
    async with open_page(shared_site, newcomer) as page:
        accepted = await page.ask("What is a title?")
        await page.until("conversation", conversation=accepted["conversation"], title="A scripted title")


WRONG = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "an unknown type": '{"type": "dance"}',
    "a wrong type": '{"type": "send", "ref": "abcdefgh", "text": 1}',
    "no text": json.dumps({"type": "send", "ref": "abcdefgh", "text": "  "}),
    "huge text": json.dumps({"type": "send", "ref": "abcdefgh", "text": "x" * 51_000}),
    "NUL": json.dumps({"type": "send", "ref": "abcdefgh", "text": "a\x00b"}),
    "half a surrogate pair": '{"type": "send", "ref": "abcdefgh", "text": "\\ud800"}',
    "an unknown model": json.dumps({"type": "send", "ref": "abcdefgh", "text": "x", "model": "gpt-9000"}),
    "deep nesting": "[" * 20_000,
    "a short ref": json.dumps({"type": "send", "ref": "a", "text": "x"}),
    "an id that is none": '{"type": "watch", "conversation": "1 OR 1=1"}',
    "a negative seq": json.dumps({"type": "ack", "message": str(uuid4()), "seq": -1}),
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_command_is_refused_and_the_next_one_works(
    shared_site: Site, newcomer: Visitor, text: str
) -> None:
    async with open_page(shared_site, newcomer) as page:
        await page.socket.send(text)
        refused = await page.until("refused")
        assert refused["code"] in ("invalid", "too_long", "no_model")
        await page.ask("and now a good one")


async def test_a_frame_beyond_the_bound_closes_only_its_own_socket(shared_site: Site, newcomer: Visitor) -> None:
    async with open_page(shared_site, newcomer) as page, open_page(shared_site, newcomer) as other:
        await page.socket.send("x" * 200_000)
        with pytest.raises(ConnectionClosed):
            await page.until("refused")
        await other.ask()


async def test_foreign_and_absent_ids_look_the_same(shared_site: Site, newcomer: Visitor) -> None:
    thief = shared_site.visitor(f"{uuid4().hex}@example.org")
    async with open_page(shared_site, newcomer) as page:
        mine = await page.ask("private")
        await page.end_of(mine["answer"])
    async with open_page(shared_site, thief) as page:
        refusals = []
        for message, conversation in ((mine["answer"], mine["conversation"]), (uuid4(), uuid4())):
            for kind, fields in (
                ("watch", {"conversation": conversation}),
                ("stop", {"message": message}),
                ("resync", {"message": message}),
                ("regenerate", {"message": message, "ref": uuid4().hex}),
                ("continue", {"message": message, "ref": uuid4().hex}),
                ("edit", {"message": message, "text": "x", "ref": uuid4().hex}),
                ("send", {"conversation": conversation, "parent": message, "text": "x", "ref": uuid4().hex}),
            ):
                await page.command(kind, **fields)
                refused = await page.until("refused")
                refusals.append((kind, refused["code"], refused["message"]))
        half = len(refusals) // 2
        assert refusals[:half] == refusals[half:]
        assert {code for _, code, _ in refusals} == {"not_found"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "{url}0", "http://localhost"])
async def test_another_sites_page_gets_no_socket(shared_site: Site, newcomer: Visitor, origin: str) -> None:
    address = shared_site.url.replace("http", "ws", 1) + "/ws/"
    with pytest.raises(InvalidStatus):
        await connect(
            address, origin=origin.format(url=shared_site.url), additional_headers={"Cookie": newcomer.cookie}
        )


async def test_without_a_session_the_socket_says_so_and_closes(shared_site: Site) -> None:
    address = shared_site.url.replace("http", "ws", 1) + "/ws/"
    for _ in range(2):  # the second time, the first one's farewell is over
        async with connect(address, origin=shared_site.url) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401
    assert "has no attribute 'user'" not in shared_site.log


async def test_a_session_that_ended_is_powerless_at_its_next_word(shared_site: Site, newcomer: Visitor) -> None:
    async with open_page(shared_site, newcomer) as page:
        await page.ask("still me")
        shared_site.rows("DELETE FROM django_session WHERE session_key = ?", newcomer.session)
        await page.command("send", ref=uuid4().hex, text="not any more")
        with pytest.raises(ConnectionClosed):
            await page.until("accepted")
    assert "not any more" not in json.dumps([r.json for r in shared_site.provider.requests])
