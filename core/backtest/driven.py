"""
A backtest with a Python strategy: compiled stretches, and the class between them.

The strategy is told of an event after the kernel has applied it. What it wants is applied
as COMMAND events of the same time, before the next recorded event: they pass the risk
gate, and travel to the venue and back as long as any order does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from core.backtest.outline import connect, most_samples, outline
from core.backtest.run import Progress
from core.backtest.terms import simulated_desk
from core.data.dataset import RecordedMarket
from core.domain.enums import EventKind, OwnStrategy
from core.domain.errors import DataError, FatalError
from core.domain.events import EventRow, load, stamp
from core.domain.memory import Rows
from core.kernel.batch import Desk, backtest_of, make_desk
from core.kernel.recorder import Recorder, make_recorder
from core.kernel.state import KernelState, make_state
from core.reports.result import BacktestResult
from core.settings.simulation import SimulationSettings
from core.strategies.fault import StrategyFault
from core.strategies.handlers import HandlerSession
from core.strategies.kernel_view import KernelView
from core.strategies.limits import CallLimit, limited_memory, ready_within
from core.strategies.plugins import LoadedSignal, install
from core.strategies.prints import printing_to
from core.strategies.python_class import LoadedClass

_FILLS = 65_536


@dataclass(frozen=True, slots=True)
class DrivenTerms:
    """How a Python strategy is run."""

    timeout_s: float
    """Longest that one call may take; 0 for no limit."""
    memory_mb: int
    """What the process may allocate while it runs; 0 for no limit."""
    prints_to: TextIO | None = None
    """Where its prints go; None for nowhere."""


@dataclass(frozen=True, slots=True)
class DrivenRun:
    """What a strategy has done, beyond the account's figures."""

    result: BacktestResult
    calls: int
    strategy_s: float
    """Time inside it."""
    fault: StrategyFault | None
    """Why it ended early; None if it ran to the end."""


def run_driven(
    data: RecordedMarket,
    loaded: LoadedClass,
    params: Rows,
    capital_nanos: int,
    terms: DrivenTerms,
    *,
    simulation: SimulationSettings | None = None,
    models: Sequence[EventRow] = (),
    signal: LoadedSignal | None = None,
    settings_hash: str = "",
    progress: Progress | None = None,
) -> DrivenRun:
    """
    Run a strategy on all of `data` from a flat account.

    Args:
        data: Gone through once, chunk by chunk; its events are numbered in place.
        loaded: The strategy.
        params: PARAMS, 1 row.
        capital_nanos: What the account starts with, > 0.
        terms: How it is run.
        simulation: How the market treats our orders; None for the plain way, without delay.
        models: Model updates that the run begins with.
        signal: The user's own, which a strategy may have beside it.
        settings_hash: Carried into the result.
        progress: Told how far the run is.

    Raises:
        DataError: If there are no events.
        ConfigurationError: If the strategy cannot be made.
        FatalError: If kernel and venue answer each other without end.
    """
    if data.length == 0:
        raise DataError(", ".join(str(file.path) for file in data.sources), "holds no events")
    desk = make_desk(data.instruments) if simulation is None else simulated_desk(data, simulation)
    state = make_state(data.instruments, params, capital_nanos, own_strategy=OwnStrategy.PYTHON)
    install(state, signal)
    recorder = make_recorder(len(data.instruments), most_samples(data), _FILLS)
    connect(state, desk.intents, data.first_ts_ns, models)
    limit = CallLimit(terms.timeout_s)
    fault = None
    with limited_memory(terms.memory_mb), printing_to(terms.prints_to):
        view = KernelView(state)
        with ready_within(loaded.name):
            session = HandlerSession(loaded, data.instruments, view, limit, terms.memory_mb)
        driver = _Driver(state, desk, recorder, session)
        started_s = time.perf_counter()
        try:
            with limit.watching():
                driver.run(data, progress)
        except StrategyFault as error:
            fault = error
        seconds = time.perf_counter() - started_s
    fills = driver.all_fills()
    result = outline(data, state, recorder, fills, seconds, settings_hash)
    return DrivenRun(result, session.calls, session.seconds, fault)


