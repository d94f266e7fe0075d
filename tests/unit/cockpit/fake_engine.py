"""An engine that exists only in memory: rich, asymmetric, and the same on every run."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import numpy as np

from core.api.client import PROTOCOL, Farewell, Message, Notices
from core.api.topics import Answer, Topic
from core.domain.commands import Command, CommandResult
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
    Signal,
    SignalFault,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.errors import EngineUnavailable
from core.domain.parameters import ParameterSpec
from core.domain.snapshot import (
    AccountView,
    BookLevel,
    BracketView,
    EngineSnapshot,
    FeedView,
    InstrumentMeta,
    InstrumentView,
    LatencyView,
    Notice,
    OrderView,
    OutcomeView,
    PartView,
    RunMeta,
    Telemetry,
    Timeline,
    TrialView,
)
from core.domain.spreads import SpreadKind, SpreadReason, SpreadState
from tests.unit.cockpit.fake_pages import make_page

NS = 1_000_000_000
BUY_REASON = (
    "micro +0.41 obi +0.45 ofi +0.23 rev -0.12 = +0.62 ticks, strength +0.38, "
    "confidence 0.72, mean-reverting 81%, target +36"
)
SELL_REASON = (
    "rev -0.62 obi -0.33 spread -0.28 micro -0.19 = -0.71 ticks, strength -0.41, "
    "confidence 0.66, mean-reverting 78%, target +32"
)
START_NS = 1_763_820_207 * NS
"""2025-11-22 14:03:27 UTC."""

CAPITAL = 100_000.0

PRODUCTS = (
    ("1_Eisbach", 3412.0, 1.0),
    ("2_Eisbach_Call", 861.0, 1.0),
    ("3_Weather", 9275.0, 1.0),
    ("4_Weather", 127.0, 1.0),
    ("5_Flights", 2604.0, 1.0),
    ("6_Airport", 318.0, 1.0),
    ("7_ETF", 51.4, 0.1),
    ("8_ETF_Strangle", 28.9, 0.1),
)

PARAMETERS = (
    ParameterSpec("strategy.min_signal", 0, "", 0.35, 0.0, 1.0, "Fewer, stronger entries."),
    ParameterSpec("strategy.min_confidence", 1, "", 0.55, 0.0, 1.0, "Signals have to agree more."),
    ParameterSpec("strategy.cooldown_ms", 2, "ms", 250, 0, 10_000, "Longer pause between orders."),
    ParameterSpec("risk.max_position_pct", 3, "%", 20, 1, 100, "Larger positions are allowed."),
    ParameterSpec("risk.max_exposure_pct", 4, "%", 80, 1, 100, "More exposure in total."),
    ParameterSpec("risk.drawdown_reduce_pct", 5, "%", 15, 1, 50, "Targets are halved later."),
    ParameterSpec("risk.drawdown_halt_pct", 6, "%", 25, 2, 60, "Trading halts later."),
    ParameterSpec("signals.weight_momentum", 7, "", 1.0, -3, 3, "Momentum counts for more."),
    ParameterSpec("signals.weight_reversion", 8, "", 1.2, -3, 3, "Reversion counts for more."),
    ParameterSpec("signals.weight_obi", 9, "", 0.8, -3, 3, "Book imbalance counts for more."),
    ParameterSpec("strategy.min_regime_probability", 10, "", 0.4, 0, 1, "Clearer regimes only."),
    ParameterSpec("strategy.change_bars", 11, "bars", 20, 0, 10_000, "Doubts for longer."),
)

SILENT = (Signal.WEATHER, Signal.FLIGHTS, Signal.MINE)
"""Signals that the fake has no source for."""

COEFFICIENTS = (0.0, 0.15, 0.0, 0.08, 0.05, 0.2, 0.31, 0.0, 0.4, 0.6, 0.1, 0.1, 0.1, 0.0)
"""By `Signal`."""

BLOCKED = (
    (Outcome.BELOW_THRESHOLD, 0.21, 0.35),
    (Outcome.TRADE, 0.62, 0.35),
    (Outcome.LOW_CONFIDENCE, 0.44, 0.55),
    (Outcome.NO_CHANGE, 0.0, 0.0),
    (Outcome.EXPOSURE_LIMIT, 81.4, 80.0),
    (Outcome.UNCERTAIN_REGIME, 0.38, 0.5),
    (Outcome.TRADE, 0.71, 0.35),
    (Outcome.EDGE_BELOW_COST, 0.04, 0.11),
)


def make_meta(**changes: Any) -> RunMeta:
    """What the fake says of its run."""
    meta = RunMeta(
        protocol=PROTOCOL,
        version="0.1.0",
        run_id="20251122T140003-practice-4f1c",
        profile="practice",
        mode=Mode.PAPER,
        venue="practice exchange",
        pid=4711,
        started_ts_ns=START_NS - 3600 * NS,
        capital=CAPITAL,
        currency="EUR",
        settings_hash="c0ffee42",
        instruments=tuple(
            InstrumentMeta(name, tick, 1.0, 1 if tick < 1 else 0, 0, tick, 200.0)
            for name, _, tick in PRODUCTS
        ),
        parameters=PARAMETERS,
    )
    return replace(meta, **changes)


def wave(index: int, t: float, seed: float = 0.0) -> float:
    """A number of (-1, 1) that wanders with time, differently for each index."""
    return 0.6 * math.sin(t / 7.3 + 1.7 * index + seed) + 0.39 * math.sin(t / 2.1 + index * seed)


def make_book(index: int, t: float) -> tuple[tuple[BookLevel, ...], tuple[BookLevel, ...]]:
    """Ten levels a side around a wandering price, deeper on one side."""
    _, price, tick = PRODUCTS[index]
    best_bid = round((price * (1 + 0.004 * wave(index, t))) / tick) * tick
    bids = tuple(
        BookLevel(
            best_bid - level * tick,
            3 + (7 * level + index + int(3 * t)) % 23,
            4.0 if level == 1 and index % 2 == 0 else 0.0,
        )
        for level in range(10)
    )
    asks = tuple(
        BookLevel(
            best_bid + (level + 1 + index % 3) * tick,
            2 + (5 * level + 3 * index + int(2 * t)) % 17,
            3.0 if level == 2 and index % 3 == 0 else 0.0,
        )
        for level in range(10)
    )
    return bids, asks


def make_timeline(index: int, t: float, mid: float) -> Timeline:
    """Four minutes that contain every regime."""
    seconds = range(240)
    now_s = START_NS // NS + int(t)
    regimes = (Regime.TRENDING, Regime.MEAN_REVERTING, Regime.HIGH_VOLATILITY)
    moments = [now_s - 239 + second for second in seconds]
    return Timeline(
        ts_ns=tuple(moment * NS for moment in moments),
        mid=tuple(mid * (1 + 0.001 * wave(index, moment % 1000)) for moment in moments),
        level=tuple(mid for _ in moments),
        obi=tuple(wave(index, moment % 1000, 2.0) for moment in moments),
        combined=tuple(wave(index, moment % 1000, 3.0) for moment in moments),
        regime=tuple(
            regimes[(moment // (37 + 11 * index) + index) % 3]
            if (moment // 5) % 19
            else Regime.UNKNOWN
            for moment in moments
        ),
        regime_probability=tuple(
            0.7 + 0.28 * wave(index, moment % 1000, 5.0) for moment in moments
        ),
    )


def make_change(index: int, t: float) -> ChangeView:
    """A change in every product but the second; those of the odd ones are suspected only."""
    if index == 1:
        return ChangeView(0.02, 0, None, 0, is_confirmed=False)
    bars = 12 + 80 * index + int(4 * t)
    return ChangeView(
        0.04 + 0.01 * index, 1 + index, bars, START_NS + int(t * NS) - bars * NS // 4,
        is_confirmed=index % 2 == 0,
    )  # fmt: skip


def make_spreads(t: float = 0.0) -> tuple[SpreadView, ...]:
    """A basket that trades, and two pairs: one that does not, one that is warming up."""
    rows = (
        (SpreadKind.PAIR, (0, 2), SpreadState.SUSPENDED, SpreadReason.NOT_COINTEGRATED, 0.4, 61.0),
        (SpreadKind.BASKET, (6, 0, 4), SpreadState.TRADING, SpreadReason.NONE, 1.9, 41.0),
        (SpreadKind.PAIR, (5, 4), SpreadState.WARMING, SpreadReason.NONE, -0.2, 0.0),
    )
    return tuple(
        SpreadView(
            kind, legs, (1.0, *(-0.7 - 0.1 * leg for leg in legs[1:])), state, reason,
            3.0 * z, z + 0.3 * wave(legs[0], t), half_life, is_fitted=half_life > 0,
            is_complete=True,
        )
        for kind, legs, state, reason, z, half_life in rows
    )  # fmt: skip


def make_instrument(index: int, t: float = 0.0, **changes: Any) -> InstrumentView:
    """One product at second `t` of the fake's life."""
    name, _, tick = PRODUCTS[index]
    bids, asks = make_book(index, t)
    bid, ask = bids[0].price, asks[0].price
    mid = (bid + ask) / 2
    position = (32.0, 0.0, -7.0, 110.0, 14.0, 0.0, 41.0, -25.0)[index]
    entry = mid - tick * (3 + index) * (1 if position > 0 else -0.4) if position else math.nan
    unrealized = position * (mid - entry) if position else 0.0
    timeline = make_timeline(index, t, mid)
    code, value, limit = BLOCKED[index]
    signals = tuple(
        0.0 if k in SILENT else max(-1.0, min(1.0, wave(index + 2 * k, t, k))) for k in Signal
    )
    reach = tuple(0.5 + 0.3 * ((3 * k + index) % 7) for k in Signal)
    parts = tuple(
        coefficient * signal * ticks
        for coefficient, signal, ticks in zip(COEFFICIENTS, signals, reach, strict=True)
    )
    correlation = tuple(
        tuple(
            float(a == b) if a in SILENT or b in SILENT or a == b
            else wave(a + b, t / 5, a * b + index)
            for b in Signal
        )
        for a in Signal
    )  # fmt: skip
    probability = {
        Regime.TRENDING: 0.12,
        Regime.MEAN_REVERTING: 0.81 + 0.05 * wave(index, t),
        Regime.HIGH_VOLATILITY: 0.07,
    }
    view = InstrumentView(
        index=index,
        symbol=name,
        book_state=BookState.OK,
        book_ts_ns=START_NS + int(t * NS),
        bids=bids,
        asks=asks,
        bid=bid,
        ask=ask,
        mid=mid,
        microprice=mid + tick * 0.31,
        level=mid - tick * 0.12,
        level_deviation=tick * 1.6,
        last_price=ask,
        obi=wave(index, t, 2.0),
        ofi=12.4 * wave(index, t, 1.0),
        volatility=tick * 0.83,
        regime=Regime.MEAN_REVERTING,
        regime_since_ns=START_NS - 325 * NS,
        regime_probability=probability,
        signals=signals,
        reach_ticks=reach,
        coefficients=COEFFICIENTS,
        parts_ticks=parts,
        deviations=tuple(0.0 if k in SILENT else 0.2 + 0.03 * ((5 * k) % 14) for k in Signal),
        edge=EdgeView(sum(parts), sum(parts[3:8]), 1.1 + 0.13 * index),
        change=make_change(index, t),
        model=ModelView(0 if index % 2 else 7_301, START_NS - 312 * NS),
        mine_fault=SignalFault.NONE,
        stopped_side=0,
        stops=index,
        correlation=correlation,
        combined=wave(index, t, 3.0),
        confidence=0.71,
        target=position + 3,
        outcome=OutcomeView(
            code, value, limit, START_NS + int(t * NS), 12 + 7 * index + int(t * 10)
        ),
        outcomes={Outcome.TRADE: 3 + index, code: 12 + 7 * index},
        outcome_examples={
            code: OutcomeView(code, value, limit, START_NS - (7 + index) * NS, 12 + 7 * index)
        },
        position=position,
        avg_entry_price=entry,
        realized_pnl=98.0 * (index - 2),
        unrealized_pnl=unrealized,
        fees=1.5 * index,
        exposure=abs(position) * mid,
        exposure_pct=abs(position) * mid / 8000,
        fills=3 + index,
        timeline=timeline,
    )
    return replace(view, **changes)


