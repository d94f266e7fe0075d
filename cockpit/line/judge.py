"""Whether the line to the terminal is slow."""

from __future__ import annotations

from statistics import median
from typing import Literal

from cockpit.line.echo import KEPT, Echo

Choice = Literal["auto", "always", "never"]

SLOW_S = 0.25
"""A round trip like this is felt in every key; on a narrow line it is a queue of pictures."""
FAST_S = 0.12
"""Between the two the verdict stays what it was."""
OVERDUE_S = 2.0
"""An answer that is missing for so long will come late, if it comes."""
FEWEST = 3
"""Round trips before they are believed."""
PROBATION_S = 15.0
"""A slow line has to be fast for so long, twice as long after each relapse."""
LONGEST_PROBATION_S = 900.0


class Judge:
    """
    Decides with hysteresis, so that the picture does not change its pace back and forth.

    A narrow line is fast as soon as little is sent over it, and slow again after that:
    hence the growing probation.

    Args:
        choice: auto, always or never.
    """

    def __init__(self, choice: Choice) -> None:
        self.is_slow = choice == "always"
        self._is_open = choice == "auto"
        self._probation_s = PROBATION_S
        self._slow_since_s = 0.0

    def look(self, echo: Echo, now_s: float, *, is_clogged: bool) -> bool:
        """
        Judge anew.

        Args:
            echo: What the terminal has answered.
            now_s: Monotonic seconds.
            is_clogged: Whether what was written is not being taken.

        Returns:
            True if the verdict has changed.
        """
        if not self._is_open:
            return False
        before = self.is_slow
        if is_clogged or echo.waited_s(now_s) > OVERDUE_S or _is_long(echo):
            self.is_slow = True
            if not before:
                self._slow_since_s = now_s
        elif before and self._is_acquitted(echo, now_s):
            self.is_slow = False
            self._probation_s = min(2 * self._probation_s, LONGEST_PROBATION_S)
        return self.is_slow is not before

    def _is_acquitted(self, echo: Echo, now_s: float) -> bool:
        trips_s = echo.round_trips_s
        return (
            now_s - self._slow_since_s >= self._probation_s
            and not echo.is_open
            # A line that clogs may have a terminal that never answers.
            and (not trips_s or (len(trips_s) == KEPT and max(trips_s) < FAST_S))
        )


def _is_long(echo: Echo) -> bool:
    trips_s = list(echo.round_trips_s)[-2 * FEWEST + 1 :]
    return len(trips_s) >= FEWEST and median(trips_s) > SLOW_S
