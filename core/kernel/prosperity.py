"""
IMC Prosperity's way to match, one tick at a time.

A tick is a timestamp: the books of all products, then the trades the market made among
itself. Who trades sees the books and answers with orders; then, product by product:

- If all orders of a product together could take the position beyond its limit, none of
  them is sent.
- An order takes what the book shows, best level first, at the level's price.
- What is left of it meets the tick's market trades at the order's own price: a buyer
  takes the seller's place where the trade was at that price or below, a seller the
  buyer's. Of each trade both places can be taken, and who came first has them.
- What is left then is gone: nothing rests.

These are the rules of the community's backtester for IMC's challenge, the nearest public
word on its exchange. Every order passes the risk gate first, like any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from core.domain.enums import CommandKind, EventKind, LiquiditySide, OrderStatus, Outcome
from core.domain.events import DEPTH, EVENT, IOC, NO_INSTRUMENT, OWN, Event
from core.domain.instrument import Instrument
from core.domain.memory import I64, IntArray, Rows, allocate, dtype_of
from core.domain.records import INTENT, MAX_INTENTS
from core.jit import entry_of, njit
from core.kernel.batch import PAUSE_NS, TIMER_NS
from core.kernel.bundle import by_reference
from core.kernel.evaluate import conclude
from core.kernel.linked import apply, link
from core.kernel.recorder import Recorder, record_fill, take_sample
from core.kernel.state import KernelState

Tick = Callable[[KernelState, "Floor", Recorder, Rows, IntArray, int, int, int], int]

MATCH_NONE = 0
MATCH_ALL = 1
MATCH_WORSE = 2
"""Which market trades an order may meet: none, at its price or worse, only at worse ones."""

NOBODY = -1
"""Counterparty of what was taken from the book."""

_ORDER, _REPORT, _TIMER = 0, 1, 2
"""Rows of `Floor.rows`."""


class Meeting(Protocol):
    """One fill of a tick, as the Trader is told of it."""

    instrument: I64
    side: I64
    price_ticks: I64
    lots: I64
    trade: I64
    """Number of the market trade among those of the tick, or NOBODY."""


class Tally(Protocol):
    """What the floor has counted."""

    trade_id: I64
    """Last execution id given out."""
    sent: I64
    """Orders that passed the gate."""
    over_limit: I64
    """Orders that were not sent because those of their product could breach its limit."""
    meetings: I64
    """Rows of `meetings` that belong to the tick just settled."""


MEETING = dtype_of(Meeting)
TALLY = dtype_of(Tally)


@by_reference
class Floor(NamedTuple):
    """The exchange of one tick, and the rows it shares with Python."""

    tally: Rows
    """TALLY, 1 row."""
    wanted: IntArray
    """int64, shape (orders, 3): instrument, price in ticks, lots signed by side."""
    meetings: Rows
    """MEETING rows."""
    left: IntArray
    """int64, shape (trades, 2): lots left of each market trade's buyer and seller."""
    shown: IntArray
    """int64, by instrument: row of its book in this tick, or NOBODY."""
    taken: IntArray
    """int64, shape (instruments, 2, DEPTH): lots taken from each level in this tick."""
    fees: Rows
    """float64, shape (instruments, 2): maker and taker fee in basis points."""
    rows: Rows
    """EVENT: the order, the report and the timer under way."""
    intents: Rows


def make_floor(instruments: Sequence[Instrument], orders: int, meetings: int, trades: int) -> Floor:
    """Make a floor with room for so many orders, fills and market trades a tick."""
    rows = allocate(EVENT, 3)
    for row, kind in ((_ORDER, EventKind.COMMAND), (_TIMER, EventKind.TIMER)):
        rows[row]["kind"] = kind.value
    rows[_ORDER]["code"] = CommandKind.PLACE.value
    rows[_ORDER]["key"] = IOC | OWN
    rows[_TIMER]["instrument"] = NO_INSTRUMENT
    return Floor(
        tally=allocate(TALLY, 1),
        wanted=np.zeros((orders, 3), np.int64),
        meetings=allocate(MEETING, meetings),
        left=np.zeros((trades, 2), np.int64),
        shown=np.full(len(instruments), NOBODY, np.int64),
        taken=np.zeros((len(instruments), 2, DEPTH), np.int64),
        fees=np.array([(each.maker_fee_bps, each.taker_fee_bps) for each in instruments]),
        rows=rows,
        intents=allocate(INTENT, MAX_INTENTS),
    )


@njit
def show(
    state: KernelState, floor: Floor, recorder: Recorder, events: Rows, first: int, stop: int
) -> None:
    """Let time pass up to a tick and apply its books, `events[first:stop]`."""
    floor.shown[:] = NOBODY
    now_ns = events[first].ts_ns
    _let_time_pass(state, floor, recorder, now_ns)
    if now_ns >= recorder.clock[0].next_sample_ns:
        take_sample(state, recorder, now_ns)
    for row in range(first, stop):
        event = events[row]
        event.seq = state.account[0].seq + 1
        apply(state, events, row, floor.intents)
        floor.shown[event.instrument] = row


