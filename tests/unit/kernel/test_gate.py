"""Limits: what is not known to be within them does not pass."""

from __future__ import annotations

import math

import pytest

from core.domain import events
from core.domain.enums import (
    CommandKind,
    IntentKind,
    OrderStatus,
    Outcome,
    StateReason,
    TradingState,
    VenueState,
)
from tests.unit.kernel.kernel_rig import NANOS, KernelRig


def manual(rig: KernelRig, lots: int, side: int = 1, ticks: int = 3401) -> list[dict[str, int]]:
    return rig.command(CommandKind.PLACE, instrument=0, side=side, price_ticks=ticks, lots=lots)


def denial(rig: KernelRig) -> Outcome:
    return Outcome(int(rig.account["denial_code"]))


def test_a_single_order_has_a_largest_worth() -> None:
    """1 % of a million at 3401 is 2.9 lots."""
    rig = KernelRig(max_order_value_pct=1.0)
    rig.book()
    assert manual(rig, 3) == []
    assert denial(rig) is Outcome.ORDER_VALUE
    assert float(rig.account["denial_value"]) == pytest.approx(1.0203)
    assert len(manual(rig, 2)) == 1


def test_a_reduction_is_free_of_the_largest_worth() -> None:
    rig = KernelRig(max_order_value_pct=1.0)
    rig.book()
    rig.fill(1, 1, 3401, 20)
    assert [i["lots"] for i in manual(rig, 20, side=-1)] == [20]


@pytest.mark.parametrize(
    "limit",
    [
        "max_order_lots", "max_order_value_pct", "max_exposure_pct", "price_collar_pct",
        "stale_book_ms", "max_orders_per_s", "max_requests_per_s", "max_clock_skew_ms",
    ],
)  # fmt: skip
def test_a_limit_that_is_no_number_lets_nothing_pass(limit) -> None:
    """Fail closed: nothing is smaller than NaN, and so nothing is within it."""
    rig = KernelRig(max_clock_skew_ms=1000)
    rig.feed(events.book(0, [(3400, 9)], [(3402, 9)], exch_ts_ns=rig.ts_ns))
    assert len(manual(rig, 1, ticks=3405)) == 1
    rig.state.params[0][limit] = math.nan
    assert manual(rig, 9, ticks=3405) == []


def test_a_drawdown_that_is_no_number_halts() -> None:
    rig = KernelRig()
    rig.book()
    rig.state.params[0]["drawdown_halt_pct"] = math.nan
    rig.timer()
    assert rig.account["trading_state"] == TradingState.HALTED


@pytest.mark.parametrize("behind_ms", [-1500, 1500])
def test_a_venue_whose_clock_is_elsewhere_gets_no_new_risk(behind_ms) -> None:
    rig = KernelRig(max_clock_skew_ms=1000)
    rig.fill(1, 1, 3401, 5)
    exch_ts_ns = rig.ts_ns + 10_000_000 - behind_ms * 1_000_000
    rig.feed(events.book(0, [(3400, 9)], [(3402, 9)], exch_ts_ns=exch_ts_ns))
    assert manual(rig, 1) == []
    assert denial(rig) is Outcome.CLOCK_SKEW
    assert rig.account["denial_value"] == behind_ms
    assert len(manual(rig, 2, side=-1)) == 1


def test_a_venue_that_does_not_tell_the_time_is_believed() -> None:
    rig = KernelRig(max_clock_skew_ms=1000)
    rig.book()
    assert len(manual(rig, 1)) == 1


def test_a_skewed_clock_takes_back_what_the_strategy_has_resting() -> None:
    rig = KernelRig(take_signal=1.0, max_clock_skew_ms=1000)
    rig.warm()
    rig.ack(rig.push()[0])
    late = events.book(0, [(3400, 70)], [(3402, 2)], exch_ts_ns=rig.ts_ns - 3 * NANOS)
    assert [i["kind"] for i in rig.feed(late)] == [IntentKind.CANCEL]


def lean(rig: KernelRig, index: int, size: int) -> list[dict[str, int]]:
    """One book that leans to the bid by its size."""
    return rig.book(3400 if index == 0 else 500, 3402 if index == 0 else 502, size, 2, index, 1)


def two_markets(**params: float) -> KernelRig:
    rig = KernelRig(take_signal=1.0, **params)
    rig.warm(0)
    rig.warm(1, bid=500)
    return rig


