"""Every look at a market ends in an outcome: a trade, or the reason why not."""

from __future__ import annotations

import pytest

from core.domain import events
from core.domain.enums import (
    Channel,
    CommandKind,
    IntentKind,
    OrderStatus,
    Outcome,
    Regime,
    Signal,
    SignalFault,
    VenueState,
)
from core.domain.events import IOC, POST_ONLY
from tests.unit.kernel.kernel_rig import NANOS, KernelRig, regime_event


def test_a_leaning_book_is_bought_by_posting() -> None:
    """Bids six times as thick: post at the best bid, inside every limit."""
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    sent = rig.push()
    first = sent[0]
    assert first["kind"] == IntentKind.PLACE
    assert (first["side"], first["price_ticks"], first["terms"]) == (1, 3400, POST_ONLY)
    assert 0 < first["lots"] <= 25
    assert rig.instrument()["outcomes"][Outcome.TRADE] >= 1


def test_a_strong_signal_takes_when_the_move_pays_for_the_spread() -> None:
    rig = KernelRig(take_signal=0.2, min_signal=2.0, weight_reversion=0)
    for beat in range(24):
        rig.book(3400 + 6 * (beat % 2), 3401 + 6 * (beat % 2), 10, 10)
    rig.state.params[0]["min_signal"] = 0.15
    sent = rig.book(3400, 3401, 60, 2)
    assert [(intent["side"], intent["price_ticks"], intent["terms"]) for intent in sent] == [
        (1, 3401, IOC)
    ]
    assert sent[0]["lots"] <= 2


def test_a_still_market_is_not_taken_because_nothing_pays_for_the_spread() -> None:
    rig = KernelRig(take_signal=0.2)
    for _ in range(24):
        rig.book(3400, 3402, 10, 10)
    sent = rig.push()
    assert all(intent["terms"] == POST_ONLY for intent in sent)


def test_windows_fill_before_anything_is_decided() -> None:
    rig = KernelRig()
    for _ in range(20):
        assert rig.book(3400, 3402, 60, 2) == []
        assert rig.outcome() is Outcome.WARMING_UP


def test_nothing_is_opened_before_the_venue_has_told_all_it_knows() -> None:
    rig = KernelRig(connected=False)
    rig.warm()
    assert rig.push() == []
    assert rig.outcome() is Outcome.NOT_READY


@pytest.mark.parametrize(
    ("bid", "ask", "bid_lots", "outcome"),
    [
        (3402, 3400, 10, Outcome.CROSSED_BOOK),
        (3400, 3402, 0, Outcome.ONE_SIDED_BOOK),
        (-1, 3402, 10, Outcome.INVALID_BOOK),
    ],
)
def test_a_book_that_cannot_be_trusted_is_not_traded(bid, ask, bid_lots, outcome) -> None:
    rig = KernelRig()
    rig.warm()
    bids = [(bid, bid_lots)] if bid_lots else []
    rig.feed(events.book(0, bids, [(ask, 4)]))
    assert rig.intents == []
    assert rig.outcome() is outcome


def test_what_rests_is_taken_back_when_the_book_breaks() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    rig.ack(rig.push()[0])
    sent = rig.feed(events.book(0, [], [(3402, 4)]))
    assert [intent["kind"] for intent in sent] == [IntentKind.CANCEL]


@pytest.mark.parametrize(
    ("param", "value", "outcome"),
    [
        ("min_signal", 0.99, Outcome.BELOW_THRESHOLD),
        ("min_confidence", 1.0, Outcome.LOW_CONFIDENCE),
        ("min_regime_probability", 1.0, Outcome.UNCERTAIN_REGIME),
        ("max_exposure_pct", 0.01, Outcome.EXPOSURE_LIMIT),
    ],
)
def test_each_threshold_blocks_with_its_own_code(param, value, outcome) -> None:
    """The code carries what was measured and the limit it missed."""
    rig = KernelRig(**{param: value})
    rig.warm()
    assert rig.push() == []
    assert rig.outcome() is outcome
    if outcome is not Outcome.EXPOSURE_LIMIT:
        assert rig.instrument()["outcome_limit"] == value
        assert rig.instrument()["outcome_value"] < value


def test_one_order_at_a_time_until_the_venue_has_answered() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    assert len(rig.push(beats=6)) == 1
    assert rig.outcome() is Outcome.ORDER_PENDING


def test_a_working_order_follows_the_market() -> None:
    rig = KernelRig(take_signal=1.0, weight_reversion=0, weight_momentum=0)
    rig.warm()
    rig.ack(rig.push()[0])
    sent = rig.book(3404, 3406, 60, 2)
    assert [(intent["kind"], intent["price_ticks"]) for intent in sent] == [
        (IntentKind.REPLACE, 3404)
    ]


