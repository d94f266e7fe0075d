"""Fills to position and profit, exact to the nano."""

from __future__ import annotations

import numpy as np
import pytest

from core.domain import events
from core.domain.enums import LiquiditySide, VenueState
from tests.unit.kernel.kernel_rig import NANOS, KernelRig


def test_average_cost_through_a_flip() -> None:
    """Buy 10 at 3400 and 5 at 3403, sell 18: 15 closed, 3 short at 3410."""
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.fill(1, 1, 3400, 10)
    rig.fill(2, 1, 3403, 5)
    rig.fill(3, -1, 3410, 18)
    instrument = rig.instrument()
    assert instrument["position_lots"] == -3
    assert instrument["realized_nanos"] == (10 * 10 + 5 * 7) * NANOS
    assert instrument["cost_nanos"] == -3 * 3410 * NANOS
    rig.check_identity()


def test_a_part_close_takes_its_share_of_the_cost_and_loses_no_nano() -> None:
    """Thirds do not divide evenly; the rest stays with the position."""
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.fill(1, 1, 3400, 1)
    rig.fill(2, 1, 3401, 2)
    rig.fill(3, -1, 3405, 1)
    rig.fill(4, -1, 3405, 1)
    rig.fill(5, -1, 3405, 1)
    assert rig.instrument()["cost_nanos"] == 0
    assert rig.instrument()["realized_nanos"] == (5 + 4 + 4) * NANOS
    rig.check_identity()


def test_a_fill_told_twice_counts_once() -> None:
    """Venues repeat executions after a reconnect; the execution id tells."""
    rig = KernelRig()
    rig.book()
    rig.fill(77, 1, 3401, 4)
    rig.fill(77, 1, 3401, 4)
    assert rig.instrument()["position_lots"] == 4
    assert rig.account["duplicate_fills"] == 1


def test_fees_and_rebates_reach_cash_and_equity() -> None:
    rig = KernelRig()
    rig.book(500, 502, index=1)
    rig.fill(1, 1, 501, 30, index=1, fee_nanos=3 * NANOS)
    rig.fill(2, 1, 501, 30, index=1, fee_nanos=-1 * NANOS)
    assert rig.account["fees_nanos"] == 2 * NANOS
    rig.check_identity()


def test_a_mid_between_two_ticks_is_exact() -> None:
    """Half a tick of 7_ETF is 0.05: no float is asked."""
    rig = KernelRig()
    rig.book(500, 501, index=1)
    rig.fill(1, -1, 500, 7, index=1)
    assert rig.instrument(1)["unrealized_nanos"] == -7 * NANOS * 5 // 100
    rig.check_identity()


def test_a_fill_before_the_first_book_is_marked_at_its_own_price() -> None:
    rig = KernelRig()
    rig.fill(1, 1, 3400, 5)
    assert rig.instrument()["unrealized_nanos"] == 0
    rig.check_identity()


def test_the_venues_word_on_a_position_is_taken_over_without_profit() -> None:
    rig = KernelRig()
    rig.book(3400, 3402)
    rig.fill(1, 1, 3395, 5)
    before = int(rig.account["equity_nanos"])
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, 8))
    rig.venue(VenueState.SYNCED)
    assert rig.instrument()["position_lots"] == 8
    assert int(rig.account["equity_nanos"]) == before
    rig.check_identity()


def test_a_position_that_is_told_before_any_price_is_booked_at_the_first_one() -> None:
    """A new account that already holds something has not earned it."""
    rig = KernelRig(connected=False)
    rig.venue(VenueState.CONNECTED)
    rig.feed(events.position_report(0, -12))
    rig.venue(VenueState.SYNCED)
    rig.book(3400, 3402)
    assert int(rig.account["equity_nanos"]) == 1_000_000 * NANOS
    assert rig.instrument()["cost_nanos"] == -12 * 3401 * NANOS
    rig.check_identity()
    rig.book(3410, 3412)
    assert rig.instrument()["unrealized_nanos"] == -120 * NANOS


@pytest.mark.parametrize("lots", [0, -4])
def test_an_impossible_fill_changes_nothing(lots) -> None:
    rig = KernelRig()
    rig.book()
    rig.fill(1, 1, 3400, lots)
    assert rig.instrument()["position_lots"] == 0


def test_a_fill_too_large_for_64_bits_is_refused() -> None:
    rig = KernelRig()
    rig.book()
    rig.fill(1, 1, 3400, 10**13)
    assert rig.instrument()["position_lots"] == 0
    assert np.isfinite(rig.account["drawdown_pct"])


def make_market(**params: float) -> KernelRig:
    """3400 / 3404 in bars of 100 ms, the first one just begun."""
    rig = KernelRig(bar_ms=100, **params)
    rig.book(3400, 3404)
    rig.book(3400, 3404)
    return rig


def learned(rig: KernelRig) -> float:
    return float(rig.instrument()["maker_edge_ticks"])


def test_what_passive_fills_gain_is_measured_at_the_close_of_their_bar() -> None:
    """6 bought at 3400 and 2 sold at 3404, closed at 3405: (30 - 2) / 8 each."""
    rig = make_market()
    rig.fill(1, 1, 3400, 6, liquidity=LiquiditySide.MAKER)
    rig.fill(2, -1, 3404, 2, liquidity=LiquiditySide.MAKER)
    rig.book(3404, 3406)
    assert learned(rig) == 0.0
    rig.book(3300, 3302, after_ms=100)
    assert learned(rig) == pytest.approx(28 / 8)
    assert rig.instrument()["maker_bars"] == 1


def test_a_bar_of_fills_is_learned_from_once() -> None:
    rig = make_market()
    rig.fill(1, -1, 3404, 5, liquidity=LiquiditySide.MAKER)
    rig.book(after_ms=100)
    after = learned(rig)
    for _ in range(3):
        rig.book(3300, 3302, after_ms=100)
    assert learned(rig) == after
    assert rig.instrument()["maker_bars"] == 1
    rig.fill(2, 1, 3300, 2, liquidity=LiquiditySide.MAKER)
    rig.book(3304, 3306)
    rig.book(after_ms=100)
    assert learned(rig) == pytest.approx((after + 5) / 2)


@pytest.mark.parametrize("liquidity", [LiquiditySide.TAKER, LiquiditySide.NONE])
def test_fills_that_took_teach_nothing_about_posting(liquidity) -> None:
    rig = make_market()
    rig.fill(1, 1, 3404, 5, liquidity=liquidity)
    rig.book(after_ms=100)
    assert learned(rig) == 0.0