def make_orders() -> tuple[OrderView, ...]:
    """Seven working orders, no two alike."""
    rows = (
        (211, 0, Side.BUY, 3409.0, 4.0, 0.0, OrderStatus.OPEN, OrderOrigin.STRATEGY),
        (214, 2, Side.BUY, 9271.0, 4.0, 1.0, OrderStatus.PARTIALLY_FILLED, OrderOrigin.STRATEGY),
        (217, 3, Side.SELL, 131.0, 3.0, 0.0, OrderStatus.OPEN, OrderOrigin.STRATEGY),
        (219, 4, Side.BUY, 2602.0, 4.0, 0.0, OrderStatus.PENDING_CANCEL, OrderOrigin.MANUAL),
        (220, 6, Side.BUY, 51.2, 4.0, 0.0, OrderStatus.OPEN, OrderOrigin.STRATEGY),
        (221, 6, Side.SELL, 52.3, 9.0, 2.0, OrderStatus.PARTIALLY_FILLED, OrderOrigin.STRATEGY),
        (223, 7, Side.BUY, 28.4, 25.0, 0.0, OrderStatus.PENDING_NEW, OrderOrigin.FLATTEN),
    )
    return tuple(
        OrderView(
            number, index, PRODUCTS[index][0], side, price, quantity, filled, status, origin,
            START_NS - (230 - number) * NS,
        )
        for number, index, side, price, quantity, filled, status, origin in rows
    )  # fmt: skip