def spend(rig: KernelRig) -> None:
    """Our own rate limit has just been reached, the venue's has not."""
    rig.account["order_tokens"], rig.account["request_tokens"] = 0.0, 1000.0
    rig.account["tokens_ts_ns"] = rig.ts_ns


def test_when_orders_run_short_the_one_worth_most_goes_first() -> None:
    """1_Eisbach is worth more: 7_ETF, asked first, has to wait until it has had its turn."""
    rig = two_markets(max_orders_per_s=2)
    spend(rig)
    assert lean(rig, 0, 60) == []
    assert lean(rig, 1, 60) == []
    assert rig.outcome(0) is rig.outcome(1) is Outcome.ORDER_RATE
    rich, poor = (int(rig.instrument(index)["wish_nanos"]) for index in (0, 1))
    assert rich > poor > 0
    rig.timer(after_ms=550)
    assert lean(rig, 1, 60) == []
    assert [i["instrument"] for i in lean(rig, 0, 60)] == [0]
    assert rig.instrument(0)["wish_nanos"] == 0


def test_a_wish_that_is_gone_holds_nobody_back() -> None:
    rig = two_markets(max_orders_per_s=2)
    spend(rig)
    lean(rig, 0, 60)
    rig.book(3400, 3402, 10, 10, 0, 1)
    assert rig.instrument(0)["wish_nanos"] == 0
    rig.timer(after_ms=550)
    assert [i["instrument"] for i in lean(rig, 1, 60)] == [1]


def test_a_fifth_of_the_venues_budget_is_kept_for_cancels() -> None:
    rig = KernelRig(max_requests_per_s=10)
    rig.book()
    sent = [manual(rig, 1)[0] for _ in range(8)]
    assert manual(rig, 1) == []
    assert denial(rig) is Outcome.REQUEST_BUDGET
    assert len(rig.command(CommandKind.CANCEL_ALL)) == len(sent)


def test_the_smallest_budget_still_lets_an_order_pass() -> None:
    rig = KernelRig(max_requests_per_s=1)
    rig.book()
    assert len(manual(rig, 1)) == 1
    assert manual(rig, 1) == []


def repeat(rig: KernelRig, times: int) -> list[dict[str, int]]:
    """The strategy posts, and the venue cancels it, again and again."""
    sent = []
    for _ in range(times):
        for intent in lean(rig, 0, 60):
            sent.append(intent)
            if intent["kind"] == IntentKind.PLACE:
                rig.feed(events.order_report(0, intent["order_id"], OrderStatus.CANCELED))
    return sent


def test_the_same_order_again_and_again_halts_before_it_is_sent_once_more() -> None:
    rig = KernelRig(take_signal=1.0, max_repeated_orders=4, weight_momentum=0, weight_ofi=0)
    rig.warm()
    repeat(rig, 40)
    rig.timer()
    before = int(rig.account["orders"])
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.RUNAWAY
    assert rig.instrument()["repeated_orders"] == 4
    assert rig.instrument()["outcomes"][Outcome.RUNAWAY] == 1
    repeat(rig, 3)
    assert rig.account["orders"] == before


def test_a_fill_makes_the_row_start_anew() -> None:
    rig = KernelRig(take_signal=1.0, max_repeated_orders=4, weight_momentum=0, weight_ofi=0)
    rig.warm()
    for trade_id in range(1, 9):
        repeat(rig, 3)
        rig.fill(trade_id, -1 if trade_id % 2 else 1, 3401, 1)
    assert rig.account["trading_state"] == TradingState.ACTIVE


def churn(rig: KernelRig, fills: int, loss_ticks: int = 1) -> None:
    for number in range(fills):
        side = 1 if number % 2 == 0 else -1
        rig.fill(number + 1, side, 3401 + side * loss_ticks, 3)


def test_fills_to_and_fro_at_a_loss_halt() -> None:
    rig = KernelRig(max_idle_fills=20)
    rig.book()
    churn(rig, 19)
    assert rig.account["trading_state"] == TradingState.ACTIVE
    churn_more = rig.fill(99, -1, 3399, 3)
    assert churn_more == []
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.RUNAWAY


def test_fills_to_and_fro_that_earn_are_a_business() -> None:
    rig = KernelRig(max_idle_fills=20)
    rig.book()
    churn(rig, 60, loss_ticks=-1)
    assert rig.account["trading_state"] == TradingState.ACTIVE


def test_fills_that_build_a_position_get_somewhere() -> None:
    rig = KernelRig(max_idle_fills=20)
    rig.book()
    for number in range(30):
        rig.fill(number + 1, 1, 3402, 1)
    assert rig.account["trading_state"] == TradingState.ACTIVE


