"""What a person is told while a page of theirs is loading."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from conversations.generation import hub as hubs
from conversations.generation.hub import Hub


class Loaded:
    """A socket that keeps what it is sent."""

    session = "s"

    def __init__(self, user: UUID) -> None:
        self.user = user
        self.heard: list[str] = []

    def deliver(self, text: str) -> None:
        self.heard.append(text)

    def deliver_live(self, message: UUID, seq: int, text: str) -> None:
        raise AssertionError("nothing is live here")

    def close_soon(self, code: int) -> None:
        raise AssertionError("nobody closes it")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [100.0]
    monkeypatch.setattr(hubs.time, "monotonic", lambda: clock[0])
    return clock


def test_a_late_socket_hears_the_last_of_each_thing_its_person_was_told_and_nothing_twice(now: list[float]) -> None:
    hub, me, other, chat = Hub(), uuid4(), uuid4(), uuid4()
    hub.tell_person(me, chat, "old name")
    hub.tell_person(other, chat, "not mine")
    hub.tell_person(me, None, "moved")
    now[0] += hubs.LOADING_SECONDS / 2
    hub.tell_person(me, chat, "new name")
    late = Loaded(me)
    hub.join(late)
    hub.tell_person(me, None, "moved again")
    assert late.heard == ["moved", "new name", "moved again"]


def test_what_a_page_already_came_with_is_forgotten(now: list[float]) -> None:
    hub, me = Hub(), uuid4()
    hub.tell_person(me, uuid4(), "long ago")
    now[0] += hubs.LOADING_SECONDS + 1
    hub.tell_person(me, uuid4(), "just now")
    late = Loaded(me)
    hub.join(late)
    assert late.heard == ["just now"]


def test_many_people_cannot_make_it_remember_without_end(now: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "_REMEMBERED", 3)
    hub, me = Hub(), uuid4()
    for count in range(5):
        hub.tell_person(me, uuid4(), str(count))
    late = Loaded(me)
    hub.join(late)
    assert late.heard == ["2", "3", "4"]
