"""A live order changed by hand: the gate sees the difference, and it is a person's after."""

from __future__ import annotations

from core.domain.enums import OrderOrigin, Outcome
from core.domain.events import Event
from core.domain.memory import Rows
from core.domain.records import Account, Order, Params
from core.jit import njit
from core.kernel.brackets import find_bracket, is_exit
from core.kernel.budget import URGENT
from core.kernel.orders import find, is_live, is_pending, leaves, request_replace
from core.kernel.risk import check_age, check_state, gate_change, is_reducing, refuse
from core.kernel.state import KernelState


@njit
def amend(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """
    Ask the venue to give an order another price or size.

    A price or size of 0 in the event stays as it is; the size is the whole order's, what
    has traded included. What the strategy had wanted it leaves alone from now on. The
    target of a bracket has its size from there, and takes its new price along.

    Returns:
        The new count of intents; unchanged where `denial_code` of the account says why.
    """
    account = state.account[0]
    orders = state.orders
    row = find(orders, event.order_id)
    if row < 0 or not is_live(orders[row]):
        refuse(account, Outcome.NO_CHANGE.value, 0.0, 0.0)
        return count
    order = orders[row]
    if is_pending(order):
        refuse(account, Outcome.ORDER_PENDING.value, order.order_id, 0.0)
        return count
    price_ticks = event.price_ticks if event.price_ticks != 0 else order.price_ticks
    closes_bracket = is_exit(state.brackets, order)
    lots = event.lots if event.lots != 0 and not closes_bracket else order.lots
    if price_ticks == order.price_ticks and lots == order.lots:
        refuse(account, Outcome.NO_CHANGE.value, 0.0, 0.0)
        return count
    if lots <= order.cum_lots:
        refuse(account, Outcome.MIN_SIZE.value, lots, order.cum_lots + 1)
        return count
    if _check(account, state.instruments, order, price_ticks, lots, state.params[0]) != 0:
        account.denied += 1
        return count
    order.origin = OrderOrigin.MANUAL.value
    if closes_bracket:
        state.brackets[find_bracket(state.brackets, order.bracket)].target_ticks = price_ticks
    instrument = state.instruments[order.instrument]
    if instrument.working_order == row + 1:
        instrument.working_order = 0
    return request_replace(
        account, state.instruments, orders, row, price_ticks, lots, intents, count
    )


@njit
def _check(
    account: Account, instruments: Rows, order: Order, price_ticks: int, lots: int, params: Params
) -> int:
    """Less at the same price is always allowed; anything else passes the gate."""
    added = lots - order.lots
    if added < 0 and price_ticks == order.price_ticks:
        return 0
    instrument = instruments[order.instrument]
    reducing = is_reducing(instrument, order.side, max(0, added))
    code = check_state(account, instrument, reducing)
    if code == 0:
        code = check_age(account, instrument, reducing, params)
    if code != 0:
        return int(code)
    open_lots = leaves(order) + added
    return int(gate_change(account, instruments, order, price_ticks, open_lots, URGENT, params))