def make_equity(t: float) -> tuple[tuple[int, ...], np.ndarray]:
    """Five minutes of equity: down first, then up."""
    now_s = START_NS // NS + int(t)
    moments = np.arange(now_s - 299, now_s + 1)
    phase = (moments % 100_000) / 23.0
    curve = 900 * np.sin(phase / 3) + 240 * np.sin(phase) + 0.4 * (moments - moments[0])
    return tuple(int(moment) * NS for moment in moments), CAPITAL + 400 + curve


def make_account(equity: float = 101_284.5, **changes: Any) -> AccountView:
    """An account that trades and does well enough."""
    account = AccountView(
        trading_state=TradingState.ACTIVE,
        state_reason=StateReason.NONE,
        state_since_ns=START_NS - 840 * NS,
        readiness=Readiness.READY,
        venue_state=VenueState.SYNCED,
        equity=equity,
        peak_equity=102_104.25,
        cash=63_870.1,
        realized_pnl=980.0,
        unrealized_pnl=equity - CAPITAL - 980.0 + 42.0,
        fees=42.0,
        drawdown_pct=0.8,
        max_drawdown_pct=1.9,
        exposure=34_100.0,
        exposure_pct=33.7,
        orders=219,
        fills=87,
        rejects=1,
        open_orders=7,
        evaluations=18_422,
        outcomes={Outcome.TRADE: 219, Outcome.BELOW_THRESHOLD: 12_004},
        flatten_state=FlattenState.NONE,
        models=24,
    )
    return replace(account, **changes)


