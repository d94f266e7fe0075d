"""
The kernel's state: rows that are copied, hashed, saved and published as they are.

Money is in nanos of the account currency, prices in ticks, sizes in lots, times in
ns since the epoch (UTC). Floats are for signals only.
"""

from __future__ import annotations

from typing import Annotated, Protocol

import numpy as np

from core.domain.enums import N_OUTCOMES, N_SIGNALS
from core.domain.events import DEPTH
from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of

WINDOW = 20
"""Book events that momentum and volatility look back on."""

MAX_ORDERS = 256
"""Orders of ours that may be alive at once, over all instruments."""

MAX_INTENTS = 2 * MAX_ORDERS
"""Most intents one event can cause: cancel all, and flatten."""

RECENT_FILLS = 1024
"""Execution ids remembered to tell a repeated fill."""

HISTORY_LENGTH = 600
TIMELINE_LENGTH = 240
SAMPLE_NS = 1_000_000_000
"""Equity and per-instrument history are sampled once a second of event time."""

_Levels = Annotated[IntArray, np.int64, DEPTH]
_Window = Annotated[FloatArray, np.float64, WINDOW]
_Signals = Annotated[FloatArray, np.float64, N_SIGNALS]
_SignalMatrix = Annotated[FloatArray, np.float64, N_SIGNALS, N_SIGNALS]
_Outcomes = Annotated[IntArray, np.int64, N_OUTCOMES]
_Regimes = Annotated[FloatArray, np.float64, 4]
_FillIds = Annotated[IntArray, np.int64, RECENT_FILLS]


class Account(Protocol):
    """One row: what holds for the whole engine."""

    seq: I64
    """Last event applied."""
    ts_ns: I64
    events: I64
    evaluations: I64
    decision_hash: I64
    """Running hash of every intent and its time: equal on every replay of the same events."""

    trading_state: I64
    state_reason: I64
    state_since_ns: I64
    readiness: I64
    venue_state: I64
    newest_book_ts_ns: I64
    """When the last book of any instrument came."""
    sync_epoch: I64
    """Grows with every connection; orders the venue does not confirm in it are gone."""
    stopping: I64

    capital_nanos: I64
    cash_nanos: I64
    realized_nanos: I64
    """Before fees."""
    unrealized_nanos: I64
    fees_nanos: I64
    equity_nanos: I64
    peak_equity_nanos: I64
    drawdown_pct: F64
    max_drawdown_pct: F64
    gross_exposure_nanos: I64
    net_exposure_nanos: I64

    next_order_id: I64
    open_orders: I64
    orders: I64
    """Orders sent, replacements included."""
    fills: I64
    rejects: I64
    denied: I64
    denial_code: I64
    """Why the last manual order was denied: an Outcome, 0 if it was not."""
    denial_value: F64
    denial_limit: F64
    duplicate_fills: I64
    flattening: I64
    order_tokens: F64
    """Orders that may still be sent before the rate limit holds them back."""
    order_tokens_ts_ns: I64
    rejects_in_row: I64
    """Venue refusals since the last accepted order: a runaway shows here."""

    sample_ts_ns: I64
    history_head: I64
    """Samples ever taken; the newest is at (head - 1) % length."""
    fill_head: I64
    fill_ids: _FillIds
    outcomes: _Outcomes


