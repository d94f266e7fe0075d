"""
What observers see: the engine after one event, in the units people read.

Prices, sizes and money are floats here, for showing only. Nothing decides on them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from core.domain.decision import ChangeView, EdgeView, ModelView, SpreadView
from core.domain.enums import (
    BookState,
    BracketState,
    FlattenState,
    Mode,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Side,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.memory import FloatArray
from core.domain.parameters import ParameterSpec
from core.domain.whatif import WhatIfView


@dataclass(frozen=True, slots=True)
class InstrumentMeta:
    """What does not change about an instrument during a run."""

    symbol: str
    tick_size: float
    lot_size: float
    price_decimals: int
    size_decimals: int
    tick_value: float
    """Money that one tick of one lot is worth."""
    position_limit: float
    """In units of quantity; 0 means none."""


VENUES_BETWEEN = " + "
"""Between the names of venues that one engine trades at."""

NO_VENUE = "none: replay"
"""Stands for the venue where a run is played from its journal."""


@dataclass(frozen=True, slots=True)
class RunMeta:
    """What does not change during a run: the first thing a viewer is told."""

    protocol: int
    version: str
    run_id: str
    profile: str
    mode: Mode
    venue: str
    pid: int
    started_ts_ns: int
    capital: float
    currency: str
    settings_hash: str
    instruments: tuple[InstrumentMeta, ...]
    parameters: tuple[ParameterSpec, ...]
    has_market_orders: bool = False
    """Whether the venue takes orders without a price."""

    @property
    def is_past(self) -> bool:
        """Whether this is a replay of a run: it can be looked at, and changed no more."""
        return self.mode is Mode.REPLAY and self.venue == NO_VENUE


@dataclass(frozen=True, slots=True)
class BookLevel:
    """One price of a book."""

    price: float
    quantity: float
    own_quantity: float
    """How much of it is ours; also set where only we quote."""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """How an evaluation of an instrument ended."""

    code: Outcome
    value: float
    limit: float
    ts_ns: int
    repeats: int
    """Evaluations in a row that ended so; of an example all of them, as of its sample."""


@dataclass(frozen=True, slots=True)
class PartView:
    """
    What one origin of orders holds and has earned, at its own average cost.

    Parts may stand against each other; then the whole has realized what they still carry
    as unrealized. Positions, fees, fills and the profit in all add up to the whole's.
    """

    position: float = 0.0
    avg_entry_price: float = math.nan
    """NaN when flat."""
    realized_pnl: float = 0.0
    """Before fees."""
    unrealized_pnl: float = 0.0
    fees: float = 0.0
    fills: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """An instrument's last minutes, one sample a second, oldest first, equal lengths."""

    ts_ns: tuple[int, ...]
    mid: tuple[float, ...]
    level: tuple[float, ...]
    """Kalman level."""
    obi: tuple[float, ...]
    combined: tuple[float, ...]
    regime: tuple[Regime, ...]
    regime_probability: tuple[float, ...]


_NO_PART = PartView()


