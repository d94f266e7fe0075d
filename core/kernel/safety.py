"""The switch: trading states, the halts, readiness."""

from __future__ import annotations

from core.domain.enums import (
    FlattenState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.memory import Rows
from core.domain.records import MAX_ORDERS, Account, Params
from core.jit import njit
from core.kernel.evaluate import conclude
from core.kernel.orders import cancel_all, is_live, request_cancel


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
    elif reason == StateReason.LEASE_LOST or reason == StateReason.INTERNAL_ERROR:
        # Re-arming the halt before it would not be enough any more.
        account.state_reason = reason
        account.state_since_ns = account.ts_ns
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
def cancel_opening(
    account: Account, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """Ask for all orders to be canceled that could together do more than shrink a position."""
    for row in range(MAX_ORDERS):
        order = orders[row]
        if not is_live(order):
            continue
        instrument = instruments[order.instrument]
        working = instrument.working_buy_lots
        if order.side < 0:
            working = instrument.working_sell_lots
        if instrument.position_lots * -order.side < working:
            count = request_cancel(account, orders, row, intents, count)
    return count


@njit
def hold_safe(account: Account, orders: Rows, intents: Rows, count: int) -> int:
    """
    Ask again where safe mode has not been obeyed: nothing rests but reductions since then.

    A cancel may have been refused or lost, or an order turned up that nobody knew of.
    """
    if account.trading_state != TradingState.HALTED and account.stopping == 0:
        return count
    for row in range(MAX_ORDERS):
        order = orders[row]
        if order.status != OrderStatus.OPEN and order.status != OrderStatus.PARTIALLY_FILLED:
            continue
        is_reduction = order.origin == OrderOrigin.FLATTEN or order.origin == OrderOrigin.MANUAL
        is_newer = order.created_ts_ns >= account.state_since_ns
        if is_reduction and is_newer and account.stopping == 0:
            continue
        count = request_cancel(account, orders, row, intents, count)
    return count


@njit
def watch_limits(account: Account, params: Params, orders: Rows, intents: Rows, count: int) -> int:
    """Halt on the drawdown limit or on a run of refusals. Called after every event."""
    if account.trading_state == TradingState.HALTED:
        return count
    if not account.drawdown_pct < params.drawdown_halt_pct:
        return halt(account, orders, StateReason.DRAWDOWN_HALT.value, intents, count)
    if account.rejects_in_row >= params.max_rejects_in_row:
        return halt(account, orders, StateReason.RUNAWAY.value, intents, count)
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
    account: Account,
    params: Params,
    instruments: Rows,
    examples: Rows,
    orders: Rows,
    intents: Rows,
    count: int,
) -> int:
    """On a timer: take back what rests on books that have gone silent, and say so."""
    for index in range(instruments.shape[0]):
        instrument = instruments[index]
        age_ms = (account.ts_ns - instrument.book_ts_ns) / 1_000_000
        if instrument.book_ts_ns == 0 or age_ms <= params.stale_book_ms:
            continue
        instrument.wish_nanos = 0
        conclude(
            account, instrument, examples[index],
            Outcome.STALE_BOOK.value, age_ms, params.stale_book_ms,
        )  # fmt: skip
        if instrument.working_order > 0:
            count = request_cancel(account, orders, instrument.working_order - 1, intents, count)
        elif account.own_strategy != 0:
            count = _cancel_own(account, orders, index, intents, count)
    return count


@njit
def _cancel_own(account: Account, orders: Rows, index: int, intents: Rows, count: int) -> int:
    """Ask for all orders of one instrument to be canceled that a strategy wanted."""
    for row in range(MAX_ORDERS):
        order = orders[row]
        if is_live(order) and order.instrument == index and order.origin == OrderOrigin.STRATEGY:
            count = request_cancel(account, orders, row, intents, count)
    return count