def make_telemetry(**changes: Any) -> Telemetry:
    """A healthy engine with one feed that is late."""
    telemetry = Telemetry(
        uptime_s=3600.0,
        events=812_344,
        events_per_second=412.0,
        wire_to_order_us=LatencyView(61.0, 98.0, 412.0),
        step_us=LatencyView(1.1, 2.4, 31.0),
        feeds=(
            FeedView("exchange", 0.02, "LIVE"),
            FeedView(
                "weather",
                31.0,
                "LIVE",
                "open-meteo, 83 % shared",
                credit="Weather data by Open-Meteo.com, CC BY 4.0",
            ),
            FeedView("flights", 5.0, "LIVE", "adsb.lol"),
            FeedView("river", 912.0, "STALE", "gkd", "hnd: HTTP 503: asked again in 40 s"),
        ),
        journal_rows=812_344,
        journal_bytes=104_000_000,
        viewers=1,
        rss_mb=141.0,
    )
    return replace(telemetry, **changes)


def make_snapshot(t: float = 0.0, **changes: Any) -> EngineSnapshot:
    """The whole engine at second `t` of the fake's life."""
    ts_ns, equity = make_equity(t)
    now = float(equity[-1]) + 11.0 * wave(1, t)
    snapshot = EngineSnapshot(
        seq=812_344 + int(t * 400),
        ts_ns=START_NS + int(t * NS),
        account=make_account(now),
        instruments=tuple(make_instrument(index, t) for index in range(len(PRODUCTS))),
        orders=make_orders(),
        equity_ts_ns=ts_ns,
        equity=equity,
        parameters=tuple(spec.default for spec in PARAMETERS),
        telemetry=make_telemetry(events_per_second=412 + 17 * wave(3, t)),
        spreads=make_spreads(t),
    )
    return replace(snapshot, **changes)


