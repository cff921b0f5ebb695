"""What the owner of the running answers tells about them."""

from __future__ import annotations

import asyncio
import threading
from itertools import count
from uuid import uuid4

import pytest
from asgiref.sync import ThreadSensitiveContext

from conversations.generation.registry import Registry


async def test_a_row_that_was_read_earlier_is_not_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    registry, conversation, number = Registry(), uuid4(), count()
    told: list[int] = []
    later_is_told = threading.Event()

    def read(_: object) -> tuple[object, int]:
        if (mine := next(number)) == 0:
            later_is_told.wait(0.2)  # as long as the later one would need
        return None, mine

    def tell(_: object, row: int) -> None:
        told.append(row)
        if row > 0:
            later_is_told.set()

    async def request() -> None:
        async with ThreadSensitiveContext():  # each has a thread of its own
            await registry.announce_conversation(conversation)

    monkeypatch.setattr("conversations.frames.conversation_frame", read)
    monkeypatch.setattr("conversations.generation.publisher.tell_person", tell)
    await asyncio.gather(request(), request())
    assert told == [0, 1]
