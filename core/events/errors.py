"""
How wrong forecasts of one quantity are, by how far they look ahead.

Measured on forecasts of the past against what came; until there are enough of them, mixed with
what the profile assumes. Bias and deviation by lead, a curve for their form, and along one
forecast a correlation that is part slow, part fast and part none, so that a sum over a day is as
uncertain as sums over days have been.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from core.domain.memory import FloatArray
from core.events.curves import BELL, Curves, fit_curves

SLOW_H = 48.0
"""Time in which the slow part of an error is forgotten."""

ASSUMED_FORECASTS = 8.0
"""Forecasts that the profile's assumption counts as."""

FEWEST_FORECASTS = 10
"""Below, the correlation along a forecast is assumed, too."""

_SLOW_SHARE = 0.15
"""As assumed."""

_LEAST_SHARE = 0.1
"""Of the assumed deviation: a station that stands still must not make anybody sure."""

_KNOT_H = 6.0
_LONGEST_H = 192.0
_CORRELATED_H = 24.0
_SHAPED_H = 48.0
"""Errors further ahead are few and of their own kind."""

_LAGS = 24
_SHARES = np.array(
    [(slow / 20, fast / 20) for slow in range(21) for fast in range(21 - slow)], np.float64
)
"""Slow and fast, of all in all."""
_FAST_H = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0)


@dataclass(frozen=True, slots=True, eq=False)
class PastErrors:
    """What came less what was forecast; all of shape (forecasts, steps)."""

    errors: FloatArray
    """NaN where one of the two is missing."""
    leads_h: FloatArray
    """How far ahead each looked."""
    forecasts: FloatArray
    """What was forecast."""
    weight: float = 1.0
    """What each counts: forecasts of one day tell one story of it."""

    def useful(self) -> PastErrors:
        """Without the forecasts of which nothing has come yet."""
        rows = np.isfinite(self.errors).any(axis=1)
        return PastErrors(self.errors[rows], self.leads_h[rows], self.forecasts[rows], self.weight)


@dataclass(frozen=True, slots=True, eq=False)
class ErrorModel:
    """
    Errors, as what came less what was forecast, in the profile's unit.

    Of counts, where the typical one is expected: see `Series.error_scale`.
    """

    lead_h: FloatArray
    """Shape (knots,): rising."""
    bias: FloatArray
    """Shape (knots,): to be added to the forecast."""
    deviation: FloatArray
    """Shape (knots,): around the bias."""
    slow_share: float = _SLOW_SHARE
    """Share of the variance that is forgotten within `SLOW_H`."""
    fast_share: float = 1.0 - _SLOW_SHARE
    """Share that is forgotten within `fast_h`; the rest belongs to one bin alone."""
    fast_h: float = 6.0
    is_smooth: bool = False
    """Whether the fast part bends (Matérn 3/2) rather than kinks (exponential)."""
    curves: Curves = BELL
    """Form of the errors, in deviations around the bias."""
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
        return _correlation(apart_h, self.slow_share, self.fast_share, self.fast_h, self.is_smooth)


def _correlation(
    apart_h: FloatArray, slow_share: float, fast_share: float, fast_h: float, is_smooth: bool
) -> FloatArray:
    distance = np.abs(apart_h)
    lonely = (1.0 - slow_share - fast_share) * (distance == 0)
    fast = np.exp(-distance / fast_h)
    if is_smooth:
        fast = fast * (1.0 + distance / fast_h)
    result: FloatArray = slow_share * np.exp(-distance / SLOW_H) + fast_share * fast + lonely
    return result


def assumed_errors(
    error_now: float, error_day: float, *, scatter: float = 0.0, is_smooth: bool = False
) -> ErrorModel:
    """
    Errors as a profile assumes them: the variance grows evenly with the lead.

    Args:
        error_now: Deviation for the next hour.
        error_day: Deviation for a day ahead.
        scatter: Variance that belongs to one bin alone, whatever is known of the others; of a
            count its mean (Poisson).
        is_smooth: As of the model.
    """
    lead_h = np.arange(_KNOT_H / 2, _LONGEST_H, _KNOT_H)
    growth = (error_day**2 - error_now**2) / 24.0
    variance = np.maximum(error_now**2 + growth * lead_h, min(error_now, error_day) ** 2)
    related = 1.0 - min(1.0, scatter / max(error_day**2, 1e-300))
    return ErrorModel(
        lead_h,
        np.zeros_like(lead_h),
        np.sqrt(variance),
        slow_share=_SLOW_SHARE * related,
        fast_share=(1.0 - _SLOW_SHARE) * related,
        is_smooth=is_smooth,
    )