@pytest.mark.parametrize(("limit_pct", "lots"), [(5.0, []), (6.2, [18])])
def test_a_working_order_does_not_grow_past_the_largest_worth_in_steps(limit_pct, lots) -> None:
    """10 lots are 3.4 % of a million, 8 more are 2.7 %: each is within 5 %, both are not."""
    rig = KernelRig(
        take_signal=1.0, weight_reversion=0, weight_momentum=0,
        max_order_lots=10, max_order_value_pct=limit_pct,
    )  # fmt: skip
    rig.warm()
    (placed,) = rig.push()
    assert placed["lots"] == 10
    rig.ack(placed)
    rig.state.params[0]["max_order_lots"] = 18
    assert [intent["lots"] for intent in rig.book(3404, 3406, 60, 2)] == lots
    if not lots:
        assert rig.outcome() is Outcome.ORDER_VALUE
        assert float(rig.instrument()["outcome_value"]) == pytest.approx(18 * 0.3405)


def test_cooldown_spaces_orders_out() -> None:
    rig = KernelRig(take_signal=1.0, cooldown_ms=400, weight_reversion=0, weight_momentum=0)
    rig.warm()
    rig.ack(rig.push()[0])
    assert rig.book(3404, 3406, 60, 2, after_ms=100) == []
    assert rig.outcome() is Outcome.COOLDOWN
    assert len(rig.book(3404, 3406, 60, 2, after_ms=400)) == 1


def test_a_position_is_let_go_when_its_signal_is_gone() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    rig.fill(1, 1, 3401, 10)
    sent = []
    for _ in range(12):
        sent += rig.book(3400, 3402, 10, 10)
    assert (sent[0]["side"], sent[0]["price_ticks"]) == (-1, 3402)
    assert sent[0]["lots"] == 10


def test_pausing_lets_a_position_shrink_and_never_grow() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    rig.command(CommandKind.PAUSE)
    assert rig.push() == []
    assert rig.outcome() is Outcome.STATE_REDUCING
    rig.fill(1, -1, 3401, 10)
    sent = rig.push()
    assert (sent[0]["side"], sent[0]["lots"]) == (1, 10)


def test_from_the_reduce_limit_on_every_target_is_halved() -> None:
    """Same book, same signals: half the lots from 15 % drawdown on."""
    full, halved = (KernelRig(take_signal=1.0, max_order_lots=500) for _ in range(2))
    for rig in (full, halved):
        rig.warm()
    halved.account["drawdown_pct"] = 16.0
    halved.account["peak_equity_nanos"] = int(halved.account["equity_nanos"]) * 100 // 84
    lots = full.push()[0]["lots"]
    assert halved.push()[0]["lots"] == pytest.approx(lots / 2, abs=1)


def test_high_volatility_makes_targets_smaller() -> None:
    """Halved, where everything else is the same."""
    lots = []
    for regime in (Regime.TRENDING, Regime.HIGH_VOLATILITY):
        rig = KernelRig(
            take_signal=1.0, max_order_lots=500, weight_momentum=0, weight_reversion=0
        )  # fmt: skip
        rig.feed(regime_event(0, regime, 0.8))
        rig.warm()
        lots.append(rig.push()[0]["lots"])
    assert lots[1] == lots[0] // 2 > 5


def test_every_evaluation_is_counted_exactly_once() -> None:
    rig = KernelRig()
    rig.warm()
    rig.push()
    rig.book(3402, 3400)
    outcomes = int(rig.account["outcomes"].sum())
    assert outcomes == int(rig.account["evaluations"]) == 24 + 6 + 1


def test_a_rejected_order_frees_its_lots_and_its_slot() -> None:
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    intent = rig.push()[0]
    rig.feed(events.order_report(0, intent["order_id"], OrderStatus.REJECTED))
    assert rig.instrument()["working_buy_lots"] == 0
    assert rig.instrument()["working_order"] == 0


def test_a_lost_connection_blocks_new_risk() -> None:
    rig = KernelRig()
    rig.warm()
    rig.venue(VenueState.DOWN)
    assert rig.push() == []
    assert rig.outcome() is Outcome.NOT_READY


def test_instruments_are_decided_on_apart() -> None:
    """A signal in one instrument trades that one only."""
    rig = KernelRig(take_signal=1.0)
    rig.warm(0)
    rig.warm(1, bid=500)
    sent = rig.push(1, bid=500)
    assert {intent["instrument"] for intent in sent} == {1}
    assert rig.instrument(0)["target_lots"] == 0


def test_no_equity_no_position() -> None:
    rig = KernelRig()
    rig.warm()
    rig.fill(1, 1, 3401, 300)
    rig.account["capital_nanos"] -= 999_999 * NANOS
    rig.account["cash_nanos"] -= 999_999 * NANOS
    rig.book(3300, 3302)
    assert rig.account["trading_state"] == 2


