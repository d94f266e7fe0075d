"""
A venue made of recorded order books, on the exchange's own matching code.

Recorded volume stands in the matching book as anonymous orders of MARKET; ours queue
among them. What the recording says next moves the market's orders, never ours:

- A level that shrinks loses from its tail first: who cancels is assumed to have stood
  behind us, unless a queue model says otherwise. A level that grows does so behind us.
- A recorded order that arrives at or through our price trades with us at our price.
- A recorded trade is an immediate-or-cancel order of MARKET: it takes the queue ahead
  of us first, and then us; in a run of ours, one that met us then meets us first.
- What we took is gone until the next recorded book of that instrument or, where our
  orders have impact, until the recording itself shows less at that price.
- A crossed or impossible recorded book is nobody's to trade on: our queues stay as they
  are, and without orders of ours the market is empty.
- Levels that scroll out of a full recorded depth keep their queue while we stand there.

- What trades with us at the venue's own terms (`VenueTerms`): slippage on what we take,
  a share of cancels ahead of us, volume that stays taken, hours without trading.

Answers are EVENT rows without a number: the caller stamps and applies them. An accepted
order is reported OPEN with all its lots, then filled, then CANCELED where something is
left that does not rest. The market side of an instrument is kept up only while we have
an order there. Delays are the caller's: see `core.kernel.post`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from core.domain.enums import EventKind, IntentKind, LiquiditySide, OrderStatus, RejectReason
from core.domain.events import DEPTH, EVENT, IOC, Event
from core.domain.instrument import Instrument
from core.domain.memory import F64, I64, IntArray, Rows, allocate, dtype_of
from core.domain.records import MAX_ORDERS
from core.jit import njit
from core.kernel import matching
from core.kernel.bundle import by_reference
from core.kernel.matching import ANONYMOUS, MARKET, NOWHERE, Book
from core.kernel.recorded_queues import (
    grow_tail,
    guess_aggressor,
    market_lots,
    usable_levels,
    withdraw,
)
from core.kernel.taken import settle, take, write_nothing, write_remaining

OURS = 1
"""Owner of our orders in the matching book."""

_BOOK_ORDERS = 4 * MAX_ORDERS
"""Ours, and between any two of them a piece of the market."""
_BOOK_LEVELS = 2 * DEPTH + MAX_ORDERS

_MOST_TAKEN = 2 * DEPTH
"""Prices a side of which it is remembered what we took."""

KEPT = -2
"""A book row that is in `Simulation.kept`."""

MAX_REPORTS = _BOOK_ORDERS + 2
"""Most reports one recorded event or one intent can cause."""


class Market(Protocol):
    """One instrument of the simulated venue."""

    tick_value_nanos: I64
    maker_fee_bps: F64
    taker_fee_bps: F64
    position_limit_lots: I64
    position_lots: I64
    """Ours."""
    book_row: I64
    """Row of the latest BOOK among the caller's events, NOWHERE before the first, or KEPT."""
    is_synced: I64
    """1 while the matching book reflects that row."""
    live_orders: I64
    taken: I64
    """Prices of which we have taken something."""


class OwnOrder(Protocol):
    """An order of ours that rests, at row `order_id % MAX_ORDERS`; order id 0 is free."""

    order_id: I64
    instrument: I64
    cum_lots: I64
    sent_ns: I64
    """When it was sent or last changed; the caller's, as is what follows."""
    sent_mid2_ticks: I64


class VenueTerms(Protocol):
    """How the venue treats us, one row; all 0 is the plain way."""

    queue_power: F64
    """
    0: whoever cancels stood behind us. Else the share of cancels that happen behind us is
    back^n / (back^n + front^n), of the lots behind and ahead.
    """
    slippage_ticks: I64
    """What taking costs beyond the price in the book."""
    has_impact: I64
    """1: what we took stays taken while the recording shows it."""
    shows_ours: I64
    """1: books are told with our orders in them; see `core.kernel.own_levels`."""


