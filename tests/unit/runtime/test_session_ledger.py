"""What a run has done so far is counted once, under the right heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api.topics import MAX_ROWS, DoneOrder, Figures
from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import (
    LiquiditySide,
    OrderOrigin,
    OrderStatus,
    RejectReason,
    Side,
)
from tests.unit.runtime.engine_rig import EngineRig

SECOND_MS = 1_000.0


@pytest.fixture
def rig() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book(3400, 3402)
    rig.book(500, 502, index=1)
    return rig


def buy(rig: EngineRig, lots: int = 4, price: str = "50.0") -> int:
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity=str(lots), price=price)
    return next(n.order_id for n in reversed(rig.logged) if n.kind == "order")


def fill(rig: EngineRig, order_id: int, trade_id: int, lots: int, ticks: int = 500, **more) -> None:
    rig.feed(events.fill(1, order_id, trade_id, Side.BUY, ticks, lots, **more))


def done(rig: EngineRig) -> tuple[DoneOrder, ...]:
    return rig.ledger.done_orders().orders


def of(rig: EngineRig, symbol: str = "7_ETF") -> Figures:
    return rig.ledger.statistics().by_instrument[symbol]


def test_an_order_ends_when_all_of_it_is_filled(rig) -> None:
    order_id = buy(rig, 4)
    fill(rig, order_id, 1, 3, 499, fee_nanos=5 * 10**7)
    assert done(rig) == ()
    fill(rig, order_id, 2, 1, 501, fee_nanos=2 * 10**7)
    (order,) = done(rig)
    assert (order.status, order.filled, order.quantity) == (OrderStatus.FILLED, 4.0, 4.0)
    assert order.average_price == pytest.approx(49.95)
    assert order.fees == pytest.approx(0.07)
    assert (order.origin, order.side, order.symbol) == (OrderOrigin.MANUAL, Side.BUY, "7_ETF")
    assert order.ended_ts_ns > order.created_ts_ns


def test_a_refused_order_says_why(rig) -> None:
    order_id = buy(rig)
    rig.feed(events.order_report(1, order_id, OrderStatus.REJECTED, reason=RejectReason.RATE_LIMIT))
    (order,) = done(rig)
    assert (order.status, order.text, order.price) == (OrderStatus.REJECTED, "RATE_LIMIT", 50.0)
    assert order.average_price is None


def test_an_order_that_ends_twice_is_told_once(rig) -> None:
    order_id = buy(rig)
    for _ in range(2):
        rig.feed(events.order_report(1, order_id, OrderStatus.CANCELED))
    assert rig.ledger.done_orders().total == 1


def test_a_repeated_fill_is_counted_once(rig) -> None:
    order_id = buy(rig, 9)
    for _ in range(3):
        fill(rig, order_id, 77, 2)
    assert of(rig).fills == 1
    assert of(rig).volume == pytest.approx(100.0)


def test_a_fill_after_the_cancel_still_counts(rig) -> None:
    order_id = buy(rig, 9)
    rig.feed(events.order_report(1, order_id, OrderStatus.CANCELED))
    fill(rig, order_id, 78, 2)
    assert of(rig).fills == 1


def test_fills_stand_under_the_origin_of_their_order(rig) -> None:
    fill(rig, buy(rig), 1, 4)
    fill(rig, -4711, 2, 1)
    by_origin = rig.ledger.statistics().by_origin
    assert {name: figures.fills for name, figures in by_origin.items()} == {
        "MANUAL": 1,
        "ORPHAN": 1,
    }


def test_a_closing_fill_wins_or_loses(rig) -> None:
    fill(rig, buy(rig, 4), 1, 4, 500, liquidity=LiquiditySide.MAKER)
    rig.feed(events.fill(1, 99, 2, Side.SELL, 503, 3, liquidity=LiquiditySide.TAKER))
    figures = of(rig)
    assert (figures.fills, figures.maker_fills, figures.closing_fills) == (2, 1, 1)
    assert figures.win_rate == 1.0


def test_seconds_are_sampled_with_what_they_earned(rig) -> None:
    fill(rig, buy(rig, 4), 1, 4, 500)
    for bid in (500, 504, 498, 509):
        rig.book(bid, bid + 2, index=1)
        rig.feed(events.timer(), after_ms=SECOND_MS)
    statistics = rig.ledger.statistics()
    assert statistics.total.seconds >= 3
    instrument = rig.engine.state.instruments[1]
    earned = (
        instrument["realized_nanos"] + instrument["unrealized_nanos"] - instrument["fees_nanos"]
    )
    assert of(rig).pnl == pytest.approx(earned / 1e9)
    assert statistics.total.pnl == pytest.approx(earned / 1e9)
    assert sum(part.pnl for part in statistics.by_regime.values()) == pytest.approx(earned / 1e9)
    assert statistics.since_ns > 0


def test_only_the_last_orders_are_kept_and_all_are_counted(rig) -> None:
    for _ in range(3):
        rig.feed(events.order_report(1, buy(rig), OrderStatus.CANCELED))
    newest = rig.ledger.done_orders(2)
    assert [order.order_id for order in newest.orders] == [3, 2]
    assert newest.total == 3
    assert MAX_ROWS >= 100


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(490, 510), st.booleans()), max_size=25))
def test_the_parts_add_up_to_the_whole(fills) -> None:
    rig = EngineRig()
    rig.connect()
    rig.book(500, 502, index=1)
    for number, (lots, ticks, is_buy) in enumerate(fills, 1):
        side = Side.BUY if is_buy else Side.SELL
        rig.feed(events.fill(number % 2, 1_000 + number, number, side, ticks, lots, fee_nanos=7))
    statistics = rig.ledger.statistics()
    for parts in (statistics.by_regime, statistics.by_instrument, statistics.by_origin):
        assert sum(part.fills for part in parts.values()) == statistics.total.fills == len(fills)
        assert sum(part.volume for part in parts.values()) == pytest.approx(statistics.total.volume)
        closing = sum(part.closing_fills for part in parts.values())
        assert closing == statistics.total.closing_fills
