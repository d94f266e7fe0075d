"""
The clock of the models: bars of `bar_ms`, closed by the first book after their end.

Signals and decisions follow every event; what needs exp, log or a loop over hypotheses
moves once a bar, so that its cost does not grow with the market's message rate.
"""

from __future__ import annotations

from core.domain.records import WINDOW, InstrumentState
from core.jit import njit
from core.kernel.book import decay_trades
from core.kernel.changes import skip_change, watch_change
from core.kernel.combine import refresh_coefficients
from core.kernel.features import close_returns, skip_returns
from core.kernel.level import skip_level, track_level
from core.kernel.observatory import record_bar
from core.kernel.positions import close_maker_fills
from core.kernel.regime import skip_regime, update_regime
from core.kernel.signals import update_covariance
from core.kernel.spreads import close_spreads
from core.kernel.state import KernelState

_NS_PER_MS = 1_000_000


@njit
def close_bars(state: KernelState, index: int) -> None:
    """
    Close every bar of an instrument that ended before now.

    To be called at a good book, before its prices are taken over: a bar closes at the
    last mid seen inside it. A bar without any book is a missing observation, and no more
    than WINDOW of them are gone through one by one.
    """
    ts_ns = state.account[0].ts_ns
    instrument = state.instruments[index]
    if instrument.book_events == 0:
        return
    if instrument.bar_start_ns == 0:
        instrument.bar_start_ns = ts_ns
        return
    bar_ns = max(1, int(state.params[0].bar_ms * _NS_PER_MS))
    passed = (ts_ns - instrument.bar_start_ns) // bar_ns
    if passed <= 0:
        return
    instrument.bar_start_ns += passed * bar_ns
    record_bar(state, index)
    _close(state, index)
    missed = passed - 1
    for _ in range(min(missed, WINDOW)):
        _skip(state, index)
    instrument.bars += max(0, missed - WINDOW)


@njit
def _close(state: KernelState, index: int) -> None:
    instrument = state.instruments[index]
    account = state.account[0]
    params = state.params[0]
    close_returns(instrument)
    decay_trades(instrument)
    track_level(instrument, state.filters[index], params)
    watch_change(instrument, state.detectors[index])
    update_regime(instrument, state.regimes[index], account.ts_ns)
    close_spreads(state.spreads, account.spread_rows, state.instruments, index)
    update_covariance(instrument)
    close_maker_fills(instrument)
    refresh_coefficients(instrument, state.edges[index], state.params)


@njit
def _skip(state: KernelState, index: int) -> None:
    instrument = state.instruments[index]
    skip_returns(instrument)
    skip_level(instrument, state.filters[index])
    skip_change(instrument)
    skip_regime(instrument, state.regimes[index], state.account[0].ts_ns)


@njit
def is_warm(instrument: InstrumentState) -> bool:
    """Whether enough bars have closed for the windows to mean something."""
    return bool(instrument.bars >= WINDOW)
