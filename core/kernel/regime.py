"""The named regime: filtered probabilities of a hidden Markov model, with hysteresis."""

from __future__ import annotations

import math

from core.domain.enums import Regime
from core.domain.records import InstrumentState
from core.domain.regimes import RegimeModel
from core.jit import njit
from core.kernel.hmm import advance, probability_of

_LEAD = 0.1
"""Probability by which another regime must lead before the name changes."""


@njit
def update_regime(instrument: InstrumentState, model: RegimeModel, ts_ns: int) -> None:
    """
    Filter the features of the bar that has just closed and name the regime.

    It stays UNKNOWN for as long as there is no model.
    """
    if instrument.returns == 0 or model.version == 0:
        return
    advance(model, instrument.features)
    _publish(instrument, model, ts_ns)


@njit
def skip_regime(instrument: InstrumentState, model: RegimeModel, ts_ns: int) -> None:
    """Let a bar without features pass: the probabilities drift as the chain does."""
    if instrument.returns == 0 or model.version == 0:
        return
    instrument.features[0] = math.nan
    advance(model, instrument.features)
    instrument.features[0] = 0.0
    _publish(instrument, model, ts_ns)


@njit
def _publish(instrument: InstrumentState, model: RegimeModel, ts_ns: int) -> None:
    for regime in range(1, instrument.regime_probability.shape[0]):
        instrument.regime_probability[regime] = probability_of(model, regime)
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
