"""
The form of errors that no bell has: long tails, and bounds that squeeze them to one side.

A curve makes such an error of a normal number, by the quantiles that were seen: straight lines
between a few of them. Where a quantity has bounds there is one for each range of what was
forecast: a sky that was forecast overcast errs otherwise than a clear one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from core.domain.memory import FloatArray, IntArray

_STEP = 0.2
_KNOTS = np.linspace(-3.0, 3.0, 31)
"""Normal numbers between which a curve is straight, `_STEP` apart."""
_TILT = 1e-6
"""So that a curve can be read backwards where it is level."""
_PAIRS = 2_000
_CORRELATIONS = np.linspace(0.0, 0.99, 12)
_FEWEST_ERRORS = 60
_LEAST = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """By range of the forecast: errors in deviations at the knots."""

    edges: FloatArray
    """Shape (ranges - 1,): rising forecasts between one range and the next."""
    quantiles: FloatArray
    """Shape (ranges, knots): never falling."""

    @property
    def is_bell(self) -> bool:
        """Whether normal numbers are the errors."""
        return len(self.quantiles) == 1 and np.array_equal(self.quantiles[0], _KNOTS)

    def ranges(self, forecasts: FloatArray) -> IntArray:
        """Range of each forecast; shape as given."""
        return np.searchsorted(self.edges, forecasts, side="right")

    def bend(self, noise: FloatArray, forecasts: FloatArray, out: FloatArray) -> None:
        """
        Make errors of normal numbers.

        Args:
            noise: Shape (n, draws).
            forecasts: Shape (n,): one per row.
            out: Shape (n, draws): the errors, in deviations.
        """
        if self.is_bell:
            out[:] = noise
            return
        slopes = np.diff(self.quantiles, axis=1) / _STEP
        bases = self.quantiles[:, :-1] - slopes * _KNOTS[:-1]
        pieces = len(_KNOTS) - 1
        within = np.clip(noise, _KNOTS[0], _KNOTS[-1])
        place = ((within - _KNOTS[0]) * (1.0 / _STEP)).astype(np.intp)
        np.minimum(place, pieces - 1, out=place)
        place += self.ranges(forecasts)[:, None] * pieces
        np.multiply(within, slopes.ravel()[place], out=out)
        out += bases.ravel()[place]

    def scores(self, errors: FloatArray, forecasts: FloatArray) -> FloatArray:
        """
        Normal numbers that would have made these errors; all of shape (n,).

        None is further out than the knots: that is a station's trouble and no news.
        """
        if self.is_bell:
            return np.clip(errors, _KNOTS[0], _KNOTS[-1])
        rising = self.quantiles[self.ranges(forecasts)] + _TILT * _KNOTS
        return np.array(
            [np.interp(error, row, _KNOTS) for error, row in zip(errors, rising, strict=True)]
        )

    def straightened(self, correlations: FloatArray) -> FloatArray:
        """Correlations of normal numbers whose errors are correlated as given; shape as given."""
        if self.is_bell:
            return correlations
        first, second = np.random.default_rng(0).standard_normal((2, _PAIRS))
        bent = np.array([np.interp(first, _KNOTS, row) for row in self.quantiles])
        bent -= bent.mean(axis=1, keepdims=True)
        seen = []
        for straight in _CORRELATIONS:
            mixed = straight * first + np.sqrt(1.0 - straight**2) * second
            other = np.array([np.interp(mixed, _KNOTS, row) for row in self.quantiles])
            seen.append(np.sum(bent * other) / np.sum(bent**2))
        rising = np.maximum.accumulate(seen) + _TILT * _CORRELATIONS
        outside = (correlations <= rising[0]) | (correlations >= rising[-1])
        return np.where(outside, correlations, np.interp(correlations, rising, _CORRELATIONS))


BELL = Curves(np.empty(0), _KNOTS[None, :])
"""A normal distribution for every forecast."""


def fit_curves(
    errors: FloatArray, forecasts: FloatArray, ranges: int, trust: float
) -> tuple[Curves, FloatArray]:
    """
    Curves that give back the quantiles seen.

    Args:
        errors: Shape (forecasts, steps): in deviations; NaN where there is none.
        forecasts: Shape (forecasts, steps): what was forecast.
        ranges: How many ranges of the forecast to tell apart.
        trust: From 0 for a bell to 1 for what was seen.

    Returns:
        The curves, and each error by how many deviations it is off the mean of its range; shape
        as `errors`.
    """
    seen = np.isfinite(errors) & np.isfinite(forecasts)
    edges = _edges(forecasts[seen], ranges)
    number = np.searchsorted(edges, forecasts, side="right")
    quantiles = np.tile(_KNOTS, (len(edges) + 1, 1))
    scores = np.where(seen, errors, np.nan)
    for place in range(len(edges) + 1):
        chosen = seen & (number == place)
        if chosen.sum() >= _FEWEST_ERRORS:
            own = errors[chosen]
            quantiles[place] *= 1.0 - trust
            quantiles[place] += trust * np.quantile(own, ndtr(_KNOTS))
            scores[chosen] = (own - own.mean()) / max(own.std(), _LEAST)
    return Curves(edges, quantiles), scores


def _edges(forecasts: FloatArray, ranges: int) -> FloatArray:
    if ranges < 2 or len(forecasts) < ranges * _FEWEST_ERRORS:
        return np.empty(0)
    inner = np.linspace(0.0, 1.0, ranges + 1)[1:-1]
    return np.unique(np.quantile(forecasts, inner))