@njit
def settle(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    events: Rows,
    first: int,
    stop: int,
    orders: int,
    matching: int,
) -> int:
    """
    Carry out the first `orders` rows of `wanted`, which are grouped by instrument.

    Args:
        state: Changed in place.
        floor: After `show` of the same tick.
        recorder: Fills are added; there has to be room for as many as `meetings` has.
        events: As for `show`.
        first: First of the tick's market trades in `events`.
        stop: One beyond the last.
        orders: How many rows of `wanted` count.
        matching: MATCH_NONE, MATCH_ALL or MATCH_WORSE.

    Returns:
        Number of fills, in `meetings`.
    """
    for trade in range(stop - first):
        floor.left[trade, 0] = floor.left[trade, 1] = events[first + trade].lots
    floor.tally[0].meetings = 0
    start = 0
    while start < orders:
        end = start + 1
        while end < orders and floor.wanted[end, 0] == floor.wanted[start, 0]:
            end += 1
        if _is_within_limit(state, floor, start, end):
            floor.taken[floor.wanted[start, 0]] = 0
            for row in range(start, end):
                _send(state, floor, recorder, events, first, stop, row, matching)
        start = end
    for row in range(first, stop):
        events[row].seq = state.account[0].seq + 1
        apply(state, events, row, floor.intents)
    return int(floor.tally[0].meetings)


def tick_of(
    state: KernelState, floor: Floor, recorder: Recorder, events: Rows, ticks: IntArray
) -> Tick:
    """Return `run_tick` for arguments of just these types: it is called for every tick."""
    link(state)
    return entry_of(run_tick, state, floor, recorder, events, ticks, -1, 0, 0)


@njit
def run_tick(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    events: Rows,
    ticks: IntArray,
    tick: int,
    orders: int,
    matching: int,
) -> int:
    """
    Settle a tick and show the next one; `tick` -1 only shows the first.

    `ticks` is int64, shape (ticks, 3): the first book of each, its first trade, its end.
    """
    count = 0
    if tick >= 0:
        first, stop = ticks[tick, 1], ticks[tick, 2]
        count = settle(state, floor, recorder, events, first, stop, orders, matching)
    following = tick + 1
    if following < ticks.shape[0]:
        show(state, floor, recorder, events, ticks[following, 0], ticks[following, 1])
    return count


