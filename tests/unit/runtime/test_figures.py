"""Sums that grow give the same figures as whole series."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reports import metrics
from core.runtime.figures import Spread, Sums

STEPS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60)


@given(STEPS)
def test_sharpe_is_that_of_the_whole_series(steps) -> None:
    spread = Spread()
    for step in steps:
        spread.add(step)
    expected = metrics.sharpe(np.array(steps), metrics.SECONDS)
    found = spread.sharpe()
    if found is None:
        assert not math.isfinite(expected) or np.std(steps) < 1e-9
    elif np.std(steps) > 1e-6 * max(1.0, np.max(np.abs(steps))):
        assert found == pytest.approx(expected, rel=1e-6)


def test_without_two_different_values_there_is_no_sharpe() -> None:
    spread = Spread()
    assert spread.sharpe() is None
    for _ in range(5):
        spread.add(0.25)
    assert spread.sharpe() is None


def fill(sums: Sums, realized: int, fee: int = 3, *, closing: bool = True) -> None:
    sums.add_fill(
        volume_nanos=7 * 10**9, fee_nanos=fee, realized_nanos=realized, is_maker=fee < 0,
        is_closing=closing,
    )  # fmt: skip


def test_a_fill_wins_only_if_it_earns_more_than_its_fee() -> None:
    sums = Sums()
    for realized in (10, 3, 2, -9):
        fill(sums, realized)
    fill(sums, 0, closing=False)
    figures = sums.figures()
    assert (figures.fills, figures.closing_fills) == (5, 4)
    assert figures.win_rate == 0.25
    assert figures.profit_factor == pytest.approx(7 / 13)


def test_a_rebate_is_a_gain() -> None:
    sums = Sums()
    fill(sums, 0, fee=-2)
    assert sums.figures().win_rate == 1.0
    assert sums.figures().maker_fills == 1


def test_without_closing_fills_there_is_no_rate_and_without_losses_no_factor() -> None:
    sums = Sums()
    fill(sums, 0, closing=False)
    assert sums.figures().win_rate is None
    fill(sums, 9)
    assert sums.figures().profit_factor is None
