"""The switch: halting is quick and sticks, flattening ends flat, limits cannot be argued with."""

from __future__ import annotations

import math

import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    FlattenState,
    IntentKind,
    OrderStatus,
    Outcome,
    Readiness,
    RejectReason,
    StateReason,
    TradingState,
    VenueState,
)
from core.domain.events import IOC
from core.domain.records import PARAMS
from tests.unit.kernel.kernel_rig import NANOS, KernelRig


@pytest.fixture
def rig() -> KernelRig:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    return rig


def manual(rig: KernelRig, lots: int, side: int = 1, ticks: int = 3401) -> list[dict[str, int]]:
    return rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=lots)


def test_halting_cancels_everything_at_once(rig) -> None:
    ours = rig.push()[0]
    rig.ack(ours)
    manual(rig, 3)
    sent = rig.command(CommandKind.HALT)
    assert {intent["kind"] for intent in sent} == {IntentKind.CANCEL}
    assert len(sent) == 2
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.OPERATOR


def test_halted_stays_halted_until_it_is_re_armed(rig) -> None:
    rig.command(CommandKind.HALT)
    rig.command(CommandKind.PAUSE)
    assert rig.push() == []
    assert rig.account["trading_state"] == TradingState.HALTED
    rig.command(CommandKind.RESUME)
    assert rig.push() != []


def test_halted_denies_a_manual_order_that_opens_and_allows_one_that_shrinks(rig) -> None:
    rig.fill(1, 1, 3401, 10)
    rig.command(CommandKind.HALT)
    assert manual(rig, 4, side=1) == []
    assert rig.account["denial_code"] == Outcome.STATE_HALTED
    assert [intent["lots"] for intent in manual(rig, 4, side=-1)] == [4]
    assert manual(rig, 7, side=-1) == []


def test_the_drawdown_limit_halts_and_is_measured_from_the_peak(rig) -> None:
    rig.fill(1, 1, 3401, 150)
    rig.book(5400, 5402)
    peak = int(rig.account["peak_equity_nanos"])
    assert peak == (1_000_000 + 150 * 2000) * NANOS
    # From 1.3 million down: a quarter is 325,000, or 2,167 ticks of 150 lots.
    rig.book(5401 - 2166, 5401 - 2166 + 2)
    assert rig.account["trading_state"] == TradingState.ACTIVE
    rig.book(5401 - 2170, 5401 - 2170 + 2)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.DRAWDOWN_HALT


def test_re_arming_after_a_drawdown_measures_anew(rig) -> None:
    rig.fill(1, 1, 3401, 150)
    rig.book(1400, 1402)
    assert rig.account["trading_state"] == TradingState.HALTED
    rig.command(CommandKind.RESUME)
    rig.book(1400, 1402)
    assert rig.account["trading_state"] == TradingState.ACTIVE
    assert rig.account["drawdown_pct"] == 0


def test_a_run_of_refusals_halts_as_runaway(rig) -> None:
    for _ in range(5):
        sent = manual(rig, 1)
        if sent:
            rig.feed(
                events.order_report(
                    0, sent[0]["order_id"], OrderStatus.REJECTED, reason=RejectReason.OTHER
                )
            )
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.RUNAWAY


def test_flattening_halts_first_and_ends_flat(rig) -> None:
    """An active strategy would open again what is being closed."""
    rig.fill(1, 1, 3401, 40)
    sent = rig.command(CommandKind.FLATTEN)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert [(i["side"], i["lots"], i["terms"]) for i in sent] == [(-1, 25, IOC)]
    rig.fill(2, -1, 3400, 25, order_id=sent[0]["order_id"])
    sent = rig.book(3400, 3402)
    assert [(i["side"], i["lots"]) for i in sent] == [(-1, 15)]
    rig.fill(3, -1, 3400, 15, order_id=sent[0]["order_id"])
    assert rig.account["flatten_state"] == FlattenState.WORKING
    assert [intent["kind"] for intent in rig.timer()] == [IntentKind.RECONCILE]
    assert rig.account["flatten_state"] == FlattenState.VERIFYING
    rig.venue(VenueState.CONNECTED)
    rig.venue(VenueState.SYNCED)
    assert rig.account["flatten_state"] == FlattenState.FLAT
    assert rig.instrument()["position_lots"] == 0


def test_flattening_one_instrument_leaves_the_state_alone(rig) -> None:
    rig.fill(1, -1, 3401, 6)
    sent = rig.command(CommandKind.FLATTEN, instrument=0)
    assert [(intent["side"], intent["lots"]) for intent in sent] == [(1, 6)]
    assert rig.account["trading_state"] == TradingState.ACTIVE


