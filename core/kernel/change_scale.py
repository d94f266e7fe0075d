"""What a series usually looks like: the prior of every new segment of a change detector."""

from __future__ import annotations

import math

from core.domain.changes import WARM_UP_VALUES, ChangeDetector
from core.domain.memory import FloatArray
from core.jit import njit

_MEMORY = 2048
"""Observations over which center and scale are averaged."""
_OUTLIER = 6.0
_NEW_LEVEL = 5
"""So many outliers in a row are a level that the prior must follow."""
_LEAST = 1e-100
"""Squares of a smaller scale would vanish."""


@njit
def learn_scale(detector: ChangeDetector) -> bool:
    """Take center and scale from the warm-up values; False while they are all equal."""
    values = detector.warm_values
    middle = _median_of(values, 0.0, False)
    spread = 1.4826 * _median_of(values, middle, True)
    if spread <= 0.0:
        for index in range(WARM_UP_VALUES):
            spread += abs(values[index] - middle) / WARM_UP_VALUES
    if not spread > _LEAST:
        return False
    detector.center = middle
    detector.scale = spread
    detector.scale_observations = WARM_UP_VALUES
    return True


@njit
def _median_of(values: FloatArray, origin: float, is_distance: bool) -> float:
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
def follow_scale(detector: ChangeDetector, value: float) -> None:
    """Let the prior's center and scale follow the series, a bounded step at a time."""
    detector.scale_observations = min(detector.scale_observations + 1, _MEMORY)
    limit = _OUTLIER * detector.scale
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
    detector.scale = max(_LEAST, math.sqrt(variance))
    detector.center += share * difference
