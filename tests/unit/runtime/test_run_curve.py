"""The curve of a run has every sample of the kernel, and nothing twice."""

from __future__ import annotations

import numpy as np

from core.domain import events
from core.domain.enums import EventKind
from core.domain.events import EVENT_BYTES
from core.kernel.state import KernelState, make_state
from core.runtime.run_curve import RunCurve
from tests.unit.kernel.kernel_rig import CAPITAL, EISBACH, ETF, NANOS, make_params

TIMER = bytes(24) + bytes([EventKind.TIMER.value]) + bytes(EVENT_BYTES - 25)
BOOK = bytes(24) + bytes([EventKind.BOOK.value]) + bytes(EVENT_BYTES - 25)


def make() -> tuple[KernelState, RunCurve]:
    state = make_state([EISBACH, ETF], make_params(), CAPITAL * NANOS)
    return state, RunCurve(state)


def sample(state: KernelState, ts_ns: int, equity: float, peak: float, regimes: list[int]) -> None:
    """Leave a sample as the kernel does."""
    state.account["history_head"] += 1
    state.account["ts_ns"] = ts_ns
    state.account["equity_nanos"] = int(equity * NANOS)
    state.account["peak_equity_nanos"] = int(peak * NANOS)
    state.instruments["regime"] = regimes


def test_each_sample_is_taken_once_in_units_of_the_currency() -> None:
    state, watcher = make()
    sample(state, 7, 99.5, 101.25, [1, 3])
    watcher.on_applied(TIMER, [])
    watcher.on_applied(TIMER, [])
    sample(state, 9, 98.0, 101.25, [2, 0])
    watcher.on_applied(TIMER, [])
    curve = watcher.curve
    assert curve.ts_ns.tolist() == [7, 9]
    assert curve.equity.tolist() == [99.5, 98.0]
    assert curve.peak.tolist() == [101.25, 101.25]
    assert curve.regimes.tolist() == [[1, 3], [2, 0]]


def test_only_a_timer_is_looked_at() -> None:
    state, watcher = make()
    sample(state, 7, 99.5, 101.25, [1, 3])
    watcher.on_applied(BOOK, [])
    assert len(watcher.curve.ts_ns) == 0


def test_nothing_seen_is_an_empty_curve_of_all_instruments() -> None:
    _, watcher = make()
    assert watcher.curve.regimes.shape == (0, 2)
    assert watcher.curve.equity.dtype == np.float64


def test_the_kind_stands_where_events_have_it() -> None:
    """The rows above are made by hand: this one is not."""
    assert events.timer()[24] == EventKind.TIMER.value
