"""One table on the screen, the raw figures beside it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

RAW = Path(__file__).parent / "raw"


class Table:
    def __init__(self) -> None:
        RAW.mkdir(exist_ok=True)
        self._raw = (RAW / time.strftime("%Y%m%d-%H%M%S.jsonl")).open("w", encoding="utf-8")
        print(f"{'what':<58} {'measured':<34} wanted")

    def row(self, what: str, value: str, wanted: str = "", **raw: Any) -> None:
        print(f"{what:<58} {value:<34} {wanted}".rstrip(), flush=True)
        self._write(what=what, value=value, wanted=wanted, **raw)

    def note(self, text: str) -> None:
        """Say under which circumstances the rows above were measured."""
        print(f"  ({text})", flush=True)
        self._write(note=text)

    def close(self) -> None:
        self._raw.close()

    def _write(self, **line: Any) -> None:
        self._raw.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._raw.flush()