class Tape(Protocol):
    """What the venue has counted so far."""

    trade_id: I64
    """Last execution id given out."""
    refusals: I64


MARKET_ROW = dtype_of(Market)
OWN_ORDER = dtype_of(OwnOrder)
TAPE = dtype_of(Tape)
VENUE_TERMS = dtype_of(VenueTerms)


@by_reference
class Simulation(NamedTuple):
    """All state of the simulated venue."""

    markets: Rows
    """MARKET_ROW, one an instrument."""
    orders: Rows
    """OWN_ORDER, MAX_ORDERS rows."""
    tape: Rows
    """TAPE, 1 row."""
    executions: Rows
    books: Book
    """One matching book an instrument, side by side."""
    terms: Rows
    """VENUE_TERMS, 1 row."""
    kept: Rows
    """EVENT, one an instrument: its latest book, once the caller's row may be gone."""
    shown: Rows
    """EVENT, 1 row: a book without what we have taken of it."""
    taken: IntArray
    """Instrument x side (0: bids) x price x (ticks, lots): what we took and is still shown."""
    halts: IntArray
    """Halt x (from, to), ns: nobody trades."""


def make_simulation(
    instruments: Sequence[Instrument], terms: Rows | None = None, halts: IntArray | None = None
) -> Simulation:
    """
    Make a venue that trades these, with their tick values, fees and position limits.

    Args:
        instruments: In the order of the kernel's indexes.
        terms: VENUE_TERMS, 1 row, copied; None for the plain ones.
        halts: Shape (n, 2): from and to, ns, without the end; None for none.
    """
    count = len(instruments)
    books = matching.make_books(count, _BOOK_ORDERS, _BOOK_LEVELS)
    simulation = Simulation(
        markets=allocate(MARKET_ROW, count),
        orders=allocate(OWN_ORDER, MAX_ORDERS),
        tape=allocate(TAPE, 1),
        executions=matching.make_executions(matching.book_at(books, 0)),
        books=books,
        terms=allocate(VENUE_TERMS, 1),
        kept=allocate(EVENT, count),
        shown=allocate(EVENT, 1),
        taken=np.zeros((count, 2, _MOST_TAKEN, 2), np.int64),
        halts=np.zeros((0, 2), np.int64) if halts is None else halts,
    )
    if terms is not None:
        simulation.terms[:] = terms
    for market, instrument in zip(simulation.markets, instruments, strict=True):
        for field in ("tick_value_nanos", "position_limit_lots", "maker_fee_bps", "taker_fee_bps"):
            market[field] = getattr(instrument, field)
        market["book_row"] = NOWHERE
    return simulation


def make_reports() -> Rows:
    """Make rows for the answers of the functions below."""
    return allocate(EVENT, MAX_REPORTS)


@njit
def on_book(simulation: Simulation, events: Rows, row: int, reports: Rows, now_ns: int) -> int:
    """
    Take over a recorded book.

    Args:
        simulation: The venue.
        events: EVENT rows, readable until the instrument's next book or `keep_books`.
        row: Which one.
        reports: EVENT rows to write.
        now_ns: Time at the venue.

    Returns:
        Number of reports written: fills of our orders that the market came through.
    """
    event = events[row]
    market = simulation.markets[event.instrument]
    market.book_row = row
    market.is_synced = 0
    if market.taken > 0:
        market.taken = settle(simulation.taken[event.instrument], event)
    if market.live_orders == 0 or is_halted(simulation, now_ns):
        return 0
    return _sync(simulation, event, reports)


