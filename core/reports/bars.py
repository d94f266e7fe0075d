"""
Bars of time that a run's returns are judged in.

A return of one second is mostly the same book looked at twice, and neighbors repeat each
other. So samples are put together into the shortest round bar of which at most
MOST_BARS are left: an hour is judged by returns of 2 s, a day by those of a minute. What
still hangs together is left to the blocks of `core.reports.bootstrap`. Time without a
sample is no bar: a market that is closed does not make a strategy calm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import IntArray

MOST_BARS = 2_000

_LENGTHS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200,
              86_400)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bars:
    """Which samples a run's bars end at."""

    length_s: int
    places: IntArray
    """Index of the first sample, and of the last one of each bar."""

    @property
    def count(self) -> int:
        """How many there are."""
        return max(0, len(self.places) - 1)


def bars_of(ts_ns: IntArray, most: int = MOST_BARS) -> Bars:
    """
    Put the samples of a curve together.

    Args:
        ts_ns: Of the samples, rising.
        most: Bars that may be left, if a day is long enough for that.
    """
    for length_s in _LENGTHS_S:
        # The first sample is where the first bar begins; a bar holds its end.
        numbers = -(-(ts_ns - ts_ns[:1]) // (length_s * NANOS))
        is_last = np.diff(numbers, append=numbers[-1:] + 1) > 0
        places = np.flatnonzero(is_last)
        if len(places) <= most + 1:
            break
    return Bars(length_s, places)


def length_for(span_s: float, most: int = MOST_BARS) -> int:
    """Shortest round length, in seconds, of which a stretch of time has at most so many."""
    fitting = (length_s for length_s in _LENGTHS_S if span_s <= most * length_s)
    return next(fitting, _LENGTHS_S[-1])