def test_flatten_stays_within_the_collar(rig) -> None:
    rig.fill(1, 1, 3401, 5)
    price = rig.command(CommandKind.FLATTEN)[0]["price_ticks"]
    assert 3401 * 0.95 <= price <= 3400


@pytest.mark.parametrize(
    ("lots", "ticks", "outcome"),
    [
        (26, 3401, Outcome.POSITION_LIMIT),  # larger than one order may be
        (1, 3800, Outcome.PRICE_COLLAR),
        (1, 0, Outcome.PRICE_COLLAR),
        (0, 3401, Outcome.MIN_SIZE),
        (-3, 3401, Outcome.MIN_SIZE),
    ],
)
def test_a_manual_order_meets_the_same_limits(rig, lots, ticks, outcome) -> None:
    assert manual(rig, lots, ticks=ticks) == []
    assert rig.account["denial_code"] == outcome
    assert rig.account["denied"] == 1


def test_the_position_limit_counts_what_already_works() -> None:
    """20 % of a million at 3401 is 58 lots: two orders of 25 pass, a third does not."""
    rig = KernelRig()
    rig.book(3400, 3402)
    assert len(manual(rig, 25)) == 1
    assert len(manual(rig, 25)) == 1
    assert manual(rig, 25) == []
    assert rig.account["denial_code"] == Outcome.POSITION_LIMIT
    assert len(manual(rig, 8)) == 1


def test_the_order_rate_is_limited_and_recovers() -> None:
    rig = KernelRig(max_orders_per_s=3)
    rig.book(3400, 3402)
    assert [len(manual(rig, 1)) for _ in range(5)] == [1, 1, 1, 0, 0]
    assert rig.account["denial_code"] == Outcome.ORDER_RATE
    rig.timer(after_ms=500)
    assert len(manual(rig, 1)) == 1


def test_silence_of_all_books_is_stale_and_takes_back_what_rests(rig) -> None:
    rig.ack(rig.push()[0])
    sent = []
    for _ in range(21):
        sent += rig.timer()
    assert rig.account["readiness"] == Readiness.STALE
    assert [intent["kind"] for intent in sent] == [IntentKind.CANCEL]
    assert rig.outcome() is Outcome.STALE_BOOK
    assert manual(rig, 1) == []


def test_one_silent_book_is_stale_while_the_others_trade() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm(0)
    rig.warm(1, bid=500)
    for _ in range(30):
        rig.book(500, 502, index=1, after_ms=250)
        rig.timer(after_ms=1)
    assert rig.account["readiness"] == Readiness.READY
    assert rig.outcome(0) is Outcome.STALE_BOOK
    assert manual(rig, 1) == []
    assert rig.account["denial_code"] == Outcome.STALE_BOOK


def test_a_number_that_is_not_one_halts() -> None:
    """Fail closed: whatever made it, a NaN that decides stops trading."""
    rig = KernelRig()
    rig.warm()
    rig.state.filters[0]["level"] = math.nan
    rig.push(beats=1)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.NUMERIC_FAILURE


def test_a_parameter_changes_between_two_events(rig) -> None:
    names = list(PARAMS.names or ())
    rig.command(CommandKind.SET_PARAMETER, key=names.index("min_signal"), value=0.9)
    assert rig.state.params[0]["min_signal"] == 0.9
    rig.push()
    assert rig.outcome() is Outcome.BELOW_THRESHOLD


@pytest.mark.parametrize(("key", "value"), [(-1, 1.0), (999, 1.0), (0, math.nan)])
def test_a_parameter_that_is_none_changes_nothing(rig, key, value) -> None:
    before = rig.state.params.tobytes()
    rig.command(CommandKind.SET_PARAMETER, key=key, value=value)
    assert rig.state.params.tobytes() == before


def test_stopping_cancels_and_blocks(rig) -> None:
    rig.ack(rig.push()[0])
    sent = rig.command(CommandKind.STOP)
    assert [intent["kind"] for intent in sent] == [IntentKind.CANCEL]
    rig.feed(events.order_report(0, sent[0]["order_id"], OrderStatus.CANCELED))
    assert rig.push() == []


def test_a_run_takes_over_the_last_ones_books() -> None:
    rig = KernelRig(connected=False)
    rig.feed(events.restored(trading_state=TradingState.HALTED, peak_nanos=1_200_000 * NANOS))
    rig.feed(
        events.restored(
            instrument=0, lots=-7, cost_nanos=-7 * 3410 * NANOS, realized_nanos=900 * NANOS,
            fees_nanos=30 * NANOS,
        )
    )  # fmt: skip
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["peak_equity_nanos"] == 1_200_000 * NANOS
    rig.venue(VenueState.CONNECTED)
    rig.venue(VenueState.SYNCED)
    rig.book(3400, 3402)
    assert rig.instrument()["unrealized_nanos"] == 7 * 9 * NANOS
    rig.check_identity()
    assert rig.push() == []


