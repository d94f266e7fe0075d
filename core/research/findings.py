"""What is found elsewhere and joined to a report: regimes and pairs; and the verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a signal, or a measure of the book, is worth."""

    EDGE = "edge"
    WEAK = "weak"
    NONE = "no edge"


@dataclass(frozen=True, slots=True)
class RegimesFound:
    """The regimes that a model found in one instrument; all tuples in the order of `names`."""

    names: tuple[str, ...]
    share_of_time: tuple[float, ...]
    """Fractions that sum to 1."""
    mean_duration_s: tuple[float, ...]
    features: tuple[str, ...]
    feature_means: tuple[tuple[float, ...], ...]
    """Regime x feature, in the features' own units."""


@dataclass(frozen=True, slots=True)
class PairFound:
    """Two or more instruments that were tested for a common path."""

    names: tuple[str, ...]
    p_value: float
    """Of no cointegration, as it came out for this pair alone."""
    half_life_s: float | None
    """Time in which half of a deviation is gone; None where it does not go."""
    hedge: tuple[float, ...]
    """Weight of each name in the spread."""
    kept: bool
    """True if the pair may be traded."""
    reason: str
    """Why it is kept, or why not."""
