"""Requests of people and programs, applied between two events like everything else."""

from __future__ import annotations

import math

import numpy as np

from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderOrigin,
    Outcome,
    StateReason,
    TradingState,
)
from core.domain.events import NO_INSTRUMENT, Event
from core.domain.memory import Rows
from core.domain.records import Account, Params
from core.jit import njit
from core.kernel.amend import amend
from core.kernel.budget import URGENT
from core.kernel.flatten import begin_flatten, flatten_one
from core.kernel.orders import cancel_all, find, place, request_cancel, write_for_all
from core.kernel.risk import gate, refuse
from core.kernel.safety import cancel_opening, halt, resume, switch


@njit
def apply_command(
    account: Account,
    params: Rows,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    """
    Apply one COMMAND.

    `denial_code` of the account is 0 afterwards, or says what stood against it.
    """
    account.denial_code = 0
    kind = event.code
    if kind == CommandKind.HALT:
        # The engine names its own reason in `key`; a person's request has none.
        reason = event.key if event.key > 0 else StateReason.OPERATOR.value
        return halt(account, orders, reason, intents, count)
    if kind == CommandKind.RESUME:
        resume(account)
    elif kind == CommandKind.PAUSE:
        if account.trading_state == TradingState.ACTIVE:
            switch(account, TradingState.REDUCING.value, StateReason.OPERATOR.value)
            # What rests and would open is as much new risk as an order that is sent.
            return cancel_opening(account, instruments, orders, intents, count)
    elif kind == CommandKind.CANCEL_ALL:
        return cancel_all(account, orders, intents, count)
    elif kind == CommandKind.CANCEL_EVERYTHING:
        # Ours one by one as well: their rows then know that they are being canceled.
        count = cancel_all(account, orders, intents, count)
        return write_for_all(account, intents, count, IntentKind.CANCEL_EVERYTHING.value)
    elif kind == CommandKind.FLATTEN:
        return _flatten(account, params[0], instruments, orders, event, intents, count)
    elif kind == CommandKind.SET_PARAMETER:
        set_parameter(params, event.key, event.value)
    elif kind == CommandKind.PLACE:
        return _place(account, params[0], instruments, orders, event, intents, count)
    elif kind == CommandKind.CANCEL:
        row = find(orders, event.order_id)
        if row >= 0:
            return request_cancel(account, orders, row, intents, count)
    elif kind == CommandKind.AMEND:
        return amend(account, params[0], instruments, orders, event, intents, count)
    elif kind == CommandKind.STOP:
        account.stopping = 1
        return cancel_all(account, orders, intents, count)
    return count


@njit
def set_parameter(params: Rows, index: int, value: float) -> None:
    """Change one live parameter by its place. Bounds are checked where the command enters."""
    values = params.view(np.float64)
    if 0 <= index < values.shape[0] and math.isfinite(value):
        values[index] = value


@njit
def _flatten(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    """Close one position, or halt and close them all."""
    if event.instrument != NO_INSTRUMENT:
        return flatten_one(account, params, instruments, orders, event.instrument, intents, count)
    # Halted first: an active strategy would open again what is being closed.
    count = halt(account, orders, StateReason.OPERATOR.value, intents, count)
    return begin_flatten(account, params, instruments, orders, intents, count)


@njit
def _place(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    event: Event,
    intents: Rows,
    count: int,
) -> int:
    """A manual order, through the same gate as the strategy's."""
    code = gate(
        account, instruments, event.instrument, event.side, event.price_ticks, event.lots,
        URGENT, params,
    )  # fmt: skip
    if code != 0:
        account.denied += 1
        return count
    entered = place(
        account, instruments, orders, event.instrument, event.side, event.price_ticks,
        event.lots, event.key, OrderOrigin.MANUAL.value, intents, count,
    )  # fmt: skip
    if entered == count:
        account.denied += 1
        refuse(account, Outcome.ORDER_TABLE_FULL.value, account.open_orders, orders.shape[0])
    return entered
