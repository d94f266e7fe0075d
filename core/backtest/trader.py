"""An IMC Prosperity Trader on recorded days: Python decides, compiled code does the rest."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TextIO

import numpy as np

from core.backtest.outline import connect, most_samples, outline
from core.backtest.run import Progress
from core.backtest.site_log import SiteLog
from core.data.dataset import DataSet
from core.data.days import prosperity_day_start_ns
from core.domain.enums import EventKind, Outcome, OwnStrategy
from core.domain.errors import ConfigurationError, DataError
from core.domain.memory import IntArray, Rows
from core.kernel.prosperity import Floor, make_floor, tick_of
from core.kernel.recorder import make_recorder
from core.kernel.state import KernelState, make_state
from core.reports.result import BacktestResult
from core.strategies.fault import StrategyFault
from core.strategies.limits import CallLimit, limited_memory, ready_within
from core.strategies.prints import printing_to
from core.strategies.python_class import LoadedClass
from core.strategies.trader import LEVELS, Name, Printed, TraderSession, pack_orders

_NS_PER_MS = 1_000_000
_CHUNK = 250
"""Ticks whose books are turned into Python's numbers at a time."""
_GARBAGE = 20_000
"""New objects between two looks of the collector."""
_NAMELESS = ("", "")
_ORDERS = 1_024
_FILLS = 65_536

Observations = Mapping[int, Mapping[str, Any]]
"""By time in ns: conversion observations by product."""


@dataclass(frozen=True, slots=True)
class TraderTerms:
    """How a Trader is run."""

    matching: int
    """MATCH_NONE, MATCH_ALL or MATCH_WORSE of `core.kernel.prosperity`."""
    timeout_s: float
    """Longest that one call may take; 0 for no limit."""
    memory_mb: int
    """What the process may allocate while it runs; 0 for no limit."""
    prints_to: TextIO | None = None
    """Where its prints go; None for nowhere."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the prices and only a Trader asks for."""

    names: Mapping[int, Name] = field(default_factory=dict)
    """Row of a market trade among the events: who stood on its two sides."""
    observations: Observations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraderRun:
    """What a Trader has done, beyond the account's figures."""

    result: BacktestResult
    ticks: int
    """Ticks it was asked in."""
    trader_s: float
    """Time inside it."""
    sent: int
    """Orders that reached the book."""
    over_limit: int
    """Orders not sent because those of their product could breach its limit."""
    blocked: Mapping[str, int]
    """Orders that our own risk gate held back, by outcome."""
    refused: Mapping[str, int]
    """Results that were no orders, by reason."""
    examples: Mapping[str, str]
    """The first of each."""
    conversions: int
    fault: StrategyFault | None
    """Why it ended early; None if it ran to the end."""


def run_trader(
    data: DataSet,
    loaded: LoadedClass,
    params: Rows,
    capital_nanos: int,
    terms: TraderTerms,
    *,
    beside: Beside | None = None,
    settings_hash: str = "",
    progress: Progress | None = None,
    log: SiteLog | None = None,
) -> TraderRun:
    """
    Run a Trader on all of `data` from a flat account.

    Days follow each other: timestamps go on, and positions and traderData are kept.

    Args:
        data: Prosperity's; its events are numbered in place.
        loaded: The Trader.
        params: PARAMS, 1 row.
        capital_nanos: What the account starts with, > 0.
        terms: How it is run.
        beside: Names and observations.
        settings_hash: Carried into the result.
        progress: Told how far the run is, now and then.
        log: Kept of the run; its `prints` has to be where the terms let it print.

    Raises:
        DataError: If there are no events.
        ConfigurationError: If the data are not Prosperity's, or the Trader cannot be made.
    """
    if len(data.events) == 0:
        raise DataError(", ".join(str(file.path) for file in data.sources), "holds no events")
    if data.profile != "prosperity":
        raise ConfigurationError(
            f"{loaded.name} is an IMC Trader, and these data are not Prosperity's: "
            "name a prices_*.csv file"
        )
    desk = _TraderDesk(data, params, capital_nanos, beside or Beside())
    limit = CallLimit(terms.timeout_s)
    symbols = [str(instrument.symbol) for instrument in data.instruments]
    fault = None
    started_s = time.perf_counter()
    with limited_memory(terms.memory_mb), printing_to(terms.prints_to), _settled_heap():
        with ready_within(loaded.name):
            session = TraderSession(loaded, symbols, limit, terms.memory_mb)
        try:
            with limit.watching():
                desk.run(session, terms.matching, progress, log)
        except StrategyFault as error:
            fault = error
    seconds = time.perf_counter() - started_s
    return desk.report(session, seconds, settings_hash, fault)


