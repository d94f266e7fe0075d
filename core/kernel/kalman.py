"""
Local level and local linear trend filters, one observation at a time.

The start is exact: nothing is assumed of the first level (or slope), so the first
observation *is* the level, with the variance of the observation noise. Durbin & Koopman,
Time Series Analysis by State Space Methods, ch. 2, 3.2 and 5.
"""

from __future__ import annotations

import math

from core.domain.filters import KalmanFilter
from core.domain.memory import FloatArray
from core.jit import njit
from core.kernel.features import warming_weight

LARGEST_VALUE = 1e100
"""A value beyond it counts as missing: its square must stay a number."""
LEAST_VARIANCE = 1e-100


@njit
def set_noise(
    kalman: KalmanFilter,
    observation_variance: float,
    level_variance: float,
    slope_variance: float,
    has_trend: int,
    fitted: int,
    adapt_weight: float,
) -> int:
    """
    Give a filter its noises. What it knows of level, slope and their doubt is kept.

    Another `has_trend` is another model: it starts anew with the next observation.

    Args:
        kalman: One KALMAN_FILTER record.
        observation_variance: σ²ε >= 0.
        level_variance: σ²η >= 0.
        slope_variance: σ²ζ >= 0; without a trend it is not used.
        has_trend: 1 for the local linear trend, 0 for the local level.
        fitted: 1 if the variances hold as given, 0 if only their ratios do.
        adapt_weight: Weight in (0, 1] of an innovation in the learned scale.

    Returns:
        1 if taken. 0 if a variance is negative or not a number, all of them together
        are 0 or out of all proportion, or the weight is out of range; nothing changes.
    """
    total = observation_variance + level_variance + slope_variance
    if not LEAST_VARIANCE <= total <= LARGEST_VALUE:
        return 0
    if observation_variance < 0.0 or level_variance < 0.0 or slope_variance < 0.0:
        return 0
    if not 0.0 < adapt_weight <= 1.0:
        return 0
    _change_unit(kalman, total, fitted)
    if kalman.has_trend != has_trend:
        kalman.observations = 0
        kalman.slope = 0.0
    kalman.observation_variance = observation_variance
    kalman.level_variance = level_variance
    kalman.slope_variance = slope_variance
    kalman.has_trend = has_trend
    kalman.fitted = fitted
    kalman.adapt_weight = adapt_weight
    return 1


@njit
def _change_unit(kalman: KalmanFilter, total: float, fitted: int) -> None:
    """Express P in the unit of the new variances, so that it stays the same in squared ticks."""
    old_total = kalman.observation_variance + kalman.level_variance + kalman.slope_variance
    if fitted:
        factor = kalman.variance_scale
        kalman.variance_scale = 1.0
    elif old_total > 0.0:
        factor = total / old_total
        kalman.variance_scale *= old_total / total
    else:
        return
    kalman.p_level *= factor
    kalman.p_cross *= factor
    kalman.p_slope *= factor


@njit
def observe(kalman: KalmanFilter, value: float) -> None:
    """
    Advance the filter by one observation.

    A value that is not a number, or beyond `LARGEST_VALUE`, is a missing one. Nothing is
    thrown out for being unlikely: an outlier moves the level by its gain and no further.
    """
    if not abs(value) <= LARGEST_VALUE:
        skip(kalman)
        return
    if kalman.observations == 0:
        _start_level(kalman, value)
    elif kalman.has_trend and kalman.observations == 1:
        _start_slope(kalman, value)
    else:
        _predict(kalman)
        _correct(kalman, value)
    kalman.observations += 1
    kalman.missing = 0


@njit
def skip(kalman: KalmanFilter) -> None:
    """
    Advance the filter by a missing observation: the level moves by its slope, P grows.

    Without a first observation there is nothing to advance.
    """
    kalman.missing += 1
    if kalman.observations > 0:
        _predict(kalman)


