"""A kernel on a test bench: readable events in, intents out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from core.domain import events
from core.domain.enums import (
    Channel,
    CommandKind,
    LiquiditySide,
    ModelKind,
    Outcome,
    Regime,
    Signal,
    VenueState,
)
from core.domain.events import EventRow
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.domain.memory import allocate
from core.domain.records import INTENT, MAX_INTENTS, PARAMS
from core.kernel.state import make_state, to_bytes
from core.kernel.step import step

NANOS = 1_000_000_000
CAPITAL = 1_000_000

# Asymmetric on purpose: another tick, another limit, another fee for each.
EISBACH = Instrument(Symbol("1_Eisbach"), Decimal(1), position_limit_lots=200)
ETF = Instrument(
    Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=150, taker_fee_bps=2.0, maker_fee_bps=-0.5,
    drivers=(0.5, -1.0, 0.25),
)  # fmt: skip

DEFAULTS = {
    "max_position_pct": 20, "max_exposure_pct": 80, "drawdown_reduce_pct": 15,
    "drawdown_halt_pct": 25, "max_order_lots": 25, "max_order_value_pct": 100,
    "price_collar_pct": 5, "max_orders_per_s": 50, "max_requests_per_s": 1000,
    "max_rejects_in_row": 5, "max_repeated_orders": 1000, "max_idle_fills": 1000,
    "stale_book_ms": 5000, "max_clock_skew_ms": 0,
    "min_signal": 0.15, "take_signal": 0.6, "min_confidence": 0.2,
    "min_regime_probability": 0.3, "min_change_pct": 5, "cooldown_ms": 0,
    "high_volatility_scale": 0.5, "slippage_ticks": 0.1, "passive_edge": -1,
    "max_bar_risk_pct": 100, "max_settlement_risk_pct": 100,
    "stop_trending": 0, "stop_mean_reverting": 0, "stop_volatile": 0, "change_doubt": 0,
    "change_bars": 20, "bar_ms": 10, "stale_observation_s": 60, "kalman_noise_ratio": 0.05,
    **{f"weight_{signal.name.lower()}": 1.0 for signal in Signal},
}  # fmt: skip


def make_params(**changes: float) -> Any:
    """Defaults, with some changed."""
    row = allocate(PARAMS, 1)
    for name, value in {**DEFAULTS, **changes}.items():
        row[name] = value
    return row


# What sizes say is worth most, so that a leaning book trades; no two edges are the same.
EDGES = {
    Signal.MOMENTUM: 0.1, Signal.REVERSION: 0.15, Signal.VOLATILITY: 0.0, Signal.OBI: 4.0,
    Signal.OFI: 0.8, Signal.MICROPRICE: 0.9, Signal.DEPTH: 0.3, Signal.TRADE_FLOW: 0.25,
    Signal.SPREAD: 0.5, Signal.FAIR_VALUE: 1.0, Signal.WEATHER: 0.2, Signal.AIR_QUALITY: 0.35,
    Signal.FLIGHTS: 0.05, Signal.MINE: 0.6,
}  # fmt: skip


def edge_event(index: int = 0, edges: Mapping[Signal, float] = EDGES, version: int = 0) -> EventRow:
    """Edges by signal; what is not named is worth nothing."""
    values = [edges.get(signal, 0.0) for signal in Signal]
    return events.model_updated(ModelKind.EDGE, values, instrument=index, version=version)


def regime_numbers(leaning: Regime = Regime.TRENDING, probability: float = 0.6) -> list[float]:
    """
    A regime model that learns nothing from the features.

    After each bar `leaning` has the given probability, and the others share the rest 5:3.
    """
    named = (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY)
    first, _ = (regime for regime in named if regime is not leaning)
    rest = 1.0 - probability
    row = [
        probability if regime is leaning else rest * (0.625 if regime is first else 0.375)
        for regime in named
    ]
    scales = [*[0.0] * 3, *[1.0] * 3]
    return [*row, *row * 3, *[0.0] * 9, *[4.0] * 9, *scales, *map(float, named)]


def regime_event(
    index: int = 0, leaning: Regime = Regime.TRENDING, probability: float = 0.6
) -> EventRow:
    values = regime_numbers(leaning, probability)
    return events.model_updated(ModelKind.REGIME, values, instrument=index)


def starting_models(
    edges: Mapping[Signal, float] = EDGES, indices: Iterable[int] = (0, 1)
) -> list[EventRow]:
    """What a kernel needs to trade: edges and regimes of each instrument."""
    return [row for index in indices for row in (edge_event(index, edges), regime_event(index))]


class KernelRig:
    """Feeds a kernel and keeps the intents of the last event."""

    def __init__(
        self, *, connected: bool = True, capital: int = CAPITAL,
        edges: Mapping[Signal, float] | None = EDGES, bars_kept: int = 0, quotes_kept: int = 0,
        etf_venue: int = 0, **params: float,
    ) -> None:  # fmt: skip
        self.state = make_state(
            [EISBACH, replace(ETF, venue=etf_venue)], make_params(**params), capital * NANOS,
            bars_kept=bars_kept, quotes_kept=quotes_kept,
        )  # fmt: skip
        self.ts_ns = 1_763_800_000 * NANOS
        self.seq = 0
        self.intents: list[dict[str, int]] = []
        self._out = allocate(INTENT, MAX_INTENTS)
        if edges is not None:
            for row in starting_models(edges):
                self.feed(row)
        if connected:
            self.venue(VenueState.CONNECTED)
            self.venue(VenueState.SYNCED)

    def is_reconciling(self, index: int) -> bool:
        """Between CONNECTED and SYNCED a venue tells the account's whole state."""
        venue = self.instrument(index)["venue"]
        return bool(self.account["venue_states"][venue] == VenueState.CONNECTED)

    @property
    def account(self) -> Any:
        return self.state.account[0]

    def instrument(self, index: int = 0) -> Any:
        return self.state.instruments[index]

    def outcome(self, index: int = 0) -> Outcome:
        return Outcome(int(self.instrument(index)["outcome"]))

    def live_orders(self) -> list[Any]:
        from core.kernel.orders import is_live

        return [row for row in self.state.orders if is_live(row)]

    def feed(self, row: bytearray, after_ms: float = 10) -> list[dict[str, int]]:
        self.seq += 1
        self.ts_ns += int(after_ms * 1e6)
        events.stamp(row, self.seq, self.ts_ns)
        count = step(self.state, events.load([row]), 0, self._out)
        names = INTENT.names or ()
        self.intents = [
            dict(zip(names, values, strict=True)) for values in self._out[:count].tolist()
        ]
        return self.intents

    def book(
        self, bid: int = 3400, ask: int = 3402, bid_lots: int = 10, ask_lots: int = 7,
        index: int = 0, after_ms: float = 10,
    ) -> list[dict[str, int]]:  # fmt: skip
        bids = [(bid - level, bid_lots + level) for level in range(5)]
        asks = [(ask + level, ask_lots + 2 * level) for level in range(4)]
        return self.feed(events.book(index, bids, asks), after_ms)

    def warm(self, index: int = 0, bid: int = 3400) -> None:
        """Fill the windows with a market that goes nowhere, without trading on it."""
        params = self.state.params[0]
        least = float(params["min_signal"])
        params["min_signal"] = 2.0
        for beat in range(24):
            self.book(bid + beat % 2, bid + 2 + beat % 2, 10, 10, index)
        params["min_signal"] = least

    def push(self, index: int = 0, bid: int = 3400, beats: int = 6) -> list[dict[str, int]]:
        """A book that leans hard to the bid: every signal that reads sizes says buy."""
        sent: list[dict[str, int]] = []
        for _ in range(beats):
            sent += self.book(bid, bid + 2, 60, 2, index)
        return sent

    def ack(self, intent: dict[str, int], *, leaves: int | None = None) -> list[dict[str, int]]:
        from core.domain.enums import OrderStatus

        return self.feed(
            events.order_report(
                intent["instrument"], intent["order_id"], OrderStatus.OPEN, side=intent["side"],
                price_ticks=intent["price_ticks"], lots=intent["lots"],
                leaves_lots=intent["lots"] if leaves is None else leaves,
                flags=events.ACCOUNT_STATE if self.is_reconciling(intent["instrument"]) else 0,
            )
        )  # fmt: skip

    def fill(
        self, trade_id: int, side: int, ticks: int, lots: int, *, index: int = 0,
        order_id: int = 0, fee_nanos: int = 0, liquidity: LiquiditySide = LiquiditySide.NONE,
        after_ms: float = 10,
    ) -> list[dict[str, int]]:  # fmt: skip
        row = events.fill(
            index, order_id, trade_id, side, ticks, lots, fee_nanos=fee_nanos, liquidity=liquidity
        )
        return self.feed(row, after_ms)

    def observe(
        self, channel: Channel, value: float, exch_ts_ns: int | None = None, *, index: int = -1,
        error: float = 0.0, after_ms: float = 10,
    ) -> list[dict[str, int]]:  # fmt: skip
        told_ns = self.ts_ns if exch_ts_ns is None else exch_ts_ns
        row = events.observation(channel, value, told_ns, instrument=index, error=error)
        return self.feed(row, after_ms)

    def venue(self, state: VenueState) -> list[dict[str, int]]:
        return self.feed(events.venue_state(state))

    def timer(self, after_ms: float = 250) -> list[dict[str, int]]:
        return self.feed(events.timer(), after_ms)

    def command(self, kind: CommandKind, **fields: float) -> list[dict[str, int]]:
        return self.feed(events.command(kind, **fields))

    def bytes(self) -> bytes:
        return to_bytes(self.state)

    def check_identity(self) -> None:
        """Cash + position x mark = equity = capital + realized + unrealized - fees."""
        account = self.account
        marked = sum(
            int(row["position_lots"]) * int(row["mid2_ticks"]) * (int(row["tick_value_nanos"]) // 2)
            for row in self.state.instruments
        )
        assert int(account["cash_nanos"]) + marked == int(account["equity_nanos"])
        assert int(account["equity_nanos"]) == (
            int(account["capital_nanos"])
            + int(account["realized_nanos"])
            + int(account["unrealized_nanos"])
            - int(account["fees_nanos"])
        )
