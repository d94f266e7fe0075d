"""Five signals to one wish and how much it can be trusted."""

from __future__ import annotations

from core.domain.enums import N_SIGNALS, Regime, Signal
from core.domain.records import InstrumentState, Params
from core.jit import njit

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
def weight_of(params: Params, signal: int) -> float:
    """Weight of a signal, from the live parameters."""
    if signal == Signal.MOMENTUM:
        return params.weight_momentum
    if signal == Signal.REVERSION:
        return params.weight_reversion
    if signal == Signal.OBI:
        return params.weight_obi
    if signal == Signal.OFI:
        return params.weight_ofi
    return params.weight_microprice


@njit
def combine(instrument: InstrumentState, params: Params) -> None:
    """
    Weigh the signals into `combined` in [-1, 1], and say how far they agree.

    combined = Σ w s / Σ |w| with the regime's weights. confidence = agreement x
    (1 + p) / 2, where agreement = |Σ w s| / Σ |w s| is 1 when all signals point the
    same way, and p is the probability of the named regime.
    """
    total = 0.0
    weighted = 0.0
    loudness = 0.0
    for signal in range(N_SIGNALS):
        weight = weight_of(params, signal) * regime_factor(signal, instrument.regime)
        product = weight * instrument.signals[signal]
        total += abs(weight)
        weighted += product
        loudness += abs(product)
    instrument.combined = weighted / total if total > 0.0 else 0.0
    agreement = abs(weighted) / loudness if loudness > 0.0 else 0.0
    trust = (1.0 + instrument.regime_probability[instrument.regime]) / 2.0
    instrument.confidence = agreement * trust