FAIR = {Signal.FAIR_VALUE: 1.0, Signal.OBI: 0.5}
"""A slow signal that decides, and a quick one that knows the next moment."""


def fair_rig(fair: float, **params: float) -> KernelRig:
    """3400 / 3402, a mid that moves a tick a bar, and somebody who knows better."""
    rig = KernelRig(edges=FAIR, min_confidence=0.0, **params)
    rig.warm()
    rig.observe(Channel.FAIR_VALUE, fair, index=0)
    return rig


@pytest.mark.parametrize(
    ("fair", "bid_lots", "ask_lots", "side"), [(3411.0, 2, 60, 1), (3391.0, 60, 2, -1)]
)
def test_a_better_price_is_waited_for_while_the_book_leans_against_a_take(
    fair, bid_lots, ask_lots, side
) -> None:
    """The book leans away: the same order will be cheaper in a moment, and then it goes."""
    rig = fair_rig(fair, take_signal=0.6)
    assert rig.book(3400, 3402, bid_lots, ask_lots) == []
    assert rig.outcome() is Outcome.BETTER_PRICE_DUE
    timing = float(rig.instrument()["timing_ticks"])
    assert timing * side < 0.0
    assert rig.instrument()["outcome_value"] == timing
    sent = rig.book(3400, 3402, ask_lots, bid_lots)
    assert [(intent["side"], intent["terms"]) for intent in sent] == [(side, IOC)]


def test_what_rests_is_taken_back_while_a_better_price_is_waited_for() -> None:
    """A bid in front of a falling book would be filled just before it gets cheaper."""
    rig = fair_rig(3411.0, take_signal=1.0)
    rig.ack(rig.book(3400, 3402, 10, 10)[0])
    rig.state.params[0]["take_signal"] = 0.6
    sent = rig.book(3400, 3402, 2, 60)
    assert [intent["kind"] for intent in sent] == [IntentKind.CANCEL]


def test_a_resting_order_gives_way_when_taking_pays() -> None:
    """One order at a time: the cancel first, the take with the next book."""
    rig = fair_rig(3411.0, take_signal=1.0)
    order = rig.book(3400, 3402, 10, 10)[0]
    rig.ack(order)
    rig.state.params[0]["take_signal"] = 0.6
    assert [i["kind"] for i in rig.book(3400, 3402, 60, 2)] == [IntentKind.CANCEL]
    rig.feed(events.order_report(0, order["order_id"], OrderStatus.CANCELED))
    assert [(i["terms"], i["price_ticks"]) for i in rig.book(3400, 3402, 60, 2)] == [(IOC, 3402)]


def test_a_resting_order_on_the_wrong_side_is_taken_back() -> None:
    rig = fair_rig(3411.0, take_signal=1.0)
    rig.ack(rig.book(3400, 3402, 10, 10)[0])
    rig.observe(Channel.FAIR_VALUE, 3391.0, index=0)
    assert [i["kind"] for i in rig.book(3400, 3402, 10, 10)] == [IntentKind.CANCEL]


def test_posting_has_to_expect_more_than_passive_fills_have_cost() -> None:
    """Half a spread at first: 0.9 ticks expected are not enough, 1.1 are."""
    rig = fair_rig(3401.9, take_signal=1.0, weight_obi=0)
    assert rig.book(3400, 3402) == []
    assert rig.outcome() is Outcome.EDGE_BELOW_COST
    assert rig.instrument()["outcome_value"] == pytest.approx(0.9)
    assert rig.instrument()["outcome_limit"] == pytest.approx(1.0)
    rig.observe(Channel.FAIR_VALUE, 3402.1, index=0)
    assert [intent["terms"] for intent in rig.book(3400, 3402)] == [POST_ONLY]


def test_letting_go_of_a_position_needs_no_edge() -> None:
    rig = fair_rig(3401.1, take_signal=1.0, weight_obi=0)
    rig.fill(1, -1, 3401, 10)
    sent = rig.book(3400, 3402)
    assert [(intent["side"], intent["terms"]) for intent in sent] == [(1, POST_ONLY)]


def test_taking_needs_more_than_it_costs_and_not_just_a_strong_signal() -> None:
    """At a half the move just pays; a threshold below that does not make it."""
    rig = fair_rig(3402.05, take_signal=0.2, weight_obi=0)
    assert [intent["terms"] for intent in rig.book(3400, 3402)] == [POST_ONLY]


def test_no_more_is_taken_than_stands_there() -> None:
    rig = fair_rig(3411.0, weight_obi=0)
    assert [intent["lots"] for intent in rig.book(3400, 3402, 9, 4)] == [4]
    rig = fair_rig(3391.0, weight_obi=0)
    assert [intent["lots"] for intent in rig.book(3400, 3402, 3, 9)] == [3]


