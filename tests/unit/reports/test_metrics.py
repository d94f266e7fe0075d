"""Against empyrical's published figures, to eight decimals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reports import metrics

NAN = math.nan
MIXED = np.array([NAN, 1.0, 10.0, -4.0, 2.0, 3.0, 2.0, 1.0, -10.0]) / 100
MIXED_0 = np.nan_to_num(MIXED)
POSITIVE = np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]) / 100
NEGATIVE = np.array([0.0, -6.0, -7.0, -1.0, -9.0, -2.0, -6.0, -8.0, -5.0]) / 100
BENCHMARK = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]) / 100
SPIKE = np.array([10.0, -10.0, 10.0]) / 100
EMPTY = np.array([])
ONE = np.array([0.01])

DAILY, WEEKLY, MONTHLY = metrics.DAILY, metrics.WEEKLY, metrics.MONTHLY


def agrees(value, published):
    return value == pytest.approx(published, abs=5e-9, nan_ok=True)


def test_cumulative_returns_compound():
    """The published path is cut after five or six digits."""
    path = [0.0, 0.01, 0.111, 0.066559, 0.08789, 0.12052, 0.14293, 0.15436, 0.03893]
    assert np.allclose(metrics.cumulative_returns(MIXED), path, rtol=0, atol=1e-5)
    assert metrics.cumulative_return(MIXED) == pytest.approx(0.03893, abs=1e-5)
    assert metrics.cumulative_return(NEGATIVE) == pytest.approx(-0.36590, abs=1e-5)
    assert math.isnan(metrics.cumulative_return(EMPTY))


@pytest.mark.parametrize(
    ("returns", "published"),
    [
        (MIXED, -0.1),
        (NEGATIVE, -0.36590730349873601),
        (POSITIVE, 0.0),
        (SPIKE, -0.10),
        (ONE, 0.0),
        (EMPTY, NAN),
    ],
)
def test_max_drawdown(returns, published):
    assert agrees(metrics.max_drawdown(returns), published)


@pytest.mark.parametrize(
    ("returns", "periods", "published"),
    [
        (MIXED, DAILY, 1.9135925373194231),
        (MIXED_0, WEEKLY, 0.24690830513998208),
        (MIXED_0, MONTHLY, 0.052242061386048144),
        (EMPTY, DAILY, NAN),
    ],
)
def test_annual_return(returns, periods, published):
    assert agrees(metrics.annual_return(returns, periods), published)


def test_annual_return_of_everything_lost_and_of_too_much():
    assert metrics.annual_return(np.array([0.5, -1.0])) == -1.0
    assert metrics.annual_return(np.array([0.5, 0.5]), metrics.SECONDS) == math.inf


@pytest.mark.parametrize(
    ("returns", "periods", "published"),
    [
        (MIXED, DAILY, 0.9136465399704637),
        (MIXED_0, WEEKLY, 0.38851569394870583),
        (MIXED_0, MONTHLY, 0.18663690238892558),
        (ONE, DAILY, NAN),
    ],
)
def test_annual_volatility(returns, periods, published):
    assert agrees(metrics.annual_volatility(returns, periods), published)


@pytest.mark.parametrize(
    ("returns", "published"),
    [
        (MIXED, 1.7238613961706866),
        (POSITIVE, 52.915026221291804),
        (NEGATIVE, -24.406808633910085),
        (ONE, NAN),
        (EMPTY, NAN),
        (np.zeros(5), NAN),
        (MIXED - BENCHMARK, 0.34111411441060574),
        (BENCHMARK - BENCHMARK, NAN),
    ],
)
def test_sharpe(returns, published):
    assert agrees(metrics.sharpe(returns), published)


@pytest.mark.parametrize(
    ("returns", "periods", "published"),
    [
        (MIXED, DAILY, 2.605531251673693),
        (NEGATIVE, DAILY, -13.532743075043401),
        (POSITIVE, DAILY, math.inf),
        (np.zeros(5), DAILY, NAN),
        (ONE, DAILY, NAN),
    ],
)
def test_sortino(returns, periods, published):
    assert agrees(metrics.sortino(returns, periods), published)


@pytest.mark.parametrize(
    ("periods", "published"), [(WEEKLY, 0.50690062680370862), (MONTHLY, 0.11697706772393276)]
)
def test_sortino_of_weeks_and_months(periods, published):
    """The published figures scale the downside by 252 days whatever the period; we do not."""
    assert agrees(metrics.sortino(MIXED_0, periods) * math.sqrt(periods / DAILY), published)


@pytest.mark.parametrize(
    ("returns", "periods", "required", "published"),
    [
        (MIXED, DAILY, 0.0, 0.60448325038829653),
        (MIXED, DAILY, 0.1, 1.7161730681956295),
        (MIXED_0, WEEKLY, 0.0, 0.25888650451930134),
        (MIXED_0, MONTHLY, 0.0, 0.1243650540411842),
    ],
)
def test_downside_risk(returns, periods, required, published):
    assert agrees(metrics.downside_risk(returns, periods, required), published)


@pytest.mark.parametrize(
    ("returns", "periods", "published"),
    [
        (MIXED, DAILY, 19.135925373194233),
        (MIXED_0, WEEKLY, 2.4690830513998208),
        (MIXED_0, MONTHLY, 0.52242061386048144),
        (POSITIVE, DAILY, NAN),
    ],
)
def test_calmar(returns, periods, published):
    assert agrees(metrics.calmar(returns, periods), published)


def test_omega():
    assert agrees(metrics.omega(MIXED, required=10.0), 0.83354263497557934)
    assert math.isnan(metrics.omega(POSITIVE))
    assert math.isnan(metrics.omega(ONE))


def test_information_ratio():
    assert agrees(metrics.information_ratio(MIXED, np.zeros(9)), 0.10859306069076737)
    assert math.isnan(metrics.information_ratio(MIXED, MIXED))


@pytest.mark.parametrize(
    ("returns", "benchmark", "published"),
    [
        (MIXED[1:], NEGATIVE[1:], (-8.306666666666668, -0.71296296296296313)),
        (MIXED, MIXED, (0.0, 1.0)),
        (MIXED, -MIXED, (0.0, -1.0)),
        (ONE, ONE, (NAN, NAN)),
        (EMPTY, EMPTY, (NAN, NAN)),
        (MIXED, np.zeros(9), (NAN, NAN)),
    ],
)
def test_alpha_and_beta(returns, benchmark, published):
    found = metrics.alpha_beta(returns, benchmark)
    assert found == pytest.approx(published, abs=5e-9, nan_ok=True)


@given(
    st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=30),
    st.floats(0.001, 0.1),
)
def test_a_constant_on_returns_and_on_what_is_required_changes_no_ratio(values, more):
    returns, required = np.array(values), np.linspace(0.0, 0.01, len(values))
    before = metrics.information_ratio(returns, required)
    after = metrics.information_ratio(returns + more, required + more)
    assert after == pytest.approx(before, rel=1e-6, abs=1e-6, nan_ok=True) or abs(before) > 1e6


@given(
    st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=30),
    st.floats(0.001, 0.1),
)
def test_lower_returns_never_make_the_drawdown_shallower(values, less):
    returns = np.array(values)
    assert metrics.max_drawdown(returns - less) <= metrics.max_drawdown(returns) + 1e-12