@dataclass(frozen=True, slots=True)
class InstrumentView:
    """One instrument now. Prices are NaN while there is no book."""

    index: int
    symbol: str
    book_state: BookState
    book_ts_ns: int
    bids: tuple[BookLevel, ...]
    """Best first, at most ten."""
    asks: tuple[BookLevel, ...]
    bid: float
    ask: float
    mid: float
    microprice: float
    level: float
    """Kalman prediction of the mid for the next bar."""
    level_deviation: float
    """How far the mid usually is from it, in price units; 0 while unknown."""
    last_price: float
    obi: float
    ofi: float
    volatility: float
    """In price units per bar."""
    regime: Regime
    regime_since_ns: int
    regime_probability: dict[Regime, float]
    signals: tuple[float, ...]
    """By `Signal`, each in [-1, 1]."""
    reach_ticks: tuple[float, ...]
    """By `Signal`: the move that a full signal would mean if its edge were 1."""
    coefficients: tuple[float, ...]
    """By `Signal`: what it counts in this regime, among the others."""
    parts_ticks: tuple[float, ...]
    """By `Signal`: its part of the expected move."""
    deviations: tuple[float, ...]
    """By `Signal`: how much it moves; 0 for one that never did."""
    correlation: tuple[tuple[float, ...], ...]
    """Of the signals, by `Signal`; rows of a signal that never moved are 0."""
    edge: EdgeView
    combined: float
    """Expected move over its cost, bent into [-1, 1]; 0.5 just pays for taking."""
    confidence: float
    change: ChangeView
    model: ModelView | None
    """None until the engine has told."""
    mine_fault: SignalFault
    """Why the user's own signal is out."""
    stopped_side: int
    """Side that a stop has closed and that waits for the signal to turn; 0 for none."""
    stops: int
    target: float
    """Position that the strategy wants, in units of quantity; what is held by hand comes on top."""
    outcome: OutcomeView
    outcomes: dict[Outcome, int]
    position: float
    avg_entry_price: float
    """NaN when flat."""
    realized_pnl: float
    unrealized_pnl: float
    fees: float
    exposure: float
    exposure_pct: float
    """Of equity."""
    fills: int
    timeline: Timeline
    outcome_examples: dict[Outcome, OutcomeView] = field(default_factory=dict)
    """By code: the last evaluation that ended so; sampled once a second."""
    parts: dict[OrderOrigin, PartView] = field(default_factory=dict)
    """By STRATEGY, MANUAL and ORPHAN, where there is anything; the strategy manages the last."""

    @property
    def manual_position(self) -> float:
        """Held by hand; `target` is for the rest."""
        return self.parts.get(OrderOrigin.MANUAL, _NO_PART).position

    @property
    def manual_realized_pnl(self) -> float:
        """Of what is traded by hand, before fees."""
        return self.parts.get(OrderOrigin.MANUAL, _NO_PART).realized_pnl

    @property
    def manual_unrealized_pnl(self) -> float:
        """Of what is held by hand."""
        return self.parts.get(OrderOrigin.MANUAL, _NO_PART).unrealized_pnl

    @property
    def manual_fees(self) -> float:
        """Of what is traded by hand."""
        return self.parts.get(OrderOrigin.MANUAL, _NO_PART).fees


@dataclass(frozen=True, slots=True)
class OrderView:
    """One live order of ours."""

    order_id: int
    instrument: int
    symbol: str
    side: Side
    price: float
    quantity: float
    filled: float
    status: OrderStatus
    origin: OrderOrigin
    created_ts_ns: int
    bracket: int = 0
    """Number of the bracket that it opens or closes; 0 for none."""
    partner: int = 0
    """Number of the order that is canceled when this one trades or ends; 0 for none."""


@dataclass(frozen=True, slots=True)
class BracketView:
    """A stop and a target around what was traded by hand; NaN for the one that there is not."""

    bracket_id: int
    instrument: int
    symbol: str
    side: Side
    """Of the position that it closes."""
    state: BracketState
    quantity: float
    """Traded, and still to be closed."""
    stop: float
    target: float
    entry_order: int
    """Number of the order that opens; 0 once it is over, or if there was none."""
    exit_order: int
    """Number of the order that closed, or closes, last; 0 before the first one."""
    created_ts_ns: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """The account now."""

    trading_state: TradingState
    state_reason: StateReason
    state_since_ns: int
    readiness: Readiness
    venue_state: VenueState
    equity: float
    peak_equity: float
    cash: float
    realized_pnl: float
    unrealized_pnl: float
    fees: float
    drawdown_pct: float
    max_drawdown_pct: float
    exposure: float
    exposure_pct: float
    orders: int
    fills: int
    rejects: int
    open_orders: int
    evaluations: int
    outcomes: dict[Outcome, int]
    flatten_state: FlattenState
    """How far the closing of everything has come."""
    flatten_since_ns: int = 0
    """When it came so far."""
    venue_states: tuple[VenueState, ...] = ()
    """Of each venue, in the order of their names; `venue_state` is the best of them."""
    order_budget: float = 0.0
    """Orders that may be sent before the rate limit holds them back."""
    request_budget: float = 0.0
    """Requests of any kind that the venue still takes now."""
    unknown_orders: int = 0
    """Orders of unknown outcome."""
    corrections: int = 0
    """Times that the venue's word on a position replaced ours."""
    unpriced_fees: int = 0
    """Fills whose fee is in an asset without a rate."""
    foreign_orders: int = 0
    """What the account has at the venue in products that are not ours, as last told."""
    foreign_positions: int = 0
    identity_break: float = 0.0
    """What equity and its parts differ by; 0 while all is well."""
    models: int = 0
    """Model updates taken over."""
    models_refused: int = 0
    """Model updates whose numbers cannot be."""
    manual_realized_pnl: float = 0.0
    """Of what is traded by hand, over all instruments, before fees."""
    manual_unrealized_pnl: float = 0.0
    manual_fees: float = 0.0


