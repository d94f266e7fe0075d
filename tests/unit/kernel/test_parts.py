"""Whose lots they are: apart by origin, and together the whole."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import CommandKind, IntentKind, OrderOrigin, OrderStatus, VenueState
from tests.unit.kernel.kernel_rig import NANOS, KernelRig

STRATEGY, MANUAL, ORPHAN = OrderOrigin.STRATEGY, OrderOrigin.MANUAL, OrderOrigin.ORPHAN
FOREIGN = -9
"""Number of an order that the engine has no record of."""


@pytest.fixture
def rig() -> KernelRig:
    """A market at 3400 to 3402 in which the strategy sees no reason to do anything."""
    rig = KernelRig(min_signal=2.0, max_order_lots=50)
    rig.warm()
    return rig


def by_hand(rig: KernelRig, trade_id: int, side: int, ticks: int, lots: int, fee: int = 0) -> None:
    """An order by hand that is filled at once."""
    sent = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=3401, lots=lots)
    rig.fill(trade_id, side, ticks, lots, order_id=sent[0]["order_id"], fee_nanos=fee)


def by_strategy(rig: KernelRig, trade_id: int, side: int, ticks: int, lots: int) -> None:
    """As `by_hand`, and the order taken for the strategy's."""
    sent = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=3401, lots=lots)
    row = sent[0]["order_id"] % len(rig.state.orders)
    rig.state.orders[row]["origin"] = STRATEGY
    rig.fill(trade_id, side, ticks, lots, order_id=sent[0]["order_id"])


def part(rig: KernelRig, origin: OrderOrigin) -> tuple[int, int, int, int, int]:
    """Lots, cost, realized and fees in whole money, fills."""
    row = rig.instrument()
    return (
        int(row["part_lots"][origin]),
        int(row["part_cost_nanos"][origin]) // NANOS,
        int(row["part_realized_nanos"][origin]) // NANOS,
        int(row["part_fees_nanos"][origin]) // NANOS,
        int(row["part_fills"][origin]),
    )


def test_each_fill_goes_to_whoever_wanted_the_order(rig) -> None:
    by_strategy(rig, 1, 1, 3400, 10)
    by_hand(rig, 2, 1, 3404, 6, fee=2 * NANOS)
    by_hand(rig, 3, -1, 3407, 2, fee=1 * NANOS)
    assert part(rig, STRATEGY) == (10, 34_000, 0, 0, 1)
    assert part(rig, MANUAL) == (4, 4 * 3404, 6, 3, 2)
    assert rig.instrument()["position_lots"] == 14


def test_a_fill_without_a_known_order_belongs_to_nobody(rig) -> None:
    rig.fill(1, 1, 3400, 3, order_id=FOREIGN)
    assert part(rig, ORPHAN) == (3, 3 * 3400, 0, 0, 1)


def test_parts_that_stand_against_each_other_keep_their_own_prices(rig) -> None:
    """Together nothing is held and 50 is realized; apart both still carry what they hold."""
    by_strategy(rig, 1, 1, 3400, 10)
    by_hand(rig, 2, -1, 3405, 10)
    assert rig.instrument()["position_lots"] == 0
    assert rig.instrument()["realized_nanos"] == 50 * NANOS
    assert part(rig, STRATEGY) == (10, 34_000, 0, 0, 1)
    assert part(rig, MANUAL) == (-10, -34_050, 0, 0, 1)
    assert rig.account["identity_break_nanos"] == 0


def test_the_strategy_does_not_trade_away_what_is_held_by_hand() -> None:
    """It wants nothing, and a position of people is none of its own."""
    rig = KernelRig()
    rig.warm()
    rig.state.params[0]["min_signal"] = 2.0
    by_hand(rig, 1, 1, 3402, 10)
    assert rig.book(3400, 3402) == []
    assert rig.instrument()["target_lots"] == 0


def test_the_strategy_lets_go_of_what_belongs_to_nobody() -> None:
    rig = KernelRig()
    rig.warm()
    rig.state.params[0]["min_signal"] = 2.0
    rig.fill(1, 1, 3402, 10, order_id=FOREIGN)
    sent = rig.book(3400, 3402)
    assert [(one["kind"], one["side"], one["lots"]) for one in sent] == [(IntentKind.PLACE, -1, 10)]


def test_what_is_held_by_hand_takes_its_place_in_the_strategys_limit() -> None:
    """The venue allows 200 lots: with 195 by hand the strategy wants no more than 5."""
    rig = KernelRig(capital=10_000_000, max_order_lots=300, max_position_pct=80)
    rig.warm()
    by_hand(rig, 1, 1, 3402, 195)
    rig.push()
    assert rig.instrument()["target_lots"] == 5


