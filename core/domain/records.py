"""
The kernel's state: rows that are copied, hashed, saved and published as they are.

Money is in nanos of the account currency, prices in ticks, sizes in lots, times in
ns since the epoch (UTC). Floats are for signals only.
"""

from __future__ import annotations

from typing import Annotated, Protocol

import numpy as np

from core.domain.enums import N_CHANNELS, N_ORIGINS, N_OUTCOMES, N_SIGNALS
from core.domain.events import DEPTH
from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of
from core.domain.regimes import N_FEATURES

WINDOW = 20
"""Bars that momentum looks back on, and that have to pass before anything is decided."""

MAX_ORDERS = 256
"""Orders of ours that may be alive at once, over all instruments."""

MAX_VENUES = 8
"""Venues that one engine may trade at."""

MAX_BRACKETS = 32
"""Stops and targets that may be watched at once."""

MAX_INTENTS = 2 * (MAX_ORDERS + MAX_BRACKETS)
"""Most intents one event can cause: cancel all, flatten, and what brackets want."""

RECENT_FILLS = 1024
"""Execution ids remembered to tell a repeated fill."""

HISTORY_LENGTH = 600
TIMELINE_LENGTH = 240
SAMPLE_NS = 1_000_000_000
"""Equity and per-instrument history are sampled once a second of event time."""

MAX_SPREADS = 16
"""Baskets and pairs that may be followed at once."""

BARS_KEPT = 5_000
"""Closed bars of each instrument that a live engine keeps for its fits."""

QUOTES_KEPT = 5_000
"""The same for its newest books."""

_Levels = Annotated[IntArray, np.int64, DEPTH]
_Window = Annotated[FloatArray, np.float64, WINDOW]
_Signals = Annotated[FloatArray, np.float64, N_SIGNALS]
_SignalMatrix = Annotated[FloatArray, np.float64, N_SIGNALS, N_SIGNALS]
_Outcomes = Annotated[IntArray, np.int64, N_OUTCOMES]
_Parts = Annotated[IntArray, np.int64, N_ORIGINS]
_Measures = Annotated[FloatArray, np.float64, N_OUTCOMES]
_Regimes = Annotated[FloatArray, np.float64, 4]
_Channels = Annotated[FloatArray, np.float64, N_CHANNELS]
_Features = Annotated[FloatArray, np.float64, N_FEATURES]
_Mids = Annotated[IntArray, np.int64, WINDOW]
_FillIds = Annotated[IntArray, np.int64, RECENT_FILLS]
_FillVenues = Annotated[IntArray, np.int8, RECENT_FILLS]
_Venues = Annotated[IntArray, np.int64, MAX_VENUES]


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
    """Of the venue that is best off; there is only one where only one is traded."""
    venue_states: _Venues
    newest_book_ts_ns: I64
    """When the last book of any instrument came."""
    sync_epoch: I64
    """Grows with every connection to any venue."""
    sync_epochs: _Venues
    """That of each venue's newest connection; orders it does not confirm in it are gone."""
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

    identity_break_nanos: I64
    """What equity and its parts differ by; 0 while all is well."""
    unpriced_fees: I64
    """Fills whose fee was paid in an asset that no rate is known for."""
    corrections: I64
    """Times that the venue's word on a position replaced ours."""

    next_order_id: I64
    next_bracket_id: I64
    brackets: I64
    """Rows of the brackets that are in use."""
    open_orders: I64
    unknown_orders: I64
    """Orders of unknown outcome: the venue is being asked."""
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
    spread_rows: I64
    """Rows of the spreads that may be in use."""
    models: I64
    """Model updates taken over, and refused because their numbers cannot be."""
    models_refused: I64
    flatten_state: I64
    flatten_since_ns: I64
    flatten_epoch: I64
    """`sync_epoch` from which on the venues' answers count as their word on being flat."""
    foreign_orders: _Venues
    """What the account has at each venue in products that are not ours, as last told."""
    foreign_positions: _Venues
    own_strategy: I64
    """An OwnStrategy that decides by commands; 0 while the built-in evaluation does."""
    adopts_orphans: I64
    """1 to keep working orders that no decision of this run stands behind, 0 to cancel them."""
    order_tokens: F64
    """Orders that may still be sent before the rate limit holds them back."""
    request_tokens: F64
    """The same for requests of any kind, as the venue counts them."""
    tokens_ts_ns: I64
    rejects_in_row: I64
    """Venue refusals since the last accepted order: a runaway shows here."""

    sample_ts_ns: I64
    history_head: I64
    """Samples ever taken; the newest is at (head - 1) % length."""
    last_trade_ids: _Venues
    """Every execution up to here is booked; later ones may be, with gaps between them."""
    fill_head: I64
    fill_ids: _FillIds
    fill_venues: _FillVenues
    """Where each of them happened: two venues may use the same ids."""
    outcomes: _Outcomes


