"""How far a venue's clock is from ours."""

from __future__ import annotations

from core.venues.common.clock import VenueClock

S = 1_000_000_000


def test_the_smallest_lag_of_a_minute_bounds_the_offset() -> None:
    clock = VenueClock()
    assert clock.offset_ns is None
    clock.heard(100 * S, 100 * S + 70)
    clock.heard(101 * S, 101 * S + 30)
    clock.heard(102 * S, 102 * S + 90)
    assert clock.lag_ns == 30
    assert clock.offset_ns == -30


def test_a_lag_of_long_ago_is_forgotten() -> None:
    clock = VenueClock()
    clock.heard(100 * S, 100 * S + 5)
    clock.heard(170 * S, 170 * S + 50)
    assert clock.lag_ns == 5
    clock.heard(240 * S, 240 * S + 60)
    assert clock.lag_ns == 50


def test_an_answer_tells_the_offset_and_how_far_off_it_may_be() -> None:
    clock = VenueClock()
    clock.heard(7 * S, 7 * S + 1)
    clock.answered(10 * S, 12 * S, 10 * S + 400)
    assert clock.offset_ns == 2 * S - 200
