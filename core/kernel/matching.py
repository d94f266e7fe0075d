"""
Price-time priority matching, compiled: the exchange's and the backtest's one order book.

A `Book` is fixed arrays, made once: orders in queues (one linked list a level), levels
sorted per side with the best one last, and a hash from order id to row. Nothing is
allocated afterwards. Prices are ticks, sizes lots, sides +1 and -1 as in `enums.Side`.

    book = make_book(max_orders=4096, max_levels=512)
    executions = make_executions(book)
    count = submit(book, 7, owner, 1, 100, 5, 0, executions)
    if count < 0:
        reason = RejectReason(-count)
    else:
        result = book.state[0]      # filled, resting and canceled lots, cancel reason
        for execution in executions[:count]: ...

Rules:

- Orders execute at the price of the resting order, best price first, oldest first.
- What is left of a limit order rests; what is left of an IOC order is canceled.
- A post-only order that would execute is refused with WOULD_CROSS.
- An order that would meet one of the same owner stops there and its remainder is
  canceled: `cancel_reason` says SELF_TRADE. Flow owned by MARKET is everybody's and
  may meet itself.
- A refusal changes nothing.
- Orders with id 0 are anonymous: they cannot be found, canceled or replaced by id.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, Protocol

import numpy as np

from core.domain.enums import RejectReason
from core.domain.events import IOC, POST_ONLY
from core.domain.memory import I64, IntArray, Rows, allocate, dtype_of
from core.jit import njit

MARKET = 0
"""Owner of recorded market flow: exempt from self-trade prevention."""

ANONYMOUS = 0
"""Order id of an order that nobody will ask for by id."""

NOWHERE = -1
"""Not a row."""


class RestingOrder(Protocol):
    """One order in a queue. A free row has leaves 0 and links the next free one."""

    order_id: I64
    owner: I64
    side: I64
    price_ticks: I64
    leaves_lots: I64
    terms: I64
    """POST_ONLY or IOC of `events`, or 0. (NumPy records have a `flags` of their own.)"""
    ahead: I64
    """Row of the order before this one in the queue, NOWHERE for the first."""
    behind: I64


class Level(Protocol):
    """One price of one side."""

    price_ticks: I64
    lots: I64
    head: I64
    """Row of the oldest order."""
    tail: I64


class BookStatus(Protocol):
    """Counts of the book, and what became of the last order that `submit` accepted."""

    live_orders: I64
    free_row: I64
    level_count: Annotated[IntArray, np.int64, 2]
    filled_lots: I64
    resting_lots: I64
    canceled_lots: I64
    cancel_reason: I64
    """RejectReason.SELF_TRADE where that canceled the remainder, else NONE."""


class Execution(Protocol):
    """Two orders met. The price is the maker's."""

    maker_order_id: I64
    taker_order_id: I64
    maker_owner: I64
    taker_owner: I64
    price_ticks: I64
    lots: I64
    aggressor_side: I64
    maker_leaves_lots: I64
    taker_leaves_lots: I64


RESTING_ORDER = dtype_of(RestingOrder)
LEVEL = dtype_of(Level)
BOOK_STATUS = dtype_of(BookStatus)
EXECUTION = dtype_of(Execution)


class Book(NamedTuple):
    """The order book of one instrument. Read it freely; change it by the functions below."""

    state: Rows
    """BOOK_STATUS, 1 row."""
    orders: Rows
    """RESTING_ORDER, one row for each order that can rest."""
    levels: Rows
    """LEVEL, 2 x max_levels: bids, then asks; the best level is the last of its side."""
    rows_by_id: IntArray
    """Open addressing from order id to row + 1; 0 is free."""


def make_book(max_orders: int, max_levels: int) -> Book:
    """Make an empty book for at most `max_orders` orders and `max_levels` prices a side."""
    return book_at(make_books(1, max_orders, max_levels), 0)


def make_books(count: int, max_orders: int, max_levels: int) -> Book:
    """Make the books of several instruments side by side; `book_at` picks one."""
    slots = 1 << max(1, (2 * max_orders - 1).bit_length())
    books = Book(
        state=allocate(BOOK_STATUS, count).reshape(count, 1),
        orders=allocate(RESTING_ORDER, count * max_orders).reshape(count, max_orders),
        levels=allocate(LEVEL, count * 2 * max_levels).reshape(count, 2, max_levels),
        rows_by_id=np.zeros((count, slots), np.int64),
    )
    for number in range(count):
        clear(book_at(books, number))
    return books


def make_executions(book: Book) -> Rows:
    """Make rows for the most executions one order can cause in this book."""
    return allocate(EXECUTION, len(book.orders))


def book_at(books: Book, number: int) -> Book:
    """Pick one of several books, without a copy."""
    return Book(*(array[number] for array in books))


