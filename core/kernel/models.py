"""Parameters that fits have found, taken over between two events."""

from __future__ import annotations

import math

import numpy as np

from core.domain.enums import N_SIGNALS, ModelKind
from core.domain.events import MODEL_VALUES, NO_INSTRUMENT, Event
from core.domain.memory import Rows
from core.jit import njit
from core.kernel.hmm import LARGEST_NUMBER, load_regime_model
from core.kernel.kalman import set_noise
from core.kernel.spread import load_spread
from core.kernel.state import KernelState


@njit
def apply_model(state: KernelState, event: Event) -> None:
    """
    Take over one MODEL_UPDATED.

    Parameters that cannot be are refused whole: the old model stays, and
    `models_refused` of the account grows.
    """
    account = state.account[0]
    # The four arrays follow each other in the row, so the first one reaches over all.
    for place in range(MODEL_VALUES):
        value = model_value(event, place)
        if not math.isfinite(value):
            account.models_refused += 1
            return
        state.scratch[place] = value
    if _take(state, event):
        account.models += 1
    else:
        account.models_refused += 1


@njit
def model_value(event: Event, place: int) -> float:
    """One of the floats that a MODEL_UPDATED carries in place of a book."""
    row = place % 10
    if place < 10:
        return float(event.bid_ticks.view(np.float64)[row])
    if place < 20:
        return float(event.bid_lots.view(np.float64)[row])
    if place < 30:
        return float(event.ask_ticks.view(np.float64)[row])
    return float(event.ask_lots.view(np.float64)[row])


@njit
def _take(state: KernelState, event: Event) -> bool:
    kind = event.code
    if kind == ModelKind.SPREAD:
        if event.lots < 0 or event.lots >= state.spreads.shape[0]:
            return False
        return _take_spread(state, event)
    if event.instrument == NO_INSTRUMENT:
        return False
    if kind == ModelKind.EDGE:
        return _take_edges(state, event)
    if kind == ModelKind.KALMAN:
        return _take_noise(state.filters[event.instrument], state.scratch)
    if kind == ModelKind.REGIME:
        return bool(load_regime_model(state.regimes[event.instrument], state.scratch))
    if kind == ModelKind.CHANGE:
        return _confirm(state, event)
    return False


@njit
def _take_edges(state: KernelState, event: Event) -> bool:
    for signal in range(N_SIGNALS):
        if abs(state.scratch[signal]) > LARGEST_NUMBER:
            return False
    model = state.edges[event.instrument]
    for signal in range(N_SIGNALS):
        model.edge[signal] = state.scratch[signal]
    model.version = event.key
    model.updated_ts_ns = event.ts_ns
    return True


@njit
def _take_spread(state: KernelState, event: Event) -> bool:
    spread = state.spreads[event.lots]
    if not load_spread(spread, state.scratch, state.instruments.shape[0]):
        return False
    account = state.account[0]
    account.spread_rows = max(account.spread_rows, event.lots + 1)
    return True


@njit
def _take_noise(level: Rows, values: Rows) -> bool:
    """Observation, level and slope variance, and whether there is a trend."""
    has_trend = 1 if values[3] != 0.0 else 0
    return bool(set_noise(level, values[0], values[1], values[2], has_trend, 1, 1.0))


@njit
def _confirm(state: KernelState, event: Event) -> bool:
    """A change `values[0]` bars ago was confirmed."""
    instrument = state.instruments[event.instrument]
    if not 0.0 <= state.scratch[0] < instrument.bars:
        return False
    instrument.confirmed_bar = instrument.bars - int(state.scratch[0])
    return True
