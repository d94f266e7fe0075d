"""
How wrong forecasts of one quantity are, by how far they look ahead.

Measured on forecasts of the past against what came; until there are enough of them, mixed with
what the profile assumes. The model is Gaussian: bias and deviation by lead, and along one
forecast a correlation that is part slow, part fast and part none, so that a sum over a day is as
uncertain as sums over days have been.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from core.domain.memory import FloatArray

SLOW_H = 48.0
"""Time in which the slow part of an error is forgotten."""

ASSUMED_FORECASTS = 8.0
"""Forecasts that the profile's assumption counts as."""

FEWEST_FORECASTS = 10
"""Below, the correlation along a forecast is assumed, too."""

_KNOT_H = 6.0
_LONGEST_H = 192.0
_CORRELATED_H = 24.0
_LAGS = 24
_SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_FAST_H = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class ErrorModel:
    """Errors, as what came less what was forecast, in the profile's unit."""

    lead_h: FloatArray
    """Shape (knots,): rising."""
    bias: FloatArray
    """Shape (knots,): to be added to the forecast."""
    deviation: FloatArray
    """Shape (knots,): around the bias."""
    slow_share: float = 0.15
    """Share of the variance that is forgotten within `SLOW_H`."""
    fast_share: float = 0.85
    """Share that is forgotten within `fast_h`; the rest belongs to one bin alone."""
    fast_h: float = 6.0
    forecasts: int = 0
    """How many it was measured on; 0 if it is assumed."""

    def bias_at(self, lead_h: FloatArray) -> FloatArray:
        """Bias by lead; beyond the knots that of the nearest."""
        return np.interp(lead_h, self.lead_h, self.bias)

    def deviation_at(self, lead_h: FloatArray) -> FloatArray:
        """Deviation by lead; beyond the knots that of the nearest."""
        return np.interp(lead_h, self.lead_h, self.deviation)

    def correlation(self, apart_h: FloatArray) -> FloatArray:
        """Correlation of two errors of one forecast; shape as given."""
        return _correlation(apart_h, self.slow_share, self.fast_share, self.fast_h)


def _correlation(
    apart_h: FloatArray, slow_share: float, fast_share: float, fast_h: float
) -> FloatArray:
    distance = np.abs(apart_h)
    lonely = (1.0 - slow_share - fast_share) * (distance == 0)
    result: FloatArray = (
        slow_share * np.exp(-distance / SLOW_H) + fast_share * np.exp(-distance / fast_h) + lonely
    )
    return result


def assumed_errors(error_now: float, error_day: float) -> ErrorModel:
    """
    Errors as a profile assumes them: the variance grows evenly with the lead.

    Args:
        error_now: Deviation for the next hour.
        error_day: Deviation for a day ahead.
    """
    lead_h = np.arange(_KNOT_H / 2, _LONGEST_H, _KNOT_H)
    growth = (error_day**2 - error_now**2) / 24.0
    variance = np.maximum(error_now**2 + growth * lead_h, min(error_now, error_day) ** 2)
    return ErrorModel(lead_h, np.zeros_like(lead_h), np.sqrt(variance))


def measured_errors(assumed: ErrorModel, errors: FloatArray, leads_h: FloatArray) -> ErrorModel:
    """
    Errors as they have been.

    Args:
        assumed: What to mix in while there are few.
        errors: Shape (forecasts, steps): what came less what was forecast; NaN where one of
            the two is missing.
        leads_h: Shape (forecasts, steps): how far ahead each looked.
    """
    useful = np.isfinite(errors).any(axis=1)
    errors, leads_h = errors[useful], leads_h[useful]
    if not len(errors):
        return assumed
    bias, deviation = _by_lead(assumed, errors, leads_h)
    model = replace(assumed, bias=bias, deviation=deviation, forecasts=len(errors))
    if len(errors) < FEWEST_FORECASTS:
        return model
    slow_share, fast_share, fast_h = _shares(model, errors, leads_h)
    return replace(model, slow_share=slow_share, fast_share=fast_share, fast_h=fast_h)


def _by_lead(
    assumed: ErrorModel, errors: FloatArray, leads_h: FloatArray
) -> tuple[FloatArray, FloatArray]:
    knots = len(assumed.lead_h)
    knot = np.clip(leads_h // _KNOT_H, 0, knots - 1).astype(np.int64)
    seen = np.isfinite(errors)
    # Errors of one forecast at neighboring leads tell the same story: they count as one.
    forecasts = np.array([(seen & (knot == number)).any(axis=1).sum() for number in range(knots)])
    count = np.bincount(knot[seen], minlength=knots)
    mean = np.bincount(knot[seen], errors[seen], knots) / np.maximum(count, 1)
    square = np.bincount(knot[seen], errors[seen] ** 2, knots) / np.maximum(count, 1)
    weight = forecasts / (forecasts + ASSUMED_FORECASTS)
    bias = weight * mean
    spread = square - 2.0 * bias * mean + bias**2
    # Where nothing was seen yet, the assumption is scaled as it was wrong where it was seen.
    ratio = np.sum(forecasts * spread) / max(np.sum(forecasts * assumed.deviation**2), 1e-300)
    scale = ratio if forecasts.any() else 1.0
    expected = np.where(forecasts > 0, 1.0, scale) * assumed.deviation**2
    return bias, np.sqrt(weight * spread + (1.0 - weight) * expected)


def _shares(
    model: ErrorModel, errors: FloatArray, leads_h: FloatArray
) -> tuple[float, float, float]:
    """Slow and fast share and the fast time that come closest to the correlations seen."""
    deviation = np.maximum(model.deviation_at(leads_h), 1e-12)
    scaled = (errors - model.bias_at(leads_h)) / deviation
    scaled[leads_h > 2 * _CORRELATED_H] = np.nan
    step_h = float(np.nanmedian(np.diff(leads_h, axis=1))) if leads_h.shape[1] > 1 else 0.0
    if step_h <= 0:
        return model.slow_share, model.fast_share, model.fast_h
    most = min(int(_CORRELATED_H / step_h), scaled.shape[1] - 1)
    lags = np.unique(np.linspace(1, max(most, 1), _LAGS).astype(np.int64))
    seen = np.array([_at_lag(scaled, int(lag)) for lag in lags])
    usable = np.isfinite(seen)
    if not usable.any():
        return model.slow_share, model.fast_share, model.fast_h
    apart_h, seen = lags[usable] * step_h, seen[usable]
    candidates = [
        (slow, fast, fast_h)
        for slow, fast, fast_h in product(_SHARES, _SHARES, _FAST_H)
        if slow + fast <= 1.0
    ]
    misses = [np.sum((_correlation(apart_h, *shares) - seen) ** 2) for shares in candidates]
    return candidates[int(np.argmin(misses))]


def _at_lag(scaled: FloatArray, lag: int) -> float:
    early, late = scaled[:, :-lag], scaled[:, lag:]
    both = np.isfinite(early) & np.isfinite(late)
    if not both.any():
        return np.nan
    early, late = early[both], late[both]
    size = np.sqrt(np.mean(early**2) * np.mean(late**2))
    return float(np.mean(early * late) / size) if size > 0 else np.nan
