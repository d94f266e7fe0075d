"""
The order table: what each of our orders is, and what may happen to it next.

The row of an order is its number modulo the size of the table, so a report finds it in
one step; a number whose row is taken is skipped.
"""

from __future__ import annotations

from core.domain.enums import IntentKind, OrderOrigin, OrderStatus, RejectReason, Side
from core.domain.events import Event
from core.domain.memory import Rows
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
def _count(account: Account, instrument: InstrumentState, order: Order, sign: int) -> None:
    """Add an order to the working sums, or take it out."""
    account.open_orders += sign
    if order.side == Side.BUY:
        instrument.working_buy_lots += sign * leaves(order)
    else:
        instrument.working_sell_lots += sign * leaves(order)


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
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.created_ts_ns = account.ts_ns
    order.updated_ts_ns = account.ts_ns
    order.sync_epoch = account.sync_epoch
    account.next_order_id = order_id + 1
    account.orders += 1
    _count(account, instrument, order, 1)
    instrument.last_order_ts_ns = account.ts_ns
    if origin == OrderOrigin.STRATEGY:
        instrument.working_order = row + 1
    return _write(account, intents, count, IntentKind.PLACE.value, order, price_ticks, lots)


@njit
def _write(
    account: Account,
    intents: Rows,
    count: int,
    kind: int,
    order: Order,
    price_ticks: int,
    lots: int,
) -> int:
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
    return count + 1


@njit
def request_cancel(account: Account, orders: Rows, row: int, intents: Rows, count: int) -> int:
    """Ask the venue to cancel an order, unless that has been asked already."""
    order = orders[row]
    if not is_live(order) or order.status == OrderStatus.PENDING_CANCEL:
        return count
    order.status = OrderStatus.PENDING_CANCEL.value
    order.updated_ts_ns = account.ts_ns
    return _write(account, intents, count, IntentKind.CANCEL.value, order, order.price_ticks, 0)


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
    _count(account, instrument, order, -1)
    order.status = OrderStatus.PENDING_REPLACE.value
    order.pending_price_ticks = price_ticks
    order.pending_lots = lots
    order.updated_ts_ns = account.ts_ns
    _count(account, instrument, order, 1)
    account.orders += 1
    instrument.last_order_ts_ns = account.ts_ns
    return _write(account, intents, count, IntentKind.REPLACE.value, order, price_ticks, lots)


@njit
def cancel_all(account: Account, orders: Rows, intents: Rows, count: int) -> int:
    """Ask for every live order to be canceled."""
    if account.open_orders == 0:
        return count
    for row in range(MAX_ORDERS):
        count = request_cancel(account, orders, row, intents, count)
    return count


@njit
def close(account: Account, instruments: Rows, orders: Rows, row: int, status: int) -> None:
    """End an order: its row is free for another one."""
    order = orders[row]
    if not is_live(order):
        return
    instrument = instruments[order.instrument]
    _count(account, instrument, order, -1)
    order.status = status
    order.updated_ts_ns = account.ts_ns
    if instrument.working_order == row + 1:
        instrument.working_order = 0


@njit
def apply_report(
    account: Account,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    """
    Apply what the venue says of an order.

    OPEN with a reason means that a cancel or replace was refused and the order stands.
    An order that is not in the table is nobody's: it is taken in as an orphan and
    canceled, because no decision of this run stands behind it.
    """
    row = find(orders, event.order_id)
    if row < 0 or not is_live(orders[row]):
        if event.status == OrderStatus.OPEN or event.status == OrderStatus.PARTIALLY_FILLED:
            return _adopt(account, instruments, orders, event, intents, count)
        return count
    order = orders[row]
    order.sync_epoch = account.sync_epoch
    if event.code != RejectReason.NONE:
        account.rejects += 1
        account.rejects_in_row += 1
    if event.status == OrderStatus.OPEN or event.status == OrderStatus.PARTIALLY_FILLED:
        _reopen(account, instruments[order.instrument], order, event)
    else:
        close(account, instruments, orders, row, event.status)
    return count


@njit
def _reopen(account: Account, instrument: InstrumentState, order: Order, event: Event) -> None:
    """Take the venue's price and size for an order that stands."""
    if event.code == RejectReason.NONE:
        account.rejects_in_row = 0
    if order.status == OrderStatus.PENDING_CANCEL and event.code == RejectReason.NONE:
        # The acknowledgement of the order itself; the cancel is still on its way.
        return
    _count(account, instrument, order, -1)
    left = event.leaves_lots
    if order.status != OrderStatus.PENDING_REPLACE:
        # An acknowledgement that a fill has overtaken must not give the lots back.
        left = min(left, order.lots - order.cum_lots)
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.price_ticks = event.price_ticks
    order.lots = order.cum_lots + left
    order.status = (
        OrderStatus.PARTIALLY_FILLED.value if order.cum_lots > 0 else OrderStatus.OPEN.value
    )
    order.updated_ts_ns = account.ts_ns
    _count(account, instrument, order, 1)


@njit
def _adopt(
    account: Account,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    row = event.order_id % MAX_ORDERS
    if is_live(orders[row]):
        # Its row is taken by an order of ours: the next reconciliation finds it again.
        return count
    order = orders[row]
    order.order_id = event.order_id
    order.instrument = event.instrument
    order.side = event.side
    order.price_ticks = event.price_ticks
    order.lots = event.leaves_lots
    order.cum_lots = 0
    order.status = OrderStatus.OPEN.value
    order.origin = OrderOrigin.ORPHAN.value
    order.terms = 0
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.created_ts_ns = account.ts_ns
    order.updated_ts_ns = account.ts_ns
    order.sync_epoch = account.sync_epoch
    _count(account, instruments[event.instrument], order, 1)
    return request_cancel(account, orders, row, intents, count)


@njit
def apply_order_fill(account: Account, instruments: Rows, orders: Rows, event: Event) -> None:
    """Count an execution on its order. A fill of a closed order is legal: it happens."""
    row = find(orders, event.order_id)
    if row < 0 or not is_live(orders[row]):
        return
    order = orders[row]
    instrument = instruments[order.instrument]
    _count(account, instrument, order, -1)
    order.cum_lots += event.lots
    order.updated_ts_ns = account.ts_ns
    if order.status == OrderStatus.OPEN or order.status == OrderStatus.PENDING_NEW:
        order.status = OrderStatus.PARTIALLY_FILLED.value
    _count(account, instrument, order, 1)
    if order.cum_lots >= max(order.lots, order.pending_lots):
        close(account, instruments, orders, row, OrderStatus.FILLED.value)


@njit
def drop_unconfirmed(account: Account, instruments: Rows, orders: Rows) -> None:
    """After a reconciliation: orders that the venue did not name are gone."""
    for row in range(MAX_ORDERS):
        if is_live(orders[row]) and orders[row].sync_epoch != account.sync_epoch:
            close(account, instruments, orders, row, OrderStatus.CANCELED.value)
