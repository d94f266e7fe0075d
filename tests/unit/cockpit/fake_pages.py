"""Pages as an engine would answer them, asymmetric on purpose."""

from __future__ import annotations

from core.api.topics import (
    About,
    Answer,
    DoneOrder,
    DoneOrders,
    Figures,
    LogLine,
    LogLines,
    NoteLine,
    Notes,
    Settlement,
    Settling,
    Statistics,
    Told,
    Topic,
)
from core.domain.enums import OrderOrigin, OrderStatus, Side

NS = 1_000_000_000
START_NS = 1_763_820_207 * NS
"""2025-11-22 14:03:27 UTC."""


def figures(pnl: float, fills: int, **changes: object) -> Figures:
    fields: dict[str, object] = {
        "pnl": pnl,
        "fees": fills * 0.125,
        "volume": fills * 2_412.5,
        "fills": fills,
        "maker_fills": fills * 2 // 3,
        "closing_fills": fills // 2,
        "win_rate": 0.5625 if fills > 1 else None,
        "profit_factor": 1.375 if fills > 1 else None,
        "sharpe": 12.5 if fills > 1 else None,
        "seconds": 1_805,
    }
    return Figures(**{**fields, **changes})  # type: ignore[arg-type]


STATISTICS = Statistics(
    since_ns=START_NS - 1_805 * NS,
    total=figures(1_284.5, 64),
    by_regime={
        "TRENDING": figures(980.25, 30),
        "MEAN_REVERTING": figures(410.0, 33, win_rate=0.625),
        "HIGH_VOLATILITY": figures(-105.75, 1),
    },
    by_instrument={
        "1_Eisbach": figures(1_301.0, 40),
        "7_ETF": figures(-16.5, 24, sharpe=-3.25),
        "8_ETF_Strangle": figures(0.0, 0),
    },
    by_origin={
        "STRATEGY": figures(1_300.0, 60, sharpe=None, seconds=0),
        "MANUAL": figures(-15.5, 4, sharpe=None, seconds=0),
    },
)


def done_order(number: int, **changes: object) -> DoneOrder:
    fields: dict[str, object] = {
        "order_id": number,
        "symbol": "7_ETF" if number % 3 else "1_Eisbach",
        "side": Side.SELL if number % 2 else Side.BUY,
        "price": 50.0 + number / 10,
        "quantity": float(number % 25 + 1),
        "filled": 0.0,
        "average_price": None,
        "fees": 0.0,
        "status": OrderStatus.CANCELED,
        "origin": OrderOrigin.STRATEGY,
        "created_ts_ns": START_NS - (200 - number) * NS,
        "ended_ts_ns": START_NS - (198 - number) * NS,
        "text": "",
        "reason": "obi +0.45 = +0.31 ticks, confidence 0.71, trending 86%",
    }
    return DoneOrder(**{**fields, **changes})  # type: ignore[arg-type]


DONE_ORDERS = DoneOrders(
    (
        done_order(
            112, filled=13.0, average_price=61.15, fees=0.25, status=OrderStatus.FILLED,
            origin=OrderOrigin.MANUAL, reason="",
        ),
        done_order(111, status=OrderStatus.REJECTED, text="RATE_LIMIT"),
        done_order(110, filled=4.0, average_price=61.0, status=OrderStatus.CANCELED),
        *(done_order(number) for number in range(109, 60, -1)),
    ),
    total=112,
)  # fmt: skip

LOG = LogLines(
    tuple(
        LogLine(
            number,
            START_NS - (60 - number) * NS,
            ("INFO", "INFO", "WARNING", "DEBUG", "ERROR")[number % 5],  # type: ignore[arg-type]
            ("core.runtime.reporter", "core.venues.wsx.client")[number % 2],
            f"line {number}: a gap of {number} messages was filled",
        )
        for number in range(1, 61)
    ),
    dropped=2,
)

NOTES = Notes(
    tuple(
        NoteLine(number * 100, START_NS - (30 - number) * NS, f"command: set  key: risk.x{number}")
        for number in range(1, 31)
    )
)

ABOUT = About(
    facts=(
        ("version", "0.1.0"),
        ("profile", "practice"),
        ("venue", "practice ws://127.0.0.1:8765"),
        ("folder", "logs/20251122T133322-practice-4f1c"),
        ("python", "3.11.7"),
    ),
    settings=(("account.capital", "1000000"), ("risk.max_exposure_pct", "80.0")),
)

SETTLEMENT = Settlement(
    event="munich-2025",
    title="IMCity Munich",
    start_ts_ns=START_NS - 5 * 3600 * NS,
    end_ts_ns=START_NS + 19 * 3600 * NS,
    as_of_ts_ns=START_NS,
    is_simulated=False,
    products=(
        Settling("1_Eisbach", None, 3_412.5, 3_377.0, 3_450.0, 28.4, "agreed"),
        Settling("5_Flights", 611.0, 2_421.0, 2_388.0, 2_455.0, 26.0, "agreed"),
        Settling("7_ETF", None, 52.75, 47.5, 58.0, 4.1, "likely"),
        Settling("8_ETF_Strangle", None, None, None, None, None, "uncertain"),
    ),
    series=(
        Told("flow", "m3/s", 24.3, START_NS - 900 * NS, "hnd", ""),
        Told("temperature", "F", 41.5, START_NS - 300 * NS, "open-meteo", ""),
        Told("arrivals", "", None, 0, "", ""),
        Told("level", "cm", 141.0, START_NS - 7_300 * NS, "gkd", "the same for 2h01m"),
    ),
    trouble="",
)

_PAGES: dict[Topic, Answer] = {
    Topic.STATISTICS: STATISTICS,
    Topic.ORDERS_DONE: DONE_ORDERS,
    Topic.LOG: LOG,
    Topic.NOTES: NOTES,
    Topic.ABOUT: ABOUT,
    Topic.SETTLEMENT: SETTLEMENT,
}


def make_page(topic: Topic) -> Answer:
    return _PAGES[topic]
