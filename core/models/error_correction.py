"""Which leg of a spread comes back to the other: the one that can be traded on it."""

from __future__ import annotations

import math

import numpy as np

from core.domain.memory import FloatArray

CLEAR_T = 3.0
"""A spread that was fitted on the same bars looks more forthcoming than it is."""


def adjustment_t(spread: FloatArray, price: FloatArray) -> float:
    """
    Regress the next change of a price on the spread's distance from its mean.

    The coefficient is the α of a vector error-correction model (Engle & Granger,
    Co-integration and Error Correction, 1987), here of one leg at a time.

    Args:
        spread: Shape (n,), finite.
        price: Of one leg, shape (n,), finite.

    Returns:
        t of the coefficient: negative where the price falls when the spread is high. 0
        where nothing varies or there are fewer than 10 bars.
    """
    if len(spread) < 10:
        return 0.0
    distance = spread[:-1] - spread[:-1].mean()
    change = np.diff(price) - np.diff(price).mean()
    square = float(distance @ distance)
    if square <= 0.0:
        return 0.0
    slope = float(distance @ change) / square
    rest = change - slope * distance
    variance = float(rest @ rest) / (len(change) - 2)
    if variance <= 0.0:
        return 0.0
    return slope * math.sqrt(square / variance)