@njit
def _start_level(kalman: KalmanFilter, value: float) -> None:
    kalman.level = value
    kalman.slope = 0.0
    kalman.p_level = kalman.observation_variance
    kalman.p_cross = 0.0
    kalman.p_slope = 0.0
    kalman.gain_level = 1.0
    kalman.gain_slope = 0.0
    kalman.innovation = 0.0
    kalman.innovation_variance = 0.0


@njit
def _start_slope(kalman: KalmanFilter, value: float) -> None:
    """
    Draw the line through the first two observations, `steps` apart.

    Its slope errs by what both observations and every level and slope in between add:
    Σ (j / steps)² σ²ζ for j = 1..steps, σ²η / steps and 2 σ²ε / steps².
    """
    steps = kalman.missing + 1.0
    noise = kalman.observation_variance
    first = kalman.level
    kalman.level = value
    kalman.slope = (value - first) / steps
    kalman.p_level = noise
    kalman.p_cross = noise / steps
    kalman.p_slope = (
        2.0 * noise / (steps * steps)
        + kalman.level_variance / steps
        + kalman.slope_variance * (steps + 1.0) * (2.0 * steps + 1.0) / (6.0 * steps)
    )
    kalman.gain_level = 1.0
    kalman.gain_slope = 1.0 / steps


@njit
def _predict(kalman: KalmanFilter) -> None:
    """Move level and P to the next time, before anything is observed there."""
    if kalman.has_trend:
        kalman.level += kalman.slope
        kalman.p_level += 2.0 * kalman.p_cross + kalman.p_slope
        kalman.p_cross += kalman.p_slope
        kalman.p_slope += kalman.slope_variance
    kalman.p_level += kalman.level_variance


@njit
def _correct(kalman: KalmanFilter, value: float) -> None:
    """Weigh the forecast against the value."""
    noise = kalman.observation_variance
    spread = kalman.p_level + noise
    innovation = value - kalman.level
    gain_level = kalman.p_level / spread
    kalman.level += gain_level * innovation
    kalman.gain_level = gain_level
    kalman.innovation = innovation
    if kalman.has_trend:
        gain_slope = kalman.p_cross / spread
        kalman.slope += gain_slope * innovation
        kalman.gain_slope = gain_slope
        kalman.p_slope = max(0.0, kalman.p_slope - gain_slope * kalman.p_cross)
        kalman.p_cross = gain_slope * noise
    # P (1 - K) would cancel where the gain is near 1; K σ²ε is the same and does not.
    kalman.p_level = gain_level * noise
    if not kalman.fitted:
        _learn_scale(kalman, innovation * innovation / spread)
    kalman.innovation_variance = spread * kalman.variance_scale


@njit
def _learn_scale(kalman: KalmanFilter, surprise: float) -> None:
    """
    Advance the running mean of v² / F*: the concentrated estimate of the variance.

    Durbin & Koopman, 2.10.2, with a memory. A wild value makes the filter call all that
    follows small until it is forgotten; the level and the gain do not depend on it.
    """
    seen = kalman.observations - kalman.has_trend
    weight = warming_weight(kalman.adapt_weight, seen)
    kalman.variance_scale += weight * (surprise - kalman.variance_scale)


@njit
def filter_series(kalman: KalmanFilter, values: FloatArray, sums: FloatArray) -> None:
    """
    Observe a whole series and add up its likelihood.

    Args:
        kalman: One fresh KALMAN_FILTER record with its noises set, `fitted` = 1.
        values: float64, shape (n,); NaN is a missing observation.
        sums: float64, shape (3,), overwritten with Σ ln F, Σ v² / F and their count:
            one for each observation that had a forecast.
    """
    start = 1 + kalman.has_trend
    log_sum = 0.0
    square_sum = 0.0
    for value in values:
        observe(kalman, value)
        if kalman.missing == 0 and kalman.observations > start:
            log_sum += math.log(kalman.innovation_variance)
            square_sum += kalman.innovation * kalman.innovation / kalman.innovation_variance
    sums[0] = log_sum
    sums[1] = square_sum
    sums[2] = max(0.0, float(kalman.observations - start))