@njit
def on_trade(simulation: Simulation, events: Rows, row: int, reports: Rows, now_ns: int) -> int:
    """
    Send a recorded trade through the queue at `now_ns`.

    Returns:
        Number of reports written.
    """
    event = events[row]
    market = simulation.markets[event.instrument]
    if market.live_orders == 0 or event.lots <= 0 or event.price_ticks <= 0:
        return 0
    if is_halted(simulation, now_ns):
        return 0
    book = matching.pick(simulation.books, event.instrument)
    side = event.side
    if side == 0:
        side = guess_aggressor(book, event.price_ticks)
    if side == 0:
        return 0
    left_lots = event.lots
    count = 0
    if event.order_id > 0:
        left_lots = _meet_ours(simulation, market, book, event, -side, reports)
        count = 1 if left_lots < event.lots else 0
    if left_lots == 0:
        return count
    return _market_order(
        simulation, book, event, side, event.price_ticks, left_lots, True, reports, count
    )


@njit
def on_intent(
    simulation: Simulation, events: Rows, intents: Rows, row: int, reports: Rows, now_ns: int
) -> int:
    """
    Carry out one of the kernel's intents at `now_ns`, against the latest recorded book.

    Returns:
        Number of reports written: at least one about an order, whatever happened; none for
        what concerns a whole account, which is the caller's.
    """
    intent = intents[row]
    if intent.kind == IntentKind.CANCEL_EVERYTHING or intent.kind == IntentKind.RECONCILE:
        return 0
    index = intent.instrument
    if index < 0 or index >= simulation.markets.shape[0]:
        return _refuse(simulation, intent, RejectReason.UNKNOWN_INSTRUMENT.value, reports)
    market = simulation.markets[index]
    book = matching.pick(simulation.books, index)
    if intent.kind == IntentKind.CANCEL:
        return _cancel(simulation, market, book, intent, reports)
    if intent.kind == IntentKind.QUERY:
        return _tell(simulation, book, intent, reports)
    closed = is_halted(simulation, now_ns)
    if market.is_synced == 0 and market.book_row != NOWHERE and not closed:
        # Without an order of ours in the book this moves only the market's: no reports.
        _sync(simulation, _latest(simulation, events, market, index), reports)
    if intent.kind == IntentKind.PLACE:
        if closed:
            return _refuse(simulation, intent, RejectReason.MARKET_CLOSED.value, reports)
        return _place(simulation, market, book, intent, reports)
    return _replace(simulation, market, book, intent, closed, reports)


@njit
def keep_books(simulation: Simulation, events: Rows) -> None:
    """Copy the latest books, so that the rows they were in may be given up."""
    for index in range(simulation.markets.shape[0]):
        market = simulation.markets[index]
        if market.book_row >= 0:
            simulation.kept[index] = events[market.book_row]
            market.book_row = KEPT


@njit
def is_halted(simulation: Simulation, now_ns: int) -> bool:
    """Whether nobody trades at this time."""
    for row in range(simulation.halts.shape[0]):
        if simulation.halts[row, 0] <= now_ns < simulation.halts[row, 1]:
            return True
    return False


@njit
def _latest(simulation: Simulation, events: Rows, market: Market, index: int) -> Event:
    if market.book_row == KEPT:
        return simulation.kept[index]  # type: ignore[no-any-return]  # a row is its record class
    return events[market.book_row]  # type: ignore[no-any-return]  # same


@njit
def _place(simulation: Simulation, market: Market, book: Book, intent: Any, reports: Rows) -> int:
    order_id = intent.order_id
    own = simulation.orders[order_id % MAX_ORDERS]
    if own.order_id != 0 or order_id <= 0:
        return _refuse(simulation, intent, RejectReason.DUPLICATE_ORDER_ID.value, reports)
    reached_lots = abs(market.position_lots + intent.side * intent.lots)
    if 0 < market.position_limit_lots < reached_lots and reached_lots > abs(market.position_lots):
        return _refuse(simulation, intent, RejectReason.POSITION_LIMIT.value, reports)
    executions = matching.submit(
        book, order_id, OURS, intent.side, intent.price_ticks, intent.lots,
        intent["terms"], simulation.executions,
    )  # fmt: skip
    if executions < 0:
        return _refuse(simulation, intent, -executions, reports)
    own.order_id = order_id
    own.instrument = intent.instrument
    own.cum_lots = 0
    market.live_orders += 1
    return _answer(simulation, market, book, intent, intent.lots, executions, reports)


