"""What we and the venue allow to be sent, and who goes first when that is short."""

from __future__ import annotations

from core.domain.enums import Outcome
from core.domain.memory import Rows
from core.domain.records import Account, InstrumentState, Params
from core.jit import njit

_NS_PER_S = 1_000_000_000

_RESERVE = 0.2
"""Share of the venue's requests that is kept for cancels and reductions."""

URGENT = 2**62
"""Worth of an order that goes before all others: a person wants it."""


@njit
def refill(account: Account, params: Params) -> None:
    """Let both budgets grow with time, up to one second's worth."""
    elapsed_s = max(0.0, (account.ts_ns - account.tokens_ts_ns) / _NS_PER_S)
    account.tokens_ts_ns = account.ts_ns
    account.order_tokens = min(
        params.max_orders_per_s, account.order_tokens + elapsed_s * params.max_orders_per_s
    )
    account.request_tokens = min(
        params.max_requests_per_s, account.request_tokens + elapsed_s * params.max_requests_per_s
    )


@njit
def has_budget(account: Account, instruments: Rows, index: int, worth: int, params: Params) -> int:
    """
    Say whether an order that opens may be sent, and remember its worth if it may not.

    Returns:
        0, or ORDER_RATE or REQUEST_BUDGET.
    """
    refill(account, params)
    needed = 1.0 + _better_wishes(instruments, index, worth)
    code = 0
    most = params.max_requests_per_s
    reserve = min(_RESERVE * most, most - 1.0)
    if not account.request_tokens - reserve >= needed:
        code = Outcome.REQUEST_BUDGET.value
    elif not account.order_tokens >= needed:
        code = Outcome.ORDER_RATE.value
    instruments[index].wish_nanos = worth if code != 0 and worth != URGENT else 0
    return code


@njit
def take_order(account: Account, instrument: InstrumentState) -> None:
    """Count an order against our own limit; the request is counted when it is written."""
    account.order_tokens -= 1.0
    instrument.wish_nanos = 0


@njit
def _better_wishes(instruments: Rows, index: int, worth: int) -> int:
    """Orders of other instruments that were held back and are worth more."""
    better = 0
    for row in range(instruments.shape[0]):
        if row != index and instruments[row].wish_nanos > worth:
            better += 1
    return better
