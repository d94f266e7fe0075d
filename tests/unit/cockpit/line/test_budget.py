"""A budget of bytes."""

from __future__ import annotations

import pytest

from cockpit.line.budget import BURST_S, DEBT_S, ByteBudget
from tests.unit.cockpit.line.clock import Clock

PER_S = 400.0


def test_what_was_saved_may_be_spent_at_once_and_what_is_overspent_is_waited_for() -> None:
    clock = Clock()
    budget = ByteBudget(PER_S, clock)
    budget.spend(int(PER_S * BURST_S))
    assert budget.wait_s == 0
    budget.spend(100)
    assert budget.wait_s == pytest.approx(0.25)
    clock.now_s += 0.15
    assert budget.wait_s == pytest.approx(0.10)
    clock.now_s += 7.0
    assert budget.wait_s == 0


def test_a_long_rest_saves_no_more_than_one_burst() -> None:
    clock = Clock()
    budget = ByteBudget(PER_S, clock)
    clock.now_s += 3600
    budget.spend(int(PER_S * BURST_S) + 40)
    assert budget.wait_s == pytest.approx(0.1)


def test_no_debt_stops_the_picture_for_longer_than_a_few_seconds() -> None:
    budget = ByteBudget(PER_S, Clock())
    budget.spend(1_000_000)
    assert budget.wait_s == DEBT_S


def test_over_time_no_more_is_written_than_allowed() -> None:
    """Pictures of any size, each drawn as soon as it may be."""
    clock = Clock()
    budget = ByteBudget(PER_S, clock)
    written, started_s = 0, clock.now_s
    for size in (30, 900, 1, 450, 2_000, 70, 640) * 20:
        clock.now_s += budget.wait_s
        budget.spend(size)
        written += size
    elapsed_s = clock.now_s - started_s
    assert written <= PER_S * (elapsed_s + BURST_S) + 2_000
    assert written >= PER_S * elapsed_s
