"""The breaker's three states."""

from __future__ import annotations

from core.feeds.breaker import Breaker, BreakerState


def open_breaker() -> Breaker:
    breaker = Breaker(failures=3, cool_down_s=60, ceiling_s=200)
    for moment_s in (0, 1, 2):
        breaker.failed(moment_s)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(failures=3)
    breaker.failed(0)
    breaker.failed(1)
    assert breaker.state(1) is BreakerState.CLOSED
    breaker.failed(2)
    assert breaker.state(2) is BreakerState.OPEN


def test_a_success_between_counts_from_anew() -> None:
    breaker = Breaker(failures=2)
    breaker.failed(0)
    breaker.worked()
    breaker.failed(1)
    assert breaker.state(1) is BreakerState.CLOSED


def test_it_lets_one_through_when_it_has_cooled_down() -> None:
    breaker = open_breaker()
    assert breaker.trial_at_s == 62
    assert breaker.state(61.9) is BreakerState.OPEN
    assert breaker.state(62) is BreakerState.HALF_OPEN


def test_a_failed_trial_opens_it_for_twice_as_long_up_to_a_ceiling() -> None:
    breaker, pauses = open_breaker(), []
    for _ in range(4):
        now_s = breaker.trial_at_s
        breaker.failed(now_s)
        assert breaker.state(now_s) is BreakerState.OPEN
        pauses.append(breaker.trial_at_s - now_s)
    assert pauses == [120, 200, 200, 200]


def test_a_trial_that_works_closes_it() -> None:
    breaker = open_breaker()
    breaker.worked()
    assert (breaker.state(3), breaker.trial_at_s) == (BreakerState.CLOSED, 0)
