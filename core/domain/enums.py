"""Every word that kernel, journal, screen and documents share, as integers."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Side(IntEnum):
    """Direction of an order; the value is the sign of the position it builds."""

    BUY = 1
    SELL = -1


class OrderStatus(IntEnum):
    """Life of an order, as nautilus and FIX name it."""

    NONE = 0
    PENDING_NEW = 1
    OPEN = 2
    PARTIALLY_FILLED = 3
    PENDING_CANCEL = 4
    PENDING_REPLACE = 5
    FILLED = 6
    CANCELED = 7
    REJECTED = 8
    EXPIRED = 9
    DENIED = 10
    """Refused by our own risk check, never sent."""
    UNKNOWN = 11
    """A request went unanswered; only the venue can say what became of it."""


class OrderOrigin(IntEnum):
    """Who wanted the order."""

    STRATEGY = 0
    MANUAL = 1
    FLATTEN = 2
    ORPHAN = 3
    """Found at the venue without a record of ours, for example after a crash."""


N_ORIGINS = len(OrderOrigin)


class BracketState(IntEnum):
    """How far a bracket is."""

    NONE = 0
    WAITING = 1
    """Its entry has not traded yet."""
    GUARDING = 2
    """What has traded has its target resting and its stop watched."""
    CLOSING = 3
    """The stop was touched: what is left is closed at once."""


class LiquiditySide(IntEnum):
    """Whether a fill took liquidity or provided it."""

    NONE = 0
    MAKER = 1
    TAKER = 2


class TradingState(IntEnum):
    """The latched switch of the engine."""

    ACTIVE = 0
    REDUCING = 1
    HALTED = 2


class StateReason(IntEnum):
    """Why the trading state is what it is."""

    NONE = 0
    OPERATOR = 1
    DRAWDOWN_HALT = 2
    RUNAWAY = 3
    JOURNAL_FAILED = 4
    NUMERIC_FAILURE = 5
    RESTORED = 6
    """Carried over from the run before this one."""
    STOPPING = 7
    POSITION_MISMATCH = 8
    IDENTITY_BROKEN = 9
    """Fills, position, cash and equity do not add up."""
    LEASE_LOST = 10
    """Another engine, or `kill`, has taken the account over."""
    INTERNAL_ERROR = 11
    """An event could not be applied: what it would have changed is not known."""
    STRATEGY_FAILED = 12
    """The user's own strategy raised, gave no answer or ended."""


class FlattenState(IntEnum):
    """How far the closing of everything has come."""

    NONE = 0
    WORKING = 1
    """Orders are being canceled and positions closed."""
    VERIFYING = 2
    """Nothing is left here; the venue is being asked whether that is so there."""
    FLAT = 3
    """The venue has shown no order and no position."""
    NOT_FLAT = 4
    """Something is left and time is up. Stays until the venue shows nothing or a re-arm."""


class Readiness(IntEnum):
    """Anything but READY blocks new risk."""

    WARMING = 0
    RECONCILING = 1
    STALE = 2
    DISCONNECTED = 3
    READY = 4


class VenueState(IntEnum):
    """Life of a connection, as its session reports it."""

    DOWN = 0
    CONNECTING = 1
    CONNECTED = 2
    """Logged in; open orders and positions are being read."""
    SYNCED = 3
    """Every open order and position has been reported."""


class BookState(IntEnum):
    """Whether a book can be traded on."""

    EMPTY = 0
    OK = 1
    ONE_SIDED = 2
    CROSSED = 3
    INVALID = 4
    """A price or size that cannot be: zero, negative or not a number."""


class Regime(IntEnum):
    """What the market is doing."""

    UNKNOWN = 0
    TRENDING = 1
    MEAN_REVERTING = 2
    HIGH_VOLATILITY = 3


class Signal(IntEnum):
    """Index of each signal in an instrument's `signals` array."""

    MOMENTUM = 0
    REVERSION = 1
    VOLATILITY = 2
    OBI = 3
    OFI = 4
    MICROPRICE = 5
    DEPTH = 6
    TRADE_FLOW = 7
    SPREAD = 8
    """Of a basket against its parts, or of a cointegrated pair."""
    FAIR_VALUE = 9
    WEATHER = 10
    AIR_QUALITY = 11
    FLIGHTS = 12
    MINE = 13
    """The user's own."""


N_SIGNALS = len(Signal)


class Channel(IntEnum):
    """What an observation from outside the market tells of."""

    WEATHER = 0
    AIR_QUALITY = 1
    FLIGHTS = 2
    FAIR_VALUE = 3
    """A theoretical price of one instrument; the others concern all of them."""


N_CHANNELS = 3
"""Channels that the kernel follows: a fair value stands with its instrument."""


class ModelKind(IntEnum):
    """Which parameters a MODEL_UPDATED event replaces."""

    EDGE = 1
    """Expected move of each signal."""
    KALMAN = 2
    REGIME = 3
    SPREAD = 4
    CHANGE = 5
    """A change point that an offline method confirmed."""


