"""Against the worked numbers of Bailey and López de Prado."""

from __future__ import annotations

import math

import pytest

from core.reports.evidence import (
    deflated_sharpe,
    expected_max_sharpe,
    minimum_detectable,
    minimum_track_record,
    probabilistic_sharpe,
)

DAY = 1 / math.sqrt(250)


def test_the_probability_of_a_hedge_fund_of_two_years():
    """The Sharpe Ratio Efficient Frontier: 0.913, and 0.982 were its returns normal."""
    assert probabilistic_sharpe(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)
    assert probabilistic_sharpe(0.458, 24, 0.0, 3.0) == pytest.approx(0.982, abs=5e-4)


@pytest.mark.parametrize(
    ("a_year", "skew", "kurtosis", "years"),
    [(252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_the_track_record_that_shows_a_sharpe_of_two_to_be_above_one(a_year, skew, kurtosis, years):
    """The same paper: daily, weekly and monthly returns, and those of hedge funds."""
    scale = math.sqrt(a_year)
    needed = minimum_track_record(2 / scale, skew, kurtosis, 1 / scale)
    assert needed / a_year == pytest.approx(years, abs=5e-3)


def test_no_track_record_shows_what_is_not_there():
    assert minimum_track_record(-0.1, 0.0, 3.0) == math.inf


def test_the_best_of_a_hundred_variants():
    """The Deflated Sharpe Ratio: a Sharpe of 2.5 a year is 0.9004 after 100 trials."""
    best = expected_max_sharpe(100, 0.5 / 250)
    assert best == pytest.approx(0.1132, abs=5e-5)
    found = deflated_sharpe(2.5 * DAY, 1_250, -3.0, 10.0, 100, 0.5 / 250)
    assert found == pytest.approx(0.9004, abs=5e-5)


@pytest.mark.parametrize(("trials", "skew", "kurtosis"), [(46, -3.0, 10.0), (88, 0.0, 3.0)])
def test_trials_that_leave_ninety_five_per_cent(trials, skew, kurtosis):
    """The same paper: 46 of its returns, 88 of normal ones."""
    found = deflated_sharpe(2.5 * DAY, 1_250, skew, kurtosis, trials, 0.5 / 250)
    assert found == pytest.approx(0.9505, abs=5e-5)


def test_one_trial_deflates_nothing():
    plain = probabilistic_sharpe(0.1, 500, -0.5, 4.0)
    assert deflated_sharpe(0.1, 500, -0.5, 4.0, 1) == plain
    assert deflated_sharpe(0.1, 500, -0.5, 4.0, 2) < plain


def test_a_single_observation_proves_nothing():
    assert math.isnan(probabilistic_sharpe(0.1, 1, 0.0, 3.0))
    assert math.isnan(deflated_sharpe(0.1, 1, 0.0, 3.0, 5))


def test_what_is_seen_four_times_in_five_lies_2_8_deviations_away():
    """1.960 of a two-sided test at 5 %, and 0.842 of a power of 80 %."""
    assert minimum_detectable(2.0) == pytest.approx(2 * (1.959964 + 0.841621), abs=1e-5)
