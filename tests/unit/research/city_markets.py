"""Mids, and a city's numbers that move before or after them, made for a test."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.research.city_series import CitySeries
from tests.unit.research.markets import MS, START_NS, quotes

BAR_MS = 500
RIVER = Instrument(Symbol("RIVER"), Decimal("0.5"))
SKY = Instrument(Symbol("SKY"), Decimal(2))


def series(steps, *, name="weather", symbol="", bar_ms=BAR_MS):
    """Make a series from its changes, one a bar, each in the middle of its bar."""
    return CitySeries(name, _times(len(steps), bar_ms), 50 + _path(steps), symbol)


def market(steps, *, bar_ms=BAR_MS):
    """Make quotes from changes of the mid in ticks, told in the same way."""
    return quotes(9_000 + _path(np.rint(steps)), ts_ns=_times(len(steps), bar_ms))


def _times(bars, bar_ms):
    """The beginning, the middle of each bar, and the end of the last."""
    return START_NS + (np.array([0, *np.arange(0.5, bars), bars]) * bar_ms).astype(np.int64) * MS


def _path(steps):
    total = np.cumsum(steps)
    return np.array([0.0, *total, *total[-1:]])


def jumps(rng, count, every):
    """Draw a series that stands still and now and then jumps."""
    return np.where(rng.random(count) < 1 / every, rng.standard_normal(count) * 8, 0.0)


def delayed(steps, bars):
    """Let the same happen later; earlier for a negative number of bars."""
    moved = np.zeros(len(steps))
    if bars >= 0:
        moved[bars:] = steps[: len(steps) - bars]
    else:
        moved[:bars] = steps[-bars:]
    return moved
