"""
The form of errors that no bell has: long tails, and bounds that squeeze them to one side.

A curve is a polynomial of third degree that makes such an error of a normal number (Fleishman
1978, A method for simulating non-normal distributions). Where a quantity has bounds there is one
for each range of what was forecast: a sky that was forecast overcast errs otherwise than a
clear one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from core.domain.memory import FloatArray

_DEGREES = 4
_SCORES = np.linspace(-2.2, 2.2, 23)
"""Where a curve is fitted: beyond, a recording of months holds chance alone."""
REACH = 4.0
"""Noise further out is taken for this: a curve is not to be trusted there."""

_FEWEST_ERRORS = 60
_LEAST = 1e-12
_BELL = np.array([0.0, 1.0, 0.0, 0.0])
_GRID = np.linspace(-REACH, REACH, 161)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """By range of the forecast: coefficients of 1, z, z^2 and z^3."""

    edges: FloatArray
    """Shape (ranges - 1,): rising forecasts between one range and the next."""
    coefficients: FloatArray
    """Shape (ranges, 4)."""

    def of(self, forecasts: FloatArray) -> FloatArray:
        """Coefficients for forecasts of shape (n,): shape (n, 4), a copy."""
        chosen: FloatArray = self.coefficients[np.searchsorted(self.edges, forecasts, "right")]
        return chosen

    def scores(self, errors: FloatArray, forecast: FloatArray) -> FloatArray:
        """Normal numbers that would have made these errors; all of shape (n,)."""
        powers = np.vander(_GRID, _DEGREES, increasing=True)
        result = np.empty_like(errors)
        # A fitted polynomial may turn round at its ends, where nothing was seen.
        curves = np.maximum.accumulate(self.of(forecast) @ powers.T, axis=1)
        for place, rising in enumerate(curves):
            result[place] = np.interp(errors[place], rising, _GRID)
        return result


BELL = Curves(np.empty(0), _BELL[None, :])
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
        The curves, and each error by how many deviations it is off the mean of its range; shape as
        `errors`.
    """
    seen = np.isfinite(errors) & np.isfinite(forecasts)
    edges = _edges(forecasts[seen], ranges)
    number = np.searchsorted(edges, forecasts, side="right")
    coefficients = np.tile(_BELL, (len(edges) + 1, 1))
    scores = np.where(seen, errors, np.nan)
    for place in range(len(edges) + 1):
        chosen = seen & (number == place)
        if chosen.sum() >= _FEWEST_ERRORS:
            own = errors[chosen]
            coefficients[place] = trust * _fitted(own) + (1.0 - trust) * _BELL
            scores[chosen] = (own - own.mean()) / max(own.std(), _LEAST)
    return Curves(edges, coefficients), scores


def _edges(forecasts: FloatArray, ranges: int) -> FloatArray:
    if ranges < 2 or len(forecasts) < ranges * _FEWEST_ERRORS:
        return np.empty(0)
    inner = np.linspace(0.0, 1.0, ranges + 1)[1:-1]
    return np.unique(np.quantile(forecasts, inner))


def _fitted(errors: FloatArray) -> FloatArray:
    quantiles = np.quantile(errors, ndtr(_SCORES))
    powers = np.vander(_SCORES, _DEGREES, increasing=True)
    weights = np.exp(-(_SCORES**2) / 4.0)
    solved = np.linalg.lstsq(powers * weights[:, None], quantiles * weights, rcond=None)[0]
    return np.asarray(solved, np.float64)
