"""
Fills to position, and position to profit, in whole nanos.

The identity that everything else rests on holds exactly, after every event:
capital + realized + unrealized - fees = cash + Σ position x mark = equity.
"""

from __future__ import annotations

from core.domain.enums import LiquiditySide, OrderOrigin
from core.domain.events import Event
from core.domain.records import RECENT_FILLS, Account, InstrumentState
from core.jit import njit
from core.kernel.features import warming_weight
from core.kernel.parts import book_fill, correct_parts, share_of_cost

_MAKER = 0.05
"""Weight of one bar with passive fills."""


@njit
def is_repeated_fill(account: Account, venue: int, trade_id: int) -> bool:
    """Tell whether an execution of a venue was seen among the last RECENT_FILLS."""
    for slot in range(min(account.fill_head, RECENT_FILLS)):
        if account.fill_ids[slot] == trade_id and account.fill_venues[slot] == venue:
            return True
    return False


@njit
def remember_fill(account: Account, venue: int, trade_id: int) -> None:
    """Keep an execution id, in place of the oldest."""
    account.fill_ids[account.fill_head % RECENT_FILLS] = trade_id
    account.fill_venues[account.fill_head % RECENT_FILLS] = venue
    account.fill_head += 1


@njit
def close_gaps(account: Account, venue: int) -> None:
    """After a reconciliation: every execution up to the venue's newest one has been told."""
    last_ids = account.last_trade_ids
    for slot in range(min(account.fill_head, RECENT_FILLS)):
        if account.fill_venues[slot] == venue:
            last_ids[venue] = max(last_ids[venue], account.fill_ids[slot])


@njit
def apply_fill(account: Account, instrument: InstrumentState, event: Event, origin: int) -> None:
    """
    Book an execution: position, cost, realized profit, fees, cash, and whose they are.

    Average cost: closing a part takes that part of the cost with it. What integer
    division leaves stays in the cost of the rest, so no nano is ever lost.
    """
    value = event.price_ticks * instrument.tick_value_nanos
    signed_lots = event.side * event.lots
    position = instrument.position_lots
    closing_lots = 0
    if position * signed_lots < 0:
        closing_lots = min(abs(position), event.lots)
        _close(account, instrument, closing_lots, value)
    opening_lots = event.lots - closing_lots
    instrument.cost_nanos += event.side * opening_lots * value
    instrument.position_lots += signed_lots
    instrument.fees_nanos += event.fee_nanos
    instrument.fills += 1
    if event.side > 0:
        instrument.buy_lots += event.lots
    else:
        instrument.sell_lots += event.lots
    if event.code == LiquiditySide.MAKER:
        instrument.maker_filled_lots += event.lots
        instrument.maker_lots += signed_lots
        instrument.maker_cost += signed_lots * event.price_ticks
    book_fill(instrument, origin, event.side, event.lots, value, event.fee_nanos)
    account.cash_nanos -= signed_lots * value + event.fee_nanos
    account.fees_nanos += event.fee_nanos
    account.fills += 1


@njit
def close_maker_fills(instrument: InstrumentState) -> None:
    """
    Learn, at the close of a bar, what its passive fills have gained by now.

    A resting order is filled most readily when the market is about to go through it; what
    that costs differs from market to market, so it is measured on our own fills.
    """
    if instrument.maker_filled_lots == 0:
        return
    instrument.maker_bars += 1
    gained = instrument.maker_lots * (instrument.mid2_ticks / 2) - instrument.maker_cost
    each = gained / instrument.maker_filled_lots
    weight = warming_weight(_MAKER, instrument.maker_bars)
    instrument.maker_edge_ticks += weight * (each - instrument.maker_edge_ticks)
    instrument.maker_filled_lots = 0
    instrument.maker_lots = 0
    instrument.maker_cost = 0


@njit
def _close(account: Account, instrument: InstrumentState, lots: int, value: int) -> None:
    """Close `lots` of an open position at `value` nanos a lot."""
    held = abs(instrument.position_lots)
    direction = 1 if instrument.position_lots > 0 else -1
    share = share_of_cost(instrument.cost_nanos, held, lots)
    realized = direction * lots * value - share
    instrument.cost_nanos -= share
    instrument.realized_nanos += realized
    account.realized_nanos += realized


@njit
def mark(account: Account, instrument: InstrumentState) -> None:
    """Value one position at its mid and carry the change into the account."""
    if instrument.unpriced_lots != 0 and instrument.mid2_ticks > 0:
        _book_at_mark(account, instrument)
    # The value of a tick is even, so half of it is whole: a mid between ticks is exact.
    notional = instrument.position_lots * instrument.mid2_ticks * (instrument.tick_value_nanos // 2)
    account.gross_exposure_nanos += abs(notional) - abs(instrument.notional_nanos)
    account.net_exposure_nanos += notional - instrument.notional_nanos
    instrument.notional_nanos = notional
    unrealized = notional - instrument.cost_nanos
    account.unrealized_nanos += unrealized - instrument.unrealized_nanos
    instrument.unrealized_nanos = unrealized
    update_equity(account)


@njit
def update_equity(account: Account) -> None:
    """Equity, its peak and the fall from it, after any change of what makes them up."""
    account.equity_nanos = (
        account.capital_nanos
        + account.realized_nanos
        + account.unrealized_nanos
        - account.fees_nanos
    )
    account.peak_equity_nanos = max(account.peak_equity_nanos, account.equity_nanos)
    fall = account.peak_equity_nanos - account.equity_nanos
    account.drawdown_pct = 100.0 * fall / account.peak_equity_nanos
    account.max_drawdown_pct = max(account.max_drawdown_pct, account.drawdown_pct)


@njit
def set_position(account: Account, instrument: InstrumentState, lots: int) -> None:
    """
    Take over the venue's word on a position that differs from ours.

    The difference is booked at the mark, so that it changes no profit: what it truly cost
    is not known here. Before the first book it waits for one.
    """
    difference = lots - instrument.position_lots
    if difference == 0:
        return
    account.corrections += 1
    instrument.corrected_lots = difference
    instrument.adjusted_lots += difference
    instrument.position_lots = lots
    instrument.unpriced_lots += difference
    instrument.unpriced_manual_lots += correct_parts(instrument, difference)
    if instrument.mid2_ticks > 0:
        mark(account, instrument)


@njit
def _book_at_mark(account: Account, instrument: InstrumentState) -> None:
    """Give lots that no fill has told of the price of this moment."""
    value = instrument.mid2_ticks * (instrument.tick_value_nanos // 2)
    cost = instrument.unpriced_lots * value
    by_hand = instrument.unpriced_manual_lots * value
    instrument.cost_nanos += cost
    instrument.part_cost_nanos[OrderOrigin.MANUAL] += by_hand
    instrument.part_cost_nanos[OrderOrigin.ORPHAN] += cost - by_hand
    instrument.unpriced_lots = 0
    instrument.unpriced_manual_lots = 0
    account.cash_nanos -= cost
