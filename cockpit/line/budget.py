"""How many bytes may be written, and when again."""

from __future__ import annotations

from collections.abc import Callable

BURST_S = 1.0
"""What was saved for longer is forgotten: a quiet minute does not pay for a burst."""
DEBT_S = 5.0
"""What is owed for longer is forgiven: a new page must not stop the picture for a minute."""


class ByteBudget:
    """
    A bucket that fills steadily. Whoever spends more than is in it waits longer afterwards.

    Args:
        bytes_per_s: What may be written on average.
        now_s: Monotonic seconds.
    """

    def __init__(self, bytes_per_s: float, now_s: Callable[[], float]) -> None:
        self._bytes_per_s = bytes_per_s
        self._now_s = now_s
        self._full_bytes = bytes_per_s * BURST_S
        self._left_bytes = self._full_bytes
        self._filled_s = now_s()

    @property
    def wait_s(self) -> float:
        """Until what was overspent has been made up for; 0 if nothing was."""
        self._fill()
        return max(0.0, -self._left_bytes / self._bytes_per_s)

    def spend(self, n_bytes: int) -> None:
        """Count bytes that were written, allowed or not."""
        self._fill()
        self._left_bytes = max(self._left_bytes - n_bytes, -self._bytes_per_s * DEBT_S)

    def _fill(self) -> None:
        now_s = self._now_s()
        earned_bytes = (now_s - self._filled_s) * self._bytes_per_s
        self._left_bytes = min(self._full_bytes, self._left_bytes + earned_bytes)
        self._filled_s = now_s
