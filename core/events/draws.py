"""Draws of all series of an event, and what each is drawn from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.domain.memory import FloatArray
from core.events.errors import assumed_errors
from core.events.measure import measure
from core.events.outlook import Daily, Persistence, Rule, Tide
from core.events.paths import draw, expect, make_noise
from core.events.profile import Event, Series
from core.events.timeline import HOUR_NS, Timeline

_RULES: Mapping[str, Rule | None] = {
    "forecast": None,
    "persistence": Persistence(),
    "daily": Daily(),
    "tide": Tide(),
}


class DrawnSeries:
    """One series: what is known of it, and its draws."""

    def __init__(self, series: Series, white: FloatArray) -> None:
        self.timeline = Timeline(series)
        settings = series.settings
        # Wind sets a tide up over hours: from one quarter of an hour to the next, hardly.
        self._assumed = assumed_errors(
            settings.error_now,
            settings.error_day,
            scatter=settings.typical if settings.is_whole else 0.0,
            is_smooth=settings.outlook == "tide",
        )
        self._own = self._white = white
        self._rule = _RULES[series.settings.outlook]
        self.model = self._assumed
        self._noise = make_noise(self.model, series.bin_ns / HOUR_NS, white)
        self._drawn = np.empty_like(self._noise)
        self.paths = self._drawn
        self.known: FloatArray = np.full(series.shape.bins, np.nan)
        self.is_blind = True
        """Whether it cannot be drawn yet."""
        self.complete = 0
        """Bins that are known without a gap from the start."""

    def follow(self, other: DrawnSeries, correlation: float) -> None:
        """Take over so much of another series' noise; both need the same bins."""
        rest = np.sqrt(1.0 - correlation**2)
        self._white = correlation * other._white + rest * self._own
        self._make_noise()

    def refit(self, before_ts_ns: int) -> None:
        """Learn from what was known before a moment."""
        fresh = _RULES[self.timeline.series.settings.outlook]
        self._rule, self.model = measure(self.timeline, fresh, self._assumed, before_ts_ns)
        self._make_noise()

    def _make_noise(self) -> None:
        bin_h = self.timeline.series.bin_ns / HOUR_NS
        self._noise = make_noise(self.model, bin_h, self._white)

    def look(self) -> None:
        """Draw anew with what is known now."""
        series = self.timeline.series
        expectation = expect(self.timeline, self._rule)
        self.known = expectation.known
        self.is_blind = expectation.is_blind or not self.timeline.told_ts_ns
        still_open = np.flatnonzero(~np.isfinite(self.known))
        values = int(still_open[0]) if len(still_open) else len(self.known)
        self.complete = max(0, values - series.settings.includes_start)
        if len(still_open):
            draw(series, expectation, self.model, self._noise, self._drawn)
        self.paths = self._drawn if len(still_open) else self.known[None, :]


def draw_series(event: Event, draws: int, seed: int) -> dict[str, DrawnSeries]:
    """
    All series of an event by name, with noise that is correlated as the profile says.

    Args:
        event: Whose series.
        draws: Number of draws; even.
        seed: The same seed makes the same noise.
    """
    series = {
        entry.name: DrawnSeries(
            entry, white_noise(np.random.default_rng([seed, number]), draws, entry.shape.bins)
        )
        for number, entry in enumerate(event.series)
    }
    for first, second, correlation in event.correlations:
        series[second].follow(series[first], correlation)
    return series


def white_noise(random: np.random.Generator, draws: int, values: int) -> FloatArray:
    """Independent normal numbers, shape (draws, values)."""
    # Every draw has its mirror image: what depends evenly on the noise has its exact mean.
    half = random.standard_normal((draws // 2, values))
    return np.concatenate([half, -half])
