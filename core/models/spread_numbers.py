"""A spread in the order of numbers that the kernel reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from core.domain.spreads import MAX_LEGS, SpreadKind, SpreadReason


@dataclass(frozen=True, slots=True)
class SpreadStatistics:
    """
    What a fit knows of a spread, in ticks of its target; zeros where nothing is known.

    The order of the fields is that of `core.kernel.spread.load_spread`.
    """

    reason: float = float(SpreadReason.NONE)
    """A SpreadReason; anything but NONE keeps it from trading."""
    half_life_bars: float = 0.0
    mean: float = 0.0
    variance: float = 0.0
    hedge: float = 0.0
    """Of a pair, as all that follows."""
    intercept: float = 0.0
    """At the reference price."""
    reference_ticks: float = 0.0
    hedge_noise: float = 0.0
    intercept_noise: float = 0.0
    hedge_variance: float = 0.0
    intercept_variance: float = 0.0


def spread_numbers(
    kind: SpreadKind, legs: Mapping[int, float], statistics: SpreadStatistics
) -> list[float]:
    """
    Lay out one spread for a model update.

    Args:
        kind: Basket or pair.
        legs: Weight by instrument, the target first; at most MAX_LEGS.
        statistics: Of a fit, or the defaults.

    Raises:
        ValueError: If there are too many legs.
    """
    if len(legs) > MAX_LEGS:
        raise ValueError(f"a spread has {len(legs)} legs, at most {MAX_LEGS} are followed")
    padding = [0.0] * (MAX_LEGS - len(legs))
    places = [float(place) for place in legs]
    return [
        float(kind),
        float(len(legs)),
        *places,
        *padding,
        *legs.values(),
        *padding,
        *astuple(statistics),
    ]
