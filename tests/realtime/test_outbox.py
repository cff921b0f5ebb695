"""Flow control: a reader who does not read costs a bounded amount, and loses nothing for good."""

from __future__ import annotations

from uuid import UUID, uuid4

from conversations.realtime.outbox import BEHIND, BOUND, WINDOW, Outbox


class Reader:
    """A socket that is written to only when the test says so."""

    def __init__(self) -> None:
        self.closed: list[int] = []
        self.snapshots: list[UUID] = []
        self.outbox = Outbox(self._send, self.closed.append, self._snapshot)

    async def _send(self, text: str) -> None:
        raise AssertionError("nothing drains in these tests")

    def _snapshot(self, message: UUID) -> str:
        self.snapshots.append(message)
        return "snapshot"

    @property
    def queued(self) -> list[str]:
        return list(self.outbox._queue._queue)  # type: ignore[attr-defined]


def test_frames_stop_at_the_window_and_a_snapshot_follows_the_acknowledgement() -> None:
    reader, message = Reader(), uuid4()
    frame = "x" * (WINDOW // 4)
    for seq in range(1, 11):
        reader.outbox.put_live(message, seq, frame)
    assert len(reader.queued) == 4
    reader.outbox.acknowledge(message, 1)
    assert reader.snapshots == []
    reader.outbox.acknowledge(message, 4)
    assert reader.snapshots == [message]
    reader.outbox.put_live(message, 12, frame)
    assert reader.queued[-2:] == ["snapshot", frame]


def test_an_acknowledgement_of_one_answer_does_not_free_the_frames_of_another() -> None:
    reader, one, other = Reader(), uuid4(), uuid4()
    reader.outbox.put_live(one, 1, "x" * WINDOW)
    reader.outbox.put_live(other, 1, "y" * 10)
    reader.outbox.acknowledge(other, 5)
    reader.outbox.put_live(one, 2, "x")
    assert len(reader.queued) == 1


def test_a_single_frame_larger_than_the_window_still_leaves() -> None:
    reader = Reader()
    reader.outbox.put_live(uuid4(), 1, "x" * (WINDOW + 1))
    assert len(reader.queued) == 1


def test_more_than_the_bound_closes_the_socket_instead_of_growing() -> None:
    reader = Reader()
    for _ in range(9):
        reader.outbox.put("x" * (BOUND // 8))
    assert reader.closed == [BEHIND]
    assert sum(map(len, reader.queued)) <= BOUND
