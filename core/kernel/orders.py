"""
The order table: what each of our orders is, and what may happen to it next.

The row of an order is its number modulo the size of the table, so a report finds it in
one step; a number whose row is taken is skipped.
"""

from __future__ import annotations

from core.domain.enums import IntentKind, OrderOrigin, OrderStatus, Side
from core.domain.events import NO_INSTRUMENT
from core.domain.memory import Rows
from core.domain.order_life import NEXT_STATUS, Happening
from core.domain.records import MAX_ORDERS, Account, InstrumentState, Intent, Order
from core.jit import njit

_HASH_PRIME = 2_147_483_647
_HASH_FACTOR = 1_000_003
_HIGH_FACTOR = 69_069
_HALF_BITS = 31


@njit
def is_live(order: Order) -> bool:
    """True while an order may still trade."""
    return (
        order.status == OrderStatus.PENDING_NEW
        or order.status == OrderStatus.OPEN
        or order.status == OrderStatus.PARTIALLY_FILLED
        or order.status == OrderStatus.PENDING_CANCEL
        or order.status == OrderStatus.PENDING_REPLACE
        or order.status == OrderStatus.UNKNOWN
    )


@njit
def is_pending(order: Order) -> bool:
    """True while a request about the order awaits its answer."""
    return (
        order.status == OrderStatus.PENDING_NEW
        or order.status == OrderStatus.PENDING_CANCEL
        or order.status == OrderStatus.PENDING_REPLACE
        or order.status == OrderStatus.UNKNOWN
    )


@njit
def find(orders: Rows, order_id: int) -> int:
    """Row of an order, or -1 if it is not in the table."""
    row = order_id % MAX_ORDERS
    return row if orders[row].order_id == order_id else -1


@njit
def leaves(order: Order) -> int:
    """Lots that may still trade, at their worst while a replace is under way."""
    lots = max(order.lots, order.pending_lots)
    return max(0, lots - order.cum_lots)


@njit
def count_order(account: Account, instrument: InstrumentState, order: Order, sign: int) -> None:
    """Add an order to the working sums, or take it out, before and after it changes."""
    account.open_orders += sign
    if order.status == OrderStatus.UNKNOWN:
        account.unknown_orders += sign
    if order.side == Side.BUY:
        instrument.working_buy_lots += sign * leaves(order)
    else:
        instrument.working_sell_lots += sign * leaves(order)


@njit
def happen(order: Order, happening: int) -> None:
    """Move an order on by the table of `core.domain.order_life`."""
    status = NEXT_STATUS[order.status, happening]
    if status == OrderStatus.OPEN and order.cum_lots > 0:
        status = OrderStatus.PARTIALLY_FILLED.value
    order.status = status