class InstrumentState(Protocol):
    """One row per instrument: book, features, decision, position."""

    venue: I64
    """Which of the engine's venues trades it."""
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
    half_spread_ticks: F64
    microprice_ticks: F64
    depth_price_ticks: F64
    """Middle of the average bid and the average ask, weighted by size, over five levels."""
    last_price_ticks: I64
    last_trade_side: I64

    obi: F64
    """Order-book imbalance over five levels, the nearest counting most."""
    ofi: F64
    """Decayed order-flow imbalance over five levels, in lots."""
    ofi_scale: F64
    bought_lots: F64
    """Decayed lots that aggressive buyers took."""
    sold_lots: F64

    bar_start_ns: I64
    """When the current bar began; 0 before the second good book."""
    bars: I64
    """Bars closed. Everything below up to `regime` moves at the close of a bar."""
    bars_recorded: I64
    quotes_recorded: I64
    """Bars and books written to the rings of the fits."""
    returns: I64
    """Bar returns known: a bar without a book has none."""
    close_mid2_ticks: I64
    closes: _Mids
    """Twice the mid at the last WINDOW closes, by bar number modulo WINDOW."""
    last_return_ticks: F64
    return_variance: F64
    """Exponentially weighted over about 100 bars, in ticks²; of bars, not of time."""
    fast_variance: F64
    """The same over about 10 bars."""
    return_autocovariance: F64
    auto_variance: F64
    slow_deviation_ticks: F64
    volatility_ticks: F64
    """Standard deviation of the mid's change per bar, the slow or the fast if larger."""
    autocorrelation: F64
    """Of successive bar returns."""
    features: _Features
    """Return over its volatility, log of fast over slow volatility, autocorrelation."""
    level_ticks: F64
    """Kalman prediction of the mid for the next bar, and its parts."""
    slope_ticks: F64
    kalman_gain: F64
    innovation_ticks: F64
    innovation_deviation_ticks: F64

    change_probability: F64
    """That a new segment began within the last bars."""
    change_bar: I64
    """Bar in which the last change was declared; 0 for never."""
    changes: I64
    confirmed_bar: I64
    """Bar in which an offline method confirmed one; 0 for never."""

    regime: I64
    regime_since_ns: I64
    regime_changes: I64
    regime_probability: _Regimes
    """By Regime; entry 0 is unused."""

    spread_signal: F64
    """Strongest signal of a basket or pair that trades this instrument."""
    spread_reach_ticks: F64
    fair_ticks: F64
    """Theoretical price from outside."""
    fair_error_ticks: F64
    fair_ts_ns: I64
    """When what it rests on was told; 0 while there is none."""
    fair_exch_ts_ns: I64
    """The same, as whoever computed it says."""
    driver: _Channels
    """By Channel: how the product answers to it, -1 to 1."""
    mine_code: I64
    """Why the user's signal is quarantined: a SignalFault; 0 while it is well."""
    mine_reported: I64
    """1 once an evaluation has ended in BAD_SIGNAL for it."""

    has_target: I64
    """1 where the user's own target decides; `combined` is then what it wants."""
    target_code: I64
    """Why that is quarantined: a SignalFault; 0 while it is well."""

    signals: _Signals
    reach_ticks: _Signals
    """By Signal: the move that a full signal would mean if its edge were 1."""
    signal_mean: _Signals
    signal_covariance: _SignalMatrix
    coefficient: _Signals
    """By Signal: weight x edge x regime x discount for what others say as well."""
    edge_ticks: F64
    """Expected move, signed."""
    cost_ticks: F64
    """What its strength is measured against: one lot, by the cheaper way to trade it."""
    timing_ticks: F64
    """The part of it that the book and the prints expect within moments."""
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
    adjusted_lots: I64
    """Part of the position that no fill of this run explains: carried over or corrected."""
    corrected_lots: I64
    """What the last correction by the venue changed it by."""
    cost_nanos: I64
    """Signed worth of the open position at its entry prices."""
    unpriced_lots: I64
    """Part of the position that the venue told of before there was a price to book it at."""
    unpriced_manual_lots: I64
    """What of it changed the part held by hand."""
    part_lots: _Parts
    """
    By OrderOrigin, as are the four that follow: the position and its books apart.

    FLATTEN has none: what it closes belongs to those who opened it.
    """
    part_cost_nanos: _Parts
    part_realized_nanos: _Parts
    part_fees_nanos: _Parts
    part_fills: _Parts
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
    flatten_since_ns: I64
    """When a person asked for this position to be closed; 0 once it is, or was not in time."""
    wish_nanos: I64
    """Worth of the order that the request budget held back; 0 for none."""
    repeated_orders: I64
    """Orders in a row that were the same again, without a fill and within moments."""
    repeated_side: I64
    repeated_ticks: I64
    repeated_lots: I64
    churn_since_ns: I64
    """Begin of the stretch in which fills are watched for getting nowhere."""
    churn_fills: I64
    churn_lots: I64
    """Lots traded in it, and the same signed by side."""
    churn_net_lots: I64
    churn_profit_nanos: I64
    """Profit when it began."""

    best_mid2_ticks: I64
    """Twice the best mid since the position was opened, signed by its side."""
    stopped_side: I64
    """Side that a stop has closed and that waits for the signal to turn; 0 for none."""
    stops: I64
    maker_filled_lots: I64
    """Filled passively in this bar; the same signed by side; what it cost in lot-ticks."""
    maker_lots: I64
    maker_cost: I64
    maker_bars: I64
    """Bars with passive fills."""
    maker_edge_ticks: F64
    """What a passive fill has gained per lot until the close of its bar, on average."""


