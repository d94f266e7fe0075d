"""
The risk gate: one path for every order, whoever wants it.

Limits are measured at the worst: as if every live order on the order's side had filled.
A number passes where it is known to be within its limit, so one that is none does not.
Each check answers with an Outcome code; the measured value and the limit it broke are
left in the account's `denial_*` fields for people to read.
"""

from __future__ import annotations

import math

from core.domain.enums import BookState, Outcome, OwnStrategy, Readiness, TradingState, VenueState
from core.domain.memory import Rows
from core.domain.records import Account, InstrumentState, Order, Params
from core.jit import njit
from core.kernel.budget import has_budget, take_order
from core.kernel.orders import leaves

_NS_PER_MS = 1_000_000


@njit
def refuse(account: Account, code: int, value: float, limit: float) -> int:
    """Remember why an order is refused, and answer with the code."""
    account.denial_code = code
    account.denial_value = value
    account.denial_limit = limit
    return int(code)


@njit
def lot_value(instrument: InstrumentState) -> int:
    """Worth of one lot at the mark, in nanos."""
    return instrument.mid2_ticks * (instrument.tick_value_nanos // 2)


@njit
def position_cap_lots(account: Account, instrument: InstrumentState, params: Params) -> int:
    """Largest absolute position that capital and venue allow; 0 when there is no equity left."""
    value = lot_value(instrument)
    if value <= 0 or account.equity_nanos <= 0:
        return 0
    budget = account.equity_nanos * (params.max_position_pct / 100.0)
    cap = int(budget / value)
    if instrument.position_limit_lots > 0:
        cap = min(cap, instrument.position_limit_lots)
    return cap


@njit
def worst_position(instrument: InstrumentState, side: int, lots: int) -> int:
    """Absolute position if this order and all live orders on its side filled."""
    if side > 0:
        reached = instrument.position_lots + instrument.working_buy_lots + lots
    else:
        reached = instrument.position_lots - instrument.working_sell_lots - lots
    return abs(reached) if reached * side > 0 else 0


@njit
def worst_exposure_nanos(instruments: Rows, index: int, side: int, lots: int) -> int:
    """Gross exposure if this order and every live order filled, each on its worse side."""
    total = 0
    for row in range(instruments.shape[0]):
        instrument = instruments[row]
        bought = instrument.position_lots + instrument.working_buy_lots
        sold = instrument.position_lots - instrument.working_sell_lots
        if row == index and side > 0:
            bought += lots
        if row == index and side < 0:
            sold -= lots
        total += max(abs(bought), abs(sold)) * lot_value(instrument)
    return total


@njit
def is_reducing(instrument: InstrumentState, side: int, lots: int) -> bool:
    """True if the order, with what already works on its side, only shrinks the position."""
    if side > 0:
        return instrument.position_lots + instrument.working_buy_lots + lots <= 0
    return instrument.position_lots - instrument.working_sell_lots - lots >= 0


@njit
def check_state(account: Account, instrument: InstrumentState, reducing: bool) -> int:
    """Trading state and readiness: what stands before any number is looked at."""
    if account.trading_state != TradingState.ACTIVE and not reducing:
        if account.trading_state == TradingState.REDUCING:
            return refuse(account, Outcome.STATE_REDUCING.value, 0.0, 0.0)
        return refuse(account, Outcome.STATE_HALTED.value, account.state_reason, 0.0)
    if account.readiness == Readiness.STALE and not reducing:
        return refuse(account, Outcome.STALE_BOOK.value, 0.0, 0.0)
    if account.readiness != Readiness.READY and account.readiness != Readiness.STALE:
        return refuse(account, Outcome.NOT_READY.value, account.readiness, Readiness.READY.value)
    code = check_venue(account, instrument)
    if code == 0 and not _shows_its_only_side(account, instrument):
        code = check_book(account, instrument)
    return code


@njit
def _shows_its_only_side(account: Account, instrument: InstrumentState) -> bool:
    """
    Whether one side is all that a book has to show: ordinary where a Trader trades.

    What was seen of both sides before still marks the position and bounds the price.
    """
    return bool(
        account.own_strategy == OwnStrategy.TRADER
        and instrument.book_state == BookState.ONE_SIDED
        and instrument.mid2_ticks > 0
    )


@njit
def check_venue(account: Account, instrument: InstrumentState) -> int:
    """Whether the venue that trades an instrument has told all it knows."""
    state = account.venue_states[instrument.venue]
    if state == VenueState.SYNCED:
        return 0
    readiness = Readiness.DISCONNECTED.value
    if state == VenueState.CONNECTED:
        readiness = Readiness.RECONCILING.value
    return refuse(account, Outcome.NOT_READY.value, readiness, Readiness.READY.value)


@njit
def check_book(account: Account, instrument: InstrumentState) -> int:
    """Whether the book of an instrument can be traded on."""
    state = instrument.book_state
    if state == BookState.OK:
        return 0
    if state == BookState.CROSSED:
        return refuse(
            account, Outcome.CROSSED_BOOK.value, instrument.bid_ticks[0], instrument.ask_ticks[0]
        )
    if state == BookState.INVALID:
        return refuse(account, Outcome.INVALID_BOOK.value, 0.0, 0.0)
    return refuse(account, Outcome.ONE_SIDED_BOOK.value, 0.0, 0.0)


@njit
def check_age(account: Account, instrument: InstrumentState, reducing: bool, params: Params) -> int:
    """Whether a book is young enough to act on, by our clock and by the venue's."""
    age_ms = (account.ts_ns - instrument.book_ts_ns) / _NS_PER_MS
    if not age_ms <= params.stale_book_ms:
        return refuse(account, Outcome.STALE_BOOK.value, age_ms, params.stale_book_ms)
    if reducing or params.max_clock_skew_ms == 0.0 or instrument.book_exch_ts_ns == 0:
        return 0
    skew_ms = (instrument.book_ts_ns - instrument.book_exch_ts_ns) / _NS_PER_MS
    if not abs(skew_ms) <= params.max_clock_skew_ms:
        return refuse(account, Outcome.CLOCK_SKEW.value, skew_ms, params.max_clock_skew_ms)
    return 0


@njit
def check_price(
    account: Account, instrument: InstrumentState, price_ticks: int, params: Params
) -> int:
    """Price collar: no order further from the mid than the limit."""
    mid = instrument.mid2_ticks / 2
    if account.own_strategy == OwnStrategy.TRADER and mid > 0.0:
        # It says "at any price" with a price far away, and takes what its tick has to offer.
        return 0
    if price_ticks <= 0 or not mid > 0.0:
        return refuse(account, Outcome.PRICE_COLLAR.value, price_ticks, params.price_collar_pct)
    distance_pct = 100.0 * abs(price_ticks - mid) / mid
    # One tick is always allowed, however coarse the grid is.
    if not (distance_pct <= params.price_collar_pct or abs(price_ticks - mid) <= 1.0):
        return refuse(account, Outcome.PRICE_COLLAR.value, distance_pct, params.price_collar_pct)
    return 0


@njit
def protected_price(instrument: InstrumentState, side: int, params: Params) -> int:
    """Worst price at which an order that wants to trade now may: just within the collar."""
    mid = instrument.mid2_ticks / 2
    reach = max(1.0, mid * params.price_collar_pct / 100.0)
    if side > 0:
        return min(int(mid + reach), int(instrument.ask_ticks[0] + reach))
    return max(int(mid - reach) + 1, 1)


@njit
def check_value(account: Account, instrument: InstrumentState, lots: int, params: Params) -> int:
    """Worth of one order, at the mid. The caller has seen that there is equity."""
    value_pct = 100.0 * lots * float(lot_value(instrument)) / account.equity_nanos
    if not value_pct <= params.max_order_value_pct:
        return refuse(account, Outcome.ORDER_VALUE.value, value_pct, params.max_order_value_pct)
    return 0


@njit
def check_size(
    account: Account, instruments: Rows, index: int, side: int, lots: int, params: Params
) -> int:
    """Size, position and exposure at their worst. Shrinking a position is always allowed."""
    instrument = instruments[index]
    if lots <= 0:
        return refuse(account, Outcome.MIN_SIZE.value, lots, 1.0)
    if not lots <= params.max_order_lots:
        return refuse(account, Outcome.POSITION_LIMIT.value, lots, params.max_order_lots)
    if is_reducing(instrument, side, lots):
        return 0
    if account.equity_nanos <= 0:
        return refuse(account, Outcome.EXPOSURE_LIMIT.value, 100.0, params.max_exposure_pct)
    code = check_value(account, instrument, lots, params)
    if code != 0:
        return code
    cap = position_cap_lots(account, instrument, params)
    reached = worst_position(instrument, side, lots)
    if not reached <= cap:
        return refuse(account, Outcome.POSITION_LIMIT.value, reached, cap)
    exposure_pct = (
        100.0 * worst_exposure_nanos(instruments, index, side, lots) / account.equity_nanos
    )
    if not exposure_pct <= params.max_exposure_pct:
        return refuse(account, Outcome.EXPOSURE_LIMIT.value, exposure_pct, params.max_exposure_pct)
    return 0


@njit
def check_budget(
    account: Account, instruments: Rows, index: int, worth: int, params: Params
) -> int:
    """
    Spend one order of the rate limit, if it and the venue's budget have room for it.

    What is left goes to the orders that are worth most: one that has to stand back leaves
    its worth with its instrument, and lesser ones wait until it has had its turn.
    """
    code = has_budget(account, instruments, index, worth, params)
    if code == Outcome.REQUEST_BUDGET:
        return refuse(account, code, account.request_tokens, params.max_requests_per_s)
    if code != 0:
        return refuse(account, code, account.order_tokens, params.max_orders_per_s)
    take_order(account, instruments[index])
    return 0


@njit
def gate(
    account: Account,
    instruments: Rows,
    index: int,
    side: int,
    price_ticks: int,
    lots: int,
    worth: int,
    params: Params,
) -> int:
    """
    Pass or refuse one order.

    Args:
        account: Left with what was measured and the limit, where the order is refused.
        instruments: All of them: exposure is a sum.
        index: Which one the order is for.
        side: Of the order.
        price_ticks: Of the order.
        lots: Of the order.
        worth: What it is expected to gain, in nanos: who goes first when requests are short.
        params: The limits.

    Returns:
        0 to pass, else the Outcome that stands against it.
    """
    instrument = instruments[index]
    reducing = is_reducing(instrument, side, lots)
    code = check_state(account, instrument, reducing)
    if code == 0:
        code = check_age(account, instrument, reducing, params)
    if code == 0:
        code = check_price(account, instrument, price_ticks, params)
    if code == 0:
        code = check_size(account, instruments, index, side, lots, params)
    if code == 0 and not reducing:
        code = check_budget(account, instruments, index, worth, params)
    return code


@njit
def gate_change(
    account: Account,
    instruments: Rows,
    order: Order,
    price_ticks: int,
    lots: int,
    worth: int,
    params: Params,
) -> int:
    """
    Decide whether a live order may be given another price or size.

    The limits see the lots that are added, not those it has. The worth of one order is
    another matter: it is that of all its open lots, or a limit could be passed in steps.

    Args:
        account: As for `gate`, as are `instruments`, `worth` and `params`.
        instruments: All of them.
        order: As it stands.
        price_ticks: Its new price.
        lots: What is open of it afterwards.
        worth: Who goes first.
        params: The limits.

    Returns:
        0 to pass, else the Outcome that stands against it.
    """
    index = order.instrument
    instrument = instruments[index]
    code = check_price(account, instrument, price_ticks, params)
    added = lots - leaves(order)
    if code == 0 and added > 0:
        code = check_size(account, instruments, index, order.side, added, params)
    is_closing = is_reducing(instrument, order.side, max(0, added))
    if code == 0 and added > 0 and not is_closing:
        code = check_value(account, instrument, lots, params)
    if code == 0 and not is_closing:
        code = check_budget(account, instruments, index, worth, params)
    return int(code)


@njit
def is_finite(account: Account, instrument: InstrumentState) -> bool:
    """False if a number that decides is not one: the caller halts."""
    return (
        math.isfinite(instrument.combined)
        and math.isfinite(instrument.level_ticks)
        and math.isfinite(instrument.innovation_deviation_ticks)
        and math.isfinite(instrument.confidence)
        and math.isfinite(account.drawdown_pct)
        and math.isfinite(instrument.volatility_ticks)
    )
