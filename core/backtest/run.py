"""A backtest: recorded markets, the kernel and the simulated venue, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np

from core.data.dataset import DataSet
from core.domain.enums import VenueState
from core.domain.errors import DataError, FatalError
from core.domain.events import EVENT, EventRow, load, stamp, venue_state
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.records import PARAMS, SAMPLE_NS
from core.kernel.batch import (
    Recorder,
    make_desk,
    make_recorder,
    run_events,
    take_sample,
)
from core.kernel.batch import run_backtest as run_chunk
from core.kernel.state import KernelState, make_state
from core.reports.result import BacktestResult, FileUsed
from core.strategies.plugins import LoadedSignal, install

Progress = Callable[[int, int], None]
"""Called with (events done, events in all), between chunks."""

_CHUNK = 250_000
_FIRST_FILLS = 65_536


def run_backtest(
    data: DataSet,
    params: Rows,
    capital_nanos: int,
    *,
    models: Sequence[EventRow] = (),
    signal: LoadedSignal | None = None,
    settings_hash: str = "",
    progress: Progress | None = None,
) -> BacktestResult:
    """
    Run all of `data` from a flat account. The same inputs give the same decisions.

    Args:
        data: Its events are numbered in place.
        params: PARAMS, 1 row.
        capital_nanos: What the account starts with, > 0.
        models: Model updates that the run begins with.
        signal: The user's own.
        settings_hash: Carried into the result.
        progress: Told how far the run is after each quarter of a million events.

    Raises:
        DataError: If there are no events.
        FatalError: If kernel and venue answer each other without end.
    """
    total = len(data.events)
    if total == 0:
        raise DataError(", ".join(str(file.path) for file in data.sources), "holds no events")
    state = make_state(data.instruments, params, capital_nanos)
    install(state, signal)
    desk = make_desk(data.instruments)
    recorder = make_recorder(len(data.instruments), _most_samples(data), _FIRST_FILLS)
    _connect(state, desk.intents, data.first_ts_ns, models)
    _warm(data, params, capital_nanos)
    fills: list[Rows] = []
    done = 0
    started_s = time.perf_counter()
    while done < total:
        done = run_chunk(state, desk, recorder, data.events, done, min(done + _CHUNK, total))
        if recorder.clock[0]["unfinished"]:
            raise FatalError(
                f"backtest: event {done} caused more orders than can be carried out; "
                "kernel and venue answer each other without end"
            )
        fills.append(_take_fills(recorder))
        if progress is not None:
            progress(done, total)
    seconds = time.perf_counter() - started_s
    take_sample(state, recorder, data.last_ts_ns)
    return _result(data, state, recorder, np.concatenate(fills), seconds, settings_hash)


def warm_loop() -> None:
    """Compile the loop of a backtest, and with it the matching, before anybody waits for it."""
    instruments = (Instrument(Symbol("WARM"), Decimal(1)),)
    _warm(DataSet(instruments, "", allocate(EVENT, 1), ()), allocate(PARAMS, 1), 1)


def _warm(data: DataSet, params: Rows, capital_nanos: int) -> None:
    """Compile before the clock starts: a run over no events."""
    state = make_state(data.instruments, params, capital_nanos)
    recorder = make_recorder(len(data.instruments), 1, 1)
    run_chunk(state, make_desk(data.instruments), recorder, data.events, 0, 0)


def _connect(state: KernelState, intents: Rows, ts_ns: int, models: Sequence[EventRow]) -> None:
    """Give the kernel its models, and a venue that knows of no orders."""
    rows = [*models, venue_state(VenueState.CONNECTED), venue_state(VenueState.SYNCED)]
    for number, row in enumerate(rows, start=1):
        stamp(row, number, ts_ns)
    run_events(state, load(rows), 0, len(rows), intents)


def _most_samples(data: DataSet) -> int:
    """One a second and at most one an event, and the last one."""
    return min((data.last_ts_ns - data.first_ts_ns) // SAMPLE_NS, len(data.events)) + 2


def _take_fills(recorder: Recorder) -> Rows:
    """Move the fills out, so that the recorder has room again."""
    clock = recorder.clock[0]
    taken = np.array(recorder.fills[: clock["fills"]])
    clock["fills"] = 0
    return taken


def _result(
    data: DataSet,
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
        events=len(data.events),
        seconds=seconds,
        account=state.account,
        states=state.instruments,
        fills=fills,
        ts_ns=curves.ts_ns[:samples],
        equity_nanos=curves.equity_nanos[:samples],
        pnl_nanos=curves.pnl_nanos[:samples],
        regime=curves.regime[:samples],
    )