@njit
def _replace(
    simulation: Simulation, market: Market, book: Book, intent: Any, closed: bool, reports: Rows
) -> int:
    own = simulation.orders[intent.order_id % MAX_ORDERS]
    row = matching.find(book, intent.order_id)
    if row == NOWHERE:
        return _refuse(simulation, intent, RejectReason.UNKNOWN_ORDER.value, reports)
    old_ticks = book.orders[row].price_ticks
    old_lots = book.orders[row].leaves_lots
    # The intent's size includes what has traded; a queue knows only what is open.
    lots = intent.lots - own.cum_lots
    executions = -RejectReason.MARKET_CLOSED.value
    if not closed:
        executions = matching.replace(
            book, intent.order_id, intent.price_ticks, lots, simulation.executions
        )
    if executions < 0:
        simulation.tape[0].refusals += 1
        report = _report(reports, 0, intent.instrument, intent.order_id, intent.side)
        report.status = OrderStatus.OPEN.value
        report.price_ticks = old_ticks
        report.leaves_lots = old_lots
        report.lots = own.cum_lots + old_lots
        report.code = -executions
        return 1
    return _answer(simulation, market, book, intent, lots, executions, reports)


@njit
def _cancel(simulation: Simulation, market: Market, book: Book, intent: Any, reports: Rows) -> int:
    own = simulation.orders[intent.order_id % MAX_ORDERS]
    leaves_lots = matching.cancel(book, intent.order_id)
    if leaves_lots < 0:
        return _refuse(simulation, intent, RejectReason.UNKNOWN_ORDER.value, reports)
    report = _report(reports, 0, intent.instrument, intent.order_id, intent.side)
    report.status = OrderStatus.CANCELED.value
    report.price_ticks = intent.price_ticks
    report.lots = own.cum_lots + leaves_lots
    _close(market, own)
    return 1


@njit
def _tell(simulation: Simulation, book: Book, intent: Any, reports: Rows) -> int:
    """Say what became of an order: it stands, or nobody knows it."""
    report = _report(reports, 0, intent.instrument, intent.order_id, intent.side)
    row = matching.find(book, intent.order_id)
    if row == NOWHERE:
        report.status = OrderStatus.CANCELED.value
        report.code = RejectReason.UNKNOWN_ORDER.value
        return 1
    order = book.orders[row]
    report.status = OrderStatus.OPEN.value
    report.side = order.side
    report.price_ticks = order.price_ticks
    report.leaves_lots = order.leaves_lots
    report.lots = simulation.orders[intent.order_id % MAX_ORDERS].cum_lots + order.leaves_lots
    return 1


@njit
def _answer(
    simulation: Simulation,
    market: Market,
    book: Book,
    intent: Any,
    lots: int,
    executions: int,
    reports: Rows,
) -> int:
    """Report an order that the book took: open with `lots`, its fills, and its end."""
    own = simulation.orders[intent.order_id % MAX_ORDERS]
    report = _report(reports, 0, intent.instrument, intent.order_id, intent.side)
    report.status = OrderStatus.OPEN.value
    report.price_ticks = intent.price_ticks
    report.lots = own.cum_lots + lots
    report.leaves_lots = lots
    count = 1
    terms = simulation.terms[0]
    for number in range(executions):
        execution = simulation.executions[number]
        _fill(
            simulation, market, intent.instrument, intent.order_id, intent.side,
            max(1, execution.price_ticks + intent.side * terms.slippage_ticks), execution.lots,
            execution.taker_leaves_lots, LiquiditySide.TAKER.value, reports, count,
        )  # fmt: skip
        _remember_taken(
            simulation,
            market,
            intent.instrument,
            -intent.side,
            execution.price_ticks,
            execution.lots,
        )
        count += 1
    result = book.state[0]
    own.cum_lots += result.filled_lots
    if result.canceled_lots > 0:
        report = _report(reports, count, intent.instrument, intent.order_id, intent.side)
        report.status = OrderStatus.CANCELED.value
        report.price_ticks = intent.price_ticks
        report.lots = own.cum_lots + result.canceled_lots
        report.code = result.cancel_reason
        count += 1
    if result.resting_lots == 0:
        _close(market, own)
    return count


