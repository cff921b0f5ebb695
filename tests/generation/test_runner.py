"""The runner's promises: frames, pacing, ends."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.generation.pacing import LONGEST, SHORTEST, Pace, interval_for
from conversations.protocol import Delta, Snapshot
from conversations.rendering import incremental, render
from conversations.upstream import ReasoningDelta, UpstreamError, UsageDelta
from tests.generation.ports import World, settle


async def test_the_first_delta_leaves_at_once() -> None:
    world = World()
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("Hello")
    await settle()
    assert world.published.blocks == ["<p>Hello</p>"]
    world.upstream.finish()
    await task


async def test_later_deltas_wait_for_the_interval_and_leave_as_one_frame() -> None:
    world = World()
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("a")
    await settle()
    world.upstream.say("b")
    world.upstream.say("c")
    await settle()
    assert len(world.published.frames) == 1
    world.clock.advance(SHORTEST)
    assert [frame.length for frame in world.published.frames] == [1, 3]
    world.upstream.finish()
    await task


async def test_what_came_while_the_renderer_rested_is_shown_though_nothing_more_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(incremental, "_LEISURE", 1_000_000)
    world = World()
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("**a**")
    await settle()
    world.upstream.say("\n\n- b")
    await settle()
    world.clock.advance(SHORTEST)
    assert world.published.blocks == render("**a**")
    world.clock.advance(3_600)
    assert world.published.blocks == render("**a**\n\n- b") == world.run.blocks
    world.upstream.finish()
    await task
    assert world.published.blocks == render("**a**\n\n- b")


async def test_what_is_left_at_the_end_is_published_before_the_run_returns() -> None:
    world = World()
    world.upstream.say("one ")
    world.upstream.say("**two**")
    world.upstream.finish("length")
    outcome = await world.run.run()
    assert (outcome.status, outcome.finish_reason) == ("complete", "length")
    assert world.published.blocks == render("one **two**") == world.run.blocks
    assert world.run.text == "one **two**"


async def test_stop_keeps_what_was_published_and_drops_the_rest() -> None:
    world = World()
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("seen")
    await settle()
    world.upstream.say(" unseen")
    await settle()
    world.run.stop()
    outcome = await task
    assert outcome.status == "stopped"
    assert world.run.text == "seen"
    assert world.published.blocks == ["<p>seen</p>"]
    assert world.upstream.closed


async def test_stop_before_the_run_began_asks_nobody() -> None:
    world = World()
    world.run.stop()
    outcome = await world.run.run()
    assert outcome.status == "stopped"
    assert world.upstream.requests == []


async def test_stop_after_the_end_changes_nothing() -> None:
    world = World()
    world.upstream.say("done")
    world.upstream.finish()
    outcome = await world.run.run()
    world.run.stop()
    assert outcome.status == "complete"
    assert world.run.text == "done"


async def test_an_error_keeps_the_text_that_came_before_it() -> None:
    world = World()
    world.upstream.say("so far")
    world.upstream.queue.put_nowait(UpstreamError("provider_error", "boom", trace_id="t-1", retryable=True))
    outcome = await world.run.run()
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert outcome.error.trace_id == "t-1"
    assert world.run.text == "so far"


async def test_a_cut_stream_ends_as_interrupted() -> None:
    world = World()
    world.upstream.say("half")
    world.upstream.queue.put_nowait(UpstreamError("interrupted", "cut", retryable=True))
    assert (await world.run.run()).status == "interrupted"


async def test_a_stall_is_a_failure_without_text_and_an_interruption_with_it() -> None:
    for text, status in (("", "failed"), ("x", "interrupted")):
        world = World()
        if text:
            world.upstream.say(text)
        world.upstream.queue.put_nowait(UpstreamError("timeout_stall", "", retryable=True))
        assert (await world.run.run()).status == status


async def test_a_fault_of_our_own_ends_as_failed_and_tells_no_details() -> None:
    world = World()
    world.upstream.queue.put_nowait(ZeroDivisionError("secret"))
    outcome = await world.run.run()
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert outcome.error.code == "internal"
    assert "secret" not in outcome.error.message


async def test_an_answer_beyond_the_limit_is_ended_with_what_there_is_room_for() -> None:
    world = World(answer_limit=5)
    world.upstream.say("longer than five")
    outcome = await world.run.run()
    assert outcome.error is not None
    assert outcome.error.code == "too_large"
    assert world.run.text == "longe"


async def test_reasoning_is_kept_apart_from_the_answer() -> None:
    world = World()
    task = asyncio.ensure_future(world.run.run())
    world.upstream.queue.put_nowait([ReasoningDelta("let me ")])
    await settle()
    world.clock.advance(3)
    assert world.run.snapshot().thinking == 3, "a page that comes now goes on counting from there"
    world.upstream.queue.put_nowait([ReasoningDelta("think")])
    world.upstream.say("42")
    world.upstream.finish()
    await task
    assert world.published.reasoning == "let me think" == world.run.reasoning
    assert world.published.blocks == ["<p>42</p>"]
    assert world.run.reasoning_seconds == world.run.snapshot().thinking == 3


async def test_usage_is_taken_from_the_provider() -> None:
    world = World()
    world.upstream.say("x")
    world.upstream.queue.put_nowait([UsageDelta(prompt_tokens=3, completion_tokens=1)])
    world.upstream.finish()
    outcome = await world.run.run()
    assert outcome.usage is not None
    assert (outcome.usage.prompt_tokens, outcome.usage.completion_tokens) == (3, 1)


async def test_a_continued_answer_begins_with_a_snapshot_of_what_there_is() -> None:
    world = World(base_text="first ")
    world.upstream.say("second")
    world.upstream.finish()
    await world.run.run()
    assert isinstance(world.published.frames[0], Snapshot)
    assert world.published.blocks == render("first second")
    assert world.run.text == "first second"


async def test_a_checkpoint_is_taken_only_when_something_is_new() -> None:
    world = World()
    task = asyncio.ensure_future(world.run.run())
    assert world.run.checkpoint() is None
    world.upstream.say("text")
    await settle()
    taken = world.run.checkpoint()
    assert taken is not None
    assert (taken.text, taken.seq) == ("text", 11)
    assert world.run.checkpoint() is None
    world.run.mark_dirty()
    assert world.run.checkpoint() is not None
    world.upstream.finish()
    await task


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=20), st.lists(st.integers(0, 20), max_size=20))
def test_state_after_frames_is_the_state_of_a_late_snapshot(texts: list[str], pauses: list[int]) -> None:
    """Zulip's law: a page that saw every frame and one that joins now hold the same."""

    async def play() -> None:
        world = World()
        task = asyncio.ensure_future(world.run.run())
        for index, text in enumerate(texts):
            world.upstream.say(text)
            await settle()
            if index < len(pauses):
                world.clock.advance(pauses[index] / 100)
            late = world.run.snapshot()
            assert late.blocks == world.published.blocks
            assert late.seq == (world.published.seq or 10)
        world.upstream.finish()
        await task
        assert world.published.blocks == render("".join(texts))
        assert all(isinstance(frame, Delta) for frame in world.published.frames)

    asyncio.run(play())


