"""
One evaluation of one instrument: what is wanted, what is done, and if nothing, why.

Every call ends in exactly one Outcome.
"""

from __future__ import annotations

from core.domain.enums import OrderOrigin, Outcome, Readiness, Side, TradingState
from core.domain.events import IOC, POST_ONLY
from core.domain.memory import Rows
from core.domain.records import WINDOW, Account, InstrumentState, OutcomeExamples, Params
from core.jit import njit
from core.kernel.bars import is_warm
from core.kernel.costs import posting_cost_ticks, taking_cost_ticks
from core.kernel.orders import is_pending, leaves, place, request_cancel, request_replace
from core.kernel.parts import managed_lots
from core.kernel.risk import (
    check_age,
    check_book,
    check_venue,
    gate,
    gate_change,
    is_reducing,
    position_cap_lots,
    refuse,
)
from core.kernel.runaway import is_repeating
from core.kernel.sizing import blocking_code, reduce_only, target_lots
from core.kernel.stops import adverse_ticks, is_stopped, stop_distance_ticks

_NS_PER_MS = 1_000_000

_MOST_WORTH = 1e18
"""An order's worth in nanos is cut here: larger ones do not fit 64 bits."""


@njit
def conclude(
    account: Account,
    instrument: InstrumentState,
    examples: OutcomeExamples,
    code: int,
    value: float,
    limit: float,
) -> None:
    """Record how an evaluation ended, and keep it as the newest example of its code."""
    if instrument.outcome == code:
        instrument.outcome_repeats += 1
    else:
        instrument.outcome = code
        instrument.outcome_repeats = 1
    instrument.outcome_value = value
    instrument.outcome_limit = limit
    instrument.outcome_ts_ns = account.ts_ns
    instrument.outcomes[code] += 1
    examples.value[code] = value
    examples.limit[code] = limit
    examples.ts_ns[code] = account.ts_ns
    account.outcomes[code] += 1
    account.evaluations += 1


@njit
def _conclude_refused(
    account: Account, instrument: InstrumentState, examples: OutcomeExamples
) -> None:
    """Record the refusal that a check has just left in the account."""
    conclude(
        account, instrument, examples,
        account.denial_code, account.denial_value, account.denial_limit,
    )  # fmt: skip


@njit
def evaluate(
    account: Account,
    params: Params,
    instruments: Rows,
    examples: Rows,
    orders: Rows,
    index: int,
    intents: Rows,
    count: int,
) -> int:
    """Decide on one instrument after its book has changed. Returns the count of intents."""
    instrument = instruments[index]
    instrument.wish_nanos = 0
    sent = count
    code = _standing_block(account, instrument)
    if code == 0:
        count = _pursue(account, params, instruments, orders, index, intents, count)
        code = account.denial_code
    elif instrument.working_order > 0:
        # What blocks a decision also takes back what rests on an older one.
        count = request_cancel(account, orders, instrument.working_order - 1, intents, count)
    if count > sent:
        conclude(
            account, instrument, examples[index],
            Outcome.TRADE.value, instrument.combined, params.min_signal,
        )  # fmt: skip
    else:
        if code == Outcome.BAD_SIGNAL:
            # Told once, and not by an evaluation whose outcome is a cancel.
            instrument.mine_reported = 1
        _conclude_refused(account, instrument, examples[index])
    return count


@njit
def _standing_block(account: Account, instrument: InstrumentState) -> int:
    """What stands against any decision now: state, readiness, book or empty windows."""
    if account.trading_state == TradingState.HALTED:
        return refuse(account, Outcome.STATE_HALTED.value, account.state_reason, 0.0)
    if account.readiness != Readiness.READY:
        return refuse(account, Outcome.NOT_READY.value, account.readiness, Readiness.READY.value)
    code = check_venue(account, instrument)
    if code != 0:
        return code
    code = check_book(account, instrument)
    if code != 0:
        return code
    if not is_warm(instrument):
        return refuse(account, Outcome.WARMING_UP.value, instrument.bars, WINDOW)
    if instrument.flatten_since_ns != 0:
        return refuse(account, Outcome.ORDER_PENDING.value, 0.0, 0.0)
    if instrument.mine_code != 0 and instrument.mine_reported == 0:
        return refuse(account, Outcome.BAD_SIGNAL.value, instrument.mine_code, 0.0)
    return 0