N_REGIMES = 3
"""Trending, mean-reverting, high volatility: `Regime.UNKNOWN` has no probability."""


class OwnStrategy(IntEnum):
    """Who decides in place of the built-in evaluation."""

    NONE = 0
    PYTHON = 1
    """A Python class of the user's."""
    TRADER = 2
    """An IMC Prosperity Trader: its orders live for one tick, and books may show one side."""


class SignalFault(IntEnum):
    """Why the user's own signal, or target, is quarantined."""

    NONE = 0
    RAISED = 1
    NOT_FINITE = 2
    OUT_OF_BOUNDS = 3


class Outcome(IntEnum):
    """How an evaluation of a signal ended. Every evaluation has exactly one."""

    NONE = 0
    TRADE = 1
    BELOW_THRESHOLD = 2
    LOW_CONFIDENCE = 3
    UNCERTAIN_REGIME = 4
    POSITION_LIMIT = 5
    EXPOSURE_LIMIT = 6
    DRAWDOWN_REDUCE = 7
    DRAWDOWN_HALT = 8
    STALE_BOOK = 9
    STALE_FEED = 10
    CROSSED_BOOK = 11
    ONE_SIDED_BOOK = 12
    INVALID_BOOK = 13
    PRICE_COLLAR = 14
    ORDER_RATE = 15
    RUNAWAY = 16
    NOT_READY = 17
    STATE_REDUCING = 18
    STATE_HALTED = 19
    MIN_SIZE = 20
    NO_CHANGE = 21
    EDGE_BELOW_COST = 22
    ORDER_PENDING = 23
    """An order or cancel of this instrument still awaits the venue's answer."""
    WARMING_UP = 24
    """The windows of this instrument are not full yet."""
    COOLDOWN = 25
    ORDER_TABLE_FULL = 26
    NUMERIC_FAILURE = 27
    STOP_LOSS = 28
    BAD_SIGNAL = 29
    """The user's own signal failed and is out for the rest of the run."""
    BETTER_PRICE_DUE = 30
    """The book leans against the order: the price is about to come closer."""
    ORDER_VALUE = 31
    CLOCK_SKEW = 32
    """The venue's clock and ours differ too much to know how old a book is."""
    REQUEST_BUDGET = 33
    """What the venue still takes in requests is kept for orders of greater worth."""
    BAD_TARGET = 34
    """The user's own target failed and wants nothing for the rest of the run."""


N_OUTCOMES = 48
"""Room for codes; a journal keeps its meaning when one is added."""


class RejectReason(IntEnum):
    """Why a venue refused a request, in one vocabulary for all venues."""

    NONE = 0
    UNKNOWN_INSTRUMENT = 1
    BAD_PRICE = 2
    BAD_SIZE = 3
    WOULD_CROSS = 4
    """A post-only order would have taken liquidity."""
    POSITION_LIMIT = 5
    DUPLICATE_ORDER_ID = 6
    UNKNOWN_ORDER = 7
    TOO_MANY_ORDERS = 8
    RATE_LIMIT = 9
    MARKET_CLOSED = 10
    SELF_TRADE = 11
    MALFORMED = 12
    FENCED = 13
    """Somebody with a newer lease trades this account."""
    DEAD_MAN = 14
    """Canceled by the venue because no sign of life came in time."""
    DISCONNECTED = 15
    """Canceled by the venue because the connection ended."""
    OTHER = 99


class EventKind(IntEnum):
    """Everything that can change the engine."""

    BOOK = 1
    TRADE = 2
    ORDER_REPORT = 3
    FILL = 4
    POSITION_REPORT = 5
    VENUE_STATE = 6
    COMMAND = 7
    TIMER = 8
    OBSERVATION = 9
    MODEL_UPDATED = 10
    RESTORED = 11


class CommandKind(IntEnum):
    """Commands that reach the kernel, as `code` of a COMMAND event."""

    HALT = 1
    RESUME = 2
    PAUSE = 3
    CANCEL_ALL = 4
    FLATTEN = 5
    SET_PARAMETER = 6
    PLACE = 7
    CANCEL = 8
    STOP = 9
    CANCEL_EVERYTHING = 10
    """Every order of the account, also those of other programs."""
    AMEND = 11
    PROTECT = 12
    """Put a bracket around what is held by hand, or with no price take those there are away."""
    LINK = 13
    """Make two orders cancel each other."""


class IntentKind(IntEnum):
    """What the kernel wants done at the venue."""

    PLACE = 1
    CANCEL = 2
    REPLACE = 3
    CANCEL_EVERYTHING = 4
    """Every order of the account, whoever placed it."""
    QUERY = 5
    """What became of an order: the answer is an ORDER_REPORT."""
    RECONCILE = 6
    """Tell all open orders and positions again, from CONNECTED to SYNCED."""


class Mode(StrEnum):
    """What is at stake; stamped on every screen."""

    SIM = "SIM"
    PAPER = "PAPER"
    REPLAY = "REPLAY"
    TESTNET = "TESTNET"
    """Real orders at a real venue's test network, with play money."""
    LIVE = "LIVE"
