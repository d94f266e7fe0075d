"""When one source is asked next."""

from __future__ import annotations

import math
from random import Random

from core.feeds.breaker import Breaker

JITTER = 0.05
"""Share of the interval by which a source is asked later, so that engines do not do so in step."""

SHORTEST_PAUSE_S = 1.0
"""After a failure too: airplanes.live and adsb.fi allow one request a second."""

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 300.0

_ROUNDING = 1e-6

REFUSED_S = 900.0
"""Pause after a refusal that only a person can mend. Not for ever: OpenWeatherMap's keys come to
life up to two hours after they were made."""


class Schedule:
    """
    Interval with jitter while a source works, back-off with full jitter while it does not.

    Times are seconds of one steady clock.

    Args:
        interval_s: Between two requests.
        random: For the jitter.
        breaker: What leaves it alone after several failures.
    """

    def __init__(self, interval_s: float, random: Random, breaker: Breaker | None = None) -> None:
        self._interval_s = interval_s
        self._random = random
        self._breaker = breaker if breaker is not None else Breaker()
        self._failures = 0
        self.next_s = float("-inf")
        """Not before this moment."""
        self.is_good = False
        """Whether the newest request was answered as it should be."""

    def is_due(self, now_s: float) -> bool:
        """Tell whether it may be asked."""
        return now_s >= self.next_s

    def answered(
        self, now_s: float, fresh_for_s: float, wait_s: float = 0.0, *, is_soon: bool = False
    ) -> None:
        """
        Plan after an answer.

        Args:
            now_s: This moment.
            fresh_for_s: How long the answer is the newest to be had; for a source that takes
                turns, several intervals.
            wait_s: How long the source wants to be left alone.
            is_soon: Ask again after the shortest pause.
        """
        self._failures = 0
        self._breaker.worked()
        self.is_good = True
        pause_s = 0.0
        if not is_soon:
            jitter_s = self._random.uniform(0.0, JITTER * self._interval_s)
            pause_s = self._slot_s(fresh_for_s) + jitter_s
        self.next_s = now_s + max(SHORTEST_PAUSE_S, pause_s, wait_s)

    def failed(self, now_s: float, wait_s: float = 0.0) -> None:
        """Plan after a failure; `wait_s` as for `answered`."""
        self.is_good = False
        self._breaker.failed(now_s)
        ceiling_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures, 30))
        self._failures += 1
        pause_s = SHORTEST_PAUSE_S + self._random.uniform(0.0, ceiling_s)
        self.next_s = max(now_s + max(pause_s, wait_s), self._breaker.trial_at_s)

    def refused(self, now_s: float, retry_after_s: float | None) -> None:
        """Plan after a refusal; None where only a person can mend it."""
        self.is_good = False
        wait_s = REFUSED_S if retry_after_s is None else max(SHORTEST_PAUSE_S, retry_after_s)
        # Later, never earlier, or the jitter would break the wait that was asked for.
        self.next_s = now_s + wait_s * (1.0 + self._random.uniform(0.0, JITTER))

    def _slot_s(self, fresh_for_s: float) -> float:
        """
        Seconds until the next slot of the interval, in step with whoever asked.

        Engines that keep the same slots meet at one answer when it ends, and one of them asks.
        """
        if fresh_for_s <= 0.0:
            return self._interval_s
        later = math.ceil(fresh_for_s / self._interval_s - _ROUNDING) - 1
        return fresh_for_s - later * self._interval_s