@njit
def _let_time_pass(state: KernelState, floor: Floor, recorder: Recorder, now_ns: int) -> None:
    """Apply the timers that are due, as a backtest does."""
    clock = recorder.clock[0]
    if clock.next_timer_ns == 0:
        clock.next_timer_ns = now_ns
    last_ns = min(now_ns, clock.next_timer_ns + PAUSE_NS)
    while clock.next_timer_ns <= last_ns:
        timer = floor.rows[_TIMER]
        timer.ts_ns = clock.next_timer_ns
        timer.seq = state.account[0].seq + 1
        apply(state, floor.rows, _TIMER, floor.intents)
        clock.next_timer_ns += TIMER_NS
    clock.next_timer_ns = max(clock.next_timer_ns, (now_ns // TIMER_NS + 1) * TIMER_NS)


@njit
def _is_within_limit(state: KernelState, floor: Floor, start: int, end: int) -> bool:
    """Whether a product's orders together keep its position within the limit, however filled."""
    index = floor.wanted[start, 0]
    instrument = state.instruments[index]
    limit = instrument.position_limit_lots
    if limit <= 0:
        return True
    highest = lowest = instrument.position_lots
    for row in range(start, end):
        lots = floor.wanted[row, 2]
        highest += max(0, lots)
        lowest += min(0, lots)
    if highest <= limit and lowest >= -limit:
        return True
    account = state.account[0]
    reached = float(max(highest, -lowest))
    for _ in range(start, end):
        conclude(
            account, instrument, state.examples[index],
            Outcome.POSITION_LIMIT.value, reached, float(limit),
        )  # fmt: skip
    floor.tally[0].over_limit += end - start
    return False


@njit
def _send(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    events: Rows,
    first: int,
    stop: int,
    row: int,
    matching: int,
) -> None:
    """Bring one order through the gate, match it, and end it."""
    index, price_ticks, signed = floor.wanted[row, 0], floor.wanted[row, 1], floor.wanted[row, 2]
    side = 1 if signed > 0 else -1
    account = state.account[0]
    order = floor.rows[_ORDER]
    order.instrument = index
    order.side = side
    order.price_ticks = price_ticks
    order.lots = abs(signed)
    order.ts_ns = account.ts_ns
    order.seq = account.seq + 1
    if apply(state, floor.rows, _ORDER, floor.intents) == 0 or account.denial_code != 0:
        return
    floor.tally[0].sent += 1
    recorder.clock[0].orders += 1
    recorder.sent_lots[index] += abs(signed)
    order_id = floor.intents[0].order_id
    left = _take_shown(state, floor, recorder, events, index, side, price_ticks, abs(signed),
                       order_id)  # fmt: skip
    if left > 0 and matching != MATCH_NONE:
        left = _meet_trades(state, floor, recorder, events, first, stop, index, side,
                            price_ticks, left, order_id, matching)  # fmt: skip
    if left > 0:
        _end(state, floor, index, side, price_ticks, abs(signed), order_id)


@njit
def _take_shown(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    events: Rows,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    order_id: int,
) -> int:
    """Take what the book shows at the order's price or better. Returns what is left."""
    row = floor.shown[index]
    if row == NOBODY:
        return lots
    book = events[row]
    ladder = 0 if side > 0 else 1
    for level in range(DEPTH):
        ticks = book.ask_ticks[level] if side > 0 else book.bid_ticks[level]
        there = book.ask_lots[level] if side > 0 else book.bid_lots[level]
        there -= floor.taken[index, ladder, level]
        if there <= 0 or ticks <= 0:
            continue
        if (ticks - price_ticks) * side > 0 or lots == 0:
            break
        traded = min(lots, there)
        lots -= traded
        floor.taken[index, ladder, level] += traded
        _fill(state, floor, recorder, index, side, ticks, traded, lots, order_id, NOBODY)
    return int(lots)


@njit
def _meet_trades(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    events: Rows,
    first: int,
    stop: int,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    order_id: int,
    matching: int,
) -> int:
    """Take the place of those who traded at the order's price or worse. Returns what is left."""
    place = 1 if side > 0 else 0
    for trade in range(stop - first):
        event = events[first + trade]
        if event.instrument != index or floor.left[trade, place] == 0:
            continue
        worse = (price_ticks - event.price_ticks) * side
        if worse < 0 or (worse == 0 and matching == MATCH_WORSE):
            continue
        traded = min(lots, floor.left[trade, place])
        floor.left[trade, place] -= traded
        lots -= traded
        _fill(state, floor, recorder, index, side, price_ticks, traded, lots, order_id, trade)
        if lots == 0:
            break
    return int(lots)


@njit
def _fill(
    state: KernelState,
    floor: Floor,
    recorder: Recorder,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    left: int,
    order_id: int,
    trade: int,
) -> None:
    """Apply one fill, and note it for the report and for the Trader."""
    tally = floor.tally[0]
    meeting = floor.meetings[tally.meetings]
    tally.meetings += 1
    meeting.instrument = index
    meeting.side = side
    meeting.price_ticks = price_ticks
    meeting.lots = lots
    meeting.trade = trade
    tally.trade_id += 1
    is_maker = trade != NOBODY
    instrument = state.instruments[index]
    bps = floor.fees[index, 0] if is_maker else floor.fees[index, 1]
    worth = float(price_ticks * lots) * instrument.tick_value_nanos
    report = _report(state, floor, EventKind.FILL.value, index, side, price_ticks, lots, order_id)
    report.leaves_lots = left
    report.trade_id = tally.trade_id
    report.code = LiquiditySide.MAKER.value if is_maker else LiquiditySide.TAKER.value
    report.fee_nanos = math.floor(worth * bps / 1e4 + 0.5)
    realized_nanos = instrument.realized_nanos
    apply(state, floor.rows, _REPORT, floor.intents)
    # Decided and filled within one tick, on the book that it showed.
    record_fill(recorder, report, instrument, realized_nanos, report.ts_ns, instrument.mid2_ticks)


@njit
def _end(
    state: KernelState,
    floor: Floor,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    order_id: int,
) -> None:
    """Report that what is left of an order is gone with its tick."""
    kind = EventKind.ORDER_REPORT.value
    report = _report(state, floor, kind, index, side, price_ticks, lots, order_id)
    report.status = OrderStatus.CANCELED.value
    apply(state, floor.rows, _REPORT, floor.intents)


@njit
def _report(
    state: KernelState,
    floor: Floor,
    kind: int,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    order_id: int,
) -> Event:
    """Start the exchange's next report, numbered and at the time of its tick."""
    account = state.account[0]
    report = floor.rows[_REPORT]
    report.kind = kind
    report.ts_ns = account.ts_ns
    report.seq = account.seq + 1
    report.instrument = index
    report.order_id = order_id
    report.side = side
    report.price_ticks = price_ticks
    report.lots = lots
    report.leaves_lots = 0
    report.status = 0
    report.code = 0
    report.trade_id = 0
    report.fee_nanos = 0
    return report  # type: ignore[no-any-return]  # a row is its record class
