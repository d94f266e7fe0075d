"""
Stops and targets around what people trade by hand.

The venue knows no stops: the kernel watches them, and closes with orders that take. A
target rests at the venue. Exits pass the gate like any order, never exceed what is held
by hand, and never exceed the position of the account: a bracket reduces, and never opens.
One exit is alive at a time, so that target and stop cannot both trade.
"""

from __future__ import annotations

from core.domain.enums import (
    BookState,
    BracketState,
    FlattenState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    VenueState,
)
from core.domain.events import IOC, NO_INSTRUMENT, Event
from core.domain.memory import Rows
from core.domain.records import MAX_BRACKETS, Account, Bracket, InstrumentState, Order, Params
from core.jit import njit
from core.kernel.budget import URGENT
from core.kernel.orders import find, is_live, leaves, place, request_cancel, request_replace
from core.kernel.risk import gate, gate_change, protected_price, refuse
from core.kernel.state import KernelState

_RETRY_NS = 250_000_000
"""Between two orders that close at a stop; a target waits four times as long."""


@njit
def has_free_bracket(account: Account) -> bool:
    """Whether another bracket can be watched."""
    return bool(account.brackets < MAX_BRACKETS)


@njit
def open_bracket(
    account: Account,
    brackets: Rows,
    index: int,
    side: int,
    lots: int,
    stop_ticks: int,
    target_ticks: int,
) -> int:
    """
    Begin to watch `lots` of an instrument; 0 while an entry has yet to trade.

    Returns:
        The row; the caller has seen that there is one.
    """
    row = 0
    while brackets[row].bracket_id != 0:
        row += 1
    bracket = brackets[row]
    bracket.bracket_id = account.next_bracket_id
    bracket.instrument = index
    bracket.side = side
    bracket.state = BracketState.GUARDING.value if lots > 0 else BracketState.WAITING.value
    bracket.left_lots = lots
    bracket.stop_ticks = stop_ticks
    bracket.target_ticks = target_ticks
    bracket.entry_order = 0
    bracket.exit_order = 0
    bracket.retry_ts_ns = 0
    bracket.created_ts_ns = account.ts_ns
    account.next_bracket_id += 1
    account.brackets += 1
    return row


@njit
def check_bracket(
    account: Account,
    instrument: InstrumentState,
    side: int,
    price_ticks: int,
    stop_ticks: int,
    target_ticks: int,
) -> int:
    """
    Whether stop and target stand on their own sides of the entry and of the market.

    A stop that is touched already would close at once, and so would a target that crosses.

    Returns:
        0, or PRICE_COLLAR with the price that is wrong and the one it has to keep away from.
    """
    if stop_ticks < 0 or target_ticks < 0:
        return refuse(account, Outcome.PRICE_COLLAR.value, min(stop_ticks, target_ticks), 1.0)
    bid, ask = instrument.bid_ticks[0], instrument.ask_ticks[0]
    if side > 0:
        nearest_stop, nearest_target = min(price_ticks, bid), min(price_ticks, ask)
    else:
        nearest_stop, nearest_target = max(price_ticks, ask), max(price_ticks, bid)
    if stop_ticks != 0 and (nearest_stop - stop_ticks) * side <= 0:
        return refuse(account, Outcome.PRICE_COLLAR.value, stop_ticks, nearest_stop)
    if target_ticks != 0 and (target_ticks - nearest_target) * side <= 0:
        return refuse(account, Outcome.PRICE_COLLAR.value, target_ticks, nearest_target)
    return 0


@njit
def find_bracket(brackets: Rows, bracket_id: int) -> int:
    """Row of a bracket, or -1 if it is over."""
    for row in range(MAX_BRACKETS):
        if bracket_id != 0 and brackets[row].bracket_id == bracket_id:
            return row
    return -1


@njit
def is_exit(brackets: Rows, order: Order) -> bool:
    """Whether an order is the one that closes for its bracket."""
    row = find_bracket(brackets, order.bracket)
    return row >= 0 and brackets[row].exit_order == order.order_id


@njit
def uncovered_lots(instrument: InstrumentState, brackets: Rows, index: int, side: int) -> int:
    """What is held by hand on a side, less what brackets close already."""
    lots = max(0, side * instrument.part_lots[OrderOrigin.MANUAL])
    for row in range(MAX_BRACKETS):
        bracket = brackets[row]
        if bracket.bracket_id != 0 and bracket.instrument == index and bracket.side == side:
            lots -= bracket.left_lots
    return int(max(0, lots))