@dataclass(frozen=True, slots=True)
class LatencyView:
    """Microseconds over the last measurements; 0 while there are none."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


@dataclass(frozen=True, slots=True)
class FeedView:
    """One source of data and how fresh it is."""

    name: str
    age_s: float
    """Of the newest value; NaN before the first."""
    state: str
    """CONNECTING, LIVE, STALE or DOWN."""
    source: str = ""
    """Who serves it, where there are several; empty otherwise."""
    note: str = ""
    """One sentence on what is wrong; empty otherwise."""
    credit: str = ""
    """What its source wants to be named as where its data are shown; empty for nothing."""


@dataclass(frozen=True, slots=True)
class VenueView:
    """How the connection to one venue is doing."""

    name: str
    last_error: str = ""
    """One sentence on the newest refusal or lost connection; empty while there was none."""
    clock_offset_ms: float | None = None
    """The venue's clock minus ours; None where nothing tells."""
    requests: int = 0
    """Requests sent, where the venue counts them."""
    requests_waiting: int = 0
    """Requests that wait for their turn there."""


@dataclass(frozen=True, slots=True)
class TrialView:
    """A parameter that goes back to what it was unless somebody keeps it."""

    key: str
    value: float
    reverts_to: float
    left_s: float
    """0 for one that is over but may not go back, because of another parameter."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """How the engine itself is doing."""

    uptime_s: float = 0.0
    events: int = 0
    events_per_second: float = 0.0
    wire_to_order_us: LatencyView = LatencyView()
    step_us: LatencyView = LatencyView()
    feeds: tuple[FeedView, ...] = ()
    venues: tuple[VenueView, ...] = ()
    """In the order of `AccountView.venue_states`."""
    reconnects: int = 0
    gaps: int = 0
    merged_books: int = 0
    """Book updates that a newer one overtook before they were looked at."""
    refused_messages: int = 0
    """Venue messages that could not be understood or believed."""
    dropped_logs: int = 0
    dropped_snapshots: int = 0
    journal_rows: int = 0
    journal_bytes: int = 0
    journal_lag_ms: float = 0.0
    viewers: int = 0
    rss_mb: float = 0.0
    replay_speed: float = 0.0
    """Recorded seconds per second; 0 when live or paused."""
    replay_done: bool = False
    replay_paused: bool = False
    replay_position: int = 0
    """Recorded events that have happened."""
    replay_length: int = 0
    """Recorded events in all; 0 when live."""
    replay_start_ns: int = 0
    """Time of the first recorded event, and of the last; 0 when live."""
    replay_end_ns: int = 0
    whatif: WhatIfView | None = None
    """The comparison that was asked for last in a replay, thinned for showing."""
    trials: tuple[TrialView, ...] = ()
    """Parameters on trial."""
    note: str = ""
    """What the engine is busy with, for example `compiling the kernel`; empty when trading."""


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """The engine after event `seq`."""

    seq: int
    ts_ns: int
    account: AccountView
    instruments: tuple[InstrumentView, ...]
    orders: tuple[OrderView, ...]
    equity_ts_ns: tuple[int, ...]
    """One sample a second, oldest first, as long as `equity`."""
    equity: FloatArray
    parameters: tuple[float, ...]
    """Current values, in the order of `RunMeta.parameters`."""
    telemetry: Telemetry = field(default_factory=Telemetry)
    spreads: tuple[SpreadView, ...] = ()
    brackets: tuple[BracketView, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Notice:
    """
    Something that happened, numbered without gaps: the trade log is made of these.

    Blocked outcomes are not notices: they are counted in the snapshot.
    """

    number: int
    ts_ns: int
    kind: str
    """order, fill, reject, cancel, state, command, venue, risk or engine."""
    severity: str
    """info, warning or alarm."""
    text: str
    """One line for a person, without time and instrument."""
    instrument: str = ""
    side: int = 0
    price: float = 0.0
    quantity: float = 0.0
    order_id: int = 0
    reason: str = ""
    """For an order: signals, regime, confidence and target that led to it."""
