"""A kernel on a test bench: readable events in, intents out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.domain import events
from core.domain.enums import CommandKind, Outcome, Signal, VenueState
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
    Symbol("7_ETF"), Decimal("0.1"), position_limit_lots=150, taker_fee_bps=2.0, maker_fee_bps=-0.5
)

DEFAULTS = {
    "max_position_pct": 20, "max_exposure_pct": 80, "drawdown_reduce_pct": 15,
    "drawdown_halt_pct": 25, "max_order_lots": 25, "price_collar_pct": 5,
    "max_orders_per_s": 50, "max_rejects_in_row": 5, "stale_book_ms": 5000,
    "min_signal": 0.15, "take_signal": 0.6, "min_confidence": 0.2,
    "min_regime_probability": 0.3, "min_change_pct": 5, "cooldown_ms": 0,
    "high_volatility_scale": 0.5, "slippage_ticks": 0.1, "passive_edge": 0, "max_bar_risk_pct": 100,
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


class KernelRig:
    """Feeds a kernel and keeps the intents of the last event."""

    def __init__(self, *, connected: bool = True, capital: int = CAPITAL, **params: float) -> None:
        self.state = make_state([EISBACH, ETF], make_params(**params), capital * NANOS)
        self.ts_ns = 1_763_800_000 * NANOS
        self.seq = 0
        self.intents: list[dict[str, int]] = []
        self._out = allocate(INTENT, MAX_INTENTS)
        if connected:
            self.venue(VenueState.CONNECTED)
            self.venue(VenueState.SYNCED)

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
            )
        )  # fmt: skip

    def fill(
        self, trade_id: int, side: int, ticks: int, lots: int, *, index: int = 0,
        order_id: int = 0, fee_nanos: int = 0,
    ) -> list[dict[str, int]]:  # fmt: skip
        return self.feed(
            events.fill(index, order_id, trade_id, side, ticks, lots, fee_nanos=fee_nanos)
        )

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