@njit
def pick(books: Book, number: int) -> Book:
    """Do what `book_at` does, for compiled code."""
    return Book(
        books.state[number], books.orders[number], books.levels[number], books.rows_by_id[number]
    )


@njit
def clear(book: Book) -> None:
    """Forget every order."""
    state = book.state[0]
    state.live_orders = 0
    state.free_row = 0
    state.level_count[0] = 0
    state.level_count[1] = 0
    state.filled_lots = 0
    state.resting_lots = 0
    state.canceled_lots = 0
    state.cancel_reason = RejectReason.NONE.value
    last = book.orders.shape[0] - 1
    for row in range(last + 1):
        book.orders[row].leaves_lots = 0
        book.orders[row].behind = row + 1 if row < last else NOWHERE
    book.rows_by_id[:] = 0


@njit
def submit(
    book: Book,
    order_id: int,
    owner: int,
    side: int,
    price_ticks: int,
    lots: int,
    flags: int,
    executions: Rows,
) -> int:
    """
    Match an order; rest what is left of it unless it is IOC.

    Args:
        book: Changed in place; `book.state[0]` tells what became of the order.
        order_id: Unique among the orders that rest, or ANONYMOUS.
        owner: Who is not to trade with itself, or MARKET.
        side: 1 buys, -1 sells.
        price_ticks: Limit, > 0.
        lots: Size, > 0.
        flags: POST_ONLY or IOC of `core.domain.events`, or 0.
        executions: EXECUTION rows to write, one for each order that may rest.

    Returns:
        Number of executions written, or minus a RejectReason: then nothing has changed.
    """
    refusal = _refusal(book, order_id, side, price_ticks, lots, flags, executions)
    if refusal != RejectReason.NONE:
        return -refusal
    return _match_and_rest(book, order_id, owner, side, price_ticks, lots, flags, executions)


@njit
def cancel(book: Book, order_id: int) -> int:
    """Take an order out of the book. Returns the lots it still had, -1 where unknown."""
    row = find(book, order_id)
    if row == NOWHERE:
        return -1
    leaves_lots = book.orders[row].leaves_lots
    remove(book, row)
    return int(leaves_lots)


@njit
def replace(book: Book, order_id: int, price_ticks: int, lots: int, executions: Rows) -> int:
    """
    Give a resting order a new price and a new open size.

    It keeps its place in the queue if the price stays and the size does not grow; else it
    is matched and rests as if it were new, with its flags and its id.

    Args:
        book: Changed in place; `book.state[0]` tells what became of the order.
        order_id: Of the resting order.
        price_ticks: New limit, > 0.
        lots: New size still open (what was filled before does not count), > 0.
        executions: EXECUTION rows to write, one for each order that may rest.

    Returns:
        Number of executions, or minus a RejectReason: then the order stands as it was.
    """
    row = find(book, order_id)
    if row == NOWHERE:
        return -RejectReason.UNKNOWN_ORDER.value
    order = book.orders[row]
    side, owner, flags = order.side, order.owner, order.terms
    refusal = _refusal(book, ANONYMOUS, side, price_ticks, lots, flags, executions, 1)
    if refusal != RejectReason.NONE:
        return -refusal
    if price_ticks == order.price_ticks and lots <= order.leaves_lots:
        shrink(book, row, order.leaves_lots - lots)
        _note_result(book, 0, lots, 0, RejectReason.NONE.value)
        return 0
    remove(book, row)
    return _match_and_rest(book, order_id, owner, side, price_ticks, lots, flags, executions)


@njit
def find(book: Book, order_id: int) -> int:
    """Row of a resting order in `book.orders`, NOWHERE if there is none."""
    if order_id == ANONYMOUS:
        return NOWHERE
    mask = book.rows_by_id.shape[0] - 1
    slot = _hash(order_id) & mask
    while book.rows_by_id[slot] != 0:
        row = book.rows_by_id[slot] - 1
        if book.orders[row].order_id == order_id:
            return int(row)
        slot = (slot + 1) & mask
    return NOWHERE


@njit
def best_ticks(book: Book, side: int) -> int:
    """Best price of a side, 0 where the side is empty."""
    ladder = _ladder(side)
    count = book.state[0].level_count[ladder]
    if count == 0:
        return 0
    return int(book.levels[ladder, count - 1].price_ticks)


@njit
def depth(book: Book, side: int, ticks: IntArray, lots: IntArray) -> int:
    """
    Write the best levels of a side, best first; entries behind the last level become 0.

    Returns:
        Levels written, at most the length of `ticks`.
    """
    ladder = _ladder(side)
    count = book.state[0].level_count[ladder]
    shown = min(count, ticks.shape[0])
    for place in range(ticks.shape[0]):
        if place < shown:
            level = book.levels[ladder, count - 1 - place]
            ticks[place] = level.price_ticks
            lots[place] = level.lots
        else:
            ticks[place] = 0
            lots[place] = 0
    return int(shown)


