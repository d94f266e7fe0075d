"""The hidden value of a product: what informed bots know and others guess."""

from __future__ import annotations

import math
from enum import Enum
from random import Random

LOWEST_TICKS = 20.0
"""Room for quotes below the value, whatever happens."""

_REVERSION_PER_S = 0.15
_FAR = 0.2
"""Beyond this fraction from the start the value is drawn back."""


class Episode(Enum):
    """How the value moves for a while."""

    REVERTING = "mean reverting"
    TRENDING = "trending"
    VOLATILE = "volatile"


class FairValue:
    """
    A value in ticks that reverts, trends or swings, one episode after the other.

    Args:
        start_ticks: Where it begins, and where it does not stray too far from.
        minute_ticks: Usual move within a minute.
        random: All its chance.
    """

    def __init__(self, start_ticks: float, minute_ticks: float, random: Random) -> None:
        self._start_ticks = start_ticks
        self._sigma_ticks = minute_ticks / math.sqrt(60)
        self._random = random
        self._left_s = 0.0
        self._drift_ticks_per_s = 0.0
        self._anchor_ticks = start_ticks
        self.ticks = start_ticks
        self.episode = Episode.REVERTING

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._left_s -= seconds
        if self._left_s <= 0:
            self._begin_episode()
        noise = self._random.gauss(0.0, self._sigma_ticks * math.sqrt(seconds))
        if self.episode is Episode.REVERTING:
            pull = _REVERSION_PER_S * (self._anchor_ticks - self.ticks)
            self.ticks += pull * seconds + noise
        elif self.episode is Episode.TRENDING:
            self.ticks += self._drift_ticks_per_s * seconds + 0.5 * noise
        else:
            self.ticks += 2.5 * noise
        self.ticks = max(LOWEST_TICKS, self.ticks + self._homing() * seconds)

    def recenter(self, ticks: float) -> None:
        """Take in news: what it is worth beside its episodes; these go on from there."""
        shift_ticks = ticks - self._start_ticks
        self._start_ticks = ticks
        self._anchor_ticks += shift_ticks
        self.ticks = max(LOWEST_TICKS, self.ticks + shift_ticks)

    def _begin_episode(self) -> None:
        random = self._random
        self.episode = random.choices(tuple(Episode), (0.4, 0.35, 0.25))[0]
        self._left_s = 15.0 + random.expovariate(1 / 30)
        self._anchor_ticks = self.ticks
        size = random.uniform(0.25, 0.6) * self._sigma_ticks
        self._drift_ticks_per_s = size if random.random() < self._chance_of_rise() else -size

    def _chance_of_rise(self) -> float:
        away = (self.ticks - self._start_ticks) / (_FAR * self._start_ticks)
        return min(1.0, max(0.0, 0.5 - away / 2))

    def _homing(self) -> float:
        away = self.ticks / self._start_ticks - 1
        if abs(away) < _FAR:
            return 0.0
        return -math.copysign(self._sigma_ticks, away)
