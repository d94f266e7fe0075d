"""All signals to one expected move, how strong it is against cost, and how sure."""

from __future__ import annotations

import numpy as np

from core.domain.enums import N_SIGNALS, Regime, Signal
from core.domain.memory import Rows
from core.domain.records import FIRST_WEIGHT, EdgeModel, InstrumentState, Params
from core.jit import njit
from core.kernel.changes import doubt
from core.kernel.costs import cost_ticks
from core.kernel.signals import squash

_STRONG = 1.5
_WEAK = 0.25
"""A trending market favors momentum, a mean-reverting one the way back."""


@njit
def regime_factor(signal: int, regime: int) -> float:
    """How much a regime multiplies the weight of a signal."""
    if signal == Signal.MOMENTUM:
        if regime == Regime.TRENDING:
            return _STRONG
        if regime == Regime.MEAN_REVERTING:
            return _WEAK
    if signal == Signal.REVERSION:
        if regime == Regime.TRENDING:
            return _WEAK
        if regime == Regime.MEAN_REVERTING:
            return _STRONG
    return 1.0


@njit
def refresh_coefficients(instrument: InstrumentState, model: EdgeModel, params: Rows) -> None:
    """
    Set what each signal counts until the next bar: weight x edge x regime / crowd.

    The crowd of a signal is Σ ρ² over the signals that count, itself included, with the
    exponentially weighted correlations that the heat map shows: of k signals that say
    the same, each counts 1/k.
    """
    weights = params.view(np.float64)
    for signal in range(N_SIGNALS):
        coefficient = weights[FIRST_WEIGHT + signal] * model.edge[signal]
        if coefficient != 0.0:
            coefficient *= regime_factor(signal, instrument.regime)
            coefficient /= _crowd(instrument, model, weights, signal)
        instrument.coefficient[signal] = coefficient


@njit
def _crowd(instrument: InstrumentState, model: EdgeModel, weights: Rows, signal: int) -> float:
    own = instrument.signal_covariance[signal, signal]
    crowd = 1.0
    if own == 0.0:
        return crowd
    for other in range(N_SIGNALS):
        if other == signal or weights[FIRST_WEIGHT + other] * model.edge[other] == 0.0:
            continue
        variance = own * instrument.signal_covariance[other, other]
        if variance > 0.0:
            covariance = instrument.signal_covariance[signal, other]
            crowd += min(1.0, covariance * covariance / variance)
    return crowd


@njit
def combine(instrument: InstrumentState, params: Params) -> None:
    """
    Add the signals up to the expected move, its strength and the confidence in it.

    - edge_ticks = Σ coefficient x signal x reach
    - combined = x / (1 + |x|) with x = edge_ticks / cost: 0.5 is where a move just pays
      for the cheaper way to trade on it
    - confidence = agreement x (1 + p) / 2 x (1 - doubt), in [0, 1]: agreement is
      |Σ| / Σ| | of the terms of the edge, 1 when all signals point the same way; p is the
      probability of the named regime; doubt follows a change point
    """
    edge = 0.0
    timing = 0.0
    loudness = 0.0
    for signal in range(N_SIGNALS):
        term = (
            instrument.coefficient[signal]
            * instrument.signals[signal]
            * instrument.reach_ticks[signal]
        )
        edge += term
        loudness += abs(term)
        if Signal.OBI <= signal <= Signal.TRADE_FLOW:
            timing += term
    instrument.edge_ticks = edge
    instrument.timing_ticks = timing
    cost = cost_ticks(instrument, params)
    instrument.cost_ticks = cost
    instrument.combined = squash(edge / cost)
    agreement = abs(edge) / loudness if loudness > 0.0 else 0.0
    trust = (1.0 + instrument.regime_probability[instrument.regime]) / 2.0
    instrument.confidence = agreement * trust * (1.0 - doubt(instrument, params))