@njit
def take_fill(state: KernelState, event: Event, origin: int) -> int:
    """
    Count an execution on the bracket that its order belongs to.

    After a restart the numbers of the last run's orders are lost: what the venue tells as
    missed, at exactly the target of a bracket, is that target.

    Returns:
        The origin of the fill: MANUAL for such a one, else as it was.
    """
    brackets = state.brackets
    row = find(state.orders, event.order_id)
    if row >= 0:
        at = find_bracket(brackets, state.orders[row].bracket)
        if at >= 0:
            _count_fill(brackets[at], event)
        return origin
    venue = state.instruments[event.instrument].venue
    if state.account[0].venue_states[venue] != VenueState.SYNCED and event.order_id < 0:
        for at in range(MAX_BRACKETS):
            bracket = brackets[at]
            if (
                bracket.bracket_id != 0
                and bracket.instrument == event.instrument
                and bracket.side == -event.side
                and bracket.target_ticks == event.price_ticks
                and bracket.exit_order == 0
            ):
                _count_fill(bracket, event)
                return int(OrderOrigin.MANUAL.value)
    return origin


@njit
def _count_fill(bracket: Bracket, event: Event) -> None:
    if event.side != bracket.side:
        bracket.left_lots = max(0, bracket.left_lots - event.lots)
        return
    bracket.left_lots += event.lots
    if bracket.state == BracketState.WAITING:
        bracket.state = BracketState.GUARDING.value


@njit
def drop_targets(account: Account, brackets: Rows, order_id: int) -> None:
    """A person cancels an order, or with 0 all of them: targets do not come back, stops stay."""
    if account.brackets == 0:
        return
    for row in range(MAX_BRACKETS):
        bracket = brackets[row]
        is_meant = order_id == 0 or bracket.exit_order == order_id
        if bracket.bracket_id != 0 and is_meant and bracket.state != BracketState.CLOSING:
            bracket.target_ticks = 0


@njit
def drop_brackets(
    account: Account, orders: Rows, brackets: Rows, index: int, intents: Rows, count: int
) -> int:
    """End the brackets of an instrument, or with NO_INSTRUMENT all, and cancel their orders."""
    for row in range(MAX_BRACKETS):
        bracket = brackets[row]
        is_meant = index == NO_INSTRUMENT or bracket.instrument == index
        if bracket.bracket_id == 0 or not is_meant:
            continue
        exit_row = find(orders, bracket.exit_order)
        if bracket.exit_order != 0 and exit_row >= 0:
            count = request_cancel(account, orders, exit_row, intents, count)
        _end(account, bracket)
    return count


@njit
def _end(account: Account, bracket: Bracket) -> None:
    bracket.bracket_id = 0
    bracket.state = BracketState.NONE.value
    account.brackets -= 1


@njit
def advance_brackets(state: KernelState, intents: Rows, count: int) -> int:
    """Bring every bracket up to what has happened. Returns the new count of intents."""
    account = state.account[0]
    if account.stopping != 0:
        return count
    if account.flatten_state != FlattenState.NONE:
        # It closes everything, and what rests would stand in its way.
        return drop_brackets(account, state.orders, state.brackets, NO_INSTRUMENT, intents, count)
    for row in range(MAX_BRACKETS):
        bracket = state.brackets[row]
        if bracket.bracket_id == 0:
            continue
        venue = state.instruments[bracket.instrument].venue
        if account.venue_states[venue] == VenueState.SYNCED:
            count = _advance(state, row, intents, count)
    return count


@njit
def _advance(state: KernelState, row: int, intents: Rows, count: int) -> int:
    account = state.account[0]
    bracket = state.brackets[row]
    instrument = state.instruments[bracket.instrument]
    entry_row = _live_row(state.orders, bracket.entry_order)
    if entry_row < 0:
        bracket.entry_order = 0
    _hold_to_what_is_there(state.brackets, row, instrument)
    exit_row = _live_row(state.orders, bracket.exit_order)
    has_nothing_to_do = bracket.left_lots == 0 or (
        bracket.stop_ticks == 0 and bracket.target_ticks == 0
    )
    if has_nothing_to_do and entry_row < 0:
        if exit_row >= 0:
            return request_cancel(account, state.orders, exit_row, intents, count)
        _end(account, bracket)
        return count
    is_watching = bracket.left_lots > 0 and bracket.state != BracketState.CLOSING
    if is_watching and is_touched(bracket, instrument):
        bracket.state = BracketState.CLOSING.value
        bracket.retry_ts_ns = 0
    if bracket.state != BracketState.CLOSING:
        return _rest_target(state, bracket, exit_row, intents, count)
    if entry_row >= 0:
        count = request_cancel(account, state.orders, entry_row, intents, count)
    if exit_row >= 0:
        if state.orders[exit_row].terms & IOC == 0:
            count = request_cancel(account, state.orders, exit_row, intents, count)
        return count
    return _close_at_stop(state, bracket, intents, count)


