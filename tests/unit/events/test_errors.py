"""Errors by lead, their form and how they hang together: found again where they were put in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.events.curves import BELL, fit_curves
from core.events.errors import PastErrors, assumed_errors, measured_errors
from core.events.loader import load_event
from core.events.measure import forecast_errors
from core.events.paths import make_noise
from core.events.timeline import Timeline
from tests import munich_weather

HOURS = np.arange(1.0, 49.0)


def past(random, count: int, deviation=1.0, bias=0.0, fast_h: float = 5.0) -> PastErrors:
    """Hourly errors of so many forecasts, related as an exponential."""
    apart = np.abs(np.subtract.outer(HOURS, HOURS))
    related = np.linalg.cholesky(np.exp(-apart / fast_h))
    errors = bias + deviation * (random.standard_normal((count, len(HOURS))) @ related.T)
    return PastErrors(errors, np.tile(HOURS, (count, 1)), np.zeros_like(errors))


def shaped(curves, normal, forecast: float = 0.0):
    """Errors that a curve makes of normal numbers."""
    made = np.empty((1, len(normal)))
    curves.bend(normal[None, :], np.array([forecast]), made)
    return made[0]


def test_an_assumption_passes_through_what_the_profile_says() -> None:
    model = assumed_errors(1.0, 3.0)
    assert model.deviation_at(np.array([24.0])) == pytest.approx(3.0, rel=0.01)
    assert model.deviation_at(np.array([1.0])) < 1.6
    assert (np.diff(model.deviation) > 0).all()
    assert not model.bias.any()


def test_an_assumption_that_shrinks_stays_above_nothing() -> None:
    assert assumed_errors(4.0, 2.0).deviation.min() == pytest.approx(2.0)


def test_without_a_past_the_assumption_stands() -> None:
    assumed = assumed_errors(1.0, 2.0)
    nothing = PastErrors(*np.full((3, 4, 48), np.nan))
    assert measured_errors(assumed, nothing) is assumed


def test_many_forecasts_overrule_the_assumption() -> None:
    random = np.random.default_rng(3)
    growing = 0.5 + HOURS / 24.0
    model = measured_errors(assumed_errors(3.0, 3.0), past(random, 3_000, growing, bias=0.7))
    leads_h = np.array([3.0, 21.0, 45.0])
    np.testing.assert_allclose(model.deviation_at(leads_h), 0.5 + leads_h / 24.0, rtol=0.08)
    np.testing.assert_allclose(model.bias_at(leads_h), 0.7, atol=0.1)
    assert model.forecasts == 3_000


def test_few_forecasts_hardly_move_the_assumption() -> None:
    random = np.random.default_rng(4)
    model = measured_errors(assumed_errors(2.0, 2.0), past(random, 1, 0.01))
    assert model.deviation_at(np.array([12.0])) == pytest.approx(2.0 * np.sqrt(8 / 9), rel=0.01)


def test_forecasts_of_one_day_count_as_one() -> None:
    random = np.random.default_rng(4)
    hourly = replace(past(random, 24, 0.01), weight=1 / 24)
    model = measured_errors(assumed_errors(2.0, 2.0), hourly)
    assert model.deviation_at(np.array([12.0])) == pytest.approx(2.0 * np.sqrt(8 / 9), rel=0.01)
    assert (model.forecasts, model.fast_h) == (24, assumed_errors(2.0, 2.0).fast_h)


def test_scatter_belongs_to_one_bin_alone() -> None:
    """Of a variance of 16, 9 are that of a count of 9: at most 7 hang together."""
    model = assumed_errors(3.5, 4.0, scatter=9.0)
    apart_h = np.array([0.0, 0.01])
    np.testing.assert_allclose(model.correlation(apart_h), [1.0, 7 / 16], rtol=0.01)
    assert assumed_errors(1.0, 2.0, scatter=9.0).correlation(apart_h)[1] == 0.0


def test_a_station_that_stands_still_makes_nobody_sure() -> None:
    calm = PastErrors(np.zeros((500, 48)), np.tile(HOURS, (500, 1)), np.zeros((500, 48)))
    model = measured_errors(assumed_errors(2.0, 2.0), calm)
    assert model.deviation.min() == pytest.approx(0.2)


def test_leads_nobody_has_seen_are_scaled_as_those_that_were() -> None:
    """Twice as wrong up to 48 hours: twice as wrong at 100."""
    random = np.random.default_rng(5)
    assumed = assumed_errors(1.0, 1.0)
    model = measured_errors(assumed, past(random, 400, 2.0))
    assert model.deviation_at(np.array([100.0])) == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("fast_h", [2.0, 8.0])
def test_a_sum_over_a_day_is_as_uncertain_as_sums_have_been(fast_h) -> None:
    """Of all that the correlation is for."""
    random = np.random.default_rng(6)
    seen = past(random, 1_500, fast_h=fast_h)
    model = measured_errors(assumed_errors(1.0, 1.0), seen)
    noise = make_noise(model, 1.0, random.standard_normal((4_000, 24)))
    assert noise.std() == pytest.approx(1.0, rel=0.02)
    assert noise.sum(axis=1).std() == pytest.approx(seen.errors[:, :24].sum(axis=1).std(), rel=0.07)


def test_errors_may_be_held_to_be_normal() -> None:
    random = np.random.default_rng(15)
    seen = past(random, 200)
    skewed = PastErrors(np.exp(seen.errors), seen.leads_h, seen.forecasts)
    assumed = assumed_errors(1.0, 1.0)
    assert measured_errors(assumed, skewed, ranges=0).curves.is_bell
    assert not measured_errors(assumed, skewed, ranges=1).curves.is_bell


def test_errors_of_single_bins_are_not_taken_to_be_related() -> None:
    random = np.random.default_rng(7)
    model = measured_errors(assumed_errors(1.0, 1.0), past(random, 800, fast_h=0.05))
    assert model.correlation(np.array([1.0, 6.0])).max() < 0.08
    assert model.correlation(np.array([0.0])) == 1.0


def test_a_curve_gives_back_long_tails() -> None:
    random = np.random.default_rng(8)
    errors = random.standard_t(4, (400, 48)) / np.sqrt(2.0)
    curves, _ = fit_curves(errors, np.zeros_like(errors), 1, 1.0)
    made = shaped(curves, random.standard_normal(100_000))
    chances = [0.1, 0.25, 0.75, 0.9]
    np.testing.assert_allclose(np.quantile(made, chances), np.quantile(errors, chances), atol=0.03)


def test_ranges_of_the_forecast_err_each_in_its_own_way() -> None:
    """Forecasts near the upper bound can only have been too high."""
    random = np.random.default_rng(9)
    forecasts = random.uniform(0.0, 100.0, (300, 48))
    errors = np.where(forecasts > 80, -np.abs(random.standard_normal(forecasts.shape)), 0.5)
    curves, _ = fit_curves(errors, forecasts, 5, 1.0)
    normal = random.standard_normal(20_000)
    high, low = shaped(curves, normal, 95.0), shaped(curves, normal, 20.0)
    assert high.mean() == pytest.approx(-np.sqrt(2 / np.pi), abs=0.05)
    assert low.mean() == pytest.approx(0.5, abs=0.01)


def test_too_few_errors_keep_the_bell() -> None:
    curves, _ = fit_curves(np.ones((1, 50)), np.zeros((1, 50)), 1, 1.0)
    assert curves.is_bell
    np.testing.assert_array_equal(curves.quantiles, BELL.quantiles)


def test_errors_that_pile_up_at_a_bound_are_drawn_as_often() -> None:
    """Three of ten forecasts of an overcast sky are right to the point."""
    random = np.random.default_rng(13)
    errors = np.minimum(random.normal(-0.6, 1.15, (300, 48)), 0.0)
    curves, _ = fit_curves(errors, np.full_like(errors, 100.0), 1, 1.0)
    made = shaped(curves, random.standard_normal(50_000))
    assert np.mean(made == 0.0) == pytest.approx(np.mean(errors == 0.0), abs=0.03)
    assert made.std() == pytest.approx(errors.std(), rel=0.02)


def test_errors_that_pile_up_hide_how_related_they_are() -> None:
    """Normal numbers correlated at 0.6, cut at a bound: less is seen, and found again."""
    random = np.random.default_rng(14)
    first, second = random.standard_normal((2, 200_000))
    second = 0.6 * first + 0.8 * second
    cut = np.minimum(np.array([first, second]) - 1.0, -0.5)
    seen = np.corrcoef(cut)[0, 1]
    curves, _ = fit_curves(cut, np.zeros_like(cut), 1, 1.0)
    assert seen < 0.57
    assert curves.straightened(np.array([seen]))[0] == pytest.approx(0.6, abs=0.03)
    assert BELL.straightened(np.array([seen]))[0] == seen


def test_scores_undo_the_curve() -> None:
    random = np.random.default_rng(10)
    errors = random.gamma(2.0, 1.0, (300, 48)) - 2.0
    curves, _ = fit_curves(errors, np.zeros_like(errors), 1, 1.0)
    scores = np.array([-1.5, -0.2, 0.0, 1.7])
    made = shaped(curves, scores)
    np.testing.assert_allclose(curves.scores(made, np.zeros(4)), scores, atol=1e-3)


PUBLISHED = (
    (0, 24, 0.91, -0.08),
    (24, 48, 1.24, -0.12),
    (72, 96, 1.99, -0.82),
    (144, 168, 3.30, -0.69),
)


@pytest.fixture(scope="module")
def recorded() -> PastErrors:
    event = load_event("munich-2025")
    warm = next(entry for entry in event.series if entry.name == "temperature")
    hourly = warm.settings.model_copy(update={"unit": "C", "bin_minutes": 60})
    timeline = Timeline(type(warm)(hourly, warm.start_ts_ns, 24))
    _, reading = munich_weather.load()
    for told in reading.observations:
        if timeline.takes(told):
            timeline.observe(told)
    for told in reading.vintages:
        if timeline.takes(told):
            timeline.foresee(told)
    return forecast_errors(timeline)


@pytest.mark.parametrize(("first_h", "beyond_h", "rmse", "bias"), PUBLISHED)
def test_recorded_forecasts_err_as_published(recorded, first_h, beyond_h, rmse, bias) -> None:
    """Open-Meteo for Munich, January to April 2026; there the sign is forecast less analysis."""
    chosen = (recorded.leads_h >= first_h) & (recorded.leads_h < beyond_h)
    errors = recorded.errors[chosen & np.isfinite(recorded.errors)]
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(rmse, abs=0.03)
    assert -np.mean(errors) == pytest.approx(bias, abs=0.06)
