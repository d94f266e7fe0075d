"""Event time goes on at its own pace, whatever becomes of the wall clock."""

from __future__ import annotations

import time

import pytest

from core.runtime import clock as clock_module
from core.runtime.clock import AnchoredClock, steady_ns

HOUR_NS = 3_600_000_000_000


class Clocks:
    """A wall clock that can be set, and one that cannot."""

    def __init__(self) -> None:
        self.wall_ns = 1_763_800_000_000_000_000
        self.steady_ns = 17

    def pass_ns(self, ns: int) -> None:
        self.wall_ns += ns
        self.steady_ns += ns


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def clock(clocks: Clocks) -> AnchoredClock:
    return AnchoredClock(lambda: clocks.wall_ns, lambda: clocks.steady_ns)


def test_it_begins_with_wall_time_and_goes_on_with_it(clock, clocks) -> None:
    assert clock() == 1_763_800_000_000_000_000
    clocks.pass_ns(5)
    assert clock() == clocks.wall_ns


@pytest.mark.parametrize("jump_ns", [-HOUR_NS, HOUR_NS, -1])
def test_a_wall_clock_that_is_set_moves_nothing(clock, clocks, jump_ns) -> None:
    """Set back it would freeze the kernel's time; set forward every book would be stale."""
    clocks.pass_ns(5)
    clocks.wall_ns += jump_ns
    assert clock() == 1_763_800_000_000_000_005
    clocks.pass_ns(3)
    assert clock() == 1_763_800_000_000_000_008


def test_by_default_it_is_the_time_of_this_machine_and_never_goes_back() -> None:
    before_ns = time.time_ns()
    clock = AnchoredClock()
    times = [clock() for _ in range(1_000)]
    assert times == sorted(times)
    assert before_ns <= times[0] < before_ns + HOUR_NS


def test_where_a_clock_that_counts_sleep_is_missing_the_monotonic_one_serves(monkeypatch) -> None:
    assert steady_ns() <= steady_ns()
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    assert clock_module._steady_clock() is time.monotonic_ns
