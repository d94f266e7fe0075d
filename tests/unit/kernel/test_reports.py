"""What the venue says, or fails to say: nothing is guessed, nothing is counted twice."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderOrigin,
    OrderStatus,
    RejectReason,
    TradingState,
    VenueState,
)
from tests.unit.kernel.kernel_rig import KernelRig


def place(rig: KernelRig, lots: int = 9, ticks: int = 3399, side: int = 1) -> dict[str, int]:
    (sent,) = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=lots)
    return sent


def wait(rig: KernelRig, seconds: float) -> list[dict[str, int]]:
    """Let timers pass, with books so that nothing goes stale."""
    sent = []
    for _ in range(int(seconds * 4)):
        rig.book(3398, 3402, after_ms=1)
        sent += rig.timer(after_ms=249)
    return sent


def status(rig: KernelRig) -> list[OrderStatus]:
    return [OrderStatus(int(row["status"])) for row in rig.live_orders()]


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig(min_signal=2.0)
    rig.book(3398, 3402)
    return rig


def test_an_unanswered_order_is_asked_about_and_never_sent_again(rig) -> None:
    intent = place(rig)
    sent = wait(rig, 12)
    assert [(i["kind"], i["order_id"]) for i in sent] == [
        (IntentKind.QUERY, intent["order_id"])
    ] * 2
    assert status(rig) == [OrderStatus.UNKNOWN]
    assert rig.account["unknown_orders"] == 1
    assert rig.instrument()["working_buy_lots"] == 9


@pytest.mark.parametrize("request_kind", ["cancel", "new"])
def test_the_venues_answer_ends_the_doubt(rig, request_kind) -> None:
    intent = place(rig)
    if request_kind == "cancel":
        rig.ack(intent)
        rig.command(CommandKind.CANCEL, order_id=intent["order_id"])
    wait(rig, 6)
    assert status(rig) == [OrderStatus.UNKNOWN]
    rig.ack(intent)
    assert status(rig) == [OrderStatus.OPEN]
    assert rig.account["unknown_orders"] == 0
    assert wait(rig, 12) == []


def test_an_order_the_venue_never_heard_of_is_over(rig) -> None:
    intent = place(rig)
    wait(rig, 6)
    rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.CANCELED, reason=RejectReason.UNKNOWN_ORDER
        )
    )
    assert status(rig) == []
    assert rig.account["unknown_orders"] == 0
    assert rig.account["rejects"] == 0


def test_a_fill_of_an_unknown_order_counts_and_leaves_the_doubt(rig) -> None:
    intent = place(rig, lots=9)
    wait(rig, 6)
    rig.fill(1, 1, 3399, 4, order_id=intent["order_id"])
    assert status(rig) == [OrderStatus.UNKNOWN]
    assert rig.instrument()["working_buy_lots"] == 5
    rig.fill(2, 1, 3399, 5, order_id=intent["order_id"])
    assert status(rig) == []
    assert rig.account["unknown_orders"] == 0


def test_an_unknown_order_can_be_canceled(rig) -> None:
    intent = place(rig)
    wait(rig, 6)
    sent = rig.command(CommandKind.CANCEL_ALL)
    assert [(i["kind"], i["order_id"]) for i in sent] == [(IntentKind.CANCEL, intent["order_id"])]
    assert status(rig) == [OrderStatus.PENDING_CANCEL]
    assert rig.account["unknown_orders"] == 0


def test_nothing_is_asked_while_the_venue_is_away(rig) -> None:
    place(rig)
    rig.venue(VenueState.DOWN)
    assert wait(rig, 12) == []


def test_a_late_fill_gives_back_what_its_acknowledgement_had_left_out(rig) -> None:
    """Open with 5 of 9 left, and the fill of 4 comes after: 5 are still working."""
    intent = place(rig, lots=9)
    rig.ack(intent, leaves=5)
    assert rig.instrument()["working_buy_lots"] == 9
    rig.fill(1, 1, 3399, 4, order_id=intent["order_id"])
    assert rig.instrument()["working_buy_lots"] == 5


def test_an_acknowledgement_after_the_last_fill_brings_nothing_back(rig) -> None:
    intent = place(rig, lots=9)
    rig.fill(1, 1, 3399, 9, order_id=intent["order_id"])
    assert rig.ack(intent) == []
    assert rig.account["open_orders"] == 0


def test_filled_without_its_fills_asks_for_the_account(rig) -> None:
    intent = place(rig, lots=9)
    rig.ack(intent)
    rig.fill(1, 1, 3399, 4, order_id=intent["order_id"])
    sent = rig.feed(events.order_report(0, intent["order_id"], OrderStatus.FILLED))
    assert [i["kind"] for i in sent] == [IntentKind.RECONCILE]
    assert rig.account["open_orders"] == 0


def test_filled_with_all_its_fills_asks_nothing(rig) -> None:
    intent = place(rig, lots=9)
    rig.fill(1, 1, 3399, 9, order_id=intent["order_id"])
    assert rig.feed(events.order_report(0, intent["order_id"], OrderStatus.FILLED)) == []


def test_an_order_canceled_by_the_venue_is_no_refusal(rig) -> None:
    intent = place(rig)
    rig.ack(intent)
    rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.CANCELED, reason=RejectReason.DEAD_MAN
        )
    )
    assert (rig.account["rejects"], rig.account["rejects_in_row"]) == (0, 0)


def test_a_reconciliation_answers_every_request_that_came_before_it(rig) -> None:
    """The cancel was lost with the connection: the order stands, and can be canceled again."""
    intent = place(rig, lots=9)
    rig.ack(intent)
    rig.command(CommandKind.CANCEL, order_id=intent["order_id"])
    rig.venue(VenueState.DOWN)
    rig.venue(VenueState.CONNECTED)
    rig.ack(intent, leaves=6)
    rig.venue(VenueState.SYNCED)
    assert status(rig) == [OrderStatus.PARTIALLY_FILLED]
    assert rig.instrument()["working_buy_lots"] == 6
    assert len(rig.command(CommandKind.CANCEL, order_id=intent["order_id"])) == 1


def test_while_halted_what_a_reconciliation_finds_standing_is_canceled_again(rig) -> None:
    intent = place(rig)
    rig.ack(intent)
    rig.command(CommandKind.HALT)
    rig.venue(VenueState.DOWN)
    rig.venue(VenueState.CONNECTED)
    rig.ack(intent)
    sent = rig.venue(VenueState.SYNCED)
    assert [(i["kind"], i["order_id"]) for i in sent] == [(IntentKind.CANCEL, intent["order_id"])]


def test_while_halted_a_refused_cancel_is_asked_for_again(rig) -> None:
    """A safe mode that keeps quoting is none."""
    intent = place(rig)
    rig.ack(intent)
    rig.command(CommandKind.HALT)
    for _ in range(3):
        rig.feed(
            events.order_report(
                0, intent["order_id"], OrderStatus.OPEN, side=1, price_ticks=3399, lots=9,
                leaves_lots=9, reason=RejectReason.RATE_LIMIT,
            )
        )  # fmt: skip
        assert [i["kind"] for i in rig.timer()] == [IntentKind.CANCEL]


def test_while_halted_a_reduction_placed_since_then_may_rest(rig) -> None:
    rig.fill(1, 1, 3400, 20)
    rig.command(CommandKind.HALT)
    rig.book(3398, 3402)
    rig.ack(place(rig, lots=5, ticks=3404, side=-1))
    assert rig.timer() == []
    assert rig.account["trading_state"] == TradingState.HALTED


def test_an_orphan_may_be_kept_and_then_counts(rig) -> None:
    rig.account["adopts_orphans"] = 1
    sent = rig.feed(
        events.order_report(
            0, -3, OrderStatus.OPEN, side=-1, price_ticks=3500, lots=12, leaves_lots=7
        )
    )
    assert sent == []
    (order,) = rig.live_orders()
    assert (order["origin"], order["cum_lots"]) == (OrderOrigin.ORPHAN, 5)
    assert order["status"] == OrderStatus.PARTIALLY_FILLED
    assert rig.instrument()["working_sell_lots"] == 7


def test_a_position_the_venue_sees_differently_is_a_correction(rig) -> None:
    rig.fill(1, 1, 3400, 20)
    rig.feed(events.position_report(0, 20))
    assert rig.account["corrections"] == 0
    rig.feed(events.position_report(0, 13))
    assert rig.account["corrections"] == 1
    assert rig.instrument()["corrected_lots"] == -7
    assert rig.instrument()["adjusted_lots"] == -7
    rig.check_identity()


def test_everything_is_more_than_all_of_ours(rig) -> None:
    intent = place(rig)
    rig.ack(intent)
    sent = rig.command(CommandKind.CANCEL_EVERYTHING)
    assert [(i["kind"], i["order_id"]) for i in sent] == [
        (IntentKind.CANCEL, intent["order_id"]),
        (IntentKind.CANCEL_EVERYTHING, 0),
    ]


def test_a_pause_takes_back_what_would_open_and_leaves_what_closes(rig) -> None:
    rig.fill(1, 1, 3400, 20)
    opening, closing = place(rig, lots=3), place(rig, lots=8, ticks=3403, side=-1)
    for intent in (opening, closing):
        rig.ack(intent)
    sent = rig.command(CommandKind.PAUSE)
    assert [i["order_id"] for i in sent] == [opening["order_id"]]


def test_a_pause_takes_back_what_would_together_turn_the_position(rig) -> None:
    rig.fill(1, 1, 3400, 20)
    both = [place(rig, lots=lots, ticks=3403, side=-1) for lots in (8, 13)]
    for intent in both:
        rig.ack(intent)
    sent = rig.command(CommandKind.PAUSE)
    assert [i["order_id"] for i in sent] == [intent["order_id"] for intent in both]


def test_a_number_refused_as_used_does_not_end_the_order_that_uses_it(rig) -> None:
    """The network has doubled the request: the first one stands."""
    intent = place(rig)
    rig.ack(intent)
    sent = rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.REJECTED, reason=RejectReason.DUPLICATE_ORDER_ID
        )
    )
    assert [(i["kind"], i["order_id"]) for i in sent] == [(IntentKind.QUERY, intent["order_id"])]
    assert status(rig) == [OrderStatus.OPEN]
    assert rig.account["rejects"] == 1


def test_a_fill_that_comes_after_a_report_of_it_is_not_counted_twice_on_its_order(rig) -> None:
    """While the account is being told, the report of 16 filled overtakes the fill of 16."""
    intent = place(rig, lots=25)
    rig.ack(intent)
    rig.venue(VenueState.CONNECTED)
    rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.OPEN, side=1, price_ticks=3399, lots=25,
            leaves_lots=9,
        )
    )  # fmt: skip
    rig.fill(1, 1, 3399, 16, order_id=intent["order_id"])
    assert status(rig) == [OrderStatus.PARTIALLY_FILLED]
    assert rig.instrument()["working_buy_lots"] == 9


def test_a_report_while_the_account_is_being_told_is_not_yet_its_state(rig) -> None:
    """Only what the whole state names is there; an older report may have come late."""
    intent = place(rig, lots=9)
    rig.venue(VenueState.CONNECTED)
    rig.feed(
        events.order_report(
            0, intent["order_id"], OrderStatus.OPEN, side=1, price_ticks=3399, lots=9,
            leaves_lots=9,
        )
    )  # fmt: skip
    rig.venue(VenueState.SYNCED)
    assert status(rig) == []


def test_the_accounts_state_overrules_our_count(rig) -> None:
    """An order that we believed filled stands: it is taken in again, and canceled."""
    intent = place(rig, lots=9)
    rig.fill(1, 1, 3399, 9, order_id=intent["order_id"])
    rig.venue(VenueState.CONNECTED)
    sent = rig.ack(intent, leaves=9)
    assert [(i["kind"], i["order_id"]) for i in sent] == [(IntentKind.CANCEL, intent["order_id"])]
