"""Token buckets: how fast one socket may speak, and one person may ask and upload."""

from __future__ import annotations

from collections import OrderedDict
from uuid import UUID


class Bucket:
    """Allows ``burst`` at once and ``per_second`` on average."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._left, self._at = float(burst), 0.0

    def take(self, now: float) -> bool:
        """Take one; False if there is none left. ``now`` is monotonic, in seconds."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Buckets:
    """One bucket for each person; those who were not seen for the longest time are forgotten, which fills theirs."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._buckets: OrderedDict[UUID, Bucket] = OrderedDict()

    def take(self, person: UUID, now: float, *, per_minute: int, burst: int) -> bool:
        """Take one from a person's bucket; False if there is none left."""
        bucket = self._buckets.setdefault(person, Bucket(per_second=per_minute / 60, burst=burst))
        self._buckets.move_to_end(person)
        while len(self._buckets) > self._MOST:
            self._buckets.popitem(last=False)
        return bucket.take(now)


questions = Buckets()
uploads = Buckets()