def test_a_minute_later_fills_are_counted_anew() -> None:
    rig = KernelRig(max_idle_fills=20)
    rig.book()
    for number in range(38):
        side = 1 if number % 2 == 0 else -1
        rig.fill(number + 1, side, 3401 + side, 3, after_ms=3500)
    assert rig.account["trading_state"] == TradingState.ACTIVE


@pytest.mark.parametrize(
    ("field", "change"),
    [("cash_nanos", 1), ("realized_nanos", -3), ("fees_nanos", 7), ("unrealized_nanos", 2)],
)
def test_a_sum_that_does_not_come_out_halts_and_names_the_difference(field, change) -> None:
    rig = KernelRig()
    rig.book()
    rig.fill(1, 1, 3401, 5)
    assert rig.account["identity_break_nanos"] == 0
    rig.account[field] += change
    rig.fill(2, 1, 3401, 1)
    assert rig.account["trading_state"] == TradingState.HALTED
    assert rig.account["state_reason"] == StateReason.IDENTITY_BROKEN
    assert abs(int(rig.account["identity_break_nanos"])) == abs(change)


def test_lots_that_no_fill_explains_halt() -> None:
    rig = KernelRig()
    rig.book()
    rig.fill(1, 1, 3401, 5)
    rig.state.instruments[1]["position_lots"] += 2
    rig.fill(2, 1, 3401, 1)
    assert rig.account["state_reason"] == StateReason.IDENTITY_BROKEN


def test_a_correction_by_the_venue_is_explained() -> None:
    rig = KernelRig()
    rig.book()
    rig.fill(1, 1, 3401, 5)
    rig.feed(events.position_report(0, 9))
    rig.fill(2, -1, 3401, 1)
    assert rig.account["trading_state"] == TradingState.ACTIVE


def test_a_fee_in_an_asset_without_a_rate_is_counted() -> None:
    rig = KernelRig()
    rig.book()
    rig.feed(events.fill(0, 0, 1, 1, 3401, 2, flags=events.UNPRICED_FEE))
    rig.fill(2, 1, 3401, 2)
    assert rig.account["unpriced_fees"] == 1


def test_a_restart_knows_the_fills_that_its_books_hold() -> None:
    """A venue that repeats the last one is not believed twice."""
    rig = KernelRig(connected=False)
    rig.feed(events.restored_fill(41, is_last=True))
    rig.feed(events.restored(instrument=0, lots=5, cost_nanos=5 * 3400 * NANOS))
    rig.fill(41, 1, 3400, 5)
    assert rig.instrument()["position_lots"] == 5
    assert rig.account["duplicate_fills"] == 1
    assert rig.account["last_trade_ids"][0] == 41


def test_an_execution_after_a_gap_is_booked_and_not_the_mark() -> None:
    """The one before it was lost with the engine: the next life has to ask for it."""
    rig = KernelRig()
    rig.book()
    rig.fill(50, 1, 3401, 2)
    assert rig.account["last_trade_ids"][0] == 50
    rig.venue(VenueState.CONNECTED)
    rig.fill(52, 1, 3401, 2)
    assert rig.account["last_trade_ids"][0] == 50
    rig.fill(51, 1, 3401, 2)
    rig.venue(VenueState.SYNCED)
    assert rig.account["last_trade_ids"][0] == 52
    assert rig.instrument()["position_lots"] == 6


def test_executions_beyond_the_mark_are_carried_over_too() -> None:
    rig = KernelRig(connected=False)
    rig.feed(events.restored(trading_state=TradingState.HALTED))
    rig.feed(events.restored_fill(50, is_last=True))
    rig.feed(events.restored_fill(52))
    assert rig.account["trading_state"] == TradingState.HALTED
    rig.fill(52, 1, 3401, 2)
    rig.fill(51, 1, 3401, 2)
    assert rig.account["duplicate_fills"] == 1
    assert rig.instrument()["position_lots"] == 2
    assert rig.account["last_trade_ids"][0] == 50


def test_a_state_is_carried_over_with_its_reason_and_its_time() -> None:
    rig = KernelRig(connected=False)
    rig.feed(
        events.restored(
            trading_state=TradingState.HALTED, state_reason=StateReason.DRAWDOWN_HALT,
            state_since_ns=1_700_000_000 * NANOS,
        )
    )  # fmt: skip
    assert rig.account["state_reason"] == StateReason.DRAWDOWN_HALT
    assert rig.account["state_since_ns"] == 1_700_000_000 * NANOS
