"""Tick and lot sizes from the decimals that occur."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

MAX_VALUE = 1e12
"""Prices and sizes beyond this would not fit whole ticks and lots."""

_MAX_DECIMALS = 8


def find_grid(values: NDArray[np.float64]) -> Decimal:
    """Coarsest power of ten, at most 1, that every usable value is a multiple of."""
    usable = np.abs(values[np.isfinite(values) & (np.abs(values) < MAX_VALUE)])
    for decimals in range(_MAX_DECIMALS):
        scaled = usable * 10.0**decimals
        # Half an ulp of the text's double, scaled, stays far below this.
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(scaled, 1.0)):
            return Decimal(1).scaleb(-decimals)
    return Decimal(1).scaleb(-_MAX_DECIMALS)
