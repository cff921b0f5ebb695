"""Public ids sort by the time of their making, and tell nothing of the next one."""

from __future__ import annotations

import time

from conversations.models.ids import ids_in_order, new_id


def test_ids_that_are_made_one_after_another_sort_so_even_within_a_millisecond() -> None:
    made = [new_id() for _ in range(2_000)]
    assert made == sorted(made)
    assert len({one.int >> 80 for one in made}) < len(made), "some are of one millisecond"


def test_an_id_is_a_uuid_of_version_7_with_the_time_of_its_making() -> None:
    before, made, after = time.time_ns() // 1_000_000, new_id(), time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after


def test_what_follows_cannot_be_guessed() -> None:
    assert len({new_id().int & (1 << 62) - 1 for _ in range(1_000)}) == 1_000


def test_ids_that_come_at_once_sort_as_they_stand() -> None:
    made = ids_in_order(500)
    assert made == sorted(made)
