"""What the mid has been doing: level, momentum, volatility and the shape of its path."""

from __future__ import annotations

import math

from core.domain.records import WINDOW, InstrumentState, Params
from core.jit import njit

_SLOW = 0.005
"""Weight of one return in the slow variance: a memory of about 200 events."""
_AUTO = 0.02
_NOISE = 0.02


@njit
def warming_weight(weight: float, observations: int) -> float:
    """
    Weight of the newest of `observations` in a running mean.

    A plain mean until the memory is full: a mean that starts at zero would call every
    market volatile for its first few hundred events.
    """
    return max(weight, 1.0 / observations)


@njit
def update_features(instrument: InstrumentState, params: Params) -> None:
    """
    Advance every feature by one good book.

    Reads the top of the book; writes mid, level, momentum, volatility, autocorrelation
    and efficiency. O(1) whatever the window.
    """
    mid2 = instrument.bid_ticks[0] + instrument.ask_ticks[0]
    if instrument.book_events == 0:
        instrument.level_ticks = mid2 / 2
        instrument.level_variance = 1.0
    else:
        _update_returns(instrument, float(mid2 - instrument.mid2_ticks))
    instrument.mid2_ticks = mid2
    _update_level(instrument, mid2 / 2, params.kalman_noise_ratio)
    instrument.book_events += 1


@njit
def _update_level(instrument: InstrumentState, mid: float, noise_ratio: float) -> None:
    """
    Advance the local-level Kalman filter by one observation.

    The variance is kept in units of the observation noise, so the gain depends on the
    ratio q of level to observation noise alone (Durbin & Koopman, ch. 2); the noise
    itself is the running mean of v² / F, which scales what the screen shows.
    """
    predicted = instrument.level_variance + noise_ratio
    spread = predicted + 1.0
    innovation = mid - instrument.level_ticks
    gain = predicted / spread
    instrument.innovation_ticks = innovation
    instrument.kalman_gain = gain
    instrument.level_ticks += gain * innovation
    instrument.level_variance = (1.0 - gain) * predicted
    squared = innovation * innovation / spread
    weight = warming_weight(_NOISE, instrument.book_events + 1)
    instrument.noise_variance += weight * (squared - instrument.noise_variance)


@njit
def _update_returns(instrument: InstrumentState, change: float) -> None:
    """Push one change of twice the mid into the window and the running moments."""
    slot = instrument.book_events % WINDOW
    oldest = instrument.returns[slot]
    instrument.returns[slot] = change
    # Whole numbers below 2^53: adding and subtracting them is exact, so no drift.
    instrument.returns_sum += change - oldest
    instrument.returns_sumsq += change * change - oldest * oldest
    instrument.returns_abs_sum += abs(change) - abs(oldest)

    mean = instrument.returns_sum / WINDOW
    variance = max(0.0, instrument.returns_sumsq / WINDOW - mean * mean)
    instrument.momentum_ticks = instrument.returns_sum / 2
    instrument.volatility_ticks = math.sqrt(variance) / 2

    weight = warming_weight(_SLOW, instrument.book_events)
    instrument.return_variance += weight * (change * change - instrument.return_variance)
    instrument.slow_volatility_ticks = math.sqrt(instrument.return_variance) / 2
    product = change * instrument.last_return
    weight = warming_weight(_AUTO, instrument.book_events)
    instrument.return_autocovariance += weight * (product - instrument.return_autocovariance)
    instrument.last_return = change
    if instrument.return_variance > 0.0:
        ratio = instrument.return_autocovariance / instrument.return_variance
        instrument.autocorrelation = min(1.0, max(-1.0, ratio))
    if instrument.returns_abs_sum > 0.0:
        instrument.efficiency = abs(instrument.returns_sum) / instrument.returns_abs_sum
    else:
        instrument.efficiency = 0.0