@njit
def _refuse(simulation: Simulation, intent: Any, reason: int, reports: Rows) -> int:
    simulation.tape[0].refusals += 1
    report = _report(reports, 0, intent.instrument, intent.order_id, intent.side)
    report.status = OrderStatus.REJECTED.value
    report.price_ticks = intent.price_ticks
    report.lots = intent.lots
    report.code = reason
    return 1


@njit
def _close(market: Market, own: OwnOrder) -> None:
    own.order_id = 0
    market.live_orders -= 1


@njit
def _report(reports: Rows, count: int, index: int, order_id: int, side: int) -> Event:
    """Start a report: every field of the header, so that no older one shines through."""
    report = reports[count]
    report.seq = 0
    report.ts_ns = 0
    report.exch_ts_ns = 0
    report.kind = EventKind.ORDER_REPORT.value
    report.instrument = index
    report.order_id = order_id
    report.side = side
    report.price_ticks = 0
    report.lots = 0
    report.leaves_lots = 0
    report.status = 0
    report.code = 0
    report.trade_id = 0
    report.fee_nanos = 0
    report.key = 0
    report.value = 0.0
    return report  # type: ignore[no-any-return]  # a row is its record class


@njit
def _fill(
    simulation: Simulation,
    market: Market,
    index: int,
    order_id: int,
    side: int,
    price_ticks: int,
    lots: int,
    leaves_lots: int,
    liquidity: int,
    reports: Rows,
    count: int,
) -> None:
    tape = simulation.tape[0]
    tape.trade_id += 1
    report = _report(reports, count, index, order_id, side)
    report.kind = EventKind.FILL.value
    report.price_ticks = price_ticks
    report.lots = lots
    report.leaves_lots = leaves_lots
    report.trade_id = tape.trade_id
    report.code = liquidity
    market.position_lots += side * lots
    bps = market.maker_fee_bps if liquidity == LiquiditySide.MAKER else market.taker_fee_bps
    report.fee_nanos = math.floor(price_ticks * lots * market.tick_value_nanos * bps / 1e4 + 0.5)


@njit
def _market_order(
    simulation: Simulation,
    book: Book,
    event: Event,
    side: int,
    price_ticks: int,
    lots: int,
    is_trade: bool,
    reports: Rows,
    count: int,
) -> int:
    """Send recorded flow into the book and report what it does to our orders."""
    market = simulation.markets[event.instrument]
    flags = IOC if is_trade else 0
    executions = matching.submit(
        book, ANONYMOUS, MARKET, side, price_ticks, lots, flags, simulation.executions
    )
    for number in range(executions):
        execution = simulation.executions[number]
        if execution.maker_owner != OURS:
            continue
        _fill(
            simulation, market, event.instrument, execution.maker_order_id, -side,
            execution.price_ticks, execution.lots, execution.maker_leaves_lots,
            LiquiditySide.MAKER.value, reports, count,
        )  # fmt: skip
        count += 1
        if not is_trade:
            _remember_taken(simulation, market, event.instrument, side, price_ticks, execution.lots)
        own = simulation.orders[execution.maker_order_id % MAX_ORDERS]
        own.cum_lots += execution.lots
        if execution.maker_leaves_lots == 0:
            _close(market, own)
    return count


