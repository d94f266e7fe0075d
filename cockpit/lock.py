"""Trading keys are locked until they are armed, and lock themselves again."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.elapsed import elapsed_s

LOCK_AFTER_S = 60.0


class TradingLock:
    """
    Stopping keys do not ask it.

    Args:
        lock_after_s: Without a trading key for so long it locks.
        now_s: Seconds that also pass while the machine sleeps.
    """

    def __init__(
        self, lock_after_s: float = LOCK_AFTER_S, now_s: Callable[[], float] = elapsed_s
    ) -> None:
        self._lock_after_s = lock_after_s
        self._now_s = now_s
        self._until_s = -1.0

    @property
    def left_s(self) -> float:
        """Until it locks; 0 while it is locked."""
        return max(0.0, self._until_s - self._now_s())

    def arm(self) -> None:
        """Let trading keys act, from now on for as long as they are used."""
        self._until_s = self._now_s() + self._lock_after_s

    def lock(self) -> None:
        """Lock at once."""
        self._until_s = -1.0
