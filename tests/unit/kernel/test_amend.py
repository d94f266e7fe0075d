"""A live order changed by hand: what the gate sees of it, and whose it is then."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderOrigin,
    OrderStatus,
    Outcome,
    RejectReason,
    TradingState,
)
from tests.unit.kernel.kernel_rig import KernelRig


@pytest.fixture
def rig() -> KernelRig:
    """A market at 3401 to 3403, and nothing the strategy wants."""
    rig = KernelRig(min_signal=2.0)
    rig.warm()
    return rig


def place(rig: KernelRig, lots: int = 8, ticks: int = 3400, side: int = 1) -> int:
    sent = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=lots)
    rig.ack(sent[0])
    return sent[0]["order_id"]


def amend(rig: KernelRig, order_id: int, lots: int = 0, ticks: int = 0) -> list[dict[str, int]]:
    return rig.command(
        CommandKind.AMEND, instrument=0, order_id=order_id, lots=lots, price_ticks=ticks
    )


def order(rig: KernelRig, order_id: int):
    return rig.state.orders[order_id % len(rig.state.orders)]


@pytest.mark.parametrize(
    ("lots", "ticks", "asked"), [(11, 0, (3400, 11)), (0, 3399, (3399, 8)), (5, 3402, (3402, 5))]
)
def test_price_and_size_change_apart_or_together(rig, lots, ticks, asked) -> None:
    number = place(rig)
    (sent,) = amend(rig, number, lots, ticks)
    assert sent["kind"] == IntentKind.REPLACE
    assert (sent["price_ticks"], sent["lots"], sent["order_id"]) == (*asked, number)
    assert order(rig, number)["status"] == OrderStatus.PENDING_REPLACE
    assert rig.account["denial_code"] == 0


def test_the_worst_of_both_sizes_counts_until_the_venue_has_answered(rig) -> None:
    number = place(rig)
    amend(rig, number, lots=3)
    assert rig.instrument()["working_buy_lots"] == 8
    rig.feed(
        events.order_report(0, number, OrderStatus.OPEN, price_ticks=3400, lots=3, leaves_lots=3)
    )
    assert rig.instrument()["working_buy_lots"] == 3


def test_an_order_of_the_strategy_is_a_persons_once_it_was_changed() -> None:
    """The strategy forgets it and leaves it alone, whatever its target says."""
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    sent = rig.push(beats=1)
    rig.ack(sent[0])
    number = sent[0]["order_id"]
    assert rig.instrument()["working_order"] == number % len(rig.state.orders) + 1
    amend(rig, number, ticks=3399)
    assert order(rig, number)["origin"] == OrderOrigin.MANUAL
    assert rig.instrument()["working_order"] == 0
    rig.feed(
        events.order_report(
            0, number, OrderStatus.OPEN, price_ticks=3399, lots=sent[0]["lots"],
            leaves_lots=sent[0]["lots"],
        )
    )  # fmt: skip
    for _ in range(3):
        about = {one["order_id"] for one in rig.book(3400, 3402, 2, 60)}
        assert number not in about
    rig.fill(1, 1, 3399, 1, order_id=number)
    assert rig.instrument()["part_lots"][OrderOrigin.MANUAL] == 1


def test_an_order_that_was_found_at_the_venue_may_be_changed_too(rig) -> None:
    rig.account["adopts_orphans"] = 1
    rig.feed(
        events.order_report(
            0, -77, OrderStatus.OPEN, side=-1, price_ticks=3410, lots=4, leaves_lots=4
        )
    )
    (sent,) = amend(rig, -77, ticks=3408)
    assert (sent["order_id"], sent["price_ticks"], sent["side"]) == (-77, 3408, -1)
    assert order(rig, -77)["origin"] == OrderOrigin.MANUAL


def test_the_gate_sees_what_is_added_and_not_what_is_there() -> None:
    """With 20 of at most 25 lots of an order open, 45 in all pass, and 46 do not."""
    rig = KernelRig(min_signal=2.0, max_order_lots=25, max_position_pct=80)
    rig.warm()
    number = place(rig, lots=20)
    assert amend(rig, number, lots=46) == []
    assert rig.account["denial_code"] == Outcome.POSITION_LIMIT
    assert (rig.account["denial_value"], rig.account["denial_limit"]) == (26, 25)
    assert rig.account["denied"] == 1
    assert len(amend(rig, number, lots=45)) == 1


def test_a_price_beyond_the_collar_is_refused_and_the_order_stands(rig) -> None:
    number = place(rig)
    assert amend(rig, number, ticks=3000) == []
    assert rig.account["denial_code"] == Outcome.PRICE_COLLAR
    assert order(rig, number)["status"] == OrderStatus.OPEN
    assert order(rig, number)["origin"] == OrderOrigin.MANUAL


def test_a_refused_change_leaves_a_strategys_order_to_the_strategy() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    sent = rig.push(beats=1)
    rig.ack(sent[0])
    assert amend(rig, sent[0]["order_id"], ticks=3000) == []
    assert order(rig, sent[0]["order_id"])["origin"] == OrderOrigin.STRATEGY
    assert rig.instrument()["working_order"] > 0


def test_less_at_the_same_price_is_always_allowed(rig) -> None:
    """Whatever the state: it takes risk away. Another price in safe mode does not."""
    number = place(rig)
    rig.account["trading_state"] = TradingState.HALTED
    assert amend(rig, number, lots=7, ticks=3401) == []
    assert rig.account["denial_code"] == Outcome.STATE_HALTED
    assert len(amend(rig, number, lots=7)) == 1


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_what_only_closes_may_be_moved_in_any_state(rig, state) -> None:
    rig.fill(1, 1, 3400, 10)
    number = place(rig, lots=6, ticks=3405, side=-1)
    rig.account["trading_state"] = state
    assert len(amend(rig, number, lots=10, ticks=3402)) == 1


def test_what_closes_cannot_grow_beyond_the_position_in_safe_mode(rig) -> None:
    rig.fill(1, 1, 3400, 10)
    number = place(rig, lots=6, ticks=3405, side=-1)
    rig.account["trading_state"] = TradingState.HALTED
    assert amend(rig, number, lots=11) == []
    assert rig.account["denial_code"] == Outcome.STATE_HALTED


def test_a_stale_book_holds_a_change_back(rig) -> None:
    number = place(rig)
    rig.book(500, 502, index=1, after_ms=6000)
    assert amend(rig, number, ticks=3399) == []
    assert rig.account["denial_code"] == Outcome.STALE_BOOK


def test_the_size_counts_what_has_traded(rig) -> None:
    number = place(rig)
    rig.fill(1, 1, 3400, 5, order_id=number)
    assert amend(rig, number, lots=5) == []
    assert (rig.account["denial_code"], rig.account["denial_limit"]) == (Outcome.MIN_SIZE, 6)
    (sent,) = amend(rig, number, lots=6)
    assert sent["lots"] == 6


def test_nothing_is_asked_twice_or_for_nothing(rig) -> None:
    """No order, no change, or an answer that is still due: each has its code."""
    number = place(rig)
    for about, lots, code in (
        (number + 1, 3, Outcome.NO_CHANGE),
        (number, 8, Outcome.NO_CHANGE),
    ):
        assert amend(rig, about, lots=lots) == []
        assert rig.account["denial_code"] == code
    amend(rig, number, lots=6)
    assert amend(rig, number, lots=5) == []
    assert rig.account["denial_code"] == Outcome.ORDER_PENDING


def test_a_change_that_the_venue_refuses_leaves_the_order_as_it_was(rig) -> None:
    number = place(rig)
    amend(rig, number, lots=12)
    rig.feed(
        events.order_report(
            0, number, OrderStatus.OPEN, price_ticks=3400, lots=8, leaves_lots=8,
            reason=RejectReason.POSITION_LIMIT,
        )
    )  # fmt: skip
    assert (order(rig, number)["lots"], order(rig, number)["status"]) == (8, OrderStatus.OPEN)
    assert rig.instrument()["working_buy_lots"] == 8


def test_a_change_spends_of_the_order_rate() -> None:
    rig = KernelRig(min_signal=2.0, max_orders_per_s=2)
    rig.warm()
    number = place(rig)
    amend(rig, number, ticks=3399)
    rig.feed(
        events.order_report(0, number, OrderStatus.OPEN, price_ticks=3399, lots=8, leaves_lots=8)
    )
    assert amend(rig, number, ticks=3398) == []
    assert rig.account["denial_code"] == Outcome.ORDER_RATE
