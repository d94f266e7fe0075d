"""Unit roots, against the figures that Stata printed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.models.refusal import Refusal
from core.models.unit_roots import TraceTest, UnitRoot, adf, engle_granger, half_life, johansen
from tests.unit.models.recorded import gift_basket, macro


@pytest.mark.parametrize(
    ("name", "lags", "trend", "statistic", "p_value"),
    [
        ("realgdp", 4, "c", 0.97505319, 0.99399563),
        ("realgdp", 4, "ct", -1.8566374, 0.67682968),
        ("realgdp", 4, "n", 3.5227498, None),
        ("infl", 1, "c", -4.3346988, 0.00038661),
        ("infl", 1, "ct", -4.425093, 0.00199633),
        ("infl", 1, "n", -2.4511596, None),
    ],
)
def test_adf_is_what_stata_printed(name, lags, trend, statistic, p_value) -> None:
    found = adf(macro()[name], lags, trend)
    assert isinstance(found, UnitRoot)
    assert found.statistic == pytest.approx(statistic, abs=5e-6)
    if p_value is not None:
        assert found.p_value == pytest.approx(p_value, abs=1e-5)


def test_critical_values_come_as_one_five_ten() -> None:
    """Stata's table for 200 observations; statsmodels' finite-sample values are close."""
    found = adf(macro()["infl"])
    assert isinstance(found, UnitRoot)
    assert found.critical == pytest.approx((-3.476, -2.883, -2.573), abs=0.015)


def test_engle_granger_is_what_stata_printed() -> None:
    found = engle_granger(macro()["realcons"], macro()["realgdp"])
    assert isinstance(found, UnitRoot)
    assert found.statistic == pytest.approx(-1.830170986148, abs=1e-9)
    assert found.p_value == pytest.approx(0.615, abs=5e-4)
    assert found.critical == pytest.approx((-3.9515, -3.3665, -3.0655), abs=5e-5)


def test_chocolate_and_strawberries_are_no_pair() -> None:
    mids = gift_basket()
    found = engle_granger(mids["CHOCOLATE"], mids["STRAWBERRIES"])
    assert isinstance(found, UnitRoot)
    assert found.statistic == pytest.approx(-3.07, abs=0.005)


def test_half_life_is_where_half_the_distance_is_gone() -> None:
    rng = np.random.default_rng(11)
    spread = np.zeros(20_000)
    for bar in range(1, len(spread)):
        spread[bar] = 0.9 * spread[bar - 1] + rng.normal()
    assert half_life(spread + 500.0) == pytest.approx(math.log(2) / -math.log(0.9), rel=0.06)


@pytest.mark.parametrize(
    ("spread", "bars"), [(np.full(50, 3.0), 0.0), (np.tile([1.0, -1.0], 30), 0.0)]
)
def test_half_lives_at_the_edges(spread, bars) -> None:
    assert half_life(spread) == bars


def test_a_line_never_returns() -> None:
    assert half_life(np.arange(50.0)) > 1e9


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.arange(9.0), "too few"),
        (np.full(50, 0.1), "that vary"),
        (np.array([*range(50), np.nan]), "finite"),
        (np.array([*range(50), np.inf]), "finite"),
    ],
)
def test_adf_refuses_what_it_cannot_test(values, reason) -> None:
    found = adf(values)
    assert isinstance(found, Refusal)
    assert reason in found.reason


WALK = np.random.default_rng(4).normal(size=80).cumsum()


@pytest.mark.parametrize(
    ("target", "leg", "reason"),
    [
        (WALK, WALK[:-1], "80 and 79 values"),
        (WALK[:9], WALK[9:18], "too few"),
        (WALK, np.full(80, 2.0), "constant"),
        (np.full(80, 2.0), WALK, "constant"),
        (WALK, 3.0 - 2.0 * WALK, "the same series"),
        (np.where(np.arange(80) == 7, np.nan, WALK), WALK**2, "finite"),
    ],
)
def test_engle_granger_refuses_what_makes_no_pair(target, leg, reason) -> None:
    found = engle_granger(target, leg)
    assert isinstance(found, Refusal)
    assert reason in found.reason


def test_a_pair_that_only_rounding_keeps_apart_is_refused() -> None:
    """Collinear for the regression, though not to the last digit."""
    near = WALK + 1e-4 * np.sin(np.arange(80.0))
    found = engle_granger(WALK, near)
    assert isinstance(found, Refusal)
    assert "could not be tested" in found.reason


def test_johansen_sees_the_common_trend_of_a_pair() -> None:
    rng = np.random.default_rng(10)
    walk = rng.normal(size=(400, 2)).cumsum(axis=0)
    apart = johansen(walk)
    walk[:, 1] = 2.0 * walk[:, 0] + rng.normal(size=400)
    together = johansen(walk)
    assert isinstance(apart, TraceTest)
    assert isinstance(together, TraceTest)
    # Osterwald-Lenum's table for two series with a constant.
    assert apart.critical == pytest.approx(15.4943)
    assert apart.statistic < apart.critical < together.statistic


def test_johansen_refuses_what_has_no_solution() -> None:
    assert isinstance(johansen(np.zeros((50, 2))), Refusal)


def test_a_perfect_line_is_refused_not_celebrated() -> None:
    """The regression of a line on itself leaves nothing to test."""
    found = adf(np.arange(100.0), 0, "ct")
    assert isinstance(found, Refusal)
