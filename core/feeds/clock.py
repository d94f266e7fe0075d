"""Wall time that small corrections do not turn back."""

from __future__ import annotations

from collections.abc import Callable

BELIEVED_S = 3_600.0
"""A wall clock that goes back further was wrong before, and is right now."""


class ForwardClock:
    """
    Follow the wall clock; where it is set back a little, go on at the pace of a steady one.

    Stamps then rise until the wall clock has caught up, so that no value seems to have been
    known before the one it follows.
    """

    def __init__(self, wall_ns: Callable[[], int], clock: Callable[[], float]) -> None:
        self._wall_ns = wall_ns
        self._clock = clock
        self._last_ns = wall_ns()
        self._last_s = clock()

    def __call__(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        wall_ns, now_s = self._wall_ns(), self._clock()
        steady_ns = self._last_ns + max(0, int((now_s - self._last_s) * 1e9))
        if wall_ns < self._last_ns and self._last_ns - wall_ns <= BELIEVED_S * 1e9:
            wall_ns = steady_ns
        self._last_ns, self._last_s = wall_ns, now_s
        return wall_ns
