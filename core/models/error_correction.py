"""Which leg of a spread comes back to the other: the one that can be traded on it."""

from __future__ import annotations

import math

from core.domain.memory import FloatArray
from core.models.long_run import long_run_variance

CLEAR_T = 3.0
"""A spread that was fitted on the same bars looks more forthcoming than it is."""
_LEAST_BARS = 20


def adjustment(spread: FloatArray, price: FloatArray, half_life_bars: float) -> float:
    """
    Measure how far a price comes back per unit of the spread, in the long run.

    Twice its change over the next half-life, regressed on the spread's distance: the
    coefficient of a vector error-correction model (Engle & Granger, Co-integration and
    Error Correction, 1987), of one leg at a time, less one standard error (Newey-West).
    The bar right after is left out: a mid that bounces comes back by itself, whatever the
    other leg does.

    Args:
        spread: Shape (n,), finite.
        price: Of one leg, shape (n,), finite.
        half_life_bars: Of the spread, finite.

    Returns:
        Units of the price per unit of the spread, negative where the price falls when the
        spread is high; 0 unless it is clear.
    """
    steps = max(1, round(half_life_bars))
    if len(spread) < _LEAST_BARS + steps:
        return 0.0
    change = price[steps + 1 :] - price[1:-steps]
    change = change - change.mean()
    distance = spread[: -steps - 1]
    distance = distance - distance.mean()
    square = float(distance @ distance)
    if square <= 0.0:
        return 0.0
    slope = float(distance @ change) / square
    scores = distance * (change - slope * distance)
    error = math.sqrt(max(0.0, float(long_run_variance(scores[:, None], steps)[0]))) / square
    if abs(slope) <= CLEAR_T * error:
        return 0.0
    return 2.0 * math.copysign(abs(slope) - error, slope)
