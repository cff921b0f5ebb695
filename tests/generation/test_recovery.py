"""Whose answers nobody writes any more."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from conversations.generation.recovery import bury_dead_neighbours
from conversations.models import ServerProcess
from conversations.models.generations import FROZEN_AFTER

pytestmark = pytest.mark.django_db


def is_buried(host: str, pid: int) -> bool:
    process = ServerProcess.objects.create(host=host, pid=pid)
    before = process.beat_at
    bury_dead_neighbours("here")
    process.refresh_from_db()
    return process.beat_at == before - FROZEN_AFTER


def test_a_process_of_this_host_that_is_gone_is_buried() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert is_buried("here", gone.pid)


def test_in_a_container_the_one_before_us_had_our_own_pid() -> None:
    assert is_buried("here", os.getpid())


def test_one_that_runs_or_is_of_another_host_is_left_alone() -> None:
    assert not is_buried("here", os.getppid())
    assert not is_buried("there", os.getpid())
