"""Features to signals, each in [-1, 1]: positive wants to be long."""

from __future__ import annotations

import math

from core.domain.enums import N_SIGNALS, Signal
from core.domain.records import WINDOW, InstrumentState
from core.jit import njit

_CORRELATION = 0.02
"""Weight of one event in the signals' means and covariances: about 50 events of memory."""


@njit
def squash(value: float) -> float:
    """Bend the real line into (-1, 1): x / (1 + |x|)."""
    return value / (1.0 + abs(value))


@njit
def update_signals(instrument: InstrumentState) -> None:
    """
    Compute the five signals from the features, and their running covariance.

    - momentum: move over the window in units of its expected size, squashed
    - reversion: distance of the mid from the Kalman level, against it, squashed
    - obi: order-book imbalance over five levels
    - ofi: order-flow imbalance in units of its running mean size, squashed
    - microprice: (microprice - mid) / half spread
    """
    signals = instrument.signals
    mid = instrument.mid2_ticks / 2
    expected_move = instrument.volatility_ticks * math.sqrt(float(WINDOW))
    signals[Signal.MOMENTUM] = 0.0
    if expected_move > 0.0:
        signals[Signal.MOMENTUM] = squash(instrument.momentum_ticks / expected_move)
    deviation = math.sqrt(instrument.noise_variance)
    signals[Signal.REVERSION] = 0.0
    if deviation > 0.0:
        signals[Signal.REVERSION] = squash((instrument.level_ticks - mid) / deviation)
    signals[Signal.OBI] = instrument.obi
    signals[Signal.OFI] = 0.0
    if instrument.ofi_scale > 0.0:
        signals[Signal.OFI] = squash(instrument.ofi / instrument.ofi_scale)
    half_spread = (instrument.ask_ticks[0] - instrument.bid_ticks[0]) / 2
    signals[Signal.MICROPRICE] = (instrument.microprice_ticks - mid) / half_spread
    _update_covariance(instrument)


@njit
def _update_covariance(instrument: InstrumentState) -> None:
    """Update the exponentially weighted means and covariances of all pairs."""
    for row in range(N_SIGNALS):
        row_change = instrument.signals[row] - instrument.signal_mean[row]
        for column in range(row + 1):
            # All means are still the old ones: they move after the last covariance.
            column_change = instrument.signals[column] - instrument.signal_mean[column]
            covariance = (1.0 - _CORRELATION) * (
                instrument.signal_covariance[row, column]
                + _CORRELATION * row_change * column_change
            )
            instrument.signal_covariance[row, column] = covariance
            instrument.signal_covariance[column, row] = covariance
    for row in range(N_SIGNALS):
        change = instrument.signals[row] - instrument.signal_mean[row]
        instrument.signal_mean[row] += _CORRELATION * change
