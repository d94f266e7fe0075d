"""A backtest: recorded markets, the kernel and the simulated venue, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np

from core.backtest.terms import simulated_desk
from core.data.dataset import RecordedMarket
from core.domain.enums import VenueState
from core.domain.errors import DataError, FatalError
from core.domain.events import EVENT, EventRow, load, stamp, venue_state
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.records import PARAMS, SAMPLE_NS
from core.kernel.batch import (
    Desk,
    Recorder,
    make_desk,
    make_recorder,
    run_events,
    take_sample,
)
from core.kernel.batch import run_backtest as run_events_until
from core.kernel.state import KernelState, make_state
from core.reports.result import BacktestResult, FileUsed
from core.settings.simulation import SimulationSettings
from core.strategies.own import refuse_python
from core.strategies.plugins import LoadedSignal, install

Progress = Callable[[int, int], None]
"""Called with (events done, events in all), after each chunk."""

_FIRST_FILLS = 65_536


def run_backtest(
    data: RecordedMarket,
    params: Rows,
    capital_nanos: int,
    *,
    simulation: SimulationSettings | None = None,
    models: Sequence[EventRow] = (),
    signal: LoadedSignal | None = None,
    settings_hash: str = "",
    progress: Progress | None = None,
) -> BacktestResult:
    """
    Run all of `data` from a flat account. The same inputs give the same decisions.

    Args:
        data: Gone through once, chunk by chunk; its events are numbered in place.
        params: PARAMS, 1 row.
        capital_nanos: What the account starts with, > 0.
        simulation: How the market treats our orders; None for the plain way, without delay.
        models: Model updates that the run begins with; a session brings its own.
        signal: The user's own.
        settings_hash: Carried into the result.
        progress: Told how far the run is.

    Raises:
        DataError: If there are no events.
        FatalError: If kernel and venue answer each other without end.
    """
    if data.length == 0:
        raise DataError(", ".join(str(file.path) for file in data.sources), "holds no events")
    refuse_python(signal, "runs of the built-in strategy")
    state = make_state(data.instruments, params, capital_nanos)
    install(state, signal)
    desk = make_desk(data.instruments) if simulation is None else simulated_desk(data, simulation)
    recorder = make_recorder(len(data.instruments), _most_samples(data), _FIRST_FILLS)
    if data.is_session:
        recorder.clock["next_timer_ns"] = -1
    else:
        _connect(state, desk.intents, data.first_ts_ns, models)
    _warm(data.instruments, params, capital_nanos)
    fills: list[Rows] = []
    done = 0
    seconds = 0.0
    for events in data.chunks():
        started_s = time.perf_counter()
        _run_chunk(state, desk, recorder, events, fills, done)
        seconds += time.perf_counter() - started_s
        done += len(events)
        if progress is not None:
            progress(done, data.length)
    take_sample(state, recorder, data.last_ts_ns)
    return _result(data, state, recorder, np.concatenate(fills), seconds, settings_hash)


def _run_chunk(
    state: KernelState,
    desk: Desk,
    recorder: Recorder,
    events: Rows,
    fills: list[Rows],
    before: int,
) -> None:
    """Run one chunk to its end, however often the fills have to be taken out."""
    at = 0
    while at < len(events):
        at = run_events_until(state, desk, recorder, events, at, len(events))
        if recorder.clock[0]["unfinished"]:
            raise FatalError(
                f"backtest: event {before + at} caused more orders than can be carried out; "
                "kernel and venue answer each other without end"
            )
        fills.append(_take_fills(recorder))


def warm_loop() -> None:
    """Compile the loop of a backtest, and with it the matching, before anybody waits for it."""
    _warm((Instrument(Symbol("WARM"), Decimal(1)),), allocate(PARAMS, 1), 1)


def _warm(instruments: Sequence[Instrument], params: Rows, capital_nanos: int) -> None:
    """Compile before the clock starts: a run over no events."""
    state = make_state(instruments, params, capital_nanos)
    recorder = make_recorder(len(instruments), 1, 1)
    run_events_until(state, make_desk(instruments), recorder, allocate(EVENT, 1), 0, 0)


def _connect(state: KernelState, intents: Rows, ts_ns: int, models: Sequence[EventRow]) -> None:
    """Give the kernel its models, and a venue that knows of no orders."""
    rows = [*models, venue_state(VenueState.CONNECTED), venue_state(VenueState.SYNCED)]
    for number, row in enumerate(rows, start=1):
        stamp(row, number, ts_ns)
    run_events(state, load(rows), 0, len(rows), intents)


def _most_samples(data: RecordedMarket) -> int:
    """One a second and at most one an event, and the last one."""
    return min((data.last_ts_ns - data.first_ts_ns) // SAMPLE_NS, data.length) + 2


def _take_fills(recorder: Recorder) -> Rows:
    """Move the fills out, so that the recorder has room again."""
    clock = recorder.clock[0]
    taken = np.array(recorder.fills[: clock["fills"]])
    clock["fills"] = 0
    return taken


def _result(
    data: RecordedMarket,
    state: KernelState,
    recorder: Recorder,
    fills: Rows,
    seconds: float,
    settings_hash: str,
) -> BacktestResult:
    curves, samples = recorder.curves, int(recorder.clock[0]["samples"])
    return BacktestResult(
        instruments=data.instruments,
        files=tuple(
            FileUsed(str(file.path), file.sha256, file.rows, file.skipped, file.repaired)
            for file in data.sources
        ),
        settings_hash=settings_hash,
        events=data.length,
        seconds=seconds,
        account=state.account,
        states=state.instruments,
        fills=fills,
        ts_ns=curves.ts_ns[:samples],
        equity_nanos=curves.equity_nanos[:samples],
        pnl_nanos=curves.pnl_nanos[:samples],
        regime=curves.regime[:samples],
        mid2_ticks=curves.mid2_ticks[:samples],
        position_lots=curves.position_lots[:samples],
        sent_lots=recorder.sent_lots,
    )
