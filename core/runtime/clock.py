"""The engine's clock: wall time that never jumps."""

from __future__ import annotations

import time
from collections.abc import Callable


def _steady_clock() -> Callable[[], int]:
    # Unlike the monotonic clock of Linux it goes on while the machine sleeps.
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    if boot_clock is None:
        return time.monotonic_ns
    return lambda: time.clock_gettime_ns(boot_clock)


steady_ns = _steady_clock()
"""Time since some moment, in ns."""


class AnchoredClock:
    """
    Wall time at the start, moved on by the machine's steady clock.

    Event time must not follow a corrected wall clock: one that is set back would freeze
    the kernel's time, one that is set forward would make every book stale at once.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        steady_ns: Callable[[], int] = steady_ns,
    ) -> None:
        self._steady_ns = steady_ns
        self._anchor_ns = wall_ns() - steady_ns()

    def __call__(self) -> int:
        """Nanoseconds since the epoch, UTC; never less than before."""
        return self._anchor_ns + self._steady_ns()