def make_doubtful_snapshot() -> EngineSnapshot:
    """Not flat after a flatten, two odd orders, a parameter on trial, money that is missing."""
    snapshot = make_snapshot(
        account=make_account(
            trading_state=TradingState.HALTED,
            state_reason=StateReason.OPERATOR,
            flatten_state=FlattenState.NOT_FLAT,
            flatten_since_ns=START_NS - 31 * NS,
            open_orders=2,
            foreign_positions=1,
            unknown_orders=1,
            corrections=3,
        ),
        telemetry=make_telemetry(
            trials=(
                TrialView("strategy.min_confidence", 0.6, 0.55, 42.0),
                TrialView("risk.max_exposure_pct", 60.0, 80.0, 312.0),
            )
        ),
    )
    now = {"strategy.min_confidence": 0.6, "risk.max_exposure_pct": 60.0}
    held = (0.0, 0.0, 0.0, -2.0, 0.0, 0.0, 3.0, 0.0)
    instruments = zip(snapshot.instruments, held, strict=True)
    return replace(
        snapshot,
        instruments=tuple(replace(view, position=lots) for view, lots in instruments),
        orders=(
            replace(snapshot.orders[0], status=OrderStatus.UNKNOWN),
            replace(snapshot.orders[4], origin=OrderOrigin.ORPHAN),
        ),
        parameters=tuple(now.get(spec.key, spec.default) for spec in PARAMETERS),
    )


def make_held_snapshot() -> EngineSnapshot:
    """People trade too: three brackets, two linked orders, parts of two positions by hand."""
    snapshot = make_snapshot()
    held = {
        6: {
            OrderOrigin.STRATEGY: PartView(-5.0, 51.6, 12.5, -3.0, 0.5, 4),
            OrderOrigin.MANUAL: PartView(13.0, 51.2, 100.25, 20.5, 1.75, 3),
        },
        0: {OrderOrigin.MANUAL: PartView(-4.0, 3410.0, 0.0, -8.0, 0.25, 1)},
    }
    brackets = (
        BracketView(3, 6, "7_ETF", Side.BUY, BracketState.GUARDING, 13.0, 50.8, 52.6, 0, 221,
                    START_NS - 90 * NS),
        BracketView(4, 0, "1_Eisbach", Side.SELL, BracketState.CLOSING, 4.0, 3415.0, math.nan, 0,
                    230, START_NS - 60 * NS),
        BracketView(5, 4, "5_Flights", Side.BUY, BracketState.WAITING, 0.0, math.nan, 2650.0, 219,
                    0, START_NS - 8 * NS),
    )  # fmt: skip
    bound = {220: {"partner": 217}, 217: {"partner": 220}, 221: {"bracket": 3}}
    return replace(
        snapshot,
        instruments=tuple(
            replace(row, parts=held.get(row.index, {})) for row in snapshot.instruments
        ),
        orders=tuple(replace(row, **bound.get(row.order_id, {})) for row in snapshot.orders),
        brackets=brackets,
    )


