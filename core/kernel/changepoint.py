"""
Bayesian online change-point detection with bounded run lengths.

Adams & MacKay (2007), arXiv 0710.3742: a posterior over the current run length, updated
with every value. Within a run the series is a line plus Gaussian noise, with level, slope
and noise variance unknown (normal-inverse-gamma prior, so a Student-t predicts). The line
matters: a model of constant levels cuts every trend into stairs.

Three things are ours. A residual counts no more than `_OUTLIER` standard deviations, so
one wild value neither ends a run nor ruins its statistics. A run forgets beyond
`_MEMORY` values. And runs of negligible weight are dropped, `MAX_RUNS` at most are kept.

The priors are one fixed setting for every series; scores barely depend on it.
"""

from __future__ import annotations

import math

import numpy as np

from core.domain.changes import (
    MAX_RUNS,
    RESTLESS_CHANGES,
    RESTLESS_SPACING,
    WARM_UP_VALUES,
    ChangeDetector,
)
from core.jit import njit

HAZARD = 0.01
"""One change in a hundred observations is expected."""

RECENT = 10
"""Age in observations up to which a change is called recent."""

_LEVEL_VARIANCE = 1.0 / 0.3
_SLOPE_VARIANCE = 0.001
"""Prior of a run's level and slope, in units of its noise variance."""
_SHAPE = 0.1
"""Prior shape of the noise variance: a fifth of an observation, so nearly nothing."""
_OUTLIER = 5.0
_MEMORY = 512
_NEGLIGIBLE = 1e-6
_CONFIRMING = 3
"""Observations a new run must have before it is declared."""
_SAME_CHANGE = 5
"""A declared change may still move so far without being a new one."""
_SCALE_MEMORY = 2048
_SCALE_OUTLIER = 6.0
_NEW_LEVEL = 5
"""So many outliers in a row are a level that the prior must follow."""


