"""Change points of each instrument's returns, and the doubt they leave behind."""

from __future__ import annotations

from core.domain.changes import ChangeDetector
from core.domain.records import InstrumentState, Params
from core.jit import njit
from core.kernel.changepoint import observe


@njit
def watch_change(instrument: InstrumentState, detector: ChangeDetector) -> None:
    """Show the detector the return of the bar that has just closed."""
    if instrument.returns == 0:
        return
    if observe(detector, instrument.last_return_ticks):
        instrument.changes += 1
        instrument.change_bar = instrument.bars
    instrument.change_probability = detector.change_probability


@njit
def skip_change(instrument: InstrumentState) -> None:
    """Let a bar without a return pass: nothing new speaks for a change."""
    instrument.change_probability = 0.0


@njit
def doubt(instrument: InstrumentState, params: Params) -> float:
    """
    Share of confidence lost to a recent change, in [0, change_doubt].

    Whole after a change that an offline method has confirmed, half after one that only
    the online detector has seen; gone after `change_bars`.
    """
    if params.change_bars <= 0.0:
        return 0.0
    seen = _fresh(instrument, instrument.change_bar, params) / 2.0
    confirmed = _fresh(instrument, instrument.confirmed_bar, params)
    return float(params.change_doubt * max(seen, confirmed))


@njit
def _fresh(instrument: InstrumentState, bar: int, params: Params) -> float:
    if bar == 0:
        return 0.0
    return max(0.0, 1.0 - (instrument.bars - bar) / params.change_bars)