class InstrumentState(Protocol):
    """One row per instrument: book, features, decision, position."""

    tick_value_nanos: I64
    position_limit_lots: I64
    maker_fee_bps: F64
    taker_fee_bps: F64

    book_state: I64
    book_ts_ns: I64
    book_exch_ts_ns: I64
    book_events: I64
    bad_books: I64
    """Crossed, one-sided, empty or impossible books seen."""
    bid_ticks: _Levels
    bid_lots: _Levels
    ask_ticks: _Levels
    ask_lots: _Levels
    mid2_ticks: I64
    """Bid plus ask: twice the mid, and so a whole number."""
    microprice_ticks: F64
    last_price_ticks: I64
    last_trade_side: I64

    obi: F64
    """Order-book imbalance over five levels."""
    ofi: F64
    """Decayed order-flow imbalance, in lots."""
    ofi_scale: F64
    level_ticks: F64
    """Kalman estimate of the price level."""
    level_variance: F64
    kalman_gain: F64
    innovation_ticks: F64
    noise_variance: F64
    returns: _Window
    """Changes of twice the mid, so whole numbers: their sums stay exact."""
    returns_sum: F64
    returns_sumsq: F64
    returns_abs_sum: F64
    last_return: F64
    return_variance: F64
    """Slow, exponentially weighted, in (half ticks)²."""
    return_autocovariance: F64
    momentum_ticks: F64
    volatility_ticks: F64
    """Standard deviation of the mid's change per book event."""
    slow_volatility_ticks: F64
    autocorrelation: F64
    """Of successive returns, exponentially weighted."""
    efficiency: F64
    """Net move over path length in the window (Kaufman): 1 is a straight line."""

    regime: I64
    regime_since_ns: I64
    regime_changes: I64
    regime_probability: _Regimes
    """By Regime; entry 0 is unused."""

    signals: _Signals
    signal_mean: _Signals
    signal_covariance: _SignalMatrix
    combined: F64
    confidence: F64
    target_lots: I64

    outcome: I64
    outcome_value: F64
    """What was measured, in the unit of the limit."""
    outcome_limit: F64
    outcome_ts_ns: I64
    outcome_repeats: I64
    """Evaluations in a row that ended so."""
    outcomes: _Outcomes

    position_lots: I64
    cost_nanos: I64
    """Signed worth of the open position at its entry prices."""
    unpriced_lots: I64
    """Part of the position that the venue told of before there was a price to book it at."""
    notional_nanos: I64
    """Signed worth of the position at the mark, which is the mid of the last good book."""
    realized_nanos: I64
    unrealized_nanos: I64
    fees_nanos: I64
    buy_lots: I64
    sell_lots: I64
    fills: I64
    working_order: I64
    """Index + 1 in the order table of the strategy's order; 0 for none."""
    working_buy_lots: I64
    working_sell_lots: I64
    """Leaves of every live order, whoever wanted it."""
    last_order_ts_ns: I64


class Order(Protocol):
    """One row of the order table. A closed row is free for the next order."""

    order_id: I64
    instrument: I64
    side: I64
    price_ticks: I64
    lots: I64
    cum_lots: I64
    status: I64
    origin: I64
    terms: I64
    """POST_ONLY and IOC of `events`. (NumPy records have a `flags` of their own.)"""
    pending_price_ticks: I64
    pending_lots: I64
    created_ts_ns: I64
    updated_ts_ns: I64
    sync_epoch: I64


class HistoryRow(Protocol):
    """Once a second: the account."""

    ts_ns: I64
    equity_nanos: I64
    realized_nanos: I64
    drawdown_pct: F64
    exposure_pct: F64


class TimelineRow(Protocol):
    """Once a second: one instrument."""

    ts_ns: I64
    mid_ticks: F64
    level_ticks: F64
    obi: F64
    combined: F64
    regime: I64
    regime_probability: F64
    position_lots: I64


class Intent(Protocol):
    """One thing the kernel wants done, already through the risk gate."""

    kind: I64
    instrument: I64
    order_id: I64
    side: I64
    price_ticks: I64
    lots: I64
    terms: I64
    origin: I64


class Params(Protocol):
    """
    The live parameters, one row. Names are the leaves of the settings' keys.

    `core.settings` states bounds, units and effects; a test holds the two together.
    """

    max_position_pct: F64
    max_exposure_pct: F64
    drawdown_reduce_pct: F64
    drawdown_halt_pct: F64
    max_order_lots: F64
    price_collar_pct: F64
    max_orders_per_s: F64
    max_rejects_in_row: F64
    stale_book_ms: F64
    min_signal: F64
    take_signal: F64
    min_confidence: F64
    min_regime_probability: F64
    min_change_pct: F64
    cooldown_ms: F64
    high_volatility_scale: F64
    weight_momentum: F64
    weight_reversion: F64
    weight_obi: F64
    weight_ofi: F64
    weight_microprice: F64
    kalman_noise_ratio: F64


ACCOUNT = dtype_of(Account)
INSTRUMENT_STATE = dtype_of(InstrumentState)
ORDER = dtype_of(Order)
HISTORY_ROW = dtype_of(HistoryRow)
TIMELINE_ROW = dtype_of(TimelineRow)
INTENT = dtype_of(Intent)
PARAMS = dtype_of(Params)