@pytest.mark.parametrize("by_hand_lots", [-4, 7])
def test_a_flatten_leaves_no_part_behind(rig, by_hand_lots) -> None:
    """Where parts stand against each other only their sum is sent; the rest meets at its price."""
    by_strategy(rig, 1, 1, 3400, 10)
    by_hand(rig, 2, 1 if by_hand_lots > 0 else -1, 3402, abs(by_hand_lots))
    for order in rig.live_orders():
        rig.feed(events.order_report(0, int(order["order_id"]), OrderStatus.CANCELED))
    sent = rig.command(CommandKind.FLATTEN)
    closing = next(one for one in sent if one["kind"] == IntentKind.PLACE)
    assert (closing["side"], closing["lots"]) == (-1, 10 + by_hand_lots)
    rig.fill(3, -1, 3401, 10 + by_hand_lots, order_id=closing["order_id"], fee_nanos=1_000_001)
    lots = rig.instrument()["part_lots"]
    assert lots.tolist() == [0, 0, 0, 0]
    assert part(rig, STRATEGY)[2] == 10 * (3401 - 3400)
    assert part(rig, MANUAL)[2] == by_hand_lots * (3401 - 3402)
    assert int(rig.instrument()["part_fees_nanos"].sum()) == 1_000_001
    assert int(rig.instrument()["part_fills"].sum()) == 3
    assert rig.account["identity_break_nanos"] == 0
    rig.check_identity()


def test_flattening_one_instrument_settles_parts_that_add_up_to_nothing(rig) -> None:
    by_strategy(rig, 1, 1, 3400, 10)
    by_hand(rig, 2, -1, 3405, 10)
    assert rig.command(CommandKind.FLATTEN, instrument=0) == []
    assert rig.instrument()["part_lots"].tolist() == [0, 0, 0, 0]
    # The last books stand at 3401 to 3403.
    assert (part(rig, STRATEGY)[2], part(rig, MANUAL)[2]) == (20, 30)


def test_what_a_person_may_have_closed_elsewhere_is_theirs_first(rig) -> None:
    """The venue holds 12 of 10 + 6: four by hand are gone, and two are left."""
    by_strategy(rig, 1, 1, 3400, 10)
    by_hand(rig, 2, 1, 3404, 6)
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, 12))
    rig.venue(VenueState.SYNCED)
    assert rig.instrument()["part_lots"].tolist() == [10, 2, 0, 0]
    rig.fill(3, 1, 3400, 1, order_id=FOREIGN)
    assert rig.account["identity_break_nanos"] == 0


def test_a_correction_beyond_what_is_held_by_hand_belongs_to_nobody(rig) -> None:
    by_hand(rig, 1, 1, 3404, 6)
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, -5))
    rig.venue(VenueState.SYNCED)
    assert rig.instrument()["part_lots"].tolist() == [0, 0, 0, -5]
    rig.fill(3, 1, 3400, 1, order_id=FOREIGN)
    assert rig.account["identity_break_nanos"] == 0


def test_parts_are_carried_over_and_corrected_before_the_first_price(rig) -> None:
    """A restart: the books of the last run, and the venue's word before any book."""
    rig = KernelRig(connected=False)
    rig.feed(events.restored(instrument=0, lots=14, cost_nanos=14 * 3400 * NANOS))
    for origin, lots in ((STRATEGY, 10), (MANUAL, 4)):
        rig.feed(
            events.restored_part(
                0, origin, lots=lots, cost_nanos=lots * 3400 * NANOS,
                realized_nanos=0, fees_nanos=0,
            )
        )  # fmt: skip
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, 11))
    rig.venue(VenueState.SYNCED)
    assert rig.instrument()["part_lots"].tolist() == [10, 1, 0, 0]
    rig.book(3400, 3402)
    rig.fill(3, 1, 3400, 1, order_id=FOREIGN)
    assert rig.account["identity_break_nanos"] == 0
    assert part(rig, MANUAL)[1] == 4 * 3400 - 3 * 3401


def test_a_part_that_differs_is_found(rig) -> None:
    """The guard fails where it should: lots, money, fees and fills."""
    for field in ("part_lots", "part_cost_nanos", "part_realized_nanos", "part_fees_nanos",
                  "part_fills"):  # fmt: skip
        broken = KernelRig(min_signal=2.0)
        broken.book()
        broken.instrument()[field][MANUAL] += 1
        broken.fill(1, 1, 3400, 3)
        assert broken.account["identity_break_nanos"] != 0, field
