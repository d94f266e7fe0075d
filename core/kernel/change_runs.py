"""
The runs of a change-point detector: what each believes of the segment it stands for.

A run is a line plus Gaussian noise, with level, slope and noise variance unknown: a
normal-inverse-gamma prior, recursive least squares, and a Student-t that predicts.
"""

from __future__ import annotations

import math

import numpy as np

from core.domain.changes import MAX_RUNS, ChangeDetector
from core.domain.memory import FloatArray
from core.jit import njit

_LEVEL_VARIANCE = 1.0 / 0.3
_SLOPE_VARIANCE = 0.001
"""Prior of a run's level and slope, in units of its noise variance."""
_SHAPE = 0.1
"""Prior shape of the noise variance: it knows a fifth as much as one value."""
_TRUST = 0.5
"""Weight of a value; the Student-t's scale relies on the power being a half."""
_OUTLIER = 4.0
"""Standard deviations that a residual counts at most."""
_MEMORY = 512
"""Values after which a run begins to forget."""
_LEAST_NOISE = 1e-6
"""Of the series' scale: a run of equal values is not sure beyond that."""


def _student_factors() -> FloatArray:
    """The Student-t's normalizing constant to the power of the trust, by values in the run."""
    factors = np.empty(_MEMORY + 1)
    for count in range(_MEMORY + 1):
        freedom = 2.0 * _SHAPE + _TRUST * count
        ratio = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
        factors[count] = math.exp(_TRUST * (ratio - 0.5 * math.log(freedom * math.pi)))
    return factors


_STUDENT = _student_factors()


@njit
def begin_run(detector: ChangeDetector, position: int, weight: float) -> None:
    """Add a run that begins at this position and has seen nothing. Needs a free place."""
    run = detector.runs
    detector.runs = run + 1
    detector.start[run] = position
    detector.count[run] = 0
    detector.weight[run] = weight
    detector.level[run] = detector.center
    detector.slope[run] = 0.0
    detector.level_variance[run] = _LEVEL_VARIANCE
    detector.level_slope_covariance[run] = 0.0
    detector.slope_variance[run] = _SLOPE_VARIANCE
    detector.noise_sum[run] = _SHAPE * detector.scale * detector.scale


@njit
def learn(detector: ChangeDetector, run: int, value: float) -> float:
    """
    Update one run's line and noise by recursive least squares.

    Returns:
        The value's predictive density (a Student-t, outliers cut) to the power of the trust.
    """
    count = detector.count[run]
    shape = _SHAPE + 0.5 * _TRUST * count
    level_variance = detector.level_variance[run]
    covariance = detector.level_slope_covariance[run]
    inflation = 1.0 + level_variance
    least = _LEAST_NOISE * detector.scale
    noise_sum = max(detector.noise_sum[run], least * least)
    scale2 = noise_sum / shape * inflation
    scale = math.sqrt(scale2)
    limit = _OUTLIER * scale
    residual = min(limit, max(-limit, value - detector.level[run]))
    squared = residual * residual
    tail = math.log1p(squared / (2.0 * shape * scale2))
    # scale ** -_TRUST, without a call to pow.
    density = _STUDENT[count] / math.sqrt(scale) * math.exp(-_TRUST * (shape + 0.5) * tail)

    level_gain = level_variance / inflation
    slope_gain = covariance / inflation
    slope_variance = detector.slope_variance[run] - slope_gain * covariance
    covariance -= level_gain * covariance
    level_variance -= level_gain * level_variance
    if count < _MEMORY:
        detector.count[run] = count + 1
    else:
        noise_sum *= (shape - 0.5 * _TRUST) / shape
        growth = _MEMORY / (_MEMORY - 1.0)
        level_variance *= growth
        covariance *= growth
        slope_variance *= growth
    detector.noise_sum[run] = noise_sum + 0.5 * _TRUST * squared / inflation
    slope = detector.slope[run] + slope_gain * residual
    # On to where the next value is expected.
    detector.slope[run] = slope
    detector.level[run] += level_gain * residual + slope
    detector.level_variance[run] = level_variance + 2.0 * covariance + slope_variance
    detector.level_slope_covariance[run] = covariance + slope_variance
    detector.slope_variance[run] = slope_variance
    return float(density)


@njit
def pass_time(detector: ChangeDetector) -> None:
    """Move every run's line on by one observation that brought no value."""
    for run in range(detector.runs):
        _extrapolate(detector, run)


@njit
def _extrapolate(detector: ChangeDetector, run: int) -> None:
    slope_variance = detector.slope_variance[run]
    covariance = detector.level_slope_covariance[run]
    detector.level[run] += detector.slope[run]
    detector.level_variance[run] += 2.0 * covariance + slope_variance
    detector.level_slope_covariance[run] = covariance + slope_variance


@njit
def make_room(detector: ChangeDetector) -> None:
    """Drop the least likely run if all places are taken."""
    if detector.runs < MAX_RUNS:
        return
    least = 0
    for run in range(1, MAX_RUNS):
        if detector.weight[run] < detector.weight[least]:
            least = run
    drop(detector, least)


@njit
def drop(detector: ChangeDetector, run: int) -> None:
    """Move the last run into this one's place."""
    last = detector.runs - 1
    detector.runs = last
    if run == last:
        return
    detector.start[run] = detector.start[last]
    detector.count[run] = detector.count[last]
    detector.weight[run] = detector.weight[last]
    detector.level[run] = detector.level[last]
    detector.slope[run] = detector.slope[last]
    detector.level_variance[run] = detector.level_variance[last]
    detector.level_slope_covariance[run] = detector.level_slope_covariance[last]
    detector.slope_variance[run] = detector.slope_variance[last]
    detector.noise_sum[run] = detector.noise_sum[last]
