"""What a backtest writes while it runs: its curves, and its fills."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from core.domain.events import Event
from core.domain.memory import I64, IntArray, Rows, allocate, dtype_of
from core.domain.records import SAMPLE_NS, InstrumentState
from core.jit import njit
from core.kernel.bundle import by_reference
from core.kernel.simulation import MAX_REPORTS
from core.kernel.state import KernelState

MAX_FILLS = 2 * MAX_REPORTS
"""Room for fills that has to be free before an event is taken on."""


class FillRecord(Protocol):
    """One fill of a backtest, with what it did."""

    ts_ns: I64
    order_id: I64
    instrument: I64
    side: I64
    price_ticks: I64
    lots: I64
    fee_nanos: I64
    realized_nanos: I64
    """Profit that it realized, before fees."""
    liquidity: I64
    regime: I64
    """Of the instrument at that moment."""
    position_lots: I64
    """Afterwards."""
    mid2_ticks: I64
    """Bid plus ask of the instrument at that moment; 0 where it is not known."""
    decision_ts_ns: I64
    """When the order was sent, or last changed."""
    decision_mid2_ticks: I64
    """Bid plus ask at that moment."""


class Clock(Protocol):
    """Where the loop stands."""

    next_timer_ns: I64
    """Negative where the events bring their own timers."""
    next_due_ns: I64
    """Before it nothing is due: no timer, no report, no intent."""
    next_sample_ns: I64
    samples: I64
    fills: I64
    orders: I64
    """Intents that the venue received."""
    unfinished: I64
    """1 if kernel and venue answer each other without end, or the lines are full."""


FILL_RECORD = dtype_of(FillRecord)
CLOCK = dtype_of(Clock)


class Curves(NamedTuple):
    """One sample a second of event time."""

    ts_ns: IntArray
    equity_nanos: IntArray
    pnl_nanos: IntArray
    """Sample x instrument: realized and unrealized, less fees."""
    regime: IntArray
    """Sample x instrument, as are the two that follow."""
    mid2_ticks: IntArray
    position_lots: IntArray


@by_reference
class Recorder(NamedTuple):
    """What a backtest writes while it runs."""

    clock: Rows
    """CLOCK, 1 row."""
    curves: Curves
    fills: Rows
    """FILL_RECORD rows; `run_backtest` stops where the next event might not fit."""
    sent_lots: IntArray
    """By instrument: lots of all new orders that were sent."""


def make_recorder(instruments: int, samples: int, fills: int) -> Recorder:
    """Make room for `samples` samples and `fills` fills."""
    shape = (samples, instruments)
    return Recorder(
        clock=allocate(CLOCK, 1),
        curves=Curves(
            ts_ns=np.zeros(samples, np.int64),
            equity_nanos=np.zeros(samples, np.int64),
            pnl_nanos=np.zeros(shape, np.int64),
            regime=np.zeros(shape, np.int64),
            mid2_ticks=np.zeros(shape, np.int64),
            position_lots=np.zeros(shape, np.int64),
        ),
        fills=allocate(FILL_RECORD, max(fills, 2 * MAX_FILLS)),
        sent_lots=np.zeros(instruments, np.int64),
    )


@njit
def take_sample(state: KernelState, recorder: Recorder, ts_ns: int) -> None:
    """Write the curves as they stand now; the next sample is due at the next full second."""
    clock = recorder.clock[0]
    clock.next_sample_ns = (ts_ns // SAMPLE_NS + 1) * SAMPLE_NS
    row = clock.samples
    if row >= recorder.curves.ts_ns.shape[0]:
        return
    clock.samples += 1
    recorder.curves.ts_ns[row] = ts_ns
    recorder.curves.equity_nanos[row] = state.account[0].equity_nanos
    for index in range(state.instruments.shape[0]):
        instrument = state.instruments[index]
        recorder.curves.pnl_nanos[row, index] = (
            instrument.realized_nanos + instrument.unrealized_nanos - instrument.fees_nanos
        )
        recorder.curves.regime[row, index] = instrument.regime
        recorder.curves.mid2_ticks[row, index] = instrument.mid2_ticks
        recorder.curves.position_lots[row, index] = instrument.position_lots


@njit
def record_fill(
    recorder: Recorder,
    report: Event,
    instrument: InstrumentState,
    realized_nanos: int,
    decision_ts_ns: int,
    decision_mid2_ticks: int,
) -> None:
    """
    Note a fill that has been applied.

    Args:
        recorder: With room for it.
        report: The fill.
        instrument: Its own, as the fill left it.
        realized_nanos: What the instrument had realized before.
        decision_ts_ns: When the order was sent, or last changed.
        decision_mid2_ticks: Bid plus ask at that moment.
    """
    clock = recorder.clock[0]
    record = recorder.fills[clock.fills]
    clock.fills += 1
    record.ts_ns = report.ts_ns
    record.order_id = report.order_id
    record.instrument = report.instrument
    record.side = report.side
    record.price_ticks = report.price_ticks
    record.lots = report.lots
    record.fee_nanos = report.fee_nanos
    record.realized_nanos = instrument.realized_nanos - realized_nanos
    record.liquidity = report.code
    record.regime = instrument.regime
    record.position_lots = instrument.position_lots
    record.mid2_ticks = instrument.mid2_ticks
    record.decision_ts_ns = decision_ts_ns
    record.decision_mid2_ticks = decision_mid2_ticks
