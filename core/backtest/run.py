"""A backtest: recorded markets, the kernel and the simulated venue, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from core.backtest.outline import connect, most_samples, outline
from core.backtest.terms import simulated_desk
from core.data.dataset import RecordedMarket
from core.domain.errors import DataError, FatalError
from core.domain.events import EventRow
from core.domain.memory import Rows
from core.kernel.batch import Run, backtest_of, make_desk
from core.kernel.recorder import Recorder, make_recorder
from core.kernel.state import make_state
from core.reports.result import BacktestResult
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
    recorder = make_recorder(len(data.instruments), most_samples(data), _FIRST_FILLS)
    if data.is_session:
        recorder.clock["next_timer_ns"] = -1
    else:
        connect(state, desk.intents, data.first_ts_ns, models)
    # Compiled, where it was not yet, before the clock starts.
    run = backtest_of(state, desk, recorder)
    fills: list[Rows] = []
    done = 0
    seconds = 0.0
    for events in data.chunks():
        started_s = time.perf_counter()
        _run_chunk(run, recorder, events, fills, done)
        seconds += time.perf_counter() - started_s
        done += len(events)
        if progress is not None:
            progress(done, data.length)
    return outline(data, state, recorder, np.concatenate(fills), seconds, settings_hash)


def _run_chunk(run: Run, recorder: Recorder, events: Rows, fills: list[Rows], before: int) -> None:
    """Run one chunk to its end, however often the fills have to be taken out."""
    at = 0
    while at < len(events):
        at = run(events, at, len(events))
        if recorder.clock[0]["unfinished"]:
            raise FatalError(
                f"backtest: event {before + at} caused more orders than can be carried out; "
                "kernel and venue answer each other without end"
            )
        fills.append(_take_fills(recorder))


def _take_fills(recorder: Recorder) -> Rows:
    """Move the fills out, so that the recorder has room again."""
    clock = recorder.clock[0]
    taken = np.array(recorder.fills[: clock["fills"]])
    clock["fills"] = 0
    return taken