def _student_factors() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Normalizing constant of the Student-t by number of values in the run."""
    factors = np.empty(_MEMORY + 1)
    for count in range(_MEMORY + 1):
        freedom = 2.0 * _SHAPE + count
        ratio = math.lgamma((freedom + 1.0) / 2.0) - math.lgamma(freedom / 2.0)
        factors[count] = math.exp(ratio) / math.sqrt(freedom * math.pi)
    return factors


_STUDENT = _student_factors()


@njit
def reset(detector: ChangeDetector, hazard: float) -> None:
    """
    Start over, learning center and scale from the series itself.

    Args:
        detector: One CHANGE_DETECTOR record, overwritten.
        hazard: Probability of a change per observation, in (0, 1).
    """
    detector.hazard = hazard
    detector.is_adaptive = 1
    detector.is_ready = 0
    detector.center = 0.0
    detector.scale = 0.0
    detector.scale_observations = 0
    detector.outliers_in_row = 0
    detector.warm_count = 0
    detector.observations = 0
    detector.missing = 0
    detector.runs = 0
    detector.change_probability = 0.0
    detector.map_run_length = 0
    detector.last_change = 0
    detector.changes = 0
    detector.is_restless = 0


@njit
def reset_scaled(detector: ChangeDetector, hazard: float, center: float, scale: float) -> None:
    """Start over with the center and scale (> 0) of a series known beforehand."""
    reset(detector, hazard)
    detector.is_adaptive = 0
    detector.is_ready = 1
    detector.center = center
    detector.scale = scale


@njit
def observe(detector: ChangeDetector, value: float) -> int:
    """
    Advance by one observation; a value that is not finite is a missing one.

    Writes `change_probability`, `map_run_length` and `last_change`. While an adaptive
    detector warms up (`is_ready` is 0) it only collects.

    Returns:
        1 if a change is declared at this observation, else 0. `last_change` says where
        the new segment began.
    """
    position = detector.observations
    detector.observations = position + 1
    if not math.isfinite(value):
        detector.missing += 1
        _pass_time(detector)
        if detector.runs > 0:
            detector.map_run_length += 1
        return 0
    if detector.is_ready == 0:
        return _warm_up(detector, value, position)
    _advance(detector, value, position)
    if detector.is_adaptive == 1:
        _follow_scale(detector, value)
    return _declare(detector, position)


@njit
def _warm_up(detector: ChangeDetector, value: float, position: int) -> int:
    """Collect; once the collected values differ, learn from them and go over them again."""
    slot = detector.warm_count % WARM_UP_VALUES
    detector.warm_values[slot] = value
    detector.warm_times[slot] = position
    detector.warm_count += 1
    if detector.warm_count < WARM_UP_VALUES or not _learn_scale(detector):
        return 0
    detector.is_ready = 1
    declared = 0
    expected = detector.warm_times[detector.warm_count % WARM_UP_VALUES]
    for offset in range(WARM_UP_VALUES):
        slot = (detector.warm_count + offset) % WARM_UP_VALUES
        while expected < detector.warm_times[slot]:
            _pass_time(detector)
            expected += 1
        expected += 1
        _advance(detector, detector.warm_values[slot], detector.warm_times[slot])
        declared = max(declared, _declare(detector, detector.warm_times[slot]))
    return declared


@njit
def _learn_scale(detector: ChangeDetector) -> bool:
    """Take center and scale from the warm-up values; False while they are all equal."""
    values = detector.warm_values
    middle = _median_of(values, 0.0, False)
    spread = 1.4826 * _median_of(values, middle, True)
    if spread <= 0.0:
        for index in range(WARM_UP_VALUES):
            spread += abs(values[index] - middle) / WARM_UP_VALUES
    if not spread > 0.0 or not math.isfinite(spread):
        return False
    detector.center = middle
    detector.scale = spread
    detector.scale_observations = WARM_UP_VALUES
    return True


@njit
def _median_of(values: np.ndarray[tuple[int], np.dtype[np.float64]], origin: float, is_distance: bool) -> float:
    """Median of the warm-up values, or of their distances from `origin`, in place of a sort."""
    low = math.nan
    high = math.nan
    half = WARM_UP_VALUES // 2
    for candidate in range(WARM_UP_VALUES):
        own = abs(values[candidate] - origin) if is_distance else values[candidate]
        rank = 0
        for other in range(WARM_UP_VALUES):
            theirs = abs(values[other] - origin) if is_distance else values[other]
            if theirs < own or (theirs == own and other < candidate):
                rank += 1
        if rank == half - 1:
            low = own
        elif rank == half:
            high = own
    return low / 2.0 + high / 2.0


@njit
def _follow_scale(detector: ChangeDetector, value: float) -> None:
    """Let the prior's center and scale follow the series, a bounded step at a time."""
    detector.scale_observations = min(detector.scale_observations + 1, _SCALE_MEMORY)
    limit = _SCALE_OUTLIER * detector.scale
    difference = value - detector.center
    if abs(difference) <= limit:
        detector.outliers_in_row = 0
    else:
        detector.outliers_in_row += 1
        if detector.outliers_in_row >= _NEW_LEVEL:
            detector.center = value
            detector.outliers_in_row = 0
        difference = min(limit, max(-limit, difference))
    share = 1.0 / detector.scale_observations
    variance = detector.scale * detector.scale
    variance += share * (difference * difference - variance)
    detector.scale = math.sqrt(variance)
    detector.center += share * difference


@njit
def _pass_time(detector: ChangeDetector) -> None:
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
def _advance(detector: ChangeDetector, value: float, position: int) -> None:
    """Weigh every run by how well it foretold the value, then let each learn from it."""
    if detector.runs == 0:
        _begin_run(detector, position, 1.0)
    else:
        for run in range(detector.runs):
            detector.weight[run] *= 1.0 - detector.hazard
        _make_room(detector)
        _begin_run(detector, position, detector.hazard)
    total = 0.0
    for run in range(detector.runs):
        detector.weight[run] *= _learn(detector, run, value)
        total += detector.weight[run]
    _normalize(detector, total, position)


