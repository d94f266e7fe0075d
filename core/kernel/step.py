"""
The decision: one event in, intents out.

`step` is the only code that changes the engine's state, live, in replay and in a
backtest. It writes its arguments and nothing else: no clock, no randomness, no log.
"""

from __future__ import annotations

from core.domain.enums import (
    BookState,
    EventKind,
    FlattenState,
    Outcome,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import NO_INSTRUMENT, UNPRICED_FEE, Event
from core.domain.instrument import NANOS
from core.domain.memory import Rows
from core.domain.records import MAX_VENUES, Account, InstrumentState
from core.jit import njit
from core.kernel.bars import close_bars
from core.kernel.book import apply_book, judge_book, take_trade
from core.kernel.brackets import advance_brackets, has_free_bracket, open_bracket, take_fill
from core.kernel.budget import refill
from core.kernel.channels import observe_outside
from core.kernel.combine import combine
from core.kernel.command import apply_command
from core.kernel.evaluate import evaluate
from core.kernel.flatten import advance_flatten, advance_flatten_one, judge_flatten
from core.kernel.history import sample
from core.kernel.identity import find_break
from core.kernel.links import cancel_partner, cancel_partners_of_closed
from core.kernel.models import apply_model
from core.kernel.observatory import record_quote
from core.kernel.orders import find, is_live
from core.kernel.parts import origin_of, restore_whole
from core.kernel.positions import (
    apply_fill,
    close_gaps,
    is_repeated_fill,
    mark,
    remember_fill,
    set_position,
    update_equity,
)
from core.kernel.reports import (
    apply_order_fill,
    apply_report,
    drop_unconfirmed,
    watch_unanswered,
)
from core.kernel.risk import is_finite
from core.kernel.runaway import is_churning
from core.kernel.safety import (
    halt,
    hold_safe,
    update_readiness,
    watch_ages,
    watch_limits,
)
from core.kernel.signals import update_signals
from core.kernel.spreads import read_spreads
from core.kernel.state import KernelState
from core.kernel.target import read_target

_MAX_NOTIONAL_NANOS = 4_000_000_000 * NANOS
"""Larger sums do not fit 64 bits safely: an event that would make one is refused."""


@njit
def step(state: KernelState, events: Rows, index: int, intents: Rows) -> int:
    """
    Apply one event.

    Args:
        state: Changed in place.
        events: EVENT rows; only row `index` is read.
        index: Which row.
        intents: INTENT rows, at least MAX_INTENTS; overwritten from 0.

    Returns:
        Number of intents written, each already through the risk gate.
    """
    account = state.account[0]
    event = events[index]
    account.seq = event.seq
    account.ts_ns = max(account.ts_ns, event.ts_ns)
    account.events += 1
    count = 0
    if _is_out_of_range(state, event):
        return 0
    if event.kind == EventKind.BOOK:
        count = _on_book(state, event, intents)
    elif event.kind == EventKind.FILL:
        count = _on_fill(state, event, intents)
    elif event.kind == EventKind.ORDER_REPORT:
        count = _on_report(state, event, intents)
    elif event.kind == EventKind.TIMER:
        count = _on_timer(state, intents)
    elif event.kind == EventKind.TRADE:
        take_trade(state.instruments[event.instrument], event)
    elif event.kind == EventKind.OBSERVATION:
        observe_outside(state, event)
    elif event.kind == EventKind.MODEL_UPDATED:
        apply_model(state, event)
    elif event.kind == EventKind.VENUE_STATE:
        count = _on_venue_state(state, event, intents)
    elif event.kind == EventKind.POSITION_REPORT:
        set_position(account, state.instruments[event.instrument], event.lots)
    elif event.kind == EventKind.COMMAND:
        count = apply_command(state, event, intents, 0)
    elif event.kind == EventKind.RESTORED:
        _on_restored(state, event)
    if account.brackets > 0:
        count = advance_brackets(state, intents, count)
    return watch_limits(account, state.params[0], state.orders, intents, count)


@njit
def _is_out_of_range(state: KernelState, event: Event) -> bool:
    """An index or a venue that no row has, or an amount that no sum could hold."""
    if event.instrument < NO_INSTRUMENT or event.instrument >= state.instruments.shape[0]:
        return True
    needs_instrument = (
        event.kind == EventKind.BOOK
        or event.kind == EventKind.FILL
        or event.kind == EventKind.ORDER_REPORT
        or event.kind == EventKind.TRADE
        or event.kind == EventKind.POSITION_REPORT
    )
    if event.kind == EventKind.VENUE_STATE:
        return not 0 <= event.code < MAX_VENUES
    if event.kind == EventKind.RESTORED and not 0 <= event.leaves_lots < MAX_VENUES:
        return True
    if event.instrument == NO_INSTRUMENT:
        return bool(needs_instrument)
    if event.kind == EventKind.FILL:
        value = float(state.instruments[event.instrument].tick_value_nanos)
        notional = abs(value * event.price_ticks * event.lots)
        return bool(event.lots <= 0 or notional > _MAX_NOTIONAL_NANOS)
    return False


@njit
def _on_book(state: KernelState, event: Event, intents: Rows) -> int:
    """Book to features, features to signals, signals to a decision."""
    account = state.account[0]
    params = state.params[0]
    instrument = state.instruments[event.instrument]
    account.newest_book_ts_ns = account.ts_ns
    book_state = judge_book(event)
    if book_state == BookState.OK:
        # Before the new prices: a bar closes at the last mid seen inside it.
        close_bars(state, event.instrument)
    apply_book(instrument, event, book_state)
    if book_state == BookState.OK:
        read_spreads(state.spreads, account.spread_rows, state.instruments, event.instrument)
        update_signals(state, event.instrument)
        combine(instrument, params)
        read_target(state, event.instrument)
        record_quote(state, event.instrument)
        mark(account, instrument)
    if not is_finite(account, instrument):
        # Fail closed: a number that decides is not one.
        return halt(account, state.orders, StateReason.NUMERIC_FAILURE.value, intents, 0)
    update_readiness(account, params)
    count = watch_limits(account, params, state.orders, intents, 0)
    if account.flatten_state != FlattenState.NONE:
        count = advance_flatten(account, params, state.instruments, state.orders, intents, count)
    elif instrument.flatten_since_ns != 0:
        count = advance_flatten_one(
            account, params, state.instruments, state.orders, event.instrument, intents, count
        )
    if account.own_strategy != 0:
        return count
    count = evaluate(
        account, params, state.instruments, state.examples, state.orders, event.instrument,
        intents, count,
    )  # fmt: skip
    if instrument.outcome == Outcome.RUNAWAY and account.trading_state != TradingState.HALTED:
        return halt(account, state.orders, StateReason.RUNAWAY.value, intents, count)
    return count


@njit
def _on_fill(state: KernelState, event: Event, intents: Rows) -> int:
    account = state.account[0]
    instrument = state.instruments[event.instrument]
    venue = instrument.venue
    if is_repeated_fill(account, venue, event.trade_id):
        account.duplicate_fills += 1
        return 0
    remember_fill(account, venue, event.trade_id)
    if account.venue_states[venue] == VenueState.SYNCED:
        # Otherwise one before it may be missing, and is still to be asked for.
        account.last_trade_ids[venue] = max(account.last_trade_ids[venue], event.trade_id)
    if event.key == UNPRICED_FEE:
        account.unpriced_fees += 1
    origin = origin_of(state.orders, event.order_id)
    if account.brackets > 0:
        origin = take_fill(state, event, origin)
    apply_order_fill(account, state.instruments, state.orders, event)
    apply_fill(account, instrument, event, origin)
    if instrument.mid2_ticks == 0:
        # Filled before the first book: the price paid is the only mark there is.
        instrument.mid2_ticks = 2 * event.price_ticks
    mark(account, instrument)
    account.identity_break_nanos = find_break(account, state.instruments)
    if account.identity_break_nanos != 0:
        return halt(account, state.orders, StateReason.IDENTITY_BROKEN.value, intents, 0)
    if is_churning(instrument, event.side, event.lots, account.ts_ns, state.params[0]):
        return halt(account, state.orders, StateReason.RUNAWAY.value, intents, 0)
    return cancel_partner(account, state.orders, event.order_id, intents, 0)


@njit
def _on_report(state: KernelState, event: Event, intents: Rows) -> int:
    account = state.account[0]
    count = apply_report(account, state.instruments, state.orders, event, intents, 0)
    row = find(state.orders, event.order_id)
    if row >= 0 and state.orders[row].partner != 0 and not is_live(state.orders[row]):
        count = cancel_partner(account, state.orders, event.order_id, intents, count)
    return count


@njit
def _on_timer(state: KernelState, intents: Rows) -> int:
    account = state.account[0]
    params = state.params[0]
    update_readiness(account, params)
    refill(account, params)
    count = watch_ages(account, params, state.instruments, state.examples, state.orders, intents, 0)
    count = watch_unanswered(account, state.instruments, state.orders, intents, count)
    count = hold_safe(account, state.orders, intents, count)
    count = advance_flatten(account, params, state.instruments, state.orders, intents, count)
    for index in range(state.instruments.shape[0]):
        count = advance_flatten_one(
            account, params, state.instruments, state.orders, index, intents, count
        )
    sample(account, state.instruments, state.history, state.timeline)
    return count


@njit
def _on_venue_state(state: KernelState, event: Event, intents: Rows) -> int:
    account = state.account[0]
    venue = event.code
    account.venue_states[venue] = event.status
    account.venue_state = _best_state(account)
    count = 0
    if event.status == VenueState.CONNECTED:
        account.sync_epoch += 1
        account.sync_epochs[venue] = account.sync_epoch
    elif event.status == VenueState.SYNCED:
        account.foreign_orders[venue] = event.lots
        account.foreign_positions[venue] = event.leaves_lots
        close_gaps(account, venue)
        drop_unconfirmed(account, state.instruments, state.orders, venue)
        judge_flatten(account, state.instruments)
        count = hold_safe(account, state.orders, intents, 0)
        count = cancel_partners_of_closed(account, state.orders, intents, count)
    update_readiness(account, state.params[0])
    return count


@njit
def _best_state(account: Account) -> int:
    """Of the venue that is best off: with the others, only their instruments wait."""
    best = VenueState.DOWN.value
    for venue in range(MAX_VENUES):
        best = max(best, account.venue_states[venue])
    return best


@njit
def _on_restored(state: KernelState, event: Event) -> None:
    """Take over what the last run left: see `events.restored` for the fields."""
    account = state.account[0]
    if event.instrument == NO_INSTRUMENT and event.trade_id > 0:
        venue = event.leaves_lots
        remember_fill(account, venue, event.trade_id)
        if event.lots != 0:
            account.last_trade_ids[venue] = event.trade_id
        return
    if event.instrument == NO_INSTRUMENT:
        account.trading_state = event.status
        account.state_reason = event.code if event.code > 0 else StateReason.RESTORED.value
        account.state_since_ns = event.exch_ts_ns if event.exch_ts_ns > 0 else account.ts_ns
        account.peak_equity_nanos = max(account.peak_equity_nanos, event.order_id)
        if event.key > FlattenState.NONE and event.key != FlattenState.FLAT:
            # Nobody has seen how it ended.
            account.flatten_state = FlattenState.NOT_FLAT.value
    elif event.code > 0:
        _restore_bracket(state, event)
    elif event.side > 0:
        _restore_part(state.instruments[event.instrument], event)
    else:
        instrument = state.instruments[event.instrument]
        instrument.position_lots = event.lots
        instrument.adjusted_lots = event.lots
        instrument.cost_nanos = event.price_ticks
        instrument.realized_nanos = event.trade_id
        instrument.fees_nanos = event.fee_nanos
        account.realized_nanos += event.trade_id
        account.fees_nanos += event.fee_nanos
        account.cash_nanos += event.trade_id - event.fee_nanos - event.price_ticks
        # Unmarked until the first book: worth what it cost.
        instrument.notional_nanos = event.price_ticks
        restore_whole(instrument)
        account.gross_exposure_nanos += abs(event.price_ticks)
        account.net_exposure_nanos += event.price_ticks
    update_equity(account)


@njit
def _restore_part(instrument: InstrumentState, event: Event) -> None:
    """Take over one part of an instrument's books: see `events.restored_part`."""
    origin = event.side - 1
    if origin < instrument.part_lots.shape[0]:
        instrument.part_lots[origin] = event.lots
        instrument.part_cost_nanos[origin] = event.price_ticks
        instrument.part_realized_nanos[origin] = event.trade_id
        instrument.part_fees_nanos[origin] = event.fee_nanos


@njit
def _restore_bracket(state: KernelState, event: Event) -> None:
    """Watch again what the last run watched: see `events.restored_bracket`."""
    account = state.account[0]
    if event.lots <= 0 or not has_free_bracket(account):
        return
    row = open_bracket(
        account, state.brackets, event.instrument, event.side, event.lots,
        event.trade_id, event.fee_nanos,
    )  # fmt: skip
    state.brackets[row].state = event.code
