"""
What the venue says of our orders: in any order, late, twice, or not at all.

An order whose request went unanswered is UNKNOWN until the venue has been asked by its
number; nothing is ever sent again on a guess.
"""

from __future__ import annotations

from core.domain.enums import (
    IntentKind,
    OrderOrigin,
    OrderStatus,
    RejectReason,
    VenueState,
)
from core.domain.events import ACCOUNT_STATE, Event
from core.domain.memory import Rows
from core.domain.order_life import Happening
from core.domain.records import MAX_ORDERS, Account, InstrumentState, Order
from core.jit import njit
from core.kernel.orders import (
    close,
    count_order,
    find,
    fold_into_hash,
    happen,
    is_live,
    request_cancel,
    write,
    write_for_all,
)

_UNANSWERED_NS = 5_000_000_000
"""A request that the venue has not answered for so long has an unknown outcome."""


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
    canceled, unless the settings say that such orders are kept.
    """
    is_standing = event.status == OrderStatus.OPEN or event.status == OrderStatus.PARTIALLY_FILLED
    row = find(orders, event.order_id)
    if row < 0 or not is_live(orders[row]):
        # An acknowledgement that its fills have overtaken brings nothing back to life.
        is_done = row >= 0 and orders[row].status == OrderStatus.FILLED
        if is_standing and (not is_done or event.key == ACCOUNT_STATE):
            return _adopt(account, instruments, orders, event, intents, count)
        return count
    order = orders[row]
    if event.key == ACCOUNT_STATE:
        order.sync_epoch = account.sync_epochs[instruments[order.instrument].venue]
    if is_standing:
        _reopen(account, instruments[order.instrument], order, event)
        return count
    _count_refusal(account, event)
    if event.status == OrderStatus.REJECTED and event.code == RejectReason.DUPLICATE_ORDER_ID:
        # A request that came twice: the refusal is of the second, and the first may stand.
        order.queried_ts_ns = account.ts_ns
        return write(account, intents, count, IntentKind.QUERY.value, order, 0, 0)
    is_short = order.cum_lots < order.lots
    close(account, instruments, orders, row, _end_of(event.status))
    if event.status == OrderStatus.FILLED and is_short:
        # Lots have traded that no fill has told of: late, or lost.
        return request_reconciliation(account, intents, count)
    return count


@njit
def request_reconciliation(account: Account, intents: Rows, count: int) -> int:
    """Ask for all orders and positions again, unless the venue is about to tell them anyway."""
    if account.venue_state != VenueState.SYNCED:
        return count
    return write_for_all(account, intents, count, IntentKind.RECONCILE.value)


@njit
def _end_of(status: int) -> int:
    if status == OrderStatus.FILLED:
        return Happening.FILLED.value
    if status == OrderStatus.REJECTED or status == OrderStatus.DENIED:
        return Happening.REJECTED.value
    if status == OrderStatus.EXPIRED:
        return Happening.EXPIRED.value
    return Happening.CANCELED.value


@njit
def _count_refusal(account: Account, event: Event) -> None:
    """A refused request is one of a run of them; an order that the venue ended is not."""
    if event.code != RejectReason.NONE and event.status != OrderStatus.CANCELED:
        account.rejects += 1
        account.rejects_in_row += 1


@njit
def _reopen(account: Account, instrument: InstrumentState, order: Order, event: Event) -> None:
    """Take the venue's price and size for an order that stands."""
    is_refused = event.code != RejectReason.NONE
    if is_refused:
        _count_refusal(account, event)
    else:
        account.rejects_in_row = 0
    # Whatever had been asked for by then has been answered or is lost.
    is_reconciling = event.key == ACCOUNT_STATE
    if order.status == OrderStatus.PENDING_CANCEL and not is_refused and not is_reconciling:
        return
    count_order(account, instrument, order, -1)
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.price_ticks = event.price_ticks
    if event.lots > 0:
        order.lots = event.lots
    if is_reconciling:
        # All fills that could be had came before it: what is missing now stays so.
        order.cum_lots = max(order.cum_lots, order.lots - event.leaves_lots)
    if is_refused or is_reconciling:
        happen(order, Happening.REQUEST_REFUSED.value)
    else:
        happen(order, Happening.STANDS.value)
    order.updated_ts_ns = account.ts_ns
    count_order(account, instrument, order, 1)