@njit
def _pursue(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    index: int,
    intents: Rows,
    count: int,
) -> int:
    """Move the position towards its target; leaves a refusal where nothing is sent."""
    instrument = instruments[index]
    working = instrument.working_order - 1
    if working >= 0 and is_pending(orders[working]):
        refuse(account, Outcome.ORDER_PENDING.value, orders[working].order_id, 0.0)
        return count
    position = managed_lots(instrument)
    target = 0
    stopped = is_stopped(instrument, params)
    if stopped:
        side = 1 if position > 0 else -1
        block = refuse(
            account, Outcome.STOP_LOSS.value,
            adverse_ticks(instrument, side) if position != 0 else 0.0,
            stop_distance_ticks(instrument, params),
        )  # fmt: skip
    else:
        block = blocking_code(account, instrument, params)
    block_value = account.denial_value
    block_limit = account.denial_limit
    if block == 0:
        target = target_lots(account, instrument, params)
        if account.trading_state == TradingState.REDUCING:
            allowed = reduce_only(account, position, target)
            if allowed != target:
                block = Outcome.STATE_REDUCING.value
                block_value = float(target)
                block_limit = float(position)
            target = allowed
    instrument.target_lots = target
    change = target - position
    if change == 0 or _is_too_small(account, instrument, params, target, change):
        if working >= 0:
            return request_cancel(account, orders, working, intents, count)
        if block != 0:
            refuse(account, block, block_value, block_limit)
        elif target != 0 and account.drawdown_pct >= params.drawdown_reduce_pct:
            refuse(
                account,
                Outcome.DRAWDOWN_REDUCE.value,
                account.drawdown_pct,
                params.drawdown_reduce_pct,
            )
        elif (
            target == 0
            and position == 0
            and (instrument.has_target == 0 or instrument.combined != 0.0)
        ):
            refuse(account, Outcome.MIN_SIZE.value, abs(instrument.combined), 1.0)
        else:
            refuse(account, Outcome.NO_CHANGE.value, change, params.min_change_pct)
        return count
    return _approach(account, params, instruments, orders, index, change, stopped, intents, count)


@njit
def _is_too_small(
    account: Account, instrument: InstrumentState, params: Params, target: int, change: int
) -> bool:
    """A change that is not worth an order. Letting go of a position always is."""
    if target == 0:
        return False
    cap = position_cap_lots(account, instrument, params)
    return abs(change) < cap * (params.min_change_pct / 100.0)


