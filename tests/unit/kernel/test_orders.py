"""The order table: every report finds its order, and none is counted twice."""

from __future__ import annotations

import pytest

from core.api.view import LIVE_STATUSES
from core.domain import events
from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderOrigin,
    OrderStatus,
    RejectReason,
    VenueState,
)
from core.domain.memory import allocate
from core.domain.records import MAX_ORDERS, ORDER
from core.kernel.orders import is_live
from tests.unit.kernel.kernel_rig import KernelRig


def place(rig: KernelRig, lots: int = 9, ticks: int = 3399, side: int = 1) -> dict[str, int]:
    sent = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=lots)
    assert [intent["kind"] for intent in sent] == [IntentKind.PLACE]
    return sent[0]


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig()
    rig.book(3398, 3402)
    return rig


def test_kernel_and_viewers_mean_the_same_by_live() -> None:
    order = allocate(ORDER, 1)[0]
    for status in OrderStatus:
        order["status"] = status
        assert is_live(order) == (status in LIVE_STATUSES)


def test_an_order_is_counted_while_it_works_and_not_after(rig) -> None:
    intent = place(rig, lots=9)
    assert rig.instrument()["working_buy_lots"] == 9
    rig.ack(intent)
    rig.fill(1, 1, 3399, 4, order_id=intent["order_id"])
    assert rig.instrument()["working_buy_lots"] == 5
    rig.fill(2, 1, 3399, 5, order_id=intent["order_id"])
    assert rig.instrument()["working_buy_lots"] == 0
    assert rig.account["open_orders"] == 0


def test_a_fill_may_come_before_the_acknowledgement(rig) -> None:
    """The late acknowledgement must not give back lots that have traded."""
    intent = place(rig, lots=9)
    rig.fill(1, 1, 3399, 4, order_id=intent["order_id"])
    rig.ack(intent, leaves=9)
    assert rig.instrument()["working_buy_lots"] == 5


def test_a_fill_after_a_cancel_still_moves_the_position(rig) -> None:
    intent = place(rig)
    rig.ack(intent)
    rig.feed(events.order_report(0, intent["order_id"], OrderStatus.CANCELED))
    rig.fill(1, 1, 3399, 3, order_id=intent["order_id"])
    assert rig.instrument()["position_lots"] == 3
    assert rig.account["open_orders"] == 0
    rig.check_identity()


def test_a_refused_cancel_leaves_the_order_standing(rig) -> None:
    intent = place(rig)
    rig.ack(intent)
    rig.command(CommandKind.CANCEL, order_id=intent["order_id"])
    rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.OPEN, side=1, price_ticks=3399, lots=9,
            leaves_lots=9, reason=RejectReason.RATE_LIMIT,
        )
    )  # fmt: skip
    assert [row["status"] for row in rig.live_orders()] == [OrderStatus.OPEN]
    assert rig.account["rejects"] == 1


def test_the_acknowledgement_of_an_order_does_not_undo_its_cancel(rig) -> None:
    intent = place(rig)
    rig.command(CommandKind.CANCEL, order_id=intent["order_id"])
    rig.ack(intent)
    assert [row["status"] for row in rig.live_orders()] == [OrderStatus.PENDING_CANCEL]


def test_a_cancel_is_asked_for_once(rig) -> None:
    intent = place(rig)
    assert len(rig.command(CommandKind.CANCEL, order_id=intent["order_id"])) == 1
    assert rig.command(CommandKind.CANCEL, order_id=intent["order_id"]) == []


def test_an_order_of_somebody_else_is_adopted_and_canceled(rig) -> None:
    """An order that no decision of this run stands behind must not trade for us."""
    sent = rig.feed(
        events.order_report(
            0, -3, OrderStatus.OPEN, side=-1, price_ticks=3500, lots=12, leaves_lots=12
        )
    )
    assert [(intent["kind"], intent["order_id"]) for intent in sent] == [(IntentKind.CANCEL, -3)]
    assert rig.live_orders()[0]["origin"] == OrderOrigin.ORPHAN
    rig.feed(events.order_report(0, -3, OrderStatus.CANCELED))
    assert rig.account["open_orders"] == 0


def test_what_the_venue_does_not_name_after_a_reconnect_is_gone(rig) -> None:
    kept, lost = place(rig, lots=4), place(rig, lots=5, ticks=3398)
    for intent in (kept, lost):
        rig.ack(intent)
    rig.venue(VenueState.DOWN)
    rig.venue(VenueState.CONNECTED)
    rig.ack(kept)
    rig.venue(VenueState.SYNCED)
    assert [row["order_id"] for row in rig.live_orders()] == [kept["order_id"]]
    assert rig.instrument()["working_buy_lots"] == 4


def test_a_full_table_refuses_and_says_so() -> None:
    rig = KernelRig(max_orders_per_s=10_000, capital=1_000_000_000)
    rig.book(3398, 3402)
    for _ in range(MAX_ORDERS):
        # One lot each, in both directions so that no position limit is met first.
        side = 1 if rig.account["open_orders"] % 2 else -1
        place(rig, lots=1, ticks=3400 - side, side=side)
        rig.book(3398, 3402)
    assert rig.account["open_orders"] == MAX_ORDERS
    sent = rig.command(CommandKind.PLACE, instrument=0, side=1, price_ticks=3399, lots=1)
    assert sent == []
    assert rig.account["denied"] == 1


def test_an_unanswered_order_becomes_unknown_and_still_counts(rig) -> None:
    place(rig, lots=9)
    for _ in range(21):
        rig.timer()
    assert [row["status"] for row in rig.live_orders()] == [OrderStatus.UNKNOWN]
    assert rig.instrument()["working_buy_lots"] == 9


def test_order_numbers_never_repeat(rig) -> None:
    seen = set()
    for _ in range(2 * MAX_ORDERS + 5):
        intent = place(rig, lots=1)
        seen.add(intent["order_id"])
        rig.feed(events.order_report(0, intent["order_id"], OrderStatus.CANCELED))
        rig.book(3398, 3402, after_ms=100)
    assert len(seen) == 2 * MAX_ORDERS + 5


def test_a_strangers_order_whose_row_is_taken_is_canceled_unseen(rig) -> None:
    """An order of ours is never overwritten, and what cannot be watched cannot stay."""
    ours = place(rig, lots=9)
    stranger = ours["order_id"] + MAX_ORDERS
    sent = rig.feed(
        events.order_report(
            0, stranger, OrderStatus.OPEN, side=-1, price_ticks=3500, lots=12, leaves_lots=12
        )
    )
    assert [(intent["kind"], intent["order_id"]) for intent in sent] == [
        (IntentKind.CANCEL, stranger)
    ]
    assert [row["order_id"] for row in rig.live_orders()] == [ours["order_id"]]
