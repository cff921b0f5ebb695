"""``python -m benchmarks [quick]``: print one table, keep the raw lines under benchmarks/raw/. About four minutes."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path

import uvloop

# People are made here, beside the server: their passwords are never asked, so hashing them may be cheap.
os.environ["CHAT_DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django
from django.conf import settings

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()

from benchmarks import scenarios  # noqa: E402 - models need the settings above
from benchmarks.provider import Provider  # noqa: E402
from benchmarks.scenarios import Bench  # noqa: E402
from benchmarks.table import Table  # noqa: E402


async def main(chosen: str) -> None:
    gc.disable()  # a collection here, over all noted times, would be measured as the server's delay
    table, provider = Table(), Provider()
    scenarios.sizes(table)
    scenarios.pin(1)
    await provider.start()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(scenarios.fresh_site(Path(folder), provider), provider, table)
        try:
            scenarios.pin(0)
            scenarios.start(bench)
            scenarios.pin(1)
            await scenarios.first_character(bench)
            await scenarios.burst(bench)
            for count in (50, 100) if chosen == "quick" else (50, 100, 200, 400):
                await scenarios.streams(bench, count)
            if chosen != "quick":
                await scenarios.growth(bench)
        finally:
            bench.site.close()
            table.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments not in ([], ["quick"]):
        sys.exit("Usage: python -m benchmarks [quick]")
    uvloop.run(main("".join(arguments)))