@njit
def level_at(book: Book, side: int, price_ticks: int) -> int:
    """Place of a price in `book.levels[side]`, NOWHERE if no order stands there."""
    place = _place(book, side, price_ticks)
    ladder = _ladder(side)
    if place < book.state[0].level_count[ladder]:
        if book.levels[ladder, place].price_ticks == price_ticks:
            return place
    return NOWHERE


@njit
def lots_ahead(book: Book, row: int) -> int:
    """Lots that stand before this order at its price."""
    total = 0
    ahead = book.orders[row].ahead
    while ahead != NOWHERE:
        total += book.orders[ahead].leaves_lots
        ahead = book.orders[ahead].ahead
    return int(total)


@njit
def rest(
    book: Book, order_id: int, owner: int, side: int, price_ticks: int, lots: int, flags: int
) -> int:
    """
    Put an order at the end of its queue without matching it.

    Returns:
        Its row, or NOWHERE where the book has no room.
    """
    state = book.state[0]
    row = state.free_row
    if row == NOWHERE or not _has_level_room(book, side, price_ticks):
        return NOWHERE
    state.free_row = book.orders[row].behind
    state.live_orders += 1
    ladder = _ladder(side)
    place = level_at(book, side, price_ticks)
    if place == NOWHERE:
        place = _open_level(book, side, price_ticks)
    level = book.levels[ladder, place]
    order = book.orders[row]
    order.order_id = order_id
    order.owner = owner
    order.side = side
    order.price_ticks = price_ticks
    order.leaves_lots = lots
    order.terms = flags
    order.ahead = level.tail
    order.behind = NOWHERE
    if level.tail == NOWHERE:
        level.head = row
    else:
        book.orders[level.tail].behind = row
    level.tail = row
    level.lots += lots
    if order_id != ANONYMOUS:
        _index_row(book, order_id, row)
    return int(row)


@njit
def shrink(book: Book, row: int, lots: int) -> None:
    """Take lots, fewer than it has, from a resting order; it keeps its place."""
    order = book.orders[row]
    order.leaves_lots -= lots
    place = level_at(book, order.side, order.price_ticks)
    book.levels[_ladder(order.side), place].lots -= lots


@njit
def remove(book: Book, row: int) -> None:
    """Take an order out of the book by its row."""
    order = book.orders[row]
    ladder = _ladder(order.side)
    place = level_at(book, order.side, order.price_ticks)
    level = book.levels[ladder, place]
    level.lots -= order.leaves_lots
    if order.ahead == NOWHERE:
        level.head = order.behind
    else:
        book.orders[order.ahead].behind = order.behind
    if order.behind == NOWHERE:
        level.tail = order.ahead
    else:
        book.orders[order.behind].ahead = order.ahead
    if level.head == NOWHERE:
        _close_level(book, ladder, place)
    if order.order_id != ANONYMOUS:
        _forget_row(book, order.order_id)
    state = book.state[0]
    order.leaves_lots = 0
    order.behind = state.free_row
    state.free_row = row
    state.live_orders -= 1


@njit
def _refusal(
    book: Book,
    order_id: int,
    side: int,
    price_ticks: int,
    lots: int,
    flags: int,
    executions: Rows,
    rows_given_back: int = 0,
) -> int:
    state = book.state[0]
    if side not in (1, -1) or (flags & POST_ONLY != 0 and flags & IOC != 0):
        return RejectReason.MALFORMED.value
    if price_ticks <= 0:
        return RejectReason.BAD_PRICE.value
    if lots <= 0:
        return RejectReason.BAD_SIZE.value
    if find(book, order_id) != NOWHERE:
        return RejectReason.DUPLICATE_ORDER_ID.value
    if executions.shape[0] < state.live_orders:
        return RejectReason.TOO_MANY_ORDERS.value
    if flags & IOC == 0:
        if state.free_row == NOWHERE and rows_given_back == 0:
            return RejectReason.TOO_MANY_ORDERS.value
        if not _has_level_room(book, side, price_ticks):
            return RejectReason.TOO_MANY_ORDERS.value
    if flags & POST_ONLY != 0:
        opposite_ticks = best_ticks(book, -side)
        if opposite_ticks > 0 and (price_ticks - opposite_ticks) * side >= 0:
            return RejectReason.WOULD_CROSS.value
    return RejectReason.NONE.value