@njit
def _begin_run(detector: ChangeDetector, position: int, weight: float) -> None:
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
def _learn(detector: ChangeDetector, run: int, value: float) -> float:
    """
    Update one run's line and noise by recursive least squares.

    Returns:
        Predictive density of the value, a Student-t, floored by the outlier limit.
    """
    count = detector.count[run]
    shape = _SHAPE + 0.5 * count
    level_variance = detector.level_variance[run]
    covariance = detector.level_slope_covariance[run]
    inflation = 1.0 + level_variance
    noise_sum = detector.noise_sum[run]
    scale2 = noise_sum / shape * inflation
    scale = math.sqrt(scale2)
    limit = _OUTLIER * scale
    residual = min(limit, max(-limit, value - detector.level[run]))
    squared = residual * residual
    tail = math.log1p(squared / (2.0 * shape * scale2))
    density = _STUDENT[count] / scale * math.exp(-(shape + 0.5) * tail)

    level_gain = level_variance / inflation
    slope_gain = covariance / inflation
    slope_variance = detector.slope_variance[run] - slope_gain * covariance
    covariance -= level_gain * covariance
    level_variance -= level_gain * level_variance
    if count < _MEMORY:
        detector.count[run] = count + 1
    else:
        noise_sum *= (shape - 0.5) / shape
        growth = _MEMORY / (_MEMORY - 1.0)
        level_variance *= growth
        covariance *= growth
        slope_variance *= growth
    detector.noise_sum[run] = noise_sum + 0.5 * squared / inflation
    slope = detector.slope[run] + slope_gain * residual
    # On to where the next value is expected.
    detector.slope[run] = slope
    detector.level[run] += level_gain * residual + slope
    detector.level_variance[run] = level_variance + 2.0 * covariance + slope_variance
    detector.level_slope_covariance[run] = covariance + slope_variance
    detector.slope_variance[run] = slope_variance
    return density


@njit
def _make_room(detector: ChangeDetector) -> None:
    """Drop the least likely run if all places are taken."""
    if detector.runs < MAX_RUNS:
        return
    least = 0
    for run in range(1, MAX_RUNS):
        if detector.weight[run] < detector.weight[least]:
            least = run
    _drop(detector, least)


@njit
def _drop(detector: ChangeDetector, run: int) -> None:
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


@njit
def _normalize(detector: ChangeDetector, total: float, position: int) -> None:
    """Make the weights a probability, drop the negligible, and read off the outputs."""
    run = 0
    kept = 0.0
    while run < detector.runs:
        share = detector.weight[run] / total
        if share < _NEGLIGIBLE:
            _drop(detector, run)
        else:
            detector.weight[run] = share
            kept += share
            run += 1
    best = 0
    recent = 0.0
    for run in range(detector.runs):
        detector.weight[run] /= kept
        if detector.weight[run] > detector.weight[best]:
            best = run
        age = position - detector.start[run]
        if age < RECENT and detector.start[run] > 0:
            recent += detector.weight[run]
    detector.change_probability = min(1.0, recent)
    detector.map_run_length = position - detector.start[best] + 1


@njit
def _declare(detector: ChangeDetector, position: int) -> int:
    """Say whether the most probable run is a segment that was not declared yet."""
    start = position + 1 - detector.map_run_length
    if start <= detector.last_change + _SAME_CHANGE:
        if start > 0:
            detector.last_change = min(start, detector.last_change) if detector.changes == 0 else start
        return 0
    if detector.map_run_length < _CONFIRMING:
        return 0
    detector.last_change = start
    slot = detector.changes % RESTLESS_CHANGES
    oldest = detector.recent_changes[slot]
    detector.recent_changes[slot] = position
    detector.changes += 1
    detector.is_restless = 0
    if detector.changes > RESTLESS_CHANGES:
        if position - oldest < RESTLESS_CHANGES * RESTLESS_SPACING:
            detector.is_restless = 1
            return 0
    return 1
