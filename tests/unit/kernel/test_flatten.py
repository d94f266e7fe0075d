"""FLAT is the venue's word, never a belief."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import CommandKind, FlattenState, IntentKind, TradingState, VenueState
from tests.unit.kernel.kernel_rig import KernelRig


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig(min_signal=2.0)
    rig.book()
    return rig


def state(rig: KernelRig) -> FlattenState:
    return FlattenState(int(rig.account["flatten_state"]))


def answer(rig: KernelRig, *rows: bytearray, orders: int = 0, positions: int = 0) -> None:
    """The venue tells everything again."""
    rig.venue(VenueState.CONNECTED)
    for row in rows:
        rig.feed(row)
    rig.feed(
        events.venue_state(VenueState.SYNCED, foreign_orders=orders, foreign_positions=positions)
    )


def close_all(rig: KernelRig, lots: int) -> None:
    """Ask for a flatten of a long position, and have its one order filled."""
    rig.fill(1, 1, 3401, lots)
    (sent,) = rig.command(CommandKind.FLATTEN)
    rig.fill(2, -1, 3400, lots, order_id=sent["order_id"])


def test_with_nothing_left_here_the_venue_is_asked_once(rig) -> None:
    close_all(rig, 7)
    assert [i["kind"] for i in rig.timer()] == [IntentKind.RECONCILE]
    assert state(rig) is FlattenState.VERIFYING
    assert rig.timer() == []
    assert rig.book() == []


def test_flat_is_said_when_the_venue_shows_nothing(rig) -> None:
    close_all(rig, 7)
    rig.timer()
    answer(rig, events.position_report(0, 0), events.position_report(1, 0))
    assert state(rig) is FlattenState.FLAT
    assert rig.account["trading_state"] == TradingState.HALTED


def test_a_reconciliation_nobody_asked_for_says_nothing(rig) -> None:
    """It may have been on its way before the last position was closed."""
    rig.fill(1, 1, 3401, 7)
    rig.command(CommandKind.FLATTEN)
    answer(rig, events.position_report(0, 7))
    assert state(rig) is FlattenState.WORKING


def test_what_the_venue_still_shows_is_closed_and_asked_about_again(rig) -> None:
    close_all(rig, 7)
    rig.timer()
    answer(rig, events.position_report(0, 3))
    assert state(rig) is FlattenState.WORKING
    (sent,) = rig.book()
    assert (sent["side"], sent["lots"]) == (-1, 3)
    rig.fill(3, -1, 3400, 3, order_id=sent["order_id"])
    assert [i["kind"] for i in rig.timer()] == [IntentKind.RECONCILE]
    answer(rig)
    assert state(rig) is FlattenState.FLAT


@pytest.mark.parametrize(("orders", "positions"), [(1, 0), (0, 2)])
def test_what_is_left_in_other_products_is_not_flat(rig, orders, positions) -> None:
    close_all(rig, 7)
    rig.timer()
    answer(rig, orders=orders, positions=positions)
    assert state(rig) is FlattenState.NOT_FLAT
    elsewhere = rig.account["foreign_orders"][0], rig.account["foreign_positions"][0]
    assert elsewhere == (orders, positions)
    assert rig.timer() == []


def test_after_its_time_it_says_so_and_goes_on_trying(rig) -> None:
    rig.fill(1, 1, 3401, 7)
    (first,) = rig.command(CommandKind.FLATTEN)
    for _ in range(41):
        rig.book(after_ms=1)
        rig.timer(after_ms=249)
    assert state(rig) is FlattenState.NOT_FLAT
    rig.feed(events.order_report(0, first["order_id"], 9))
    (again,) = rig.book()
    assert (again["side"], again["lots"]) == (-1, 7)
    rig.fill(2, -1, 3400, 7, order_id=again["order_id"])
    rig.timer()
    assert state(rig) is FlattenState.NOT_FLAT
    answer(rig)
    assert state(rig) is FlattenState.FLAT


def test_a_late_fill_makes_flat_not_flat(rig) -> None:
    close_all(rig, 7)
    rig.timer()
    answer(rig)
    rig.fill(9, 1, 3400, 2)
    rig.timer()
    assert state(rig) is FlattenState.NOT_FLAT


def test_re_arming_ends_it(rig) -> None:
    close_all(rig, 7)
    rig.timer()
    answer(rig)
    rig.command(CommandKind.RESUME)
    assert state(rig) is FlattenState.NONE


@pytest.mark.parametrize(
    ("left", "found"),
    [
        (FlattenState.WORKING, FlattenState.NOT_FLAT),
        (FlattenState.VERIFYING, FlattenState.NOT_FLAT),
        (FlattenState.NOT_FLAT, FlattenState.NOT_FLAT),
        (FlattenState.FLAT, FlattenState.NONE),
        (FlattenState.NONE, FlattenState.NONE),
    ],
)
def test_a_flatten_that_a_crash_cut_short_is_not_flat_until_shown(left, found) -> None:
    rig = KernelRig(connected=False)
    rig.feed(events.restored(trading_state=TradingState.HALTED, flatten_state=left))
    assert state(rig) is found
