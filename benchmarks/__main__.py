"""``python -m benchmarks [part …]``: print one table, keep the raw lines under benchmarks/raw/.

The parts are those of ``PARTS`` and numbers of streams; without any all of them are measured, in about fifteen minutes.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
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
from benchmarks.acts import acts  # noqa: E402
from benchmarks.large import large  # noqa: E402
from benchmarks.page import page  # noqa: E402
from benchmarks.pictures import pictures  # noqa: E402
from benchmarks.provider import Provider  # noqa: E402
from benchmarks.scenarios import Bench  # noqa: E402
from benchmarks.table import Table  # noqa: E402

Part = Callable[[Bench], Awaitable[None]]
PARTS: dict[str, Part] = {
    "first": scenarios.first_character,
    "burst": scenarios.burst,
    "growth": scenarios.growth,
    "pictures": pictures,
    "page": page,
    "acts": acts,
    "large": large,
}
ALL = ("first", "burst", "50", "100", "200", "400", "growth", "pictures", "page", "acts", "large")
QUICK = ("first", "burst", "100")


async def main(chosen: Sequence[str]) -> None:
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
            for name in chosen:
                await (PARTS[name](bench) if name in PARTS else scenarios.streams(bench, int(name)))
        finally:
            bench.site.close()
            table.close()


if __name__ == "__main__":
    parts = QUICK if sys.argv[1:] == ["quick"] else sys.argv[1:] or ALL
    if not all(part in PARTS or part.isdecimal() for part in parts):
        sys.exit(f"Usage: python -m benchmarks [quick | {' | '.join(PARTS)} | a number of streams] …")
    uvloop.run(main(parts))
