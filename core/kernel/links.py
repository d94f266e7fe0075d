"""Two orders of which one cancels the other."""

from __future__ import annotations

from core.domain.enums import OrderOrigin, Outcome
from core.domain.events import Event
from core.domain.memory import Rows
from core.domain.records import MAX_ORDERS, Account
from core.jit import njit
from core.kernel.orders import find, is_live, request_cancel
from core.kernel.risk import refuse


@njit
def link(account: Account, orders: Rows, event: Event) -> None:
    """
    Link two resting orders by hand: a trade or the end of one cancels the other.

    `denial_code` of the account says if they cannot be.
    """
    first = find(orders, event.order_id)
    second = find(orders, event.key)
    if first == second or not _is_free(orders, first) or not _is_free(orders, second):
        refuse(account, Outcome.NO_CHANGE.value, 0.0, 0.0)
        return
    orders[first].partner = event.key
    orders[second].partner = event.order_id


@njit
def _is_free(orders: Rows, row: int) -> bool:
    """Whether an order is alive, a person's, and bound to nothing else."""
    if row < 0 or not is_live(orders[row]):
        return False
    order = orders[row]
    is_manual = order.origin == OrderOrigin.MANUAL
    return bool(is_manual and order.partner == 0 and order.bracket == 0)


@njit
def cancel_partner(account: Account, orders: Rows, order_id: int, intents: Rows, count: int) -> int:
    """An order has traded, or is over: ask for the one that is linked to it to be canceled."""
    row = find(orders, order_id)
    if row < 0 or orders[row].partner == 0:
        return count
    other = find(orders, orders[row].partner)
    orders[row].partner = 0
    if other < 0 or orders[other].partner != order_id:
        return count
    orders[other].partner = 0
    return request_cancel(account, orders, other, intents, count)


@njit
def cancel_partners_of_closed(account: Account, orders: Rows, intents: Rows, count: int) -> int:
    """After a reconciliation: the same for every order that has turned out to be over."""
    for row in range(MAX_ORDERS):
        if orders[row].partner != 0 and not is_live(orders[row]):
            count = cancel_partner(account, orders, orders[row].order_id, intents, count)
    return count
