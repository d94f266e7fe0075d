"""How often a viewer is served."""

from __future__ import annotations

import math

NOTICE_RATE = 5.0
"""Notices are sent at least this many times a second, however slow the snapshots."""

_SLOWEST_PACE = 0.001


class Pacer:
    """
    Divides time into turns: notices go out on every turn, a snapshot on every n-th.

    It keeps no clock; its user takes a turn every `interval_s`.
    """

    def __init__(self, snapshots_per_second: float) -> None:
        self.set_pace(snapshots_per_second)

    def set_pace(self, snapshots_per_second: float) -> None:
        """Change the pace; 0 means notices only."""
        if snapshots_per_second < _SLOWEST_PACE:
            self._turns_per_snapshot = 0
            self.interval_s = 1 / NOTICE_RATE
        else:
            self._turns_per_snapshot = max(1, math.ceil(NOTICE_RATE / snapshots_per_second))
            self.interval_s = 1 / (snapshots_per_second * self._turns_per_snapshot)
        self._turn = 0

    @property
    def has_snapshots(self) -> bool:
        """False when only notices are wanted."""
        return self._turns_per_snapshot > 0

    def take_turn(self) -> bool:
        """True when a snapshot is due on this turn."""
        self._turn += 1
        if self._turn != self._turns_per_snapshot:
            return False
        self._turn = 0
        return True
