"""Token buckets: how fast one socket may speak and one person may upload."""

from __future__ import annotations


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