@pytest.mark.parametrize("instrument", [-2, 2, 99])
def test_an_event_for_no_instrument_of_ours_changes_nothing(instrument) -> None:
    rig = KernelRig()
    rig.book()
    before = rig.state.instruments.tobytes()
    rig.feed(events.book(instrument, [(5, 5)], [(6, 6)]))
    rig.feed(events.fill(instrument, 1, 1, 1, 5, 5))
    assert rig.state.instruments.tobytes() == before


def test_a_paused_target_between_the_position_and_zero_is_pursued() -> None:
    """Long 50 and wanting fewer: the rest is let go, and that is no refusal."""
    rig = KernelRig(take_signal=1.0, weight_momentum=0, weight_reversion=0)
    rig.warm()
    rig.fill(1, 1, 3401, 50)
    rig.command(CommandKind.PAUSE)
    sent = rig.push(beats=1)
    assert 0 < rig.instrument()["target_lots"] < 50
    assert [(i["side"], i["lots"]) for i in sent] == [
        (-1, min(25, 50 - int(rig.instrument()["target_lots"])))
    ]


def test_pausing_twice_keeps_the_time_of_the_first(rig) -> None:
    rig.command(CommandKind.PAUSE)
    since = int(rig.account["state_since_ns"])
    rig.command(CommandKind.PAUSE)
    assert rig.account["state_since_ns"] == since


def test_halting_what_is_halted_keeps_the_first_reason() -> None:
    rig = KernelRig()
    rig.warm()
    rig.command(CommandKind.HALT)
    rig.state.filters[0]["level"] = math.nan
    rig.push(beats=1)
    assert rig.account["state_reason"] == StateReason.OPERATOR


def test_re_arming_without_equity_keeps_the_peak_to_be_measured_from(rig) -> None:
    rig.account["capital_nanos"] -= 2 * 10**6 * NANOS
    rig.account["cash_nanos"] -= 2 * 10**6 * NANOS
    rig.fill(1, 1, 3401, 1)
    rig.timer(after_ms=1_000)
    peak = int(rig.account["peak_equity_nanos"])
    assert rig.account["equity_nanos"] < 0
    rig.command(CommandKind.RESUME)
    assert rig.account["peak_equity_nanos"] == peak
    head = int(rig.account["history_head"])
    assert rig.state.history[head - 1]["exposure_pct"] == 0.0
    assert rig.account["trading_state"] == TradingState.HALTED


def test_flattening_waits_for_its_own_order(rig) -> None:
    rig.fill(1, 1, 3401, 40)
    assert len(rig.command(CommandKind.FLATTEN)) == 1
    assert rig.book(3400, 3402) == []
    assert rig.timer() == []


def test_flattening_waits_for_the_venue(rig) -> None:
    """Nothing can be sent while it is away; it goes on when it is back."""
    rig.fill(1, 1, 3401, 40)
    rig.venue(VenueState.DOWN)
    rig.command(CommandKind.FLATTEN)
    assert rig.book(3400, 3402) == []
    assert rig.account["flatten_state"] == 1
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, 40))
    rig.venue(VenueState.SYNCED)
    assert [(i["side"], i["lots"]) for i in rig.book(3400, 3402)] == [(-1, 25)]


def test_nothing_is_placed_by_hand_before_the_venue_is_ready() -> None:
    rig = KernelRig(connected=False)
    rig.book(3400, 3402)
    assert manual(rig, 1) == []
    assert rig.account["denial_code"] == Outcome.NOT_READY


def test_canceling_what_is_not_there_and_commands_unheard_of_do_nothing(rig) -> None:
    assert rig.command(CommandKind.CANCEL, order_id=99) == []
    assert rig.command(77) == []


def test_an_event_of_a_kind_unheard_of_is_counted_and_changes_nothing_else(rig) -> None:
    row = events.timer()
    row[24] = 99
    before = rig.state.instruments.tobytes(), rig.state.orders.tobytes()
    count = int(rig.account["events"])
    assert rig.feed(row) == []
    assert (rig.state.instruments.tobytes(), rig.state.orders.tobytes()) == before
    assert rig.account["events"] == count + 1


def test_a_lost_lease_takes_the_place_of_an_earlier_reason(rig) -> None:
    """Re-arming the halt before it would not be enough any more."""
    rig.command(CommandKind.HALT)
    rig.command(CommandKind.HALT, key=StateReason.LEASE_LOST)
    assert rig.account["state_reason"] == StateReason.LEASE_LOST
    assert rig.account["state_since_ns"] == rig.ts_ns
    rig.command(CommandKind.HALT)
    assert rig.account["state_reason"] == StateReason.LEASE_LOST
