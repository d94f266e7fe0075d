"""Several venues: what is wrong with one concerns its own instruments, and no others."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    FlattenState,
    IntentKind,
    OrderStatus,
    Outcome,
    Readiness,
    Side,
    VenueState,
)
from tests.unit.kernel.kernel_rig import KernelRig

HERE, THERE = 0, 1
"""EISBACH is traded at the first venue, ETF at the second."""


def state(rig: KernelRig, venue: int, status: VenueState, **foreign: int):
    return rig.feed(events.venue_state(status, venue=venue, **foreign))


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig(etf_venue=THERE, connected=False)
    for venue in (HERE, THERE):
        state(rig, venue, VenueState.CONNECTED)
        state(rig, venue, VenueState.SYNCED)
    for index, bid in ((0, 3400), (1, 500)):
        rig.warm(index, bid)
    return rig


def resting(rig: KernelRig, index: int, bid: int):
    """An order of the strategy that the venue has taken."""
    (order,) = rig.push(index, bid, beats=1)
    rig.ack(order)
    return order


def test_a_venue_that_is_away_closes_its_own_instruments_only(rig) -> None:
    state(rig, THERE, VenueState.DOWN)
    assert rig.account["readiness"] == Readiness.READY
    assert rig.push(1, 500) == []
    assert rig.outcome(1) is Outcome.NOT_READY
    assert rig.account["denial_value"] == Readiness.DISCONNECTED
    assert rig.push(0) != []


def test_nothing_is_opened_where_a_venue_has_not_told_all_it_knows(rig) -> None:
    state(rig, HERE, VenueState.CONNECTED)
    assert rig.push(0) == []
    assert rig.outcome(0) is Outcome.NOT_READY
    assert rig.account["denial_value"] == Readiness.RECONCILING
    assert rig.push(1, 500) != []


def test_without_any_venue_the_engine_is_disconnected(rig) -> None:
    state(rig, HERE, VenueState.DOWN)
    state(rig, THERE, VenueState.CONNECTING)
    assert rig.account["readiness"] == Readiness.DISCONNECTED


def test_only_the_venue_that_reconciles_drops_orders_it_does_not_name(rig) -> None:
    here, there = resting(rig, 0, 3400), resting(rig, 1, 500)
    state(rig, HERE, VenueState.CONNECTED)
    state(rig, HERE, VenueState.SYNCED)
    assert [row["order_id"] for row in rig.live_orders()] == [there["order_id"]]
    assert here["order_id"] != there["order_id"]


def test_two_reconciliations_at_a_time_are_kept_apart(rig) -> None:
    here, there = resting(rig, 0, 3400), resting(rig, 1, 500)
    state(rig, HERE, VenueState.CONNECTED)
    rig.ack(here)
    state(rig, THERE, VenueState.CONNECTED)
    state(rig, HERE, VenueState.SYNCED)
    rig.ack(there)
    state(rig, THERE, VenueState.SYNCED)
    assert len(rig.live_orders()) == 2


def test_the_same_execution_id_at_two_venues_is_two_executions(rig) -> None:
    rig.fill(7, Side.BUY, 3401, 2, index=0)
    rig.fill(7, Side.SELL, 501, 5, index=1)
    rig.fill(7, Side.SELL, 501, 5, index=1)
    assert rig.instrument(0)["position_lots"] == 2
    assert rig.instrument(1)["position_lots"] == -5
    assert rig.account["duplicate_fills"] == 1
    rig.check_identity()


def test_each_venue_has_its_own_mark_of_what_is_booked(rig) -> None:
    rig.fill(90, Side.BUY, 3401, 1, index=0)
    state(rig, THERE, VenueState.CONNECTED)
    rig.fill(41, Side.BUY, 500, 1, index=1)
    assert rig.account["last_trade_ids"][:2].tolist() == [90, 0]
    state(rig, THERE, VenueState.SYNCED)
    assert rig.account["last_trade_ids"][:2].tolist() == [90, 41]


def test_a_restart_knows_the_executions_of_each_venue() -> None:
    rig = KernelRig(etf_venue=THERE, connected=False)
    rig.feed(events.restored_fill(90, is_last=True))
    rig.feed(events.restored_fill(41, venue=THERE, is_last=True))
    rig.feed(events.restored_fill(43, venue=THERE))
    for index, trade_id in ((0, 90), (1, 41), (1, 43)):
        rig.fill(trade_id, Side.BUY, 500, 3, index=index)
    assert rig.account["duplicate_fills"] == 3
    assert rig.account["last_trade_ids"][:2].tolist() == [90, 41]


def test_flat_is_said_once_every_venue_has_confirmed_it(rig) -> None:
    sent = rig.command(CommandKind.FLATTEN) + rig.timer()
    assert [intent["kind"] for intent in sent] == [IntentKind.RECONCILE]
    state(rig, HERE, VenueState.CONNECTED)
    state(rig, HERE, VenueState.SYNCED)
    assert rig.account["flatten_state"] == FlattenState.VERIFYING
    state(rig, THERE, VenueState.CONNECTED)
    state(rig, THERE, VenueState.SYNCED)
    assert rig.account["flatten_state"] == FlattenState.FLAT


def test_what_is_left_at_any_venue_is_not_flat(rig) -> None:
    rig.command(CommandKind.FLATTEN)
    rig.timer()
    for venue, left in ((HERE, 2), (THERE, 0)):
        state(rig, venue, VenueState.CONNECTED)
        state(rig, venue, VenueState.SYNCED, foreign_orders=left)
    assert rig.account["flatten_state"] == FlattenState.NOT_FLAT


def test_a_venue_that_is_away_is_not_asked_about_orders(rig) -> None:
    """The next connection tells; an unanswered one elsewhere is asked about."""
    # A stale book would have its order canceled before it is asked about.
    rig.state.params["stale_book_ms"] = 60_000
    rig.push(0, beats=1)
    rig.push(1, 500, beats=1)
    state(rig, THERE, VenueState.DOWN)
    sent = rig.timer(after_ms=5_100)
    assert [i["instrument"] for i in sent if i["kind"] == IntentKind.QUERY] == [0]
    statuses = {row["instrument"]: row["status"] for row in rig.live_orders()}
    assert statuses == {0: OrderStatus.UNKNOWN, 1: OrderStatus.PENDING_NEW}


@pytest.mark.parametrize("venue", [-1, 8])
def test_a_venue_that_no_row_has_changes_nothing(rig, venue) -> None:
    before = rig.account["venue_states"].tolist()
    state(rig, venue, VenueState.DOWN)
    assert rig.account["venue_states"].tolist() == before
