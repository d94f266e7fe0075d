"""
Recorded events through the kernel in one compiled loop.

`run_events` only applies them: a replay, and what one at a time is compared with.
`run_backtest` lets the simulated venue answer in between. Both number the events in
place, so the same rows may be run again.

Order of things at one recorded event: timers that are due; the venue reacts to it and
its reports are applied; the event itself; then each intent is carried out and answered,
answers to answers included, before the next recorded event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from core.domain.enums import EventKind
from core.domain.events import EVENT, NO_INSTRUMENT, Event
from core.domain.instrument import Instrument
from core.domain.memory import I64, IntArray, Rows, allocate, dtype_of
from core.domain.records import INTENT, MAX_INTENTS, SAMPLE_NS
from core.jit import njit, njit_inline
from core.kernel.simulation import (
    MAX_REPORTS,
    Simulation,
    make_reports,
    make_simulation,
    on_book,
    on_intent,
    on_trade,
)
from core.kernel.state import KernelState
from core.kernel.step import step

TIMER_NS = 250_000_000
"""Time between two timers, as in the live loop."""

PAUSE_NS = 60_000_000_000
"""Longest silence that timers fill: what waits for time to pass has happened by then."""

_QUEUE = 8 * MAX_INTENTS


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


class Clock(Protocol):
    """Where the loop stands."""

    next_timer_ns: I64
    next_sample_ns: I64
    samples: I64
    fills: I64
    orders: I64
    """Intents that the venue received."""
    unfinished: I64
    """1 if an event caused more intents or fills than there is room for."""


FILL_RECORD = dtype_of(FillRecord)
CLOCK = dtype_of(Clock)


class Curves(NamedTuple):
    """One sample a second of event time."""

    ts_ns: IntArray
    equity_nanos: IntArray
    pnl_nanos: IntArray
    """Sample x instrument: realized and unrealized, less fees."""
    regime: IntArray
    """Sample x instrument."""


class Recorder(NamedTuple):
    """What a backtest writes while it runs."""

    clock: Rows
    """CLOCK, 1 row."""
    curves: Curves
    fills: Rows
    """FILL_RECORD rows; `run_backtest` stops where the next event might not fit."""


class Desk(NamedTuple):
    """The simulated venue with the rows it shares with the kernel."""

    simulation: Simulation
    reports: Rows
    intents: Rows
    """What `step` writes."""
    queue: Rows
    """What is still to be carried out for the current event."""
    timer: Rows
    """One TIMER event."""


def make_desk(instruments: Sequence[Instrument]) -> Desk:
    """Make a simulated venue that trades these."""
    timer = allocate(EVENT, 1)
    timer[0]["kind"] = EventKind.TIMER.value
    timer[0]["instrument"] = NO_INSTRUMENT
    return Desk(
        simulation=make_simulation(instruments),
        reports=make_reports(),
        intents=allocate(INTENT, MAX_INTENTS),
        queue=allocate(INTENT, _QUEUE),
        timer=timer,
    )


def make_recorder(instruments: int, samples: int, fills: int) -> Recorder:
    """Make room for `samples` samples and `fills` fills."""
    return Recorder(
        clock=allocate(CLOCK, 1),
        curves=Curves(
            ts_ns=np.zeros(samples, np.int64),
            equity_nanos=np.zeros(samples, np.int64),
            pnl_nanos=np.zeros((samples, instruments), np.int64),
            regime=np.zeros((samples, instruments), np.int64),
        ),
        fills=allocate(FILL_RECORD, max(fills, 2 * _MAX_FILLS)),
    )


_MAX_FILLS = 2 * MAX_REPORTS
"""Room for fills that has to be free before an event is taken on."""


@njit
def run_events(state: KernelState, events: Rows, start: int, stop: int, intents: Rows) -> int:
    """
    Apply `events[start:stop]` as they are numbered, without a venue.

    Returns:
        Number of intents they caused; `intents` holds those of the last event only.
    """
    total = 0
    for index in range(start, stop):
        total += step(state, events, index, intents)
    return total


@njit
def run_backtest(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, start: int, stop: int
) -> int:
    """
    Run `events[start:stop]`, which are in order of `ts_ns`, against the simulated venue.

    Returns:
        Index of the next event to run: before `stop` only where the recorder's room for
        fills is used up or `clock.unfinished` is set.
    """
    clock = recorder.clock[0]
    for index in range(start, stop):
        if clock.fills + _MAX_FILLS > recorder.fills.shape[0]:
            return index
        event = events[index]
        if event.ts_ns >= clock.next_timer_ns:
            _let_time_pass(state, desk, recorder, events, event.ts_ns)
        if event.ts_ns >= clock.next_sample_ns:
            take_sample(state, recorder, event.ts_ns)
        reports = 0
        if event.kind == EventKind.BOOK:
            reports = on_book(desk.simulation, events, index, desk.reports)
        elif event.kind == EventKind.TRADE:
            reports = on_trade(desk.simulation, events, index, desk.reports)
        waiting = 0
        if reports > 0:
            waiting = _apply_reports(state, desk, recorder, reports, 0, event.ts_ns)
        event.seq = state.account[0].seq + 1
        count = step(state, events, index, desk.intents)
        if count + waiting > 0:
            _carry_out(state, desk, recorder, events, _enqueue(desk, count, waiting))
        if clock.unfinished:
            return index
    return stop


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


@njit_inline
def _let_time_pass(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, now_ns: int
) -> None:
    """Apply the timers that are due before an event at `now_ns`."""
    clock = recorder.clock[0]
    if clock.next_timer_ns == 0:
        clock.next_timer_ns = now_ns
    last_ns = min(now_ns, clock.next_timer_ns + PAUSE_NS)
    while clock.next_timer_ns <= last_ns:
        timer = desk.timer[0]
        timer.ts_ns = clock.next_timer_ns
        timer.seq = state.account[0].seq + 1
        count = step(state, desk.timer, 0, desk.intents)
        if count > 0:
            _carry_out(state, desk, recorder, events, _enqueue(desk, count, 0))
        clock.next_timer_ns += TIMER_NS
    clock.next_timer_ns = max(clock.next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)


@njit_inline
def _enqueue(desk: Desk, count: int, waiting: int) -> int:
    for number in range(count):
        desk.queue[waiting + number] = desk.intents[number]
    return waiting + count


@njit_inline
def _carry_out(
    state: KernelState, desk: Desk, recorder: Recorder, events: Rows, waiting: int
) -> None:
    """Bring the queued intents to the venue, and what follows from its answers."""
    clock = recorder.clock[0]
    done = 0
    while done < waiting:
        reports = on_intent(desk.simulation, events, desk.queue, done, desk.reports)
        done += 1
        clock.orders += 1
        now_ns = state.account[0].ts_ns
        waiting = _apply_reports(state, desk, recorder, reports, waiting, now_ns)
        if clock.unfinished:
            return


@njit_inline
def _apply_reports(
    state: KernelState, desk: Desk, recorder: Recorder, reports: int, waiting: int, now_ns: int
) -> int:
    """Apply the venue's reports at the time of the event that caused them."""
    clock = recorder.clock[0]
    for number in range(reports):
        report = desk.reports[number]
        report.ts_ns = now_ns
        report.seq = state.account[0].seq + 1
        if report.kind == EventKind.FILL:
            count = _apply_fill(state, desk, recorder, report, number)
        else:
            count = step(state, desk.reports, number, desk.intents)
        if count > 0:
            if waiting + count > desk.queue.shape[0]:
                clock.unfinished = 1
                return waiting
            waiting = _enqueue(desk, count, waiting)
    return waiting


@njit_inline
def _apply_fill(
    state: KernelState, desk: Desk, recorder: Recorder, report: Event, number: int
) -> int:
    clock = recorder.clock[0]
    instrument = state.instruments[report.instrument]
    realized_nanos = instrument.realized_nanos
    count = step(state, desk.reports, number, desk.intents)
    if clock.fills >= recorder.fills.shape[0]:
        clock.unfinished = 1
        return count
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
    return count