@njit
def _match_and_rest(
    book: Book,
    order_id: int,
    owner: int,
    side: int,
    price_ticks: int,
    lots: int,
    flags: int,
    executions: Rows,
) -> int:
    state = book.state[0]
    ladder = _ladder(-side)
    leaves_lots = lots
    reason = RejectReason.NONE.value
    count = 0
    while leaves_lots > 0 and state.level_count[ladder] > 0:
        level = book.levels[ladder, state.level_count[ladder] - 1]
        if (level.price_ticks - price_ticks) * side > 0:
            break
        row = level.head
        maker = book.orders[row]
        if maker.owner == owner and owner != MARKET:
            reason = RejectReason.SELF_TRADE.value
            break
        traded_lots = min(leaves_lots, maker.leaves_lots)
        leaves_lots -= traded_lots
        execution = executions[count]
        count += 1
        execution.maker_order_id = maker.order_id
        execution.taker_order_id = order_id
        execution.maker_owner = maker.owner
        execution.taker_owner = owner
        execution.price_ticks = maker.price_ticks
        execution.lots = traded_lots
        execution.aggressor_side = side
        execution.maker_leaves_lots = maker.leaves_lots - traded_lots
        execution.taker_leaves_lots = leaves_lots
        if traded_lots == maker.leaves_lots:
            remove(book, row)
        else:
            maker.leaves_lots -= traded_lots
            level.lots -= traded_lots
    filled_lots = lots - leaves_lots
    if leaves_lots > 0 and reason == RejectReason.NONE and flags & IOC == 0:
        rest(book, order_id, owner, side, price_ticks, leaves_lots, flags)
        _note_result(book, filled_lots, leaves_lots, 0, reason)
    else:
        _note_result(book, filled_lots, 0, leaves_lots, reason)
    return count


@njit
def _note_result(
    book: Book, filled_lots: int, resting_lots: int, canceled_lots: int, reason: int
) -> None:
    state = book.state[0]
    state.filled_lots = filled_lots
    state.resting_lots = resting_lots
    state.canceled_lots = canceled_lots
    state.cancel_reason = reason


@njit
def _ladder(side: int) -> int:
    return 0 if side > 0 else 1


@njit
def _place(book: Book, side: int, price_ticks: int) -> int:
    """Place that a price has, or would get, in the ladder of its side."""
    ladder = _ladder(side)
    low = 0
    high = book.state[0].level_count[ladder]
    while low < high:
        middle = (low + high) // 2
        if (book.levels[ladder, middle].price_ticks - price_ticks) * side < 0:
            low = middle + 1
        else:
            high = middle
    return int(low)


@njit
def _has_level_room(book: Book, side: int, price_ticks: int) -> bool:
    if book.state[0].level_count[_ladder(side)] < book.levels.shape[1]:
        return True
    return bool(level_at(book, side, price_ticks) != NOWHERE)


@njit
def _open_level(book: Book, side: int, price_ticks: int) -> int:
    state = book.state[0]
    ladder = _ladder(side)
    place = _place(book, side, price_ticks)
    # The best levels are last and change most, so this loop is short where it matters.
    for index in range(state.level_count[ladder], place, -1):
        book.levels[ladder, index] = book.levels[ladder, index - 1]
    state.level_count[ladder] += 1
    level = book.levels[ladder, place]
    level.price_ticks = price_ticks
    level.lots = 0
    level.head = NOWHERE
    level.tail = NOWHERE
    return place


@njit
def _close_level(book: Book, ladder: int, place: int) -> None:
    state = book.state[0]
    state.level_count[ladder] -= 1
    for index in range(place, state.level_count[ladder]):
        book.levels[ladder, index] = book.levels[ladder, index + 1]


@njit
def _hash(order_id: int) -> int:
    # 31 bits times a 32-bit odd constant stays below 2**63, with and without the JIT.
    return (((order_id ^ (order_id >> 31)) & 0x7FFFFFFF) * 0x9E3779B1) >> 20


@njit
def _index_row(book: Book, order_id: int, row: int) -> None:
    mask = book.rows_by_id.shape[0] - 1
    slot = _hash(order_id) & mask
    while book.rows_by_id[slot] != 0:
        slot = (slot + 1) & mask
    book.rows_by_id[slot] = row + 1


@njit
def _forget_row(book: Book, order_id: int) -> None:
    mask = book.rows_by_id.shape[0] - 1
    slot = _hash(order_id) & mask
    while book.orders[book.rows_by_id[slot] - 1].order_id != order_id:
        slot = (slot + 1) & mask
    # Later entries of the same run move up, so that a search may stop at a free slot.
    follower = (slot + 1) & mask
    while book.rows_by_id[follower] != 0:
        home = _hash(book.orders[book.rows_by_id[follower] - 1].order_id) & mask
        if (follower - home) & mask >= (follower - slot) & mask:
            book.rows_by_id[slot] = book.rows_by_id[follower]
            slot = follower
        follower = (follower + 1) & mask
    book.rows_by_id[slot] = 0
