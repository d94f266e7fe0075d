"""The trade log: what happened, to which order, and what spoke for it."""

from __future__ import annotations

from core.domain import events
from core.domain.commands import CommandName
from core.domain.enums import LiquiditySide, OrderStatus, RejectReason, VenueState
from tests.unit.kernel.kernel_rig import starting_models
from tests.unit.runtime.engine_rig import EngineRig


def connected() -> EngineRig:
    rig = EngineRig()
    rig.connect()
    rig.book(500, 502, index=1)
    return rig


def test_a_fill_is_told_in_prices_with_the_position_it_makes() -> None:
    rig = connected()
    rig.feed(events.fill(1, 7, 1, -1, 501, 12, liquidity=LiquiditySide.TAKER, fee_nanos=25 * 10**7))
    notice = rig.logged[-1]
    assert (notice.kind, notice.side, notice.price, notice.quantity) == ("fill", -1, 50.1, 12.0)
    assert notice.text == "filled, taker, fee 0.25, position -12"


def test_a_strategys_order_carries_the_signals_that_led_to_it_and_so_does_its_fill() -> None:
    rig = EngineRig(min_signal=0.05, take_signal=1.0)
    rig.feed(*starting_models())
    rig.connect()
    for beat in range(25):
        rig.feed(events.book(0, [(3400 + beat % 2, 60)], [(3402 + beat % 2, 2)]))
    order = next(notice for notice in rig.logged if notice.kind == "order")
    assert "obi +0.94" in order.reason
    assert "confidence" in order.reason
    assert "target" in order.reason
    rig.feed(events.fill(0, order.order_id, 1, 1, 3400, 1))
    assert rig.logged[-1].reason == order.reason


def test_a_refusal_names_the_venues_reason() -> None:
    rig = connected()
    rig.ask(CommandName.BUY, instrument="7_ETF", quantity="4", price="50.0")
    rig.feed(
        events.order_report(
            1, 1, OrderStatus.REJECTED, side=1, price_ticks=500, lots=4,
            reason=RejectReason.WOULD_CROSS,
        )
    )  # fmt: skip
    assert rig.logged[-1].kind == "reject"
    assert "WOULD_CROSS" in rig.logged[-1].text


def test_a_repeated_fill_is_said_to_be_ignored() -> None:
    rig = connected()
    for _ in range(2):
        rig.feed(events.fill(1, 7, 55, -1, 501, 12))
    assert rig.texts()[-1] == "repeated fill 55 ignored"


def test_halting_is_an_alarm_that_says_how_to_go_on() -> None:
    rig = connected()
    rig.ask(CommandName.HALT)
    alarm = next(notice for notice in rig.logged if notice.severity == "alarm")
    assert alarm.text == "HALTED by the operator: nothing rests; resume re-arms"


def test_a_lost_connection_is_an_alarm() -> None:
    rig = connected()
    rig.feed(events.venue_state(VenueState.DOWN))
    assert [n.kind for n in rig.logged if n.severity == "alarm"] == ["venue"]


def test_books_and_timers_alone_are_no_news() -> None:
    rig = connected()
    before = len(rig.logged)
    rig.book(500, 502, index=1)
    rig.feed(events.timer())
    assert len(rig.logged) == before