@njit
def _live_row(orders: Rows, order_id: int) -> int:
    row = find(orders, order_id)
    return row if order_id != 0 and row >= 0 and is_live(orders[row]) else -1


@njit
def _hold_to_what_is_there(brackets: Rows, row: int, instrument: InstrumentState) -> None:
    """Lots that people have closed otherwise are not closed again: older brackets come first."""
    bracket = brackets[row]
    held = max(0, bracket.side * instrument.part_lots[OrderOrigin.MANUAL])
    for other in range(MAX_BRACKETS):
        sibling = brackets[other]
        if (
            sibling.bracket_id != 0
            and sibling.bracket_id < bracket.bracket_id
            and sibling.instrument == bracket.instrument
            and sibling.side == bracket.side
        ):
            held -= sibling.left_lots
    bracket.left_lots = min(bracket.left_lots, max(0, held))


@njit
def is_touched(bracket: Bracket, instrument: InstrumentState) -> bool:
    """Whether the price at which the position could be closed has come to the stop."""
    if bracket.stop_ticks == 0 or instrument.book_state != BookState.OK:
        return False
    if bracket.side > 0:
        return bool(instrument.bid_ticks[0] <= bracket.stop_ticks)
    return bool(instrument.ask_ticks[0] >= bracket.stop_ticks)


@njit
def _exit_lots(bracket: Bracket, instrument: InstrumentState, params: Params) -> int:
    """What may be closed: not more than is left, nor than the account holds on that side."""
    held = max(0, bracket.side * instrument.position_lots)
    return int(min(bracket.left_lots, held, int(params.max_order_lots)))


@njit
def _rest_target(
    state: KernelState, bracket: Bracket, exit_row: int, intents: Rows, count: int
) -> int:
    """Have as much resting at the target as is left."""
    account = state.account[0]
    params = state.params[0]
    instrument = state.instruments[bracket.instrument]
    lots = 0
    if bracket.target_ticks != 0:
        lots = _exit_lots(bracket, instrument, params)
    if exit_row < 0:
        if lots == 0:
            return count
        return _send(state, bracket, bracket.target_ticks, lots, 0, 4 * _RETRY_NS, intents, count)
    order = state.orders[exit_row]
    if lots == 0:
        return request_cancel(account, state.orders, exit_row, intents, count)
    is_settled = order.status == OrderStatus.OPEN or order.status == OrderStatus.PARTIALLY_FILLED
    if not is_settled or leaves(order) == lots:
        return count
    code = gate_change(account, state.instruments, order, order.price_ticks, lots, URGENT, params)
    if code != 0:
        return count
    return request_replace(
        account, state.instruments, state.orders, exit_row, order.price_ticks,
        order.cum_lots + lots, intents, count,
    )  # fmt: skip


@njit
def _close_at_stop(state: KernelState, bracket: Bracket, intents: Rows, count: int) -> int:
    """Take what there is, down to the collar, until nothing is left."""
    instrument = state.instruments[bracket.instrument]
    params = state.params[0]
    lots = _exit_lots(bracket, instrument, params)
    if lots == 0 or instrument.book_state != BookState.OK:
        return count
    price = protected_price(instrument, -bracket.side, params)
    return _send(state, bracket, price, lots, IOC, _RETRY_NS, intents, count)


@njit
def _send(
    state: KernelState,
    bracket: Bracket,
    price_ticks: int,
    lots: int,
    terms: int,
    pause_ns: int,
    intents: Rows,
    count: int,
) -> int:
    """Send an exit through the gate, unless the last one was sent a moment ago."""
    account = state.account[0]
    index = bracket.instrument
    if account.ts_ns < bracket.retry_ts_ns:
        return count
    code = gate(
        account, state.instruments, index, -bracket.side, price_ticks, lots, URGENT,
        state.params[0],
    )  # fmt: skip
    if code != 0:
        return count
    sent = place(
        account, state.instruments, state.orders, index, -bracket.side, price_ticks, lots,
        terms, OrderOrigin.MANUAL.value, intents, count,
    )  # fmt: skip
    if sent > count:
        order_id = account.next_order_id - 1
        state.orders[find(state.orders, order_id)].bracket = bracket.bracket_id
        bracket.exit_order = order_id
        bracket.retry_ts_ns = account.ts_ns + pause_ns
    return sent