def test_a_target_that_rounds_to_nothing_says_so() -> None:
    rig = fair_rig(3411.0, max_position_pct=0.4)
    assert rig.book(3400, 3402) == []
    assert rig.outcome() is Outcome.MIN_SIZE


def test_a_halved_target_that_is_reached_names_the_drawdown() -> None:
    rig = fair_rig(3411.0, take_signal=1.0, min_change_pct=40)
    rig.account["peak_equity_nanos"] = int(rig.account["equity_nanos"]) * 100 // 84
    rig.account["drawdown_pct"] = 16.0
    assert rig.book(3400, 3402) == []
    assert rig.outcome() is Outcome.DRAWDOWN_REDUCE
    assert rig.instrument()["outcome_limit"] == 15.0


def test_a_target_that_is_reached_is_no_change() -> None:
    rig = fair_rig(3411.0, take_signal=1.0, min_change_pct=100)
    assert rig.book(3400, 3402) == []
    assert rig.outcome() is Outcome.NO_CHANGE


def test_an_order_that_rests_where_it_should_is_left_alone() -> None:
    rig = fair_rig(3411.0, take_signal=1.0, weight_obi=0)
    rig.ack(rig.book(3400, 3402, 10, 10)[0])
    assert rig.book(3400, 3402, 10, 10) == []
    assert rig.outcome() is Outcome.NO_CHANGE


def test_a_reached_target_takes_back_what_still_rests() -> None:
    rig = fair_rig(3411.0, take_signal=1.0, weight_obi=0)
    rig.ack(rig.book(3400, 3402, 10, 10)[0])
    rig.state.params[0]["min_change_pct"] = 100
    assert [i["kind"] for i in rig.book(3400, 3402, 10, 10)] == [IntentKind.CANCEL]


def test_a_full_order_table_is_an_outcome() -> None:
    rig = fair_rig(3411.0, weight_obi=0)
    rig.state.orders["status"] = OrderStatus.OPEN
    assert rig.book(3400, 3402) == []
    assert rig.outcome() is Outcome.ORDER_TABLE_FULL


def test_a_larger_order_passes_the_gate_for_what_is_added() -> None:
    """The move of a resting order is refused like a new one; what rests stays."""
    rig = fair_rig(3411.0, take_signal=1.0, weight_obi=0, max_orders_per_s=1)
    rig.ack(rig.book(3400, 3402, 10, 10)[0])
    assert rig.book(3404, 3406, 10, 10) == []
    assert rig.outcome() is Outcome.ORDER_RATE
    assert len(rig.live_orders()) == 1


def test_a_quarantined_signal_is_told_once() -> None:
    """And is no reason to stop deciding on the others."""
    rig = KernelRig(take_signal=1.0)
    rig.warm()
    rig.instrument()["mine_code"] = SignalFault.NOT_FINITE
    assert rig.push(beats=1) == []
    assert rig.outcome() is Outcome.BAD_SIGNAL
    assert rig.instrument()["outcome_value"] == SignalFault.NOT_FINITE
    assert rig.push(beats=1) != []


def test_the_last_example_of_each_outcome_stays_with_its_numbers_and_its_time() -> None:
    """A later outcome of another code does not take it away; a newer one of its code does."""
    rig = KernelRig()
    rig.book(3400, 3402, 60, 2, after_ms=10)
    examples = rig.state.examples
    first = (examples[0]["value"][Outcome.WARMING_UP], examples[0]["ts_ns"][Outcome.WARMING_UP])
    rig.warm()
    assert examples[0]["value"][Outcome.WARMING_UP] > first[0]
    assert examples[0]["ts_ns"][Outcome.WARMING_UP] > first[1]
    kept = examples[0]["ts_ns"][Outcome.WARMING_UP]
    rig.book(3400, 3399)
    crossed_ns = rig.ts_ns
    rig.timer(after_ms=6000)
    row = examples[0]
    assert row["ts_ns"][Outcome.WARMING_UP] == kept
    assert row["ts_ns"][Outcome.CROSSED_BOOK] == crossed_ns
    assert (row["value"][Outcome.CROSSED_BOOK], row["limit"][Outcome.CROSSED_BOOK]) == (3400, 3399)
    assert row["ts_ns"][Outcome.STALE_BOOK] == rig.ts_ns
    assert row["value"][Outcome.STALE_BOOK] == 6000
    assert row["limit"][Outcome.STALE_BOOK] == 5000
    assert [bool(row["ts_ns"][code]) for code in Outcome] == [
        bool(rig.instrument()["outcomes"][code]) for code in Outcome
    ]
    assert not examples[1]["ts_ns"].any()
