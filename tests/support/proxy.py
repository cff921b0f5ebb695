"""A reverse proxy that sticks to nothing: every connection goes to the next of its upstreams, in turn.

``python -m tests.support.proxy PORT UPSTREAM UPSTREAM …`` says ``ready PORT`` and then, for each connection, the port
of the upstream that took it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Proxy:
    """A running proxy process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log
        self.url = "http://127.0.0.1:" + self._first(r"ready (\d+)\n")

    @property
    def taken(self) -> list[int]:
        """The ports of the upstreams that took the connections so far, in their order."""
        return [int(port) for port in re.findall(r"^taken by (\d+)$", self._text, re.MULTILINE)]

    @property
    def _text(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def _first(self, pattern: str) -> str:
        limit = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self._text)) is None:
            assert self.process.poll() is None, self._text
            assert time.monotonic() < limit, self._text
            time.sleep(0.02)
        return found[1]


@contextmanager
def running_proxy(folder: Path, *upstreams: str) -> Iterator[Proxy]:
    """Run a proxy in front of the sites at these addresses for as long as the block lasts."""
    log = folder / "proxy.log"
    ports = [str(urlsplit(upstream).port) for upstream in upstreams]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.proxy", "0", *ports],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        yield Proxy(process, log)
    finally:
        process.kill()
        process.wait()


async def serve(port: int, upstreams: list[int]) -> None:
    turns = itertools.cycle(upstreams)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = next(turns)
        print("taken by", upstream, flush=True)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", upstream)
        await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
