"""What makes features comparable before a fit, and the same in the stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.memory import FloatArray
from core.domain.regimes import FEATURE_CLIP
from core.models.refusal import Refusal

_LARGEST_FEATURE = 1e100
_SPREAD = 20.0
_CENTRAL_SHARES = (0.5, 0.9, 0.98)


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Location and scale of each feature, shape (width,), not moved by a few wild rows."""

    mean: FloatArray
    scale: FloatArray

    def standardize(self, features: FloatArray) -> FloatArray:
        """Shift, scale and hold within ±FEATURE_CLIP, as the kernel does. NaN stays NaN."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.clip((features - self.mean) / self.scale, -FEATURE_CLIP, FEATURE_CLIP)

    def translate(self, standardized: FloatArray, other: Scaling) -> FloatArray:
        """Express points in the standardized units of another scaling, without a clip."""
        return (standardized * self.scale + self.mean - other.mean) / other.scale


def usable_rows(features: FloatArray) -> NDArray[np.bool_]:
    """Mark the rows, shape (n,), in which every number is finite and within reason."""
    rows: NDArray[np.bool_] = np.logical_and.reduce(np.abs(features) <= _LARGEST_FEATURE, axis=1)
    return rows


def scaling_of(usable: FloatArray) -> Scaling | Refusal:
    """
    Take mean and deviation of each feature, after clipping what lies far out.

    Far is 20 half-widths from the median. The half-width is that of the narrowest center
    (half of the rows, nine tenths, all but 2 %) that is not a single value.

    Args:
        usable: Finite features, shape (n, d).

    Returns:
        The scaling, or which feature is constant.
    """
    mean = np.empty(usable.shape[1])
    scale = np.empty(usable.shape[1])
    for index, column in enumerate(usable.T):
        half_width = 0.0
        for share in _CENTRAL_SHARES:
            # Quantiles that are values, from the inside: one wild row never touches them.
            low = np.quantile(column, 0.5 - share / 2, method="higher")
            high = np.quantile(column, 0.5 + share / 2, method="lower")
            half_width = float(high - low) / 2
            if half_width > 0.0:
                break
        else:
            return Refusal(f"feature {index} is constant at {float(low) + 0.0:g}")
        center = float(np.median(column))
        held = np.clip(column, center - _SPREAD * half_width, center + _SPREAD * half_width)
        mean[index] = held.mean()
        scale[index] = held.std()
    return Scaling(mean, scale)