@njit
def _meet_ours(
    simulation: Simulation, market: Market, book: Book, event: Event, side: int, reports: Rows
) -> int:
    """
    Fill our first order at a trade's price: the recording says that it was one of ours.

    A book tells how much stands at a price and not in which order; that a trade met us
    tells that we stood first.

    Returns:
        Lots of the trade that are left.
    """
    place = matching.level_at(book, side, event.price_ticks)
    row = NOWHERE
    if place != NOWHERE:
        row = book.levels[0 if side > 0 else 1, place].head
    while row != NOWHERE and book.orders[row].owner != OURS:
        row = book.orders[row].behind
    if row == NOWHERE:
        return int(event.lots)
    order = book.orders[row]
    order_id, leaves_lots = order.order_id, order.leaves_lots
    lots = min(event.lots, leaves_lots)
    if lots == leaves_lots:
        matching.remove(book, row)
    else:
        matching.shrink(book, row, lots)
    _fill(
        simulation, market, event.instrument, order_id, side, event.price_ticks, lots,
        leaves_lots - lots, LiquiditySide.MAKER.value, reports, 0,
    )  # fmt: skip
    own = simulation.orders[order_id % MAX_ORDERS]
    own.cum_lots += lots
    if lots == leaves_lots:
        _close(market, own)
    return int(event.lots - lots)


@njit
def _remember_taken(
    simulation: Simulation, market: Market, index: int, side: int, price_ticks: int, lots: int
) -> None:
    """Volume that the market shows on `side` is ours now, where our orders have impact."""
    if simulation.terms[0].has_impact == 0:
        return
    take(simulation.taken[index], 0 if side > 0 else 1, price_ticks, lots)
    # How many there are is counted at the next book.
    market.taken += 1


@njit
def _sync(simulation: Simulation, event: Event, reports: Rows) -> int:
    """Make the market's orders those of a recorded book."""
    market = simulation.markets[event.instrument]
    market.is_synced = 1
    book = matching.pick(simulation.books, event.instrument)
    bids = usable_levels(event.bid_ticks, event.bid_lots, 1)
    asks = usable_levels(event.ask_ticks, event.ask_lots, -1)
    is_crossed = bids > 0 and asks > 0 and event.bid_ticks[0] >= event.ask_ticks[0]
    if bids < 0 or asks < 0 or is_crossed:
        if market.live_orders > 0:
            return 0
        bids = asks = 0
    shown = event
    if bids + asks == 0:
        shown = simulation.shown[0]
        write_nothing(shown)
    elif market.taken > 0:
        shown = simulation.shown[0]
        write_remaining(shown, event, simulation.taken[event.instrument])
    # In a full recorded depth, what is missing may only have scrolled out.
    power = simulation.terms[0].queue_power
    withdraw(book, shown.bid_ticks, shown.bid_lots, 1, bids == DEPTH, power)
    withdraw(book, shown.ask_ticks, shown.ask_lots, -1, asks == DEPTH, power)
    count = _arrive(simulation, book, event, shown.bid_ticks, shown.bid_lots, 1, reports, 0)
    return _arrive(simulation, book, event, shown.ask_ticks, shown.ask_lots, -1, reports, count)


@njit
def _arrive(
    simulation: Simulation,
    book: Book,
    event: Event,
    ticks: IntArray,
    lots: IntArray,
    side: int,
    reports: Rows,
    count: int,
) -> int:
    """Let in what the recording shows in addition; it may trade with us."""
    ladder = 0 if side > 0 else 1
    for shown in range(DEPTH):
        if lots[shown] == 0:
            break
        price_ticks = ticks[shown]
        place = matching.level_at(book, side, price_ticks)
        new_lots = lots[shown]
        if place != NOWHERE:
            new_lots -= market_lots(book, ladder, place)
        if new_lots <= 0:
            continue
        opposite_ticks = matching.best_ticks(book, -side)
        if opposite_ticks > 0 and (price_ticks - opposite_ticks) * side >= 0:
            count = _market_order(
                simulation, book, event, side, price_ticks, new_lots, False, reports, count
            )
        elif place != NOWHERE and grow_tail(book, ladder, place, new_lots):
            continue
        else:
            matching.rest(book, ANONYMOUS, MARKET, side, price_ticks, new_lots, 0)
    return count