class OutcomeExamples(Protocol):
    """One row per instrument, by Outcome: how the last evaluation that ended so came out."""

    value: _Measures
    """What was measured, in the unit of the limit."""
    limit: _Measures
    ts_ns: _Outcomes
    """0 for a code that no evaluation has ended in."""


class EdgeModel(Protocol):
    """One row per instrument: what its signals have been worth."""

    version: I64
    """Of the fit; 0 for the defaults of the settings."""
    updated_ts_ns: I64
    edge: _Signals
    """By Signal: ticks of move per tick of reach."""


class ChannelState(Protocol):
    """One row per Channel: observations from outside, on their own clock."""

    observations: I64
    value: F64
    exch_ts_ns: I64
    ts_ns: I64
    fast_mean: F64
    slow_mean: F64
    deviation: F64
    """Running mean of absolute changes between observations."""
    signal: F64


class Bar(Protocol):
    """One closed bar of one instrument: what the fits read, never the kernel."""

    ts_ns: I64
    number: I64
    """From 1; a jump is a stretch without books."""
    mid_ticks: F64
    features: _Features
    regime: I64
    change_probability: F64


class Quote(Protocol):
    """One good book of one instrument and what the signals said at it; for the fits only."""

    ts_ns: I64
    mid_ticks: F64
    reach: _Signals
    """By Signal: signal x reach_ticks, the regressors of the edges."""


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
    """POST_ONLY, IOC and MARKET of `events`. (NumPy records have a `flags` of their own.)"""
    bracket: I64
    """Number of the bracket that it opens or closes; 0 for none."""
    partner: I64
    """Number of the order that is canceled when this one trades or ends; 0 for none."""
    pending_price_ticks: I64
    pending_lots: I64
    created_ts_ns: I64
    updated_ts_ns: I64
    queried_ts_ns: I64
    """When the venue was last asked what became of it; 0 for never."""
    sync_epoch: I64


class Bracket(Protocol):
    """A stop and a target around what was bought or sold by hand. Number 0 is a free row."""

    bracket_id: I64
    instrument: I64
    side: I64
    """Of the position that it closes."""
    state: I64
    left_lots: I64
    """Traded, and still to be closed."""
    stop_ticks: I64
    """Touched when the bid of what was bought, the ask of what was sold, is there; 0 for none."""
    target_ticks: I64
    entry_order: I64
    """0 once it is over, or if there was none."""
    exit_order: I64
    """The target, or the order that closes at the stop; 0 before the first one."""
    retry_ts_ns: I64
    """No other exit is sent before."""
    created_ts_ns: I64


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
    max_order_value_pct: F64
    price_collar_pct: F64
    max_orders_per_s: F64
    max_requests_per_s: F64
    max_rejects_in_row: F64
    max_repeated_orders: F64
    max_idle_fills: F64
    stale_book_ms: F64
    max_clock_skew_ms: F64
    min_signal: F64
    take_signal: F64
    min_confidence: F64
    min_regime_probability: F64
    min_change_pct: F64
    cooldown_ms: F64
    high_volatility_scale: F64
    slippage_ticks: F64
    passive_edge: F64
    max_bar_risk_pct: F64
    max_settlement_risk_pct: F64
    stop_trending: F64
    stop_mean_reverting: F64
    stop_volatile: F64
    change_doubt: F64
    change_bars: F64
    bar_ms: F64
    stale_observation_s: F64
    kalman_noise_ratio: F64
    weight_momentum: F64
    weight_reversion: F64
    weight_volatility: F64
    weight_obi: F64
    weight_ofi: F64
    weight_microprice: F64
    weight_depth: F64
    weight_trade_flow: F64
    weight_spread: F64
    weight_fair_value: F64
    weight_weather: F64
    weight_air_quality: F64
    weight_flights: F64
    weight_mine: F64


ACCOUNT = dtype_of(Account)
INSTRUMENT_STATE = dtype_of(InstrumentState)
ORDER = dtype_of(Order)
BRACKET = dtype_of(Bracket)
HISTORY_ROW = dtype_of(HistoryRow)
TIMELINE_ROW = dtype_of(TimelineRow)
INTENT = dtype_of(Intent)
PARAMS = dtype_of(Params)
OUTCOME_EXAMPLES = dtype_of(OutcomeExamples)
EDGE_MODEL = dtype_of(EdgeModel)
CHANNEL_STATE = dtype_of(ChannelState)
BAR = dtype_of(Bar)
QUOTE = dtype_of(Quote)

FIRST_WEIGHT = (PARAMS.names or ()).index("weight_momentum")
"""Place of the first signal's weight in a PARAMS row; the others follow in Signal's order."""
