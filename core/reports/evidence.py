"""
How much a Sharpe ratio proves.

Bailey & López de Prado: The Sharpe Ratio Efficient Frontier (Journal of Risk 2012) and
The Deflated Sharpe Ratio (Journal of Portfolio Management 2014). Sharpe ratios are per
observation, never scaled to a year; kurtosis is 3 for a normal distribution.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()
_EULER_GAMMA = 0.5772156649015329

LEVEL = 0.05
"""Of a two-sided test."""

POWER = 0.8


def probabilistic_sharpe(
    sharpe: float, observations: float, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float:
    """
    Probability that the true Sharpe ratio is above a benchmark.

    Args:
        sharpe: As observed.
        observations: That it is of; of values that persist, as many as they are worth.
        skew: Of the returns.
        kurtosis: Of the returns.
        benchmark: Sharpe ratio to beat.

    Returns:
        NaN of fewer than two observations.
    """
    if observations < 2:
        return math.nan
    spread = _spread(sharpe, skew, kurtosis)
    return _NORMAL.cdf((sharpe - benchmark) * math.sqrt(observations - 1) / spread)


def expected_max_sharpe(trials: int, variance: float) -> float:
    """
    Best Sharpe ratio to expect of variants without any edge.

    Args:
        trials: Independent variants; 1 gives 0.
        variance: Of their Sharpe ratios.
    """
    if trials <= 1:
        return 0.0
    nearest = _NORMAL.inv_cdf(1.0 - 1.0 / trials)
    further = _NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - _EULER_GAMMA) * nearest + _EULER_GAMMA * further)


def deflated_sharpe(
    sharpe: float,
    observations: float,
    skew: float,
    kurtosis: float,
    trials: int,
    variance: float | None = None,
) -> float:
    """
    Probability that the best of several variants has an edge at all.

    Args:
        sharpe: Of the best one, as observed.
        observations: As for `probabilistic_sharpe`.
        skew: Of its returns.
        kurtosis: Of its returns.
        trials: Variants tried, this one included.
        variance: Of their Sharpe ratios; None where only their number is known: then they
            are taken to differ as chance alone makes them, by 1 / (observations - 1).
    """
    if observations < 2:
        return math.nan
    known = 1.0 / (observations - 1) if variance is None else variance
    best = expected_max_sharpe(trials, known)
    return probabilistic_sharpe(sharpe, observations, skew, kurtosis, best)


def minimum_track_record(
    sharpe: float, skew: float, kurtosis: float, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """
    Observations after which such a Sharpe ratio would be above a benchmark for sure.

    Returns:
        Infinite where it is not above it.
    """
    if not sharpe > benchmark:
        return math.inf
    spread = _spread(sharpe, skew, kurtosis)
    return 1.0 + (spread * _NORMAL.inv_cdf(confidence) / (sharpe - benchmark)) ** 2


def minimum_detectable(deviation: float) -> float:
    """
    Smallest true effect that a test of level 5 % sees four times in five.

    Args:
        deviation: Standard error of the estimate.

    Returns:
        In the same unit.
    """
    return (_NORMAL.inv_cdf(1.0 - LEVEL / 2) + _NORMAL.inv_cdf(POWER)) * deviation


def _spread(sharpe: float, skew: float, kurtosis: float) -> float:
    """Standard error of a Sharpe ratio, times the root of the observations less one."""
    # Kurtosis is at least 1 + skew², so that this is at least (1 - skew sharpe / 2)²; what
    # rounding leaves of an impossible distribution is kept above 0.
    return math.sqrt(max(1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2, 1e-12))
