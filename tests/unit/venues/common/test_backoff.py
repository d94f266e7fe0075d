"""Waiting before the next attempt."""

from __future__ import annotations

from random import Random

from core.venues.common.backoff import Backoff


class Extreme(Random):
    """Always draws the upper bound."""

    def uniform(self, a: float, b: float) -> float:
        return b


def test_the_ceiling_doubles_up_to_its_own_ceiling() -> None:
    backoff = Backoff(Extreme(), first_s=0.1, ceiling_s=0.5)
    assert [backoff.next_delay_s() for _ in range(5)] == [0.1, 0.2, 0.4, 0.5, 0.5]


def test_a_healthy_connection_forgives() -> None:
    backoff = Backoff(Extreme(), first_s=0.1)
    backoff.next_delay_s()
    backoff.next_delay_s()
    backoff.reset()
    assert backoff.next_delay_s() == 0.1


def test_jitter_is_full() -> None:
    """From nothing to the ceiling, or clients of a restarted exchange return in step."""
    backoff = Backoff(Random(3), first_s=4.0, ceiling_s=4.0)
    delays = [backoff.next_delay_s() for _ in range(200)]
    assert min(delays) < 0.4
    assert max(delays) > 3.6


def test_years_of_failure_do_not_overflow() -> None:
    backoff = Backoff(Extreme())
    for _ in range(5000):
        assert backoff.next_delay_s() <= 5.0