@njit
def _approach(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    index: int,
    change: int,
    stopped: bool,
    intents: Rows,
    count: int,
) -> int:
    """
    Take or post towards the target, with one order of the strategy at a time.

    A stop takes: it wants out, not a good price.
    """
    instrument = instruments[index]
    side = Side.BUY.value if change > 0 else Side.SELL.value
    lots = min(abs(change), int(params.max_order_lots))
    working = instrument.working_order - 1
    takes = stopped or _is_worth_taking(instrument, params, side)
    is_early = instrument.has_target == 0 and instrument.timing_ticks * side < 0.0
    if takes and not stopped and is_early:
        refuse(account, Outcome.BETTER_PRICE_DUE.value, instrument.timing_ticks, 0.0)
        if working >= 0:
            return request_cancel(account, orders, working, intents, count)
        return count
    if check_age(account, instrument, is_reducing(instrument, side, lots), params) != 0:
        if working >= 0:
            return request_cancel(account, orders, working, intents, count)
        return count
    price = _price(instrument, side, takes)
    flags = IOC if takes else POST_ONLY
    if working >= 0:
        order = orders[working]
        if order.side != side or takes:
            return request_cancel(account, orders, working, intents, count)
        if order.price_ticks == price and leaves(order) == lots:
            refuse(account, Outcome.NO_CHANGE.value, lots, 0.0)
            return count
    if account.ts_ns - instrument.last_order_ts_ns < params.cooldown_ms * _NS_PER_MS:
        waited_ms = (account.ts_ns - instrument.last_order_ts_ns) / _NS_PER_MS
        refuse(account, Outcome.COOLDOWN.value, waited_ms, params.cooldown_ms)
        return count
    if working >= 0:
        return _move(account, params, instruments, orders, index, price, lots, intents, count)
    if takes:
        displayed = instrument.ask_lots[0] if side > 0 else instrument.bid_lots[0]
        lots = min(lots, displayed)
    elif not is_reducing(instrument, side, lots) and not _is_worth_posting(
        instrument, params, side
    ):
        refuse(
            account, Outcome.EDGE_BELOW_COST.value,
            instrument.edge_ticks * side, posting_cost_ticks(instrument, params),
        )  # fmt: skip
        return count
    worth = _worth_nanos(instrument, params, side, lots, takes)
    if gate(account, instruments, index, side, price, lots, worth, params) != 0:
        return count
    if is_repeating(instrument, side, price, lots, account.ts_ns, params):
        refuse(
            account, Outcome.RUNAWAY.value,
            instrument.repeated_orders, params.max_repeated_orders,
        )  # fmt: skip
        return count
    return _enter(account, instruments, orders, index, side, price, lots, flags, intents, count)


@njit
def _worth_nanos(
    instrument: InstrumentState, params: Params, side: int, lots: int, takes: bool
) -> int:
    """What an order is expected to gain, its cost taken off."""
    cost = (
        taking_cost_ticks(instrument, params) if takes else posting_cost_ticks(instrument, params)
    )
    gain_nanos = (instrument.edge_ticks * side - cost) * lots * instrument.tick_value_nanos
    return int(min(_MOST_WORTH, max(-_MOST_WORTH, gain_nanos)))


@njit
def _enter(
    account: Account,
    instruments: Rows,
    orders: Rows,
    index: int,
    side: int,
    price: int,
    lots: int,
    flags: int,
    intents: Rows,
    count: int,
) -> int:
    entered = place(
        account, instruments, orders, index, side, price, lots, flags,
        OrderOrigin.STRATEGY.value, intents, count,
    )  # fmt: skip
    if entered == count:
        refuse(account, Outcome.ORDER_TABLE_FULL.value, account.open_orders, orders.shape[0])
    return entered


@njit
def _move(
    account: Account,
    params: Params,
    instruments: Rows,
    orders: Rows,
    index: int,
    price: int,
    lots: int,
    intents: Rows,
    count: int,
) -> int:
    """Replace the working order, if the gate lets the difference pass."""
    instrument = instruments[index]
    row = instrument.working_order - 1
    order = orders[row]
    worth = _worth_nanos(instrument, params, order.side, lots, False)
    if gate_change(account, instruments, order, price, lots, worth, params) != 0:
        return count
    total = order.cum_lots + lots
    return request_replace(account, instruments, orders, row, price, total, intents, count)


@njit
def _is_worth_taking(instrument: InstrumentState, params: Params, side: int) -> bool:
    """
    Crossing the spread pays only where the expected move covers what it costs.

    Who names a target has thought of that: its strength alone decides.
    """
    if instrument.combined * side < params.take_signal:
        return False
    if instrument.has_target != 0:
        return True
    return bool(instrument.edge_ticks * side > taking_cost_ticks(instrument, params))


@njit
def _is_worth_posting(instrument: InstrumentState, params: Params, side: int) -> bool:
    """A resting order has to expect more than passive fills have cost."""
    if instrument.has_target != 0:
        return True
    return bool(instrument.edge_ticks * side > posting_cost_ticks(instrument, params))


@njit
def _price(instrument: InstrumentState, side: int, takes: bool) -> int:
    """Best opposite price to take, best own price to post."""
    if side > 0:
        return int(instrument.ask_ticks[0]) if takes else int(instrument.bid_ticks[0])
    return int(instrument.bid_ticks[0]) if takes else int(instrument.ask_ticks[0])