def measured_errors(assumed: ErrorModel, past: PastErrors, ranges: int = 1) -> ErrorModel:
    """
    Errors as they have been.

    Args:
        assumed: What to mix in while there are few.
        past: What was measured.
        ranges: Ranges of the forecast whose errors differ in form; 0 for normal errors.
    """
    past = past.useful()
    count = len(past.errors) * past.weight
    if not count:
        return assumed
    bias, deviation = _by_lead(assumed, past)
    model = replace(assumed, bias=bias, deviation=deviation, forecasts=len(past.errors))
    if count < FEWEST_FORECASTS:
        return model
    spread = np.maximum(model.deviation_at(past.leads_h), 1e-12)
    scaled = (past.errors - model.bias_at(past.leads_h)) / spread
    scaled[past.leads_h > _SHAPED_H] = np.nan
    trust = count / (count + ASSUMED_FORECASTS)
    curves, scores = fit_curves(scaled, past.forecasts, ranges, trust)
    if not ranges:
        curves = BELL
    return replace(model, curves=curves, **_related(scores, past.leads_h, curves))


def _by_lead(assumed: ErrorModel, past: PastErrors) -> tuple[FloatArray, FloatArray]:
    errors, knots = past.errors, len(assumed.lead_h)
    knot = np.clip(past.leads_h // _KNOT_H, 0, knots - 1).astype(np.int64)
    seen = np.isfinite(errors)
    # Errors of one forecast at neighboring leads tell the same story: they count as one.
    rows = np.array([(seen & (knot == number)).any(axis=1).sum() for number in range(knots)])
    forecasts = past.weight * rows
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
    deviation = np.sqrt(weight * spread + (1.0 - weight) * expected)
    return bias, np.maximum(deviation, _LEAST_SHARE * assumed.deviation)


def _related(scores: FloatArray, leads_h: FloatArray, curves: Curves) -> dict[str, Any]:
    """Shares and times that come closest to the correlations seen, by field of the model."""
    step_h = float(np.nanmedian(np.diff(leads_h, axis=1))) if leads_h.shape[1] > 1 else 0.0
    if step_h <= 0:
        return {}
    most = min(int(_CORRELATED_H / step_h), scores.shape[1] - 1)
    lags = np.unique(np.linspace(1, max(most, 1), _LAGS).astype(np.int64))
    seen = np.array([_at_lag(scores, int(lag)) for lag in lags])
    usable = np.isfinite(seen)
    if not usable.any():
        return {}
    apart_h, seen = lags[usable] * step_h, curves.straightened(seen[usable])
    # A lag counts as often as it occurs within a day, and all together as in the day's sum.
    weights = 1.0 - apart_h / (apart_h[-1] + step_h)
    best: dict[str, Any] = {}
    least = np.inf
    for fast_h, is_smooth in product(_FAST_H, (False, True)):
        basis = [_correlation(apart_h, *only, fast_h, is_smooth) for only in ((1, 0), (0, 1))]
        off = (_SHARES @ np.array(basis) - seen) * weights
        misses = np.mean(off**2, axis=1) + np.mean(off, axis=1) ** 2
        place = int(np.argmin(misses))
        if misses[place] < least:
            least = misses[place]
            slow_share, fast_share = _SHARES[place].tolist()
            best = {"slow_share": slow_share, "fast_share": fast_share}
            best |= {"fast_h": fast_h, "is_smooth": is_smooth}
    return best


def _at_lag(scaled: FloatArray, lag: int) -> float:
    early, late = scaled[:, :-lag], scaled[:, lag:]
    both = np.isfinite(early) & np.isfinite(late)
    if not both.any():
        return np.nan
    early, late = early[both], late[both]
    size = np.sqrt(np.mean(early**2) * np.mean(late**2))
    return float(np.mean(early * late) / size) if size > 0 else np.nan
