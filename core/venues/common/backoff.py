"""How long to wait before connecting again."""

from __future__ import annotations

from random import Random


class Backoff:
    """
    Exponential back-off with full jitter: anything from 0 to the current ceiling.

    Full jitter, so that many clients of one restarted exchange do not return in step.
    """

    def __init__(self, random: Random, *, first_s: float = 0.1, ceiling_s: float = 5.0) -> None:
        self._random = random
        self._first_s = first_s
        self._ceiling_s = ceiling_s
        self._failures = 0

    def next_delay_s(self) -> float:
        """Count a failure, and say how long to wait."""
        ceiling_s = min(self._ceiling_s, self._first_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return self._random.uniform(0.0, ceiling_s)

    def reset(self) -> None:
        """Forget the failures: a connection was healthy for a while."""
        self._failures = 0
