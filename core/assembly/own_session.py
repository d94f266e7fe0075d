"""
A run of the engine as a market to trade again: all that came, but for its own orders.

Books are told without what our own orders offered in them, and trades without those in
which we took: an order that is made again stands and takes there once more. What the
venue said of our orders is left out, but how long it took to say it is kept, so that with
recorded latencies an order that is made again meets the same market at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.assembly.recorded_run import run_source
from core.data.dataset import DataSet
from core.domain.enums import EventKind, IntentKind, LiquiditySide, OrderStatus, VenueState
from core.domain.errors import DataError
from core.domain.events import DEPTH, EVENT
from core.domain.memory import Rows, allocate, as_records
from core.domain.records import INTENT
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.kernel.post import LATENCY
from core.runtime.verify import read_beginning

_OURS = (EventKind.ORDER_REPORT, EventKind.FILL)

_LEFT_OUT = "orders and fills of the engine, which are made anew"


def load_session(folder: Path) -> DataSet:
    """
    Read a run for a backtest, also one that still runs.

    A damaged journal is used as far as it can be read; its source says where that ends.

    Raises:
        DataError: If there is no journal, a version whose events have another shape wrote
            it, or no book is in it.
    """
    path = folder / JOURNAL
    beginning = read_beginning(folder)
    skipped: dict[str, int] = {}
    with JournalReader(path) as journal:
        profile = journal.meta.get("profile", "")
        whole = _read(journal, skipped)
        waits = _Waits(_intents(journal, whole))
    orders = _OwnOrders(whole)
    for place in np.flatnonzero(np.isin(whole["kind"], _OURS)):
        orders.hear(int(place))
        waits.hear(whole[place])
    orders.finish()
    is_left_out = orders.is_ours | _is_later_position(whole)
    events = whole[~is_left_out]
    if not np.any(events["kind"] == EventKind.BOOK):
        raise DataError(path, "has no order book that can be read")
    skipped[_LEFT_OUT] = int(np.count_nonzero(is_left_out))
    return DataSet(
        beginning.instruments,
        profile,
        as_records(events),
        (run_source(path, len(whole), skipped),),
        latencies=waits.table(),
        is_session=True,
    )


def _read(journal: JournalReader, skipped: dict[str, int]) -> Rows:
    """All events, up to the first that is damaged; no clock goes back."""
    chunks: list[Rows] = [np.zeros(0, EVENT)]
    try:
        chunks.extend(journal.events())
    except DataError as error:
        rows = sum(map(len, chunks))
        skipped[f"the rest after event {rows:,}, as {error.reason}"] = 1
    whole = np.concatenate(chunks)
    whole["ts_ns"] = np.maximum.accumulate(whole["ts_ns"])
    return whole


def _is_later_position(events: Rows) -> Rows:
    """Positions told after the first state of the account: they come from our own orders."""
    is_synced = (events["kind"] == EventKind.VENUE_STATE) & (events["status"] == VenueState.SYNCED)
    first = int(np.argmax(is_synced)) if is_synced.any() else len(events)
    return (events["kind"] == EventKind.POSITION_REPORT) & (np.arange(len(events)) > first)


def _intents(journal: JournalReader, events: Rows) -> Iterator[tuple[int, Rows]]:
    """Each decided intent with the time it was sent at."""
    if len(events) == 0:
        return
    times = dict(zip(events["seq"].tolist(), events["ts_ns"].tolist(), strict=True))
    first, last = int(events["seq"][0]), int(events["seq"][-1])
    for seq, payload in sorted(journal.decisions(first, last).items()):
        for intent in np.frombuffer(payload, INTENT):
            if seq in times:
                yield times[seq], intent


class _Waits:
    """How long the venue took to answer each intent."""

    def __init__(self, intents: Iterator[tuple[int, Rows]]) -> None:
        self._left_ns: list[int] = []
        """When each intent left, in their order."""
        self._wait_ns: dict[int, int] = {}
        """By number of the intent."""
        self._sent: dict[int, list[int]] = {}
        """By order: numbers of intents that are not answered yet."""
        for ts_ns, intent in intents:
            if intent["kind"] in (IntentKind.PLACE, IntentKind.REPLACE, IntentKind.CANCEL):
                self._sent.setdefault(int(intent["order_id"]), []).append(len(self._left_ns))
            self._left_ns.append(ts_ns)

    def hear(self, row: Rows) -> None:
        """Take the first word about an order that was sent as the answer to it."""
        sent = self._sent.get(int(row["order_id"]))
        ts_ns = int(row["ts_ns"])
        if not sent or self._left_ns[sent[0]] > ts_ns:
            return
        number = sent.pop(0)
        self._wait_ns[number] = ts_ns - self._left_ns[number]

    def table(self) -> Rows:
        """
        Write LATENCY rows in the order of the intents.

        All of the wait is the way there: on one connection our orders stand among books and
        trades as they were heard, whenever they happened by the venue's clock. One without
        an answer took as long as the slowest that left with it.
        """
        slowest: dict[int, int] = {}
        for number, wait_ns in self._wait_ns.items():
            left_ns = self._left_ns[number]
            slowest[left_ns] = max(slowest.get(left_ns, 0), wait_ns)
        known = [number for number, left_ns in enumerate(self._left_ns) if left_ns in slowest]
        rows = allocate(LATENCY, len(known))
        for row, number in zip(rows, known, strict=True):
            left_ns = self._left_ns[number]
            row["ts_ns"] = left_ns
            row["order_ns"] = self._wait_ns.get(number, slowest[left_ns])
        return rows


@dataclass(slots=True)
class _Resting:
    """One of our orders as the venue has it."""

    instrument: int
    side: int
    price_ticks: int
    lots: int


@dataclass(slots=True)
class _OwnOrders:
    """Follows our orders through a run and takes them out of its books."""

    events: Rows
    is_ours: Rows = field(init=False)
    """By event: whether it is of our own making."""
    _resting: dict[int, _Resting] = field(default_factory=dict)
    _done: int = 0
    """Books before this event are as they would be without us."""

    def __post_init__(self) -> None:
        self.is_ours = np.isin(self.events["kind"], _OURS)

    def hear(self, place: int) -> None:
        """Take in one report or fill."""
        row = self.events[place]
        order_id = int(row["order_id"])
        if row["kind"] == EventKind.FILL:
            self._claim_trade(place)
            if order_id in self._resting:
                self._clean(place)
                self._resting[order_id].lots = int(row["leaves_lots"])
            return
        self._clean(place)
        if row["status"] == OrderStatus.OPEN and row["leaves_lots"] > 0:
            self._resting[order_id] = _Resting(
                int(row["instrument"]),
                int(row["side"]),
                int(row["price_ticks"]),
                int(row["leaves_lots"]),
            )
        else:
            self._resting.pop(order_id, None)

    def finish(self) -> None:
        """Clean the books up to the end."""
        self._clean(len(self.events))

    def _clean(self, stop: int) -> None:
        """Take what rests now out of the books since the last change."""
        start, self._done = self._done, stop
        by_instrument: dict[int, list[_Resting]] = {}
        for order in self._resting.values():
            if order.lots > 0:
                by_instrument.setdefault(order.instrument, []).append(order)
        for instrument, orders in by_instrument.items():
            rows = self.events[start:stop]
            is_book = (rows["kind"] == EventKind.BOOK) & (rows["instrument"] == instrument)
            for place in np.flatnonzero(is_book):
                _take_out(rows[place], orders)

    def _claim_trade(self, place: int) -> None:
        """
        Find the trade behind a fill of ours, which is told just before it.

        One in which we took is left out; one that met our order is marked with it.
        """
        fill = self.events[place]
        for earlier in range(place - 1, max(-1, place - _NEAR), -1):
            row = self.events[earlier]
            is_free = not self.is_ours[earlier] and row["order_id"] == 0
            if (
                is_free
                and row["kind"] == EventKind.TRADE
                and all(row[name] == fill[name] for name in _SAME)
            ):
                if fill["code"] == LiquiditySide.TAKER:
                    self.is_ours[earlier] = True
                else:
                    row["order_id"] = fill["order_id"]
                return


_NEAR = 64
"""Events within which a trade and our fill from it are told."""

_SAME = ("instrument", "exch_ts_ns", "price_ticks", "lots")


def _take_out(book: Rows, orders: Sequence[_Resting]) -> None:
    """Take our own lots out of one book; a price that was all ours goes."""
    for order in orders:
        side = "bid" if order.side > 0 else "ask"
        ticks, lots = book[f"{side}_ticks"], book[f"{side}_lots"]
        for level in range(DEPTH):
            if lots[level] > 0 and ticks[level] == order.price_ticks:
                lots[level] = max(0, lots[level] - order.lots)
                if lots[level] == 0:
                    ticks[level:-1], lots[level:-1] = (
                        ticks[level + 1 :].copy(),
                        lots[level + 1 :].copy(),
                    )
                    ticks[-1] = lots[-1] = 0
                break