def make_notices(count: int = 14) -> tuple[Notice, ...]:
    """A few minutes of trading in words."""
    rows = (
        ("engine", "info", "READY", "", 0, 0, 0, ""),
        ("order", "info", "post", "1_Eisbach", 1, 4, 3409, BUY_REASON),
        ("fill", "info", "filled, maker, position +32", "1_Eisbach", 1, 4, 3409, BUY_REASON),
        ("order", "info", "post", "7_ETF", -1, 9, 52.3, SELL_REASON),
        ("fill", "info", "filled, maker, position +41", "7_ETF", -1, 2, 52.3, SELL_REASON),
        ("reject", "warning", "refused: WOULD_CROSS", "3_Weather", 1, 3, 9275, ""),
        ("risk", "warning", "exposure 81.4 % is over 80 %", "5_Flights", 0, 0, 0, ""),
        ("command", "info", "set strategy.min_signal 0.35", "", 0, 0, 0, ""),
        ("venue", "alarm", "connection lost; nothing new is opened", "", 0, 0, 0, ""),
    )
    return tuple(
        Notice(
            number=number + 1,
            ts_ns=START_NS - (count - number) * 3 * NS,
            kind=kind,
            severity=severity,
            text=text,
            instrument=instrument,
            side=side,
            quantity=float(quantity),
            price=float(price),
            reason=reason,
        )
        for number, (kind, severity, text, instrument, side, quantity, price, reason) in enumerate(
            rows[index % len(rows)] for index in range(count)
        )
    )


class FakeEngine:
    """
    An `EngineClient` whose engine is a list of messages.

    Tests push messages and look at `commands`. With `script`, an endless source of
    messages (with its own pauses) takes the place of pushing.
    """

    def __init__(
        self,
        *messages: Message,
        meta: RunMeta | None = None,
        refuse: str = "",
        script: Callable[[], AsyncIterator[Message]] | None = None,
    ) -> None:
        self.meta = meta or make_meta()
        self.refuse = refuse
        self.commands: list[Command] = []
        self.asked: list[Topic] = []
        self.pace = 0.0
        self.closed = False
        self.source = "cockpit:ada:3"
        self.broken = False
        self._script = script
        self._queue: asyncio.Queue[Message | Exception | None] = asyncio.Queue()
        for message in messages:
            self._queue.put_nowait(message)

    def push(self, message: Message) -> None:
        """Say something to the viewer."""
        self._queue.put_nowait(message)

    def break_link(self, reason: str = "connection reset") -> None:
        """Fail as a broken socket does."""
        self.broken = True
        self._queue.put_nowait(EngineUnavailable(reason))

    def end(self, reason: str) -> None:
        """End on purpose."""
        self._queue.put_nowait(Farewell(reason))
        self._queue.put_nowait(None)

    async def connect(self) -> RunMeta:
        if self.refuse:
            raise EngineUnavailable(self.refuse)
        return self.meta

    async def messages(self) -> AsyncIterator[Message]:
        if self._script is not None:
            async for message in self._script():
                yield message
            return
        while (message := await self._queue.get()) is not None:
            if isinstance(message, Exception):
                raise message
            yield message

    async def send(self, command: Command) -> CommandResult:
        if self.broken:
            raise EngineUnavailable("connection reset")
        self.commands.append(command)
        return CommandResult(command.request_id, accepted=True, text=f"{command.name}: done")

    async def status(self) -> dict[str, Any]:
        return {}

    async def ask(self, topic: Topic, args: dict[str, str] | None = None) -> Answer:
        if self.broken:
            raise EngineUnavailable("connection reset")
        self.asked.append(topic)
        return make_page(topic)

    async def set_pace(self, snapshots_per_second: float) -> None:
        self.pace = snapshots_per_second

    async def close(self) -> None:
        self.closed = True
        if not self.broken:
            self._queue.put_nowait(EngineUnavailable("detached"))


def live_engine(**changes: Any) -> FakeEngine:
    """A fake that has said everything a live engine says first."""
    return FakeEngine(Notices(make_notices()), make_snapshot(**changes))
