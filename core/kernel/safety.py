"""The switch: trading states, the drawdown halt, flattening, readiness."""

from __future__ import annotations

from core.domain.enums import (
    BookState,
    FlattenState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Side,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import IOC
from core.domain.memory import Rows
from core.domain.records import MAX_ORDERS, Account, Params
from core.jit import njit
from core.kernel.evaluate import conclude
from core.kernel.orders import cancel_all, is_live, place, request_cancel

_UNANSWERED_NS = 5_000_000_000
"""A request that the venue has not answered for so long has an unknown outcome."""


@njit
def switch(account: Account, state: int, reason: int) -> None:
    """Set the trading state with its reason and time."""
    if account.trading_state == state:
        return
    account.trading_state = state
    account.state_reason = reason
    account.state_since_ns = account.ts_ns


@njit
def halt(account: Account, orders: Rows, reason: int, intents: Rows, count: int) -> int:
    """Enter safe mode: nothing rests, and only an explicit re-arm leaves it."""
    if account.trading_state != TradingState.HALTED:
        switch(account, TradingState.HALTED.value, reason)
    return cancel_all(account, orders, intents, count)


@njit
def resume(account: Account) -> None:
    """
    Re-arm. The drawdown is measured anew from here.

    Otherwise a session halted by its drawdown would halt again with the next price, and
    the operator, who has just taken responsibility, could not trade out of it.
    """
    switch(account, TradingState.ACTIVE.value, StateReason.OPERATOR.value)
    account.flatten_state = FlattenState.NONE.value
    account.rejects_in_row = 0
    if account.equity_nanos > 0:
        account.peak_equity_nanos = account.equity_nanos
        account.drawdown_pct = 0.0


@njit
def watch_limits(account: Account, params: Params, orders: Rows, intents: Rows, count: int) -> int:
    """Halt on the drawdown limit or on a run of refusals. Called after every event."""
    if account.trading_state == TradingState.HALTED:
        return count
    if account.drawdown_pct >= params.drawdown_halt_pct:
        return halt(account, orders, StateReason.DRAWDOWN_HALT.value, intents, count)
    if account.rejects_in_row >= params.max_rejects_in_row:
        return halt(account, orders, StateReason.RUNAWAY.value, intents, count)
    return count


@njit
def flatten_one(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    index: int,
    intents: Rows,
    count: int,
) -> int:
    """Send one aggressive reduction for an instrument, unless one is under way."""
    instrument = instruments[index]
    position = instrument.position_lots
    if position == 0 or instrument.book_state != BookState.OK:
        return count
    if instrument.working_buy_lots > 0 or instrument.working_sell_lots > 0:
        return count
    side = Side.SELL.value if position > 0 else Side.BUY.value
    mid = instrument.mid2_ticks / 2
    reach = max(1.0, mid * params.price_collar_pct / 100.0)
    if side > 0:
        price = min(int(mid + reach), int(instrument.ask_ticks[0] + reach))
    else:
        price = max(int(mid - reach) + 1, 1)
    lots = min(abs(position), int(params.max_order_lots))
    return place(
        account, instruments, orders, index, side, price, lots, IOC,
        OrderOrigin.FLATTEN.value, intents, count,
    )  # fmt: skip


@njit
def flatten_all(
    account: Account, params: Params, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """Advance a flatten: close what is open, and end when nothing is left."""
    if account.readiness == Readiness.DISCONNECTED or account.readiness == Readiness.RECONCILING:
        return count
    left = account.open_orders
    for index in range(instruments.shape[0]):
        left += abs(instruments[index].position_lots)
        count = flatten_one(account, params, instruments, orders, index, intents, count)
    if left == 0:
        account.flatten_state = FlattenState.NONE.value
    return count


@njit
def update_readiness(account: Account, params: Params) -> None:
    """Derive readiness from the connection and the age of the newest book."""
    if account.stopping:
        account.readiness = Readiness.RECONCILING.value
        return
    if account.venue_state == VenueState.CONNECTED:
        account.readiness = Readiness.RECONCILING.value
        return
    if account.venue_state != VenueState.SYNCED:
        account.readiness = Readiness.DISCONNECTED.value
        return
    if account.newest_book_ts_ns == 0:
        account.readiness = Readiness.WARMING.value
    elif account.ts_ns - account.newest_book_ts_ns > params.stale_book_ms * 1_000_000:
        account.readiness = Readiness.STALE.value
    else:
        account.readiness = Readiness.READY.value


@njit
def watch_ages(
    account: Account, params: Params, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """On a timer: take back what rests on books that have gone silent, and say so."""
    for index in range(instruments.shape[0]):
        instrument = instruments[index]
        age_ms = (account.ts_ns - instrument.book_ts_ns) / 1_000_000
        if instrument.book_ts_ns == 0 or age_ms <= params.stale_book_ms:
            continue
        conclude(account, instrument, Outcome.STALE_BOOK.value, age_ms, params.stale_book_ms)
        if instrument.working_order > 0:
            count = request_cancel(account, orders, instrument.working_order - 1, intents, count)
    return count


@njit
def watch_unanswered(account: Account, orders: Rows) -> None:
    """On a timer: a new order without an answer is neither open nor gone."""
    if account.open_orders == 0:
        return
    for row in range(MAX_ORDERS):
        order = orders[row]
        if (
            is_live(order)
            and order.status == OrderStatus.PENDING_NEW
            and account.ts_ns - order.updated_ts_ns > _UNANSWERED_NS
        ):
            order.status = OrderStatus.UNKNOWN.value
