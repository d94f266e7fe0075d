"""The engine's codes in plain words."""

from __future__ import annotations

from core.domain.enums import (
    BookState,
    BracketState,
    OrderOrigin,
    OrderStatus,
    Outcome,
    Readiness,
    Regime,
    Signal,
    SignalFault,
    StateReason,
    TradingState,
)
from core.domain.spreads import SpreadKind, SpreadReason, SpreadState

OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.NONE: "not evaluated yet",
    Outcome.TRADE: "traded",
    Outcome.BELOW_THRESHOLD: "signal too weak",
    Outcome.LOW_CONFIDENCE: "signals disagree",
    Outcome.UNCERTAIN_REGIME: "regime uncertain",
    Outcome.POSITION_LIMIT: "position limit",
    Outcome.EXPOSURE_LIMIT: "exposure limit",
    Outcome.DRAWDOWN_REDUCE: "drawdown halves size",
    Outcome.DRAWDOWN_HALT: "drawdown halts",
    Outcome.STALE_BOOK: "book too old",
    Outcome.STALE_FEED: "feed too old",
    Outcome.CROSSED_BOOK: "book crossed",
    Outcome.ONE_SIDED_BOOK: "book one-sided",
    Outcome.INVALID_BOOK: "book impossible",
    Outcome.PRICE_COLLAR: "price outside collar",
    Outcome.ORDER_RATE: "order rate limit",
    Outcome.RUNAWAY: "orders run away",
    Outcome.NOT_READY: "engine not ready",
    Outcome.STATE_REDUCING: "entries paused",
    Outcome.STATE_HALTED: "safe mode",
    Outcome.MIN_SIZE: "size under one lot",
    Outcome.NO_CHANGE: "already on target",
    Outcome.EDGE_BELOW_COST: "edge under cost",
    Outcome.ORDER_PENDING: "order in flight",
    Outcome.WARMING_UP: "windows filling",
    Outcome.COOLDOWN: "cooling down",
    Outcome.ORDER_TABLE_FULL: "order table full",
    Outcome.NUMERIC_FAILURE: "not a number",
    Outcome.STOP_LOSS: "stopped out",
    Outcome.BAD_SIGNAL: "own signal failed",
    Outcome.BETTER_PRICE_DUE: "better price due",
    Outcome.ORDER_VALUE: "order worth too much",
    Outcome.CLOCK_SKEW: "clocks differ",
    Outcome.REQUEST_BUDGET: "requests run short",
    Outcome.BAD_TARGET: "own target failed",
}
"""Why nothing was traded, in words of a trader; a test holds it complete."""

SATISFIED = frozenset({Outcome.NONE, Outcome.TRADE, Outcome.NO_CHANGE})
"""Outcomes that nobody has to worry about."""

ABOVE_LIMIT = frozenset(
    {
        Outcome.POSITION_LIMIT,
        Outcome.EXPOSURE_LIMIT,
        Outcome.DRAWDOWN_REDUCE,
        Outcome.DRAWDOWN_HALT,
        Outcome.STALE_BOOK,
        Outcome.STALE_FEED,
        Outcome.PRICE_COLLAR,
        Outcome.ORDER_RATE,
        Outcome.RUNAWAY,
        Outcome.STOP_LOSS,
        Outcome.ORDER_VALUE,
        Outcome.CLOCK_SKEW,
    }
)
"""Outcomes whose value went over the limit; the others fell short of it."""

WITHOUT_NUMBERS = frozenset(
    {
        Outcome.CROSSED_BOOK,
        Outcome.ONE_SIDED_BOOK,
        Outcome.INVALID_BOOK,
        Outcome.NOT_READY,
        Outcome.STATE_REDUCING,
        Outcome.STATE_HALTED,
        Outcome.ORDER_PENDING,
        Outcome.NUMERIC_FAILURE,
        Outcome.BAD_SIGNAL,
        Outcome.BETTER_PRICE_DUE,
        Outcome.BAD_TARGET,
    }
)
"""Outcomes that are a yes or no: their value and limit would say nothing."""

STATE_WORDS: dict[TradingState, str] = {
    TradingState.ACTIVE: "ACTIVE",
    TradingState.REDUCING: "REDUCING",
    TradingState.HALTED: "SAFE MODE",
}

REASON_WORDS: dict[StateReason, str] = {
    StateReason.NONE: "",
    StateReason.OPERATOR: "by operator",
    StateReason.DRAWDOWN_HALT: "drawdown limit",
    StateReason.RUNAWAY: "orders ran away",
    StateReason.JOURNAL_FAILED: "journal failed",
    StateReason.NUMERIC_FAILURE: "not a number",
    StateReason.RESTORED: "from last run",
    StateReason.STOPPING: "stopping",
    StateReason.POSITION_MISMATCH: "position mismatch",
    StateReason.IDENTITY_BROKEN: "money not adding up",
    StateReason.LEASE_LOST: "account taken over",
    StateReason.INTERNAL_ERROR: "internal error",
    StateReason.STRATEGY_FAILED: "own strategy failed",
}

