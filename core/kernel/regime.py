"""
A first classifier of what the market is doing.

Three scores from the shape of the recent path (efficiency ratio, autocorrelation and
short against slow volatility) go through a softmax; the probabilities are smoothed, and
the named regime changes only when another one leads clearly.
"""

from __future__ import annotations

import math

from core.domain.enums import Regime
from core.domain.records import InstrumentState
from core.jit import njit

_SMOOTHING = 0.05
_LEAD = 0.1
"""Probability by which another regime must lead before the name changes."""


@njit
def update_regime(instrument: InstrumentState, ts_ns: int) -> None:
    """Advance the regime probabilities, which sum to 1, and the named regime."""
    ratio = 1.0
    if instrument.slow_volatility_ticks > 0.0:
        ratio = instrument.volatility_ticks / instrument.slow_volatility_ticks
    trend = 4.0 * (instrument.efficiency - 0.35) + 2.0 * instrument.autocorrelation
    revert = 4.0 * (0.25 - instrument.efficiency) - 2.0 * instrument.autocorrelation
    volatile = 4.0 * (min(ratio, 5.0) - 1.5)

    highest = max(trend, revert, volatile)
    weight_trend = math.exp(trend - highest)
    weight_revert = math.exp(revert - highest)
    weight_volatile = math.exp(volatile - highest)
    total = weight_trend + weight_revert + weight_volatile

    probability = instrument.regime_probability
    if instrument.regime == Regime.UNKNOWN:
        probability[1] = probability[2] = probability[3] = 1.0 / 3.0
    probability[1] += _SMOOTHING * (weight_trend / total - probability[1])
    probability[2] += _SMOOTHING * (weight_revert / total - probability[2])
    probability[3] += _SMOOTHING * (weight_volatile / total - probability[3])
    _name(instrument, ts_ns)


@njit
def _name(instrument: InstrumentState, ts_ns: int) -> None:
    best = 1
    for candidate in (2, 3):
        if instrument.regime_probability[candidate] > instrument.regime_probability[best]:
            best = candidate
    current = instrument.regime
    if current == best:
        return
    if current == Regime.UNKNOWN or (
        instrument.regime_probability[best] > instrument.regime_probability[current] + _LEAD
    ):
        instrument.regime = best
        instrument.regime_since_ns = ts_ns
        instrument.regime_changes += 1
