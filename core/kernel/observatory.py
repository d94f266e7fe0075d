"""
What the kernel leaves to the fits: rings of bars and of books, read by nobody in here.

A ring of no rows costs nothing; a backtest has none.
"""

from __future__ import annotations

from core.domain.enums import N_SIGNALS
from core.domain.regimes import N_FEATURES
from core.jit import njit
from core.kernel.state import KernelState


@njit
def record_bar(state: KernelState, index: int) -> None:
    """Leave what was known when the current bar ended, before it is closed."""
    kept = state.bars.shape[0] // state.instruments.shape[0]
    if kept == 0:
        return
    instrument = state.instruments[index]
    bar = state.bars[index * kept + instrument.bars_recorded % kept]
    instrument.bars_recorded += 1
    bar.ts_ns = instrument.bar_start_ns
    bar.number = instrument.bars + 1
    bar.mid_ticks = instrument.mid2_ticks / 2
    bar.regime = instrument.regime
    bar.change_probability = instrument.change_probability
    for feature in range(N_FEATURES):
        bar.features[feature] = instrument.features[feature]


@njit
def record_quote(state: KernelState, index: int) -> None:
    """Leave what the signals say at the book that was just taken in."""
    kept = state.quotes.shape[0] // state.instruments.shape[0]
    if kept == 0:
        return
    instrument = state.instruments[index]
    quote = state.quotes[index * kept + instrument.quotes_recorded % kept]
    instrument.quotes_recorded += 1
    quote.ts_ns = state.account[0].ts_ns
    quote.mid_ticks = instrument.mid2_ticks / 2
    for signal in range(N_SIGNALS):
        quote.reach[signal] = instrument.signals[signal] * instrument.reach_ticks[signal]