class _Driver:
    """Runs stretches of events and calls the strategy between them."""

    def __init__(
        self, state: KernelState, desk: Desk, recorder: Recorder, session: HandlerSession
    ) -> None:
        self._state, self._desk, self._recorder = state, desk, recorder
        self._session = session
        self._run = backtest_of(state, desk, recorder)
        self._told_fills = 0
        self._fills: list[Rows] = []
        self._next_timer_ns = 0

    def run(self, data: RecordedMarket, progress: Progress | None) -> None:
        """Go through all events."""
        self._apply(self._session.start(), data.first_ts_ns)
        done = 0
        for events in data.chunks():
            self._run_chunk(events)
            done += len(events)
            if progress is not None:
                progress(done, data.length)

    def all_fills(self) -> Rows:
        """All fills of the run."""
        self._take_fills()
        return np.concatenate(self._fills)

    def _run_chunk(self, events: Rows) -> None:
        session = self._session
        times = events["ts_ns"].tolist()
        kinds = events["kind"].tolist()
        numbers = events["instrument"].tolist()
        told = self._told_kinds()
        at = 0
        for stop in self._stops(events, told):
            self._advance(events, at, stop)
            at = stop
            self._tell_fills()
            last = stop - 1
            now_ns = times[last]
            if kinds[last] == EventKind.BOOK and EventKind.BOOK in told:
                self._apply(session.on_book(numbers[last]), now_ns)
            elif kinds[last] == EventKind.TRADE and EventKind.TRADE in told:
                event = events[last]
                price_ticks, lots, side = (
                    int(event[name]) for name in ("price_ticks", "lots", "side")
                )
                self._apply(session.on_trade(numbers[last], price_ticks, lots, side), now_ns)
            if session.has("on_timer") and now_ns >= self._next_timer_ns:
                self._next_timer_ns = (now_ns // session.timer_ns + 1) * session.timer_ns
                self._apply(session.on_timer(now_ns), now_ns)

    def _told_kinds(self) -> set[int]:
        """Kinds of recorded events that the strategy is told of one by one."""
        session = self._session
        told = set()
        # A fill comes with a book or a trade, and is to be told before the next one.
        if session.has("on_book") or session.has("on_fill"):
            told.add(EventKind.BOOK.value)
        if session.has("on_trade") or session.has("on_fill"):
            told.add(EventKind.TRADE.value)
        return told

    def _stops(self, events: Rows, told: set[int]) -> list[int]:
        """Where the compiled stretches of a chunk end."""
        wanted = np.isin(events["kind"], list(told)) if told else np.zeros(len(events), bool)
        if self._session.has("on_timer"):
            beats = np.asarray(events["ts_ns"]) // self._session.timer_ns
            wanted[np.flatnonzero(np.diff(beats)) + 1] = True
            wanted[0] = True
        wanted[-1] = True
        stops: list[int] = (np.flatnonzero(wanted) + 1).tolist()
        return stops

    def _apply(self, wanted: Sequence[EventRow], now_ns: int) -> None:
        """Apply what the strategy wants, and tell it of what that traded at once."""
        while wanted:
            for row in wanted:
                stamp(row, 0, now_ns)
            rows = load(wanted)
            self._advance(rows, 0, len(rows))
            wanted = self._tell_fills(is_answering=True)

    def _tell_fills(self, *, is_answering: bool = False) -> list[EventRow]:
        """Tell of fills since the last time; apply what that makes it want, or hand it back."""
        count = int(self._recorder.clock[0]["fills"])
        if count == self._told_fills:
            return []
        fresh = self._recorder.fills[self._told_fills : count]
        self._told_fills = count
        wanted: list[EventRow] = []
        if self._session.has("on_fill"):
            for fill in fresh:
                number, order_id, side, price_ticks, lots = (
                    int(fill[name])
                    for name in ("instrument", "order_id", "side", "price_ticks", "lots")
                )
                wanted += self._session.on_fill(number, order_id, side, price_ticks, lots)
        if is_answering:
            return wanted
        self._apply(wanted, int(self._state.account[0]["ts_ns"]))
        return []

    def _advance(self, events: Rows, start: int, stop: int) -> None:
        """Run a stretch to its end, however often the fills have to be taken out."""
        at = self._run(events, start, stop)
        while at < stop:
            if self._recorder.clock[0]["unfinished"]:
                raise FatalError(
                    "backtest: an event caused more orders than can be carried out; "
                    "kernel and venue answer each other without end"
                )
            self._tell_fills()
            self._take_fills()
            at = self._run(events, at, stop)

    def _take_fills(self) -> None:
        """Move the fills out, so that the recorder has room again."""
        clock = self._recorder.clock[0]
        self._fills.append(np.array(self._recorder.fills[: clock["fills"]]))
        clock["fills"] = 0
        self._told_fills = 0
