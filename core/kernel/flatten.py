"""
Closing everything, and saying FLAT only when the venue has shown that nothing is left.

WORKING cancels and closes; once nothing is left here, VERIFYING asks the venue; its
answer makes FLAT or sends back to work. When time is up something is left: NOT_FLAT,
which stays, and goes on trying, until the venue shows nothing.
"""

from __future__ import annotations

from core.domain.enums import BookState, FlattenState, OrderOrigin, Side, VenueState
from core.domain.events import IOC
from core.domain.memory import Rows
from core.domain.records import MAX_ORDERS, MAX_VENUES, Account, Params
from core.jit import njit
from core.kernel.orders import place, request_cancel
from core.kernel.parts import settle_flat
from core.kernel.reports import request_reconciliation
from core.kernel.risk import protected_price

_TIME_NS = 10_000_000_000
"""From the request to being flat; after that it is said that it is not."""


@njit
def begin_flatten(
    account: Account, params: Params, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """Start to close everything. The caller has halted trading."""
    account.flatten_state = FlattenState.WORKING.value
    account.flatten_since_ns = account.ts_ns
    account.flatten_epoch = 0
    return advance_flatten(account, params, instruments, orders, intents, count)


@njit
def advance_flatten(
    account: Account, params: Params, instruments: Rows, orders: Rows, intents: Rows, count: int
) -> int:
    """Close what can be closed now; called with every book and timer until it is done."""
    if account.flatten_state == FlattenState.NONE:
        return count
    left = _left_here(account, instruments)
    if account.flatten_state == FlattenState.FLAT:
        if left > 0:
            # A late fill, or an order that turned up: it is flat no more.
            account.flatten_state = FlattenState.NOT_FLAT.value
        return count
    if account.ts_ns - account.flatten_since_ns > _TIME_NS:
        account.flatten_state = FlattenState.NOT_FLAT.value
    if account.venue_state != VenueState.SYNCED:
        return count
    if left == 0:
        return _ask_venue(account, intents, count)
    for index in range(instruments.shape[0]):
        count = flatten_one(account, params, instruments, orders, index, intents, count)
    return count


@njit
def judge_flatten(account: Account, instruments: Rows) -> None:
    """Take the venues' word, once each has ended the reconciliation that was asked for."""
    if account.flatten_epoch == 0 or account.flatten_state == FlattenState.NONE:
        return
    for index in range(instruments.shape[0]):
        venue = instruments[index].venue
        is_synced = account.venue_states[venue] == VenueState.SYNCED
        if not is_synced or account.sync_epochs[venue] < account.flatten_epoch:
            return
    account.flatten_epoch = 0
    if _left_here(account, instruments) > 0:
        if account.flatten_state == FlattenState.VERIFYING:
            account.flatten_state = FlattenState.WORKING.value
    elif _left_elsewhere(account) > 0:
        account.flatten_state = FlattenState.NOT_FLAT.value
    else:
        account.flatten_state = FlattenState.FLAT.value
        for index in range(instruments.shape[0]):
            settle_flat(instruments[index])


@njit
def _ask_venue(account: Account, intents: Rows, count: int) -> int:
    """Ask once for what the venue has; what is left elsewhere is for people to close."""
    is_foreign = _left_elsewhere(account) > 0
    is_asked = account.flatten_epoch > 0
    if is_asked or (account.flatten_state == FlattenState.NOT_FLAT and is_foreign):
        return count
    if account.flatten_state == FlattenState.WORKING:
        account.flatten_state = FlattenState.VERIFYING.value
    account.flatten_epoch = account.sync_epoch + 1
    return request_reconciliation(account, intents, count)


@njit
def _left_here(account: Account, instruments: Rows) -> int:
    """Orders and lots that we know of."""
    left = account.open_orders
    for index in range(instruments.shape[0]):
        left += abs(instruments[index].position_lots)
    return int(left)


@njit
def _left_elsewhere(account: Account) -> int:
    """Orders and positions in products that are not ours."""
    left = 0
    for venue in range(MAX_VENUES):
        left += account.foreign_orders[venue] + account.foreign_positions[venue]
    return left


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
    settle_flat(instrument)
    if position == 0 or instrument.book_state != BookState.OK:
        return count
    if account.venue_states[instrument.venue] != VenueState.SYNCED:
        return count
    if instrument.working_buy_lots > 0 or instrument.working_sell_lots > 0:
        return count
    side = Side.SELL.value if position > 0 else Side.BUY.value
    price = protected_price(instrument, side, params)
    lots = min(abs(position), int(params.max_order_lots))
    return place(
        account, instruments, orders, index, side, price, lots, IOC,
        OrderOrigin.FLATTEN.value, intents, count,
    )  # fmt: skip


@njit
def advance_flatten_one(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    index: int,
    intents: Rows,
    count: int,
) -> int:
    """
    Close one position on request: cancel what rests in it, then take what is left of it.

    Ends when nothing is left, or when time is up; until then the strategy stands back.
    """
    instrument = instruments[index]
    is_away = account.venue_states[instrument.venue] != VenueState.SYNCED
    if instrument.flatten_since_ns == 0 or is_away:
        return count
    is_working = instrument.working_buy_lots > 0 or instrument.working_sell_lots > 0
    is_flat = instrument.position_lots == 0 and not is_working
    if is_flat or account.ts_ns - instrument.flatten_since_ns > _TIME_NS:
        instrument.flatten_since_ns = 0
        settle_flat(instrument)
        return count
    if is_working:
        for row in range(MAX_ORDERS):
            order = orders[row]
            if order.instrument == index and order.origin != OrderOrigin.FLATTEN:
                count = request_cancel(account, orders, row, intents, count)
    return flatten_one(account, params, instruments, orders, index, intents, count)
