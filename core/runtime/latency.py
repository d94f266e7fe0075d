"""How long things take: a ring of measurements, summed up only when somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from core.domain.snapshot import LatencyView

SAMPLES = 4096
"""A power of two, so that the place in the ring is a mask and not a division."""

_MASK = SAMPLES - 1
_NS_PER_US = 1_000


class LatencyRecorder:
    """
    The last 4,096 durations.

    `record` is called for every event and does two assignments; percentiles are worked
    out at most once a second, whoever asks how often.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Start empty.

        Args:
            clock: Seconds; only to tell whether the last view is a second old.
        """
        self._clock = clock
        self._ring = [0] * SAMPLES
        self._count = 0
        self._view = LatencyView()
        self._viewed_count = 0
        self._due_s = 0.0

    @property
    def count(self) -> int:
        """Durations ever recorded."""
        return self._count

    def record(self, duration_ns: int) -> None:
        """Keep a duration in ns."""
        self._ring[self._count & _MASK] = duration_ns
        self._count += 1

    def view(self) -> LatencyView:
        """p50, p99 and maximum of the remembered durations, in us, up to a second old."""
        now_s = self._clock()
        if self._count != self._viewed_count and now_s >= self._due_s:
            self._due_s = now_s + 1.0
            self._viewed_count = self._count
            self._view = _percentiles(self._ring[: min(self._count, SAMPLES)])
        return self._view


def _percentiles(durations_ns: list[int]) -> LatencyView:
    """Nearest-rank percentiles: each is a duration that was measured."""
    count = len(durations_ns)
    p50, p99 = (-(-count * percent // 100) - 1 for percent in (50, 99))
    ranked = np.partition(np.array(durations_ns, np.int64), (p50, p99, count - 1))
    return LatencyView(
        p50=float(ranked[p50]) / _NS_PER_US,
        p99=float(ranked[p99]) / _NS_PER_US,
        max=float(ranked[-1]) / _NS_PER_US,
    )
