"""Leaves a source alone that has failed several times in a row."""

from __future__ import annotations

from enum import StrEnum


class BreakerState(StrEnum):
    """Whether a source may be asked."""

    CLOSED = "closed"
    """It works, or has not failed often enough."""
    OPEN = "open"
    """It is left alone."""
    HALF_OPEN = "half-open"
    """One request may find out whether it works again."""


class Breaker:
    """
    Opens after several failures in a row; lets one request through when it has cooled down.

    Every failed trial doubles the time that the source is left alone, up to a ceiling.
    Times are seconds of one steady clock. See Nygard, Release It!, chapter 5.
    """

    def __init__(
        self, *, failures: int = 4, cool_down_s: float = 60.0, ceiling_s: float = 900.0
    ) -> None:
        self._allowed = failures
        self._cool_down_s = cool_down_s
        self._ceiling_s = ceiling_s
        self._failures = 0
        self._trials = 0
        self._left_alone_until_s = 0.0
        self._is_open = False

    @property
    def trial_at_s(self) -> float:
        """When an open breaker lets a request through; 0 for a closed one."""
        return self._left_alone_until_s if self._is_open else 0.0

    def state(self, now_s: float) -> BreakerState:
        """Look whether the source may be asked."""
        if not self._is_open:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self._left_alone_until_s else BreakerState.HALF_OPEN

    def failed(self, now_s: float) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures < self._allowed:
            return
        wait_s = min(self._ceiling_s, self._cool_down_s * 2.0 ** min(self._trials, 30))
        self._trials += 1
        self._is_open = True
        self._left_alone_until_s = now_s + wait_s

    def worked(self) -> None:
        """Forget the failures."""
        self._failures = self._trials = 0
        self._is_open = False
