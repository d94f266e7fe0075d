"""Wall clocks that are corrected."""

from __future__ import annotations

from core.feeds.clock import BELIEVED_S, ForwardClock

_S = 1_000_000_000


class Clocks:
    wall_s = 1_763_800_000
    steady_s = 50.0

    def wall_ns(self) -> int:
        return self.wall_s * _S

    def steady(self) -> float:
        return self.steady_s

    def pass_(self, wall_s: int, steady_s: float) -> None:
        self.wall_s += wall_s
        self.steady_s += steady_s


def test_it_follows_the_wall_clock() -> None:
    clocks = Clocks()
    now = ForwardClock(clocks.wall_ns, clocks.steady)
    clocks.pass_(700, 3)
    assert now() == clocks.wall_ns()


def test_set_back_a_little_it_goes_on_at_its_pace_until_it_is_caught_up() -> None:
    clocks = Clocks()
    now = ForwardClock(clocks.wall_ns, clocks.steady)
    start_ns = now()
    clocks.pass_(-100, 5)
    assert now() == start_ns + 5 * _S
    clocks.pass_(30, 30)
    assert now() == start_ns + 35 * _S
    clocks.pass_(200, 1)
    assert now() == clocks.wall_ns()


def test_a_clock_that_was_wrong_by_far_is_believed_when_it_is_set_right() -> None:
    clocks = Clocks()
    clocks.pass_(400 * 86_400, 0)
    now = ForwardClock(clocks.wall_ns, clocks.steady)
    clocks.pass_(-400 * 86_400, 1)
    assert now() == clocks.wall_ns()


def test_the_limit_between_the_two_is_an_hour() -> None:
    clocks = Clocks()
    now = ForwardClock(clocks.wall_ns, clocks.steady)
    start_ns = now()
    clocks.pass_(-int(BELIEVED_S), 0)
    assert now() == start_ns
    clocks.pass_(-1, 0)
    assert now() == clocks.wall_ns()
