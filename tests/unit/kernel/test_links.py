"""Two orders of which one cancels the other."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import CommandKind, IntentKind, OrderOrigin, OrderStatus, Outcome, VenueState
from tests.unit.kernel.kernel_rig import KernelRig


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig(min_signal=2.0)
    rig.book()
    return rig


def place(rig: KernelRig, side: int, ticks: int) -> int:
    sent = rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=6)
    rig.ack(sent[0])
    return sent[0]["order_id"]


def linked(rig: KernelRig) -> tuple[int, int]:
    first, second = place(rig, 1, 3396), place(rig, -1, 3407)
    rig.command(CommandKind.LINK, order_id=first, key=second)
    assert rig.account["denial_code"] == 0
    return first, second


def canceled(intents: list[dict[str, int]]) -> list[int]:
    return [one["order_id"] for one in intents if one["kind"] == IntentKind.CANCEL]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("lots", [2, 6])
def test_a_trade_of_one_cancels_the_other(rig, which, lots) -> None:
    """The first lot is enough: both may not trade."""
    pair = linked(rig)
    side, ticks = ((1, 3396), (-1, 3407))[which]
    sent = rig.fill(1, side, ticks, lots, order_id=pair[which])
    assert canceled(sent) == [pair[1 - which]]
    assert canceled(rig.fill(2, side, ticks, 1, order_id=pair[which])) == []


@pytest.mark.parametrize("status", [OrderStatus.CANCELED, OrderStatus.EXPIRED])
def test_the_end_of_one_cancels_the_other(rig, status) -> None:
    first, second = linked(rig)
    assert canceled(rig.feed(events.order_report(0, second, status))) == [first]


def test_an_order_that_is_changed_stays_linked(rig) -> None:
    first, second = linked(rig)
    rig.command(CommandKind.AMEND, instrument=0, order_id=first, price_ticks=3395)
    assert (
        canceled(
            rig.feed(
                events.order_report(
                    0, first, OrderStatus.OPEN, price_ticks=3395, lots=6, leaves_lots=6
                )
            )
        )
        == []
    )
    assert canceled(rig.fill(1, 1, 3395, 1, order_id=first)) == [second]


def test_an_order_that_is_gone_after_a_reconnect_cancels_the_other(rig) -> None:
    first, second = linked(rig)
    rig.venue(VenueState.CONNECTED)
    rig.feed(
        events.order_report(
            0, second, OrderStatus.OPEN, side=-1, price_ticks=3407, lots=6, leaves_lots=6,
            flags=events.ACCOUNT_STATE,
        )
    )  # fmt: skip
    assert canceled(rig.venue(VenueState.SYNCED)) == [second]
    assert first not in {int(order["order_id"]) for order in rig.live_orders()}


def test_what_cannot_be_linked_is_refused(rig) -> None:
    """One order, none, one that is linked, and one of the strategy."""
    first, second = linked(rig)
    third = place(rig, 1, 3395)
    for one, other in ((third, third), (third, 99), (99, third), (third, first), (second, third)):
        rig.command(CommandKind.LINK, order_id=one, key=other)
        assert rig.account["denial_code"] == Outcome.NO_CHANGE
    fourth = place(rig, 1, 3394)
    rig.state.orders[fourth]["origin"] = OrderOrigin.STRATEGY
    rig.command(CommandKind.LINK, order_id=third, key=fourth)
    assert rig.account["denial_code"] == Outcome.NO_CHANGE
    assert rig.state.orders[third]["partner"] == 0


def test_a_row_that_is_used_again_is_linked_to_nothing(rig) -> None:
    first, second = linked(rig)
    rig.feed(events.order_report(0, first, OrderStatus.CANCELED))
    rig.feed(events.order_report(0, second, OrderStatus.CANCELED))
    for order in rig.state.orders:
        assert order["partner"] == 0
