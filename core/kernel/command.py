"""Requests of people and programs, applied between two events like everything else."""

from __future__ import annotations

import math

import numpy as np

from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderOrigin,
    Outcome,
    OwnStrategy,
    StateReason,
    TradingState,
)
from core.domain.events import IOC, MARKET, NO_INSTRUMENT, OWN, Event
from core.domain.memory import Rows
from core.domain.records import MAX_BRACKETS, MAX_ORDERS
from core.jit import njit
from core.kernel.amend import amend
from core.kernel.brackets import (
    check_bracket,
    drop_brackets,
    drop_targets,
    has_free_bracket,
    open_bracket,
    uncovered_lots,
)
from core.kernel.budget import URGENT
from core.kernel.evaluate import conclude
from core.kernel.flatten import advance_flatten_one, begin_flatten
from core.kernel.links import link
from core.kernel.orders import cancel_all, find, place, request_cancel, write_for_all
from core.kernel.risk import check_book, gate, protected_price, refuse
from core.kernel.runaway import is_repeating
from core.kernel.safety import cancel_opening, halt, resume, switch
from core.kernel.state import KernelState


@njit
def apply_command(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """
    Apply one COMMAND.

    `denial_code` of the account is 0 afterwards, or says what stood against it.
    """
    account = state.account[0]
    account.denial_code = 0
    kind = event.code
    if kind == CommandKind.HALT:
        # The engine names its own reason in `key`; a person's request has none.
        reason = event.key if event.key > 0 else StateReason.OPERATOR.value
        return halt(account, state.orders, reason, intents, count)
    if kind == CommandKind.RESUME:
        resume(account)
    elif kind == CommandKind.PAUSE:
        if account.trading_state == TradingState.ACTIVE:
            switch(account, TradingState.REDUCING.value, StateReason.OPERATOR.value)
            # What rests and would open is as much new risk as an order that is sent.
            return cancel_opening(account, state.instruments, state.orders, intents, count)
    elif kind == CommandKind.CANCEL_ALL:
        drop_targets(account, state.brackets, 0)
        return cancel_all(account, state.orders, intents, count)
    elif kind == CommandKind.CANCEL_EVERYTHING:
        # Ours one by one as well: their rows then know that they are being canceled.
        drop_targets(account, state.brackets, 0)
        count = cancel_all(account, state.orders, intents, count)
        return write_for_all(account, intents, count, IntentKind.CANCEL_EVERYTHING.value)
    elif kind == CommandKind.FLATTEN:
        return _flatten(state, event, intents, count)
    elif kind == CommandKind.SET_PARAMETER:
        set_parameter(state.params, event.key, event.value)
    elif kind == CommandKind.PLACE:
        return _place(state, event, intents, count)
    elif kind == CommandKind.CANCEL:
        row = find(state.orders, event.order_id)
        if row >= 0 and event.order_id != 0:
            drop_targets(account, state.brackets, event.order_id)
            return request_cancel(account, state.orders, row, intents, count)
    elif kind == CommandKind.AMEND:
        return amend(state, event, intents, count)
    elif kind == CommandKind.PROTECT:
        return _protect(state, event, intents, count)
    elif kind == CommandKind.LINK:
        link(account, state.orders, event)
    elif kind == CommandKind.STOP:
        account.stopping = 1
        return cancel_all(account, state.orders, intents, count)
    return count


@njit
def set_parameter(params: Rows, index: int, value: float) -> None:
    """Change one live parameter by its place. Bounds are checked where the command enters."""
    values = params.view(np.float64)
    if 0 <= index < values.shape[0] and math.isfinite(value):
        values[index] = value


@njit
def _flatten(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """Close one position, or halt and close them all."""
    account = state.account[0]
    index = event.instrument
    count = drop_brackets(account, state.orders, state.brackets, index, intents, count)
    if index != NO_INSTRUMENT:
        state.instruments[index].flatten_since_ns = account.ts_ns
        return advance_flatten_one(
            account, state.params[0], state.instruments, state.orders, index, intents, count
        )
    # Halted first: an active strategy would open again what is being closed.
    count = halt(account, state.orders, StateReason.OPERATOR.value, intents, count)
    return begin_flatten(account, state.params[0], state.instruments, state.orders, intents, count)


@njit
def _place(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """An order of a person or of a strategy of the user's own; the latter has an outcome."""
    account = state.account[0]
    entered = _enter(state, event, intents, count)
    if event.key & OWN == 0:
        return entered
    instrument = state.instruments[event.instrument]
    examples = state.examples[event.instrument]
    if account.denial_code == 0:
        lots = float(event.side * event.lots)
        conclude(account, instrument, examples, Outcome.TRADE.value, lots, 0.0)
        return entered
    conclude(
        account, instrument, examples,
        account.denial_code, account.denial_value, account.denial_limit,
    )  # fmt: skip
    if account.denial_code == Outcome.RUNAWAY and account.trading_state != TradingState.HALTED:
        return halt(account, state.orders, StateReason.RUNAWAY.value, intents, entered)
    return entered


@njit
def _check_own(state: KernelState, event: Event, price_ticks: int) -> int:
    """What stands against an order of a strategy beyond what stands against a person's."""
    account = state.account[0]
    instrument = state.instruments[event.instrument]
    if instrument.flatten_since_ns != 0:
        return refuse(account, Outcome.ORDER_PENDING.value, 0.0, 0.0)
    if account.own_strategy == OwnStrategy.TRADER:
        # It wants its quotes anew in every tick: the same ones are no sign of a fault.
        return 0
    params = state.params[0]
    if is_repeating(instrument, event.side, price_ticks, event.lots, account.ts_ns, params):
        return refuse(
            account, Outcome.RUNAWAY.value,
            instrument.repeated_orders, params.max_repeated_orders,
        )  # fmt: skip
    return 0


@njit
def _enter(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """Send an order and its bracket through the gate that every order passes."""
    account = state.account[0]
    stop_ticks, target_ticks = event.trade_id, event.fee_nanos
    has_bracket = stop_ticks != 0 or target_ticks != 0
    if has_bracket and not has_free_bracket(account):
        account.denied += 1
        refuse(account, Outcome.ORDER_TABLE_FULL.value, account.brackets, MAX_BRACKETS)
        return count
    instrument = state.instruments[event.instrument]
    price_ticks, terms = event.price_ticks, event.key & ~OWN
    origin = OrderOrigin.MANUAL.value
    if terms & MARKET != 0:
        price_ticks = protected_price(instrument, event.side, state.params[0])
        terms |= IOC
    code = gate(
        account, state.instruments, event.instrument, event.side, price_ticks, event.lots,
        URGENT, state.params[0],
    )  # fmt: skip
    if code == 0 and has_bracket:
        code = check_bracket(account, instrument, event.side, price_ticks, stop_ticks, target_ticks)
    if event.key & OWN != 0:
        origin = OrderOrigin.STRATEGY.value
        if code == 0:
            code = _check_own(state, event, price_ticks)
    if code != 0:
        account.denied += 1
        return count
    entered = place(
        account, state.instruments, state.orders, event.instrument, event.side,
        price_ticks, event.lots, terms, origin, intents, count,
    )  # fmt: skip
    if entered == count:
        account.denied += 1
        refuse(account, Outcome.ORDER_TABLE_FULL.value, account.open_orders, MAX_ORDERS)
    elif has_bracket:
        row = open_bracket(
            account, state.brackets, event.instrument, event.side, 0, stop_ticks, target_ticks
        )
        entry = state.orders[find(state.orders, account.next_order_id - 1)]
        entry.bracket = state.brackets[row].bracket_id
        state.brackets[row].entry_order = entry.order_id
    return entered


@njit
def _protect(state: KernelState, event: Event, intents: Rows, count: int) -> int:
    """Put a bracket around what is held by hand, or with neither price take all away."""
    account = state.account[0]
    index, stop_ticks, target_ticks = event.instrument, event.trade_id, event.fee_nanos
    if index == NO_INSTRUMENT:
        refuse(account, Outcome.NO_CHANGE.value, 0.0, 0.0)
        return count
    if stop_ticks == 0 and target_ticks == 0:
        return drop_brackets(account, state.orders, state.brackets, index, intents, count)
    instrument = state.instruments[index]
    side = 1 if instrument.part_lots[OrderOrigin.MANUAL] > 0 else -1
    lots = uncovered_lots(instrument, state.brackets, index, side)
    if lots == 0:
        refuse(account, Outcome.MIN_SIZE.value, 0.0, 1.0)
        return count
    if not has_free_bracket(account):
        refuse(account, Outcome.ORDER_TABLE_FULL.value, account.brackets, MAX_BRACKETS)
        return count
    price_ticks = instrument.ask_ticks[0] if side > 0 else instrument.bid_ticks[0]
    code = check_book(account, instrument)
    if code == 0:
        code = check_bracket(account, instrument, side, price_ticks, stop_ticks, target_ticks)
    if code == 0:
        open_bracket(account, state.brackets, index, side, lots, stop_ticks, target_ticks)
    return count