READINESS_WORDS: dict[Readiness, str] = {
    Readiness.WARMING: "warming up",
    Readiness.RECONCILING: "reconciling",
    Readiness.STALE: "stale data",
    Readiness.DISCONNECTED: "disconnected",
    Readiness.READY: "ready",
}

REGIME_LETTERS: dict[Regime, str] = {
    Regime.UNKNOWN: "·",
    Regime.TRENDING: "T",
    Regime.MEAN_REVERTING: "M",
    Regime.HIGH_VOLATILITY: "H",
}

REGIME_WORDS: dict[Regime, str] = {
    Regime.UNKNOWN: "unknown",
    Regime.TRENDING: "trending",
    Regime.MEAN_REVERTING: "mean-reverting",
    Regime.HIGH_VOLATILITY: "high volatility",
}

SHORT_REGIME_WORDS: dict[Regime, str] = {
    Regime.UNKNOWN: "unknown",
    Regime.TRENDING: "trending",
    Regime.MEAN_REVERTING: "mean-rev",
    Regime.HIGH_VOLATILITY: "high-vol",
}

SIGNAL_WORDS: dict[Signal, str] = {
    Signal.MOMENTUM: "mom",
    Signal.REVERSION: "rev",
    Signal.VOLATILITY: "vol",
    Signal.OBI: "obi",
    Signal.OFI: "ofi",
    Signal.MICROPRICE: "mic",
    Signal.DEPTH: "dep",
    Signal.TRADE_FLOW: "flo",
    Signal.SPREAD: "spr",
    Signal.FAIR_VALUE: "fai",
    Signal.WEATHER: "wea",
    Signal.AIR_QUALITY: "air",
    Signal.FLIGHTS: "fly",
    Signal.MINE: "own",
}
"""Three letters, for rows and columns of a heat map."""

SIGNAL_NAMES: dict[Signal, str] = {
    Signal.MOMENTUM: "momentum",
    Signal.REVERSION: "reversion",
    Signal.VOLATILITY: "volatility",
    Signal.OBI: "imbalance",
    Signal.OFI: "order flow",
    Signal.MICROPRICE: "microprice",
    Signal.DEPTH: "depth price",
    Signal.TRADE_FLOW: "trade flow",
    Signal.SPREAD: "spread",
    Signal.FAIR_VALUE: "fair value",
    Signal.WEATHER: "weather",
    Signal.AIR_QUALITY: "air quality",
    Signal.FLIGHTS: "flights",
    Signal.MINE: "your own",
}

FAULT_WORDS: dict[SignalFault, str] = {
    SignalFault.NONE: "",
    SignalFault.RAISED: "it raised an error",
    SignalFault.NOT_FINITE: "it was not a number",
    SignalFault.OUT_OF_BOUNDS: "it left [-1, 1]",
}
"""Why the user's own signal is out for the rest of the run."""

SPREAD_KINDS: dict[SpreadKind, str] = {
    SpreadKind.BASKET: "basket",
    SpreadKind.PAIR: "pair",
}

SPREAD_STATES: dict[SpreadState, str] = {
    SpreadState.WARMING: "WARMING",
    SpreadState.TRADING: "TRADING",
    SpreadState.SUSPENDED: "SUSPENDED",
}

SPREAD_REASONS: dict[SpreadReason, str] = {
    SpreadReason.NONE: "",
    SpreadReason.NOT_COINTEGRATED: "not cointegrated",
    SpreadReason.HALF_LIFE: "half-life too short or too long",
    SpreadReason.HEDGE_UNSTABLE: "hedge changed its sign",
    SpreadReason.BROKEN: "broken: far for too long",
}

BOOK_WORDS: dict[BookState, str] = {
    BookState.EMPTY: "no book yet",
    BookState.OK: "",
    BookState.ONE_SIDED: "one-sided",
    BookState.CROSSED: "CROSSED",
    BookState.INVALID: "IMPOSSIBLE",
}

ORDER_WORDS: dict[OrderStatus, str] = {
    OrderStatus.NONE: "",
    OrderStatus.PENDING_NEW: "sending",
    OrderStatus.OPEN: "open",
    OrderStatus.PARTIALLY_FILLED: "partial",
    OrderStatus.PENDING_CANCEL: "canceling",
    OrderStatus.PENDING_REPLACE: "replacing",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.REJECTED: "rejected",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.DENIED: "denied",
    OrderStatus.UNKNOWN: "UNKNOWN",
}

BRACKET_WORDS: dict[BracketState, str] = {
    BracketState.NONE: "",
    BracketState.WAITING: "waits for order",
    BracketState.GUARDING: "watched",
    BracketState.CLOSING: "stop touched, closing",
}

ORIGIN_WORDS: dict[OrderOrigin, str] = {
    OrderOrigin.STRATEGY: "strategy",
    OrderOrigin.MANUAL: "manual",
    OrderOrigin.FLATTEN: "flatten",
    OrderOrigin.ORPHAN: "ORPHAN",
}
