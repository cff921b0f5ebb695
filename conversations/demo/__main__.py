"""Run the demo provider by itself: ``python -m conversations.demo --port 8801 --rate 70``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from conversations.demo.server import TOKENS_PER_SECOND, serve_demo


async def _serve(host: str, port: int, rate: float) -> None:
    server = await serve_demo(host, port, tokens_per_second=rate)
    print(server.base_url, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m conversations.demo", description="The demo provider.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--rate", type=float, default=TOKENS_PER_SECOND, help="tokens per second; 0: all at once")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options.host, options.port, options.rate))


if __name__ == "__main__":
    main()
