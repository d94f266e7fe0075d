"""Fitted noises: the Nile, simulated series, and series that no model comes out of."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.models.kalman import KalmanFit, fit_kalman
from core.models.refusal import Refusal
from tests.unit.models.published import nile


def fitted(values, **options):
    fit = fit_kalman(values, **options)
    assert isinstance(fit, KalmanFit), fit
    return fit


def refused(values, **options):
    refusal = fit_kalman(values, **options)
    assert isinstance(refusal, Refusal), refusal
    return refusal.reason


def simulate(length, observation, level, slope=0.0, *, seed):
    generator = np.random.default_rng(seed)
    slopes = math.sqrt(slope) * generator.normal(size=length).cumsum()
    levels = (slopes + math.sqrt(level) * generator.normal(size=length)).cumsum()
    return 3400.0 + levels + math.sqrt(observation) * generator.normal(size=length)


def statsmodels_fit(values, kind):
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    return UnobservedComponents(values, kind, use_exact_diffuse=True).fit(disp=0)


def test_the_nile_s_noises_are_durbin_and_koopman_s() -> None:
    fit = fitted(nile())
    assert fit.observation_variance == pytest.approx(15099, rel=0.005)
    assert fit.level_variance == pytest.approx(1469.1, rel=0.005)
    assert fit.slope_variance == 0.0
    assert fit.log_likelihood == pytest.approx(-632.5456, abs=1e-4)
    assert (fit.n, fit.spikes, fit.trend) == (100, 0, False)


def test_em_stays_near_the_likelihood_s_maximum() -> None:
    fit = fitted(nile(), method="em")
    assert fit.observation_variance == pytest.approx(15099, rel=0.005)
    assert fit.level_variance == pytest.approx(1469.1, rel=0.005)
    assert fit.log_likelihood == pytest.approx(-632.5456, abs=1e-3)


@pytest.mark.parametrize(("kind", "trend"), [("llevel", False), ("lltrend", True)])
def test_no_likelihood_of_statsmodels_is_higher(kind: str, trend: bool) -> None:
    """Its search may end lower, not higher; it counts ½ ln 2π for diffuse values as well."""
    for values in (nile(), simulate(150, 2.0, 0.5, 0.02, seed=6)):
        fit = fitted(values, trend=trend)
        oracle = statsmodels_fit(values, kind)
        theirs = oracle.llf + 0.5 * (1 + trend) * math.log(2 * math.pi)
        assert fit.log_likelihood > theirs - 1e-3
        ours = [fit.observation_variance, fit.level_variance, fit.slope_variance]
        assert oracle.model.loglike(ours[: 2 + trend]) == pytest.approx(
            fit.log_likelihood - 0.5 * (1 + trend) * math.log(2 * math.pi), abs=1e-6
        )


@pytest.mark.parametrize(
    ("observation", "level"), [(4.0, 1.0), (1.0, 0.01), (0.2, 3.0), (2.5e-9, 1e-9)]
)
def test_the_noises_of_a_simulated_level_are_found(observation: float, level: float) -> None:
    fit = fitted(simulate(5000, observation, level, seed=2))
    assert fit.observation_variance == pytest.approx(observation, rel=0.15)
    assert fit.level_variance == pytest.approx(level, rel=0.25)


def test_the_noises_of_a_simulated_trend_are_found() -> None:
    fit = fitted(simulate(4000, 2.0, 0.5, 0.05, seed=4), trend=True)
    assert fit.observation_variance == pytest.approx(2.0, rel=0.15)
    assert fit.level_variance == pytest.approx(0.5, rel=0.3)
    assert fit.slope_variance == pytest.approx(0.05, rel=0.3)


def test_em_reads_a_trend_and_a_gap() -> None:
    values = simulate(120, 2.0, 0.5, 0.05, seed=4)
    values[70:80] = np.nan
    best = fitted(values, trend=True)
    fit = fitted(values, trend=True, method="em")
    assert fit.slope_variance > 0.0
    assert best.log_likelihood - 2.0 < fit.log_likelihood <= best.log_likelihood + 1e-6


def test_a_walk_without_noise_and_noise_without_a_walk() -> None:
    """Both ends of the ratio: a gain of nearly 1, and of nearly 0."""
    steps = np.random.default_rng(5).normal(size=2000)
    walk = fitted(steps.cumsum())
    assert walk.observation_variance < 0.05
    assert walk.level_variance == pytest.approx(1.0, rel=0.1)
    noise = fitted(steps)
    assert noise.observation_variance == pytest.approx(1.0, rel=0.1)
    assert noise.level_variance < 1e-4


def test_the_unit_of_the_series_changes_the_unit_of_the_noises() -> None:
    """Cents instead of euros: variances times 10⁴, and each density a hundredth."""
    values = simulate(300, 2.0, 0.5, seed=9)
    euros, cents = fitted(values), fitted(100.0 * values)
    assert cents.observation_variance == pytest.approx(1e4 * euros.observation_variance, rel=1e-5)
    assert cents.level_variance == pytest.approx(1e4 * euros.level_variance, rel=1e-5)
    assert cents.log_likelihood == pytest.approx(euros.log_likelihood - 299 * math.log(100.0))


def test_the_series_is_left_as_it_was() -> None:
    values = simulate(100, 2.0, 0.5, seed=3)
    values[4] = 1e9
    before = values.copy()
    fitted(values)
    assert (values == before).all()


def test_gaps_and_wild_values_do_not_move_the_noises_much() -> None:
    """Missing values are skipped, and a print a million deviations off is one of them."""
    values = simulate(3000, 4.0, 1.0, seed=12)
    clean = fitted(values)
    values[[0, 500, 2999]] += [2e6, -3e6, 2e6]
    values[[10, 11]] = [math.inf, -1e200]
    values[1000:1300] = np.nan
    fit = fitted(values)
    assert fit.spikes == 3
    assert fit.n == 2695
    assert fit.observation_variance == pytest.approx(clean.observation_variance, rel=0.1)
    assert fit.level_variance == pytest.approx(clean.level_variance, rel=0.1)


def test_a_level_that_shifts_for_good_is_no_spike() -> None:
    values = simulate(300, 0.01, 0.0001, seed=1)
    values[150:] += 1000.0
    assert fitted(values).spikes == 0


def test_prices_that_mostly_stand_still_have_noises() -> None:
    values = 100.0 + np.repeat(np.random.default_rng(8).integers(0, 2, 60), 9).astype(float)
    assert fitted(values).level_variance > 0.0
    single = np.full(60, 5.0)
    single[30:] = 6.0
    assert fitted(single).level_variance == pytest.approx(1 / 59, rel=0.01)


def test_what_cannot_be_fitted_is_refused_with_a_reason() -> None:
    assert refused(np.full(50, 7.0)) == "the series is constant at 7: no noise to fit"
    assert refused(np.arange(19.0)) == "19 usable values; a Kalman fit needs 20"
    assert refused(np.full(500, np.nan)) == "0 usable values; a Kalman fit needs 20"
    gaps = np.where(np.arange(100) % 6 == 0, np.arange(100.0), np.nan)
    assert refused(gaps).startswith("17 usable values")
    assert refused(np.arange(60.0) * 0.37, trend=True).startswith("the series is its own forecast")
    assert refused(np.arange(65.0), trend=True).startswith("the series is its own forecast")
    tiny = simulate(60, 2.0, 0.5, seed=3) - 3400.0
    assert refused(tiny * 1e-60).endswith("out of all proportion for a filter")
    assert refused(tiny * 1e80).endswith("out of all proportion for a filter")