@contextmanager
def _settled_heap() -> Iterator[None]:
    """Spare the collector all that is there already: it would look through it again and again."""
    gc.freeze()
    thresholds = gc.get_threshold()
    gc.set_threshold(_GARBAGE, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class _TraderDesk:
    """The kernel, IMC's floor and the recording, with the Trader between two ticks."""

    def __init__(self, data: DataSet, params: Rows, capital_nanos: int, beside: Beside) -> None:
        self._data = data
        self._beside = beside
        self._ticks = ticks_of(data.events)
        self._asked = 0
        trades = int((self._ticks[:, 2] - self._ticks[:, 1]).max())
        self._most_trades = trades
        self._state = make_state(
            data.instruments, params, capital_nanos, own_strategy=OwnStrategy.TRADER
        )
        self._floor = self._make_floor(_ORDERS)
        self._recorder = make_recorder(len(data.instruments), most_samples(data), _FILLS)
        self._fills: list[Rows] = []
        self._room = len(self._recorder.fills)
        connect(self._state, self._floor.intents, data.first_ts_ns)
        self._advance = tick_of(self._state, self._floor, self._recorder, data.events, self._ticks)

    def _make_floor(self, orders: int) -> Floor:
        # An order meets each level once, and each trade once.
        meetings = orders + (2 * LEVELS + 2 * self._most_trades) * len(self._data.instruments)
        return make_floor(self._data.instruments, orders, 2 * meetings, self._most_trades + 1)

    def run(
        self,
        session: TraderSession,
        matching: int,
        progress: Progress | None,
        log: SiteLog | None,
    ) -> None:
        """Go through all ticks."""
        total = len(self._ticks)
        day_zero_ns = prosperity_day_start_ns(self._data.first_ts_ns)
        target = _bytes_of(self._floor.wanted)
        self._advance(*self._arguments(-1, 0, matching))
        for start in range(0, total, _CHUNK):
            stop = min(start + _CHUNK, total)
            books = _books_of(self._data.events, self._ticks[start:stop])
            trades = self._trades_of(self._ticks[start:stop])
            bounds = self._ticks[start:stop].tolist()
            times = self._data.events["ts_ns"][self._ticks[start:stop, 0]].tolist()
            for number in range(stop - start):
                tick = start + number
                _, first, end = bounds[number]
                timestamp = (times[number] - day_zero_ns) // _NS_PER_MS
                orders = 0
                if books[number]:
                    observed = self._beside.observations.get(times[number], {})
                    wanted = session.ask(timestamp, books[number], observed)
                    self._asked += 1
                    if log is not None:
                        log.note_tick(timestamp, books[number], self._state)
                    if wanted:
                        if len(wanted) > 3 * len(self._floor.wanted):
                            target = self._enlarge(len(wanted) // 3)
                        orders = pack_orders(wanted, target)
                    if self._room < len(self._floor.meetings):
                        self._take_fills()
                fills = self._advance(*self._arguments(tick, orders, matching))
                if fills or end > first:
                    self._tell(session, timestamp, fills, trades[number], log)
            if progress is not None:
                progress(bounds[-1][2], len(self._data.events))

    def _arguments(self, tick: int, orders: int, matching: int) -> tuple[Any, ...]:
        return (
            self._state, self._floor, self._recorder, self._data.events, self._ticks,
            tick, orders, matching,
        )  # fmt: skip

    def _enlarge(self, orders: int) -> memoryview:
        """Make room for a Trader that wants more orders in one tick than any before."""
        floor = self._make_floor(2 * orders)
        floor.tally[:] = self._floor.tally
        floor.shown[:] = self._floor.shown
        self._floor = floor
        if len(self._recorder.fills) < len(floor.meetings):
            self._take_fills()
            recorder = self._recorder
            wider = make_recorder(len(self._data.instruments), 1, len(floor.meetings))
            self._recorder = recorder._replace(fills=wider.fills)
            self._room = len(wider.fills)
        return _bytes_of(floor.wanted)

    def _take_fills(self) -> None:
        """Move the fills out, so that the recorder has room again."""
        clock = self._recorder.clock[0]
        self._fills.append(np.array(self._recorder.fills[: clock["fills"]]))
        clock["fills"] = 0
        self._room = len(self._recorder.fills)

    def _trades_of(self, ticks: IntArray) -> list[list[Printed]]:
        """Turn the market trades of some ticks into what a Trader is told of them."""
        begin, end = int(ticks[0, 0]), int(ticks[-1, 2])
        rows = self._data.events[begin:end]
        names = self._beside.names
        is_trade = np.asarray(rows["kind"] != EventKind.BOOK.value)
        places = np.flatnonzero(is_trade)
        printed: list[Printed] = [
            (number, price, lots, names.get(begin + place, _NAMELESS))
            for place, number, price, lots in zip(
                places.tolist(),
                rows["instrument"][places].tolist(),
                rows["price_ticks"][places].tolist(),
                rows["lots"][places].tolist(),
                strict=True,
            )
        ]
        before = np.searchsorted(places, ticks[:, 1:] - begin).tolist()
        return [printed[first:stop] for first, stop in before]

    def _tell(
        self,
        session: TraderSession,
        timestamp: int,
        fills: int,
        trades: Sequence[Printed],
        log: SiteLog | None,
    ) -> None:
        """Tell the Trader's side what happened in the tick just settled."""
        if fills:
            self._room -= fills
            meetings = self._floor.meetings[:fills].tolist()
            own = session.note_fills(timestamp, meetings, trades)
            if any(meeting[-1] >= 0 for meeting in meetings):
                left = self._floor.left[: len(trades)].tolist()
                trades = [
                    (number, price, min(lots), names)
                    for (number, price, _, names), lots in zip(trades, left, strict=True)
                ]
            if log is not None:
                log.note_trades(own)
        if trades:
            market = session.note_trades(timestamp, trades)
            if log is not None:
                log.note_trades(market)

    def report(
        self,
        session: TraderSession,
        seconds: float,
        settings_hash: str,
        fault: StrategyFault | None,
    ) -> TraderRun:
        """Sum up, whether it ran to the end or not."""
        data, tally = self._data, self._floor.tally[0]
        self._take_fills()
        fills = np.concatenate(self._fills)
        result = outline(data, self._state, self._recorder, fills, seconds, settings_hash)
        return TraderRun(
            result=result,
            ticks=self._asked,
            trader_s=session.seconds,
            sent=int(tally["sent"]),
            over_limit=int(tally["over_limit"]),
            blocked=_blocked(self._state, int(tally["over_limit"])),
            refused=dict(session.refused.counts),
            examples=dict(session.refused.examples),
            conversions=session.conversions,
            fault=fault,
        )


def _blocked(state: KernelState, over_limit: int) -> dict[str, int]:
    """Orders that the gate held back: what evaluations ended in, but for the venue's limit."""
    counts = state.account[0]["outcomes"].tolist()
    counts[Outcome.TRADE] = 0
    counts[Outcome.POSITION_LIMIT] -= over_limit
    return {code.name: counts[code] for code in Outcome if counts[code]}


def ticks_of(events: Rows) -> IntArray:
    """
    Find where each timestamp begins.

    Returns:
        int64, shape (ticks, 3): row of its first book, of its first trade, and its end.
    """
    times = np.asarray(events["ts_ns"])
    firsts = np.flatnonzero(np.diff(times, prepend=times[0] - 1))
    ends = np.append(firsts[1:], len(times))
    is_book = np.asarray(events["kind"] == EventKind.BOOK.value, np.int64)
    return np.column_stack([firsts, firsts + np.add.reduceat(is_book, firsts), ends])


def _books_of(events: Rows, ticks: IntArray) -> list[list[tuple[int, tuple[int, ...]]]]:
    """Turn the books of some ticks into Python's numbers, in order of the products."""
    begin, end = int(ticks[0, 0]), int(ticks[-1, 2])
    rows = events[begin:end]
    columns = np.concatenate(
        [
            np.asarray(rows["bid_ticks"])[:, :LEVELS], np.asarray(rows["bid_lots"])[:, :LEVELS],
            np.asarray(rows["ask_ticks"])[:, :LEVELS], -np.asarray(rows["ask_lots"])[:, :LEVELS],
        ],
        axis=1,
    )  # fmt: skip
    order = np.lexsort((rows["instrument"], rows["kind"], rows["ts_ns"]))
    levels = columns[order].tolist()
    numbers = np.asarray(rows["instrument"])[order].tolist()
    pairs = list(zip(numbers, levels, strict=True))
    return [pairs[a - begin : b - begin] for a, b, _ in ticks.tolist()]


def _bytes_of(rows: IntArray) -> memoryview:
    return rows.view(np.uint8).reshape(-1).data