@njit
def _adopt(
    account: Account,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    """Take in an order that no decision of this run stands behind."""
    row = event.order_id % MAX_ORDERS
    if is_live(orders[row]):
        return _cancel_unseen(account, event, intents, count)
    order = orders[row]
    order.order_id = event.order_id
    order.instrument = event.instrument
    order.side = event.side
    order.price_ticks = event.price_ticks
    order.lots = max(event.lots, event.leaves_lots)
    order.cum_lots = order.lots - event.leaves_lots
    order.status = OrderStatus.OPEN.value
    order.origin = OrderOrigin.ORPHAN.value
    order.terms = 0
    order.bracket = 0
    order.partner = 0
    order.pending_price_ticks = 0
    order.pending_lots = 0
    order.created_ts_ns = account.ts_ns
    order.updated_ts_ns = account.ts_ns
    order.queried_ts_ns = 0
    order.sync_epoch = account.sync_epochs[instruments[event.instrument].venue]
    happen(order, Happening.STANDS.value)
    count_order(account, instruments[event.instrument], order, 1)
    if account.adopts_orphans:
        return count
    return request_cancel(account, orders, row, intents, count)


@njit
def _cancel_unseen(account: Account, event: Event, intents: Rows, count: int) -> int:
    """Cancel an order whose row is taken by one of ours: what cannot be watched cannot stay."""
    intent = intents[count]
    intent.kind = IntentKind.CANCEL.value
    intent.instrument = event.instrument
    intent.order_id = event.order_id
    intent.side = event.side
    intent.price_ticks = event.price_ticks
    intent.lots = 0
    intent.terms = 0
    intent.origin = OrderOrigin.ORPHAN.value
    fold_into_hash(account, intent)
    return count + 1


@njit
def apply_order_fill(account: Account, instruments: Rows, orders: Rows, event: Event) -> None:
    """Count an execution on its order. A fill of a closed order is legal: it happens."""
    row = find(orders, event.order_id)
    if row < 0 or not is_live(orders[row]):
        return
    order = orders[row]
    instrument = instruments[order.instrument]
    count_order(account, instrument, order, -1)
    order.cum_lots += event.lots
    order.updated_ts_ns = account.ts_ns
    happen(order, Happening.FILLED_IN_PART.value)
    count_order(account, instrument, order, 1)
    if order.cum_lots >= max(order.lots, order.pending_lots):
        close(account, instruments, orders, row, Happening.FILLED.value)


@njit
def drop_unconfirmed(account: Account, instruments: Rows, orders: Rows, venue: int) -> None:
    """After a reconciliation: orders that the venue did not name are gone."""
    epoch = account.sync_epochs[venue]
    for row in range(MAX_ORDERS):
        order = orders[row]
        is_there = instruments[order.instrument].venue == venue
        if is_live(order) and is_there and order.sync_epoch != epoch:
            close(account, instruments, orders, row, Happening.CANCELED.value)


@njit
def watch_unanswered(
    account: Account, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """
    On a timer: ask what became of an order about which a request went unanswered.

    While its venue is away nothing is asked: the next connection tells.
    """
    if account.open_orders == 0:
        return count
    for row in range(MAX_ORDERS):
        order = orders[row]
        if not is_live(order):
            continue
        instrument = instruments[order.instrument]
        if account.venue_states[instrument.venue] != VenueState.SYNCED:
            continue
        newest_ns = max(order.updated_ts_ns, order.queried_ts_ns)
        if account.ts_ns - newest_ns <= _UNANSWERED_NS:
            continue
        count_order(account, instrument, order, -1)
        happen(order, Happening.UNANSWERED.value)
        count_order(account, instrument, order, 1)
        if order.status == OrderStatus.UNKNOWN:
            order.queried_ts_ns = account.ts_ns
            count = write(account, intents, count, IntentKind.QUERY.value, order, 0, 0)
    return count