@pytest.mark.parametrize(("share", "interval"), [(0.0, SHORTEST), (0.35, SHORTEST), (0.85, LONGEST), (3.0, LONGEST)])
def test_the_interval_widens_with_the_work_of_the_process(share: float, interval: float) -> None:
    assert interval_for(share) == pytest.approx(interval)


def test_the_interval_recovers_when_the_work_is_done() -> None:
    now = {"wall": 0.0, "cpu": 0.0}
    pace = Pace(wall=lambda: now["wall"], cpu=lambda: now["cpu"])
    for _ in range(10):
        now["wall"] += 0.25
        now["cpu"] += 0.25
        pace.measure()
    assert pace.interval == pytest.approx(LONGEST, rel=0.01)
    for _ in range(10):
        now["wall"] += 0.25
        pace.measure()
    assert pace.interval == pytest.approx(SHORTEST, rel=0.05)


async def test_only_a_busy_process_leaves_arriving_text_unread_for_an_interval() -> None:
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    pace = Pace(wall=lambda: 0.0, cpu=lambda: 0.0, sleep=sleep)
    await pace.rest()
    assert naps == []
    pace.interval = LONGEST
    await pace.rest()
    assert naps == [LONGEST]


async def test_a_stop_reaches_an_answer_that_rests_and_its_provider() -> None:
    world = World()
    world.pace.interval = LONGEST
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("seen")
    await settle()
    world.upstream.say("unread")
    world.run.stop()
    assert (await task).status == "stopped"
    await settle()
    assert world.run.text == "seen"
    assert world.upstream.closed


@pytest.mark.parametrize("base_text", ["", "so far "])
async def test_nothing_is_published_before_everybody_knows_the_message(base_text: str) -> None:
    told = asyncio.Event()
    world = World(base_text=base_text, told=told)
    task = asyncio.ensure_future(world.run.run())
    world.upstream.say("early")
    await settle()
    assert world.published.frames == []
    told.set()
    await settle()
    assert world.run.text == base_text + "early"
    assert world.published.blocks == [f"<p>{base_text}early</p>"]
    world.upstream.finish()
    await task