@njit
def fold_into_hash(account: Account, intent: Intent) -> None:
    """Fold an intent and its time into the decision hash."""
    high = account.decision_hash >> _HALF_BITS
    low = account.decision_hash & _HASH_PRIME
    for part in (
        intent.kind, intent.instrument, intent.order_id, intent.side,
        intent.price_ticks, intent.lots, intent.terms, account.ts_ns,
    ):  # fmt: skip
        # A prime below 2^31 keeps every product below 2^63, with or without the JIT.
        low = (low * _HASH_FACTOR + part % _HASH_PRIME + 1) % _HASH_PRIME
        high = (high * _HIGH_FACTOR + part // _HASH_PRIME % _HASH_PRIME + low) % _HASH_PRIME
    account.decision_hash = (high << _HALF_BITS) | low


@njit
def place(
    account: Account,
    instruments: Rows,
    orders: Rows,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    flags: int,
    origin: int,
    intents: Rows,
    count: int,
) -> int:
    """
    Enter a new order and its intent.

    Returns:
        The new count of intents; unchanged if the table is full.
    """
    row = -1
    order_id = account.next_order_id
    for _ in range(MAX_ORDERS):
        if not is_live(orders[order_id % MAX_ORDERS]):
            row = order_id % MAX_ORDERS
            break
        order_id += 1
    if row < 0:
        return count
    instrument = instruments[index]
    order = orders[row]
    order.order_id = order_id
    order.instrument = index
    order.side = side
    order.price_ticks = price_ticks
    order.lots = lots
    order.cum_lots = 0
    order.status = OrderStatus.PENDING_NEW.value
    order.origin = origin
    order.terms = flags
    order.bracket = 0
    order.partner = 0
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.created_ts_ns = account.ts_ns
    order.updated_ts_ns = account.ts_ns
    order.queried_ts_ns = 0
    order.sync_epoch = account.sync_epochs[instrument.venue]
    account.next_order_id = order_id + 1
    account.orders += 1
    count_order(account, instrument, order, 1)
    instrument.last_order_ts_ns = account.ts_ns
    if origin == OrderOrigin.STRATEGY and account.own_strategy == 0:
        instrument.working_order = row + 1
    return write(account, intents, count, IntentKind.PLACE.value, order, price_ticks, lots)


@njit
def write(
    account: Account,
    intents: Rows,
    count: int,
    kind: int,
    order: Order,
    price_ticks: int,
    lots: int,
) -> int:
    """Add an intent about an order. Returns the new count of intents."""
    intent = intents[count]
    intent.kind = kind
    intent.instrument = order.instrument
    intent.order_id = order.order_id
    intent.side = order.side
    intent.price_ticks = price_ticks
    intent.lots = lots
    intent.terms = order.terms
    intent.origin = order.origin
    fold_into_hash(account, intent)
    account.request_tokens = max(0.0, account.request_tokens - 1.0)
    return count + 1


@njit
def write_for_all(account: Account, intents: Rows, count: int, kind: int) -> int:
    """Add an intent that is about no single order. Returns the new count of intents."""
    intent = intents[count]
    intent.kind = kind
    intent.instrument = NO_INSTRUMENT
    intent.order_id = 0
    intent.side = 0
    intent.price_ticks = 0
    intent.lots = 0
    intent.terms = 0
    intent.origin = 0
    fold_into_hash(account, intent)
    account.request_tokens = max(0.0, account.request_tokens - 1.0)
    return count + 1


@njit
def request_cancel(account: Account, orders: Rows, row: int, intents: Rows, count: int) -> int:
    """Ask the venue to cancel an order, unless that has been asked already."""
    order = orders[row]
    if not is_live(order) or order.status == OrderStatus.PENDING_CANCEL:
        return count
    if order.status == OrderStatus.UNKNOWN:
        account.unknown_orders -= 1
    happen(order, Happening.CANCEL_SENT.value)
    order.updated_ts_ns = account.ts_ns
    return write(account, intents, count, IntentKind.CANCEL.value, order, order.price_ticks, 0)


@njit
def request_replace(
    account: Account,
    instruments: Rows,
    orders: Rows,
    row: int,
    price_ticks: int,
    lots: int,
    intents: Rows,
    count: int,
) -> int:
    """Ask the venue to move an order. `lots` is its new size, what has traded included."""
    order = orders[row]
    instrument = instruments[order.instrument]
    count_order(account, instrument, order, -1)
    happen(order, Happening.REPLACE_SENT.value)
    order.pending_price_ticks = price_ticks
    order.pending_lots = lots
    order.updated_ts_ns = account.ts_ns
    count_order(account, instrument, order, 1)
    account.orders += 1
    instrument.last_order_ts_ns = account.ts_ns
    return write(account, intents, count, IntentKind.REPLACE.value, order, price_ticks, lots)


@njit
def cancel_all(account: Account, orders: Rows, intents: Rows, count: int) -> int:
    """Ask for every live order to be canceled."""
    if account.open_orders == 0:
        return count
    for row in range(MAX_ORDERS):
        count = request_cancel(account, orders, row, intents, count)
    return count


@njit
def close(account: Account, instruments: Rows, orders: Rows, row: int, end: int) -> None:
    """End an order by one of the happenings that do: its row is free for another one."""
    order = orders[row]
    if not is_live(order):
        return
    instrument = instruments[order.instrument]
    count_order(account, instrument, order, -1)
    happen(order, end)
    order.updated_ts_ns = account.ts_ns
    if instrument.working_order == row + 1:
        instrument.working_order = 0
