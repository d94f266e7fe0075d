"""What the mid has been doing, bar by bar: returns, volatility and autocorrelation."""

from __future__ import annotations

import math

from core.domain.records import WINDOW, InstrumentState
from core.jit import njit

_SLOW = 0.01
_FAST = 0.1
_AUTO = 0.05
"""Weights of one bar: memories of about 100, 10 and 20 bars."""

_LEAST_VARIANCE = 1e-6
"""In ticks²: keeps the logarithm of a market that does not move finite."""
_MOST_DEVIATIONS = 10.0
"""A single return counts at most this many slow deviations in the variances: one bad
print must not blind every signal that is measured in volatilities."""


@njit
def warming_weight(weight: float, observations: int) -> float:
    """
    Weight of the newest of `observations` in a running mean.

    A plain mean until the memory is full: a mean that starts at zero would call every
    market volatile for its first few hundred bars.
    """
    return max(weight, 1.0 / observations)


@njit
def close_returns(instrument: InstrumentState) -> None:
    """
    Advance returns, volatilities and autocorrelation by the bar that has just ended.

    Writes the three features of a regime: the return in deviations, the logarithm of
    fast over slow volatility, and the autocorrelation of successive returns in [-1, 1].
    Warm after WINDOW bars. O(1).
    """
    mid2 = instrument.mid2_ticks
    if instrument.bars > 0:
        _take_return(instrument, (mid2 - instrument.close_mid2_ticks) / 2)
    _push_close(instrument, mid2)


@njit
def skip_returns(instrument: InstrumentState) -> None:
    """Let a bar without a book pass: no return is known, the close stays."""
    _push_close(instrument, instrument.close_mid2_ticks)


@njit
def _push_close(instrument: InstrumentState, mid2: int) -> None:
    instrument.close_mid2_ticks = mid2
    instrument.bars += 1
    instrument.closes[instrument.bars % WINDOW] = mid2


@njit
def _take_return(instrument: InstrumentState, change: float) -> None:
    count = instrument.returns + 1
    instrument.returns = count
    deviation = instrument.slow_deviation_ticks
    if count > WINDOW and deviation > 0.0:
        bound = _MOST_DEVIATIONS * deviation
        change = min(bound, max(-bound, change))
    square = change * change
    instrument.return_variance += warming_weight(_SLOW, count) * (
        square - instrument.return_variance
    )
    instrument.fast_variance += warming_weight(_FAST, count) * (square - instrument.fast_variance)
    instrument.return_autocovariance += warming_weight(_AUTO, count) * (
        change * instrument.last_return_ticks - instrument.return_autocovariance
    )
    instrument.auto_variance += warming_weight(_AUTO, count) * (square - instrument.auto_variance)
    instrument.last_return_ticks = change
    slow = math.sqrt(instrument.return_variance)
    instrument.slow_deviation_ticks = slow
    # The larger of the two: a market that wakes up must shrink positions at once.
    instrument.volatility_ticks = math.sqrt(
        max(instrument.return_variance, instrument.fast_variance)
    )
    instrument.autocorrelation = 0.0
    if instrument.auto_variance > 0.0:
        ratio = instrument.return_autocovariance / instrument.auto_variance
        instrument.autocorrelation = min(1.0, max(-1.0, ratio))
    instrument.features[0] = change / slow if slow > 0.0 else 0.0
    instrument.features[1] = 0.5 * (
        math.log(max(instrument.fast_variance, _LEAST_VARIANCE))
        - math.log(max(instrument.return_variance, _LEAST_VARIANCE))
    )
    instrument.features[2] = instrument.autocorrelation
