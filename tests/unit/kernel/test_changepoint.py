"""The streaming change-point detector."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.domain.changes import CHANGE_DETECTOR, MAX_RUNS, WARM_UP_VALUES
from core.domain.memory import allocate
from core.kernel.change_scale import follow_scale
from core.kernel.changepoint import HAZARD, observe, observe_series, reset, reset_scaled


def make(center=None, scale=1.0, hazard=HAZARD):
    """A fresh detector: told center and scale, or learning them."""
    detector = allocate(CHANGE_DETECTOR, 1)[0]
    if center is None:
        reset(detector, hazard)
    else:
        reset_scaled(detector, hazard, center, scale)
    return detector


def feed(detector, values):
    """Positions at which a change was declared, with where it was placed."""
    return [
        (position, int(detector["last_change"]))
        for position, value in enumerate(values)
        if observe(detector, value)
    ]


def noise(count, seed=3):
    return np.random.default_rng(seed).normal(size=count)


def test_a_shift_is_declared_soon_and_placed_well() -> None:
    values = noise(160) + 40.0
    values[110:] += 5.0
    detector = make()
    ((position, place),) = feed(detector, values)
    assert place == pytest.approx(110, abs=1)
    assert 112 <= position <= 118
    assert detector["last_change"] == 160 - detector["map_run_length"]
    assert detector["changes"] == 1


def test_a_change_needs_several_values_to_be_believed() -> None:
    """However far the first ones are: they could be outliers. Ten are enough."""
    values = 0.1 * noise(80)
    values[60:] += 30.0
    ((position, place),) = feed(make(0.0), values)
    assert place == 60
    assert 63 <= position <= 69


def test_a_long_run_forgets() -> None:
    """Its level stays as uncertain as 512 values leave it: a plain line would be surer."""
    detector = make(0.0)
    feed(detector, noise(2500))
    oldest = int(np.argmin(detector["start"][: detector["runs"]]))
    assert detector["count"][oldest] == 512
    assert 2 / 512 < detector["level_variance"][oldest] < 8 / 512
    assert detector["noise_sum"][oldest] / (0.1 + 0.25 * 512) == pytest.approx(1.0, rel=0.15)


def test_a_run_is_never_surer_than_a_millionth_of_the_scale() -> None:
    """After a series has been frozen for hours, nothing is divided by nothing."""
    detector = make(0.0, 3.0)
    feed(detector, np.zeros(40))
    detector["noise_sum"][: detector["runs"]] = 0.0
    observe(detector, 0.0)
    alive = int(detector["runs"])
    assert np.isfinite(detector["weight"][:alive]).all()
    assert float(detector["noise_sum"][:alive].min()) == pytest.approx(9e-12)


def test_the_probability_of_a_recent_change_rises_and_falls() -> None:
    values = noise(160)
    values[110:] -= 6.0
    detector = make(0.0)
    feed(detector, values[:110])
    calm = float(detector["change_probability"])
    feed(detector, values[110:117])
    alarmed = float(detector["change_probability"])
    feed(detector, values[117:])
    assert calm < 0.2
    assert alarmed > 0.95
    assert float(detector["change_probability"]) < 0.2


def test_noise_raises_no_alarm() -> None:
    """Neither normal noise nor heavy tails: t(5) leaves five deviations once in a thousand."""
    assert feed(make(), noise(1500)) == []
    heavy = np.random.default_rng(8).standard_t(5, size=1500)
    assert len(feed(make(), heavy)) <= 1


def test_a_change_of_volatility_is_a_change() -> None:
    values = noise(240)
    values[150:] *= 8.0
    ((_, place),) = feed(make(), values)
    assert place == pytest.approx(150, abs=5)


def test_the_first_value_is_foretold_by_the_prior() -> None:
    """The weight of a run after one value is hazard times the root of a Student-t density."""
    detector = make(2.0, 3.0)
    observe(detector, 2.5)
    observe(detector, 4.0)
    prior = stats.t(df=0.2, loc=2.0, scale=3.0 * math.sqrt(1 + 1 / 0.3))
    # The older run: level and noise after 2.5, worked by hand from the update's equations.
    gain = (1 / 0.3) / (1 + 1 / 0.3)
    shape = 0.1 + 0.25
    rate = 0.1 * 9.0 + 0.25 * 0.5**2 / (1 + 1 / 0.3)
    variance = (1 - gain) / 0.3 + 0.001
    older = stats.t(
        df=2 * shape, loc=2.0 + gain * 0.5, scale=math.sqrt(rate / shape * (1 + variance))
    )
    odds = HAZARD / (1 - HAZARD) * math.sqrt(prior.pdf(4.0) / older.pdf(4.0))
    assert detector["weight"][1] / detector["weight"][0] == pytest.approx(odds, rel=1e-12)
    assert detector["change_probability"] == pytest.approx(odds / (1 + odds), rel=1e-12)


@pytest.mark.parametrize("missing", [(), (0, 5, 6, 11)])
def test_a_run_is_a_regression_on_time(missing) -> None:
    """Level and slope are what least squares with the prior gives, gaps or not."""
    times = np.array([time for time in range(12) if time not in missing])
    values = 5.0 + 0.4 * np.arange(12) + 0.1 * noise(12)
    values[list(missing)] = math.nan
    detector = make(4.0, 2.0, 1e-9)
    feed(detector, values)
    oldest = int(np.argmin(detector["start"][: detector["runs"]]))
    begin = times[0]
    design = np.column_stack([np.ones(len(times)), times - begin])
    prior = np.diag([0.3, 1 / 0.001])
    precision = design.T @ design + prior
    level, slope = np.linalg.solve(precision, design.T @ values[times] + prior @ [4.0, 0.0])
    covariance = np.linalg.inv(precision)
    ahead = np.array([1.0, 12.0 - begin])
    assert detector["start"][oldest] == begin
    assert detector["level"][oldest] == pytest.approx(level + ahead[1] * slope, rel=1e-10)
    assert detector["slope"][oldest] == pytest.approx(slope, rel=1e-9)
    assert detector["level_variance"][oldest] == pytest.approx(ahead @ covariance @ ahead)
    assert detector["slope_variance"][oldest] == pytest.approx(covariance[1, 1])
    assert detector["count"][oldest] == len(times)


def test_runs_stay_bounded_and_sum_to_one() -> None:
    detector = make(0.0)
    values = noise(700)
    values[300:] += 9.0
    for value in values:
        observe(detector, value)
        alive = int(detector["runs"])
        assert alive <= MAX_RUNS
        assert detector["weight"][:alive].sum() == pytest.approx(1.0, abs=1e-12)
        assert len(set(detector["start"][:alive].tolist())) == alive
    assert detector["map_run_length"] == 400


@pytest.mark.parametrize("wild", [1e6, -1e6, 1e99])
def test_an_outlier_is_forgotten(wild) -> None:
    values = noise(200) + 7.0
    values[90] = wild
    detector = make()
    assert feed(detector, values) == []
    assert detector["map_run_length"] == 200
    assert all(np.isfinite(detector[name]).all() for name in ("weight", "level", "noise_sum"))
    assert float(detector["scale"]) < 1.6


def test_an_outlier_does_not_hide_the_change_after_it() -> None:
    values = noise(240)
    values[90] = 1e6
    values[150:] += 5.0
    assert [place for _, place in feed(make(), values)] == [150]


def test_a_far_new_level_becomes_the_new_normal() -> None:
    """A million standard deviations away, for good: found, and the next change there as well."""
    values = noise(400)
    values[150:] += 1e6
    values[300:] += 8.0
    places = [place for _, place in feed(make(), values)]
    assert places == pytest.approx([150, 300], abs=5)


@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf, 1e200])
def test_what_is_missing_only_lets_time_pass(missing) -> None:
    values = 0.5 * np.arange(60) + 0.2 * noise(60)
    detector, other = make(15.0, 9.0), make(15.0, 9.0)
    feed(detector, [*values[:40], missing, *values[41:]])
    feed(other, values)
    assert detector["missing"] == 1
    assert detector["map_run_length"] == 60
    assert float(detector["level"][0]) == pytest.approx(float(other["level"][0]), abs=0.1)
    assert observe(detector, missing) == 0
    assert detector["map_run_length"] == 61


def test_it_learns_the_scale_before_it_judges() -> None:
    values = 1e5 + 30.0 * noise(WARM_UP_VALUES)
    detector = make()
    for value in values[:-1]:
        observe(detector, value)
        assert detector["is_ready"] == 0
        assert detector["change_probability"] == 0.0
    observe(detector, values[-1])
    assert detector["is_ready"] == 1
    assert float(detector["center"]) == pytest.approx(np.median(values))
    spread = 1.4826 * np.median(np.abs(values - np.median(values)))
    assert float(detector["scale"]) == pytest.approx(spread)
    assert detector["map_run_length"] == WARM_UP_VALUES


def test_a_constant_series_keeps_it_waiting() -> None:
    detector = make()
    assert feed(detector, [3.25] * 100) == []
    assert detector["is_ready"] == 0
    # That it begins to move is the change.
    assert [place for _, place in feed(detector, 3.25 + noise(100))] == pytest.approx([100], abs=4)
    assert detector["is_ready"] == 1
    assert float(detector["scale"]) < 1.5
    assert detector["first"] > 0


def test_a_few_odd_values_are_enough_to_learn_a_scale() -> None:
    """More than half equal: the median distance is 0, the mean distance is not."""
    values = [5.0] * WARM_UP_VALUES
    values[3] = 9.0
    detector = make()
    feed(detector, values)
    assert detector["is_ready"] == 1
    assert float(detector["scale"]) == pytest.approx(4.0 / WARM_UP_VALUES)


def test_gaps_in_the_warm_up_keep_their_place() -> None:
    values = noise(30)
    values[[4, 5, 11]] = math.nan
    detector = make()
    feed(detector, values)
    assert detector["map_run_length"] == 30
    assert detector["missing"] == 3


def test_the_warm_up_is_gone_over_as_if_it_had_come_later() -> None:
    values = 0.7 * np.arange(26.0) + noise(26)
    values[[3, 4, 11, 17, 18, 19]] = math.nan
    learned = make()
    feed(learned, values)
    told = make(float(learned["center"]), float(learned["scale"]))
    feed(told, values)
    assert learned["is_ready"] == 1
    for name in ("start", "weight", "level", "slope", "noise_sum", "level_variance"):
        assert learned[name].tolist() == told[name].tolist()
    assert learned["map_run_length"] == told["map_run_length"]


def test_outliers_apart_do_not_move_the_center() -> None:
    values = noise(190)
    values[[60, 90, 120, 121, 150, 180]] = 1e6
    detector = make()
    for value in values:
        observe(detector, value)
        assert abs(float(detector["center"])) < 1.0


def test_the_scale_never_vanishes() -> None:
    detector = make(0.0, 1e-100)
    for _ in range(3):
        follow_scale(detector, 0.0)
    assert float(detector["scale"]) == 1e-100


def test_the_scale_follows_the_series() -> None:
    values = noise(3000, seed=5)
    values[500:] = 3.0 * values[500:] + 2.0
    detector = make()
    feed(detector, values)
    assert float(detector["scale"]) == pytest.approx(values.std(), rel=0.1)
    assert float(detector["center"]) == pytest.approx(values.mean(), abs=0.2)


def test_a_frozen_series_stays_finite() -> None:
    """A long stretch of equal values drives every variance to nothing."""
    detector = make()
    feed(detector, [*noise(60), *[0.0] * 2000])
    assert np.isfinite(detector["weight"][: detector["runs"]]).all()
    found = feed(detector, 5.0 + noise(30))
    assert [place for _, place in found] == pytest.approx([2060], abs=5)


def test_changes_without_end_are_not_declared() -> None:
    """A sawtooth of a dozen steps is what the series does, not what became of it."""
    values = np.tile(np.repeat([0.0, 9.0], 12), 40) + 0.3 * noise(960)
    detector = make()
    declared = feed(detector, values)
    assert len(declared) <= 12
    assert detector["is_restless"] == 1
    assert detector["changes"] > 40
    quiet = feed(detector, noise(400) * 0.3)
    assert quiet == []


def test_a_declared_change_moves_to_its_better_place_in_silence() -> None:
    """A ramp up to the new level: with more values, its end is the likelier beginning."""
    values = noise(130, seed=8)
    values[80:] += np.minimum(np.arange(50) * 0.9, 4.0)
    detector = make(0.0)
    ((_, place),) = feed(detector, values)
    assert place == 80
    assert detector["last_change"] == 130 - int(detector["map_run_length"]) == 82
    assert detector["changes"] == 1


def test_a_series_at_once_is_the_same_as_value_by_value() -> None:
    values = np.concatenate([noise(90), 6.0 + noise(60)])
    single, whole = make(), make()
    starts = np.zeros(150, np.int64)
    declared = feed(single, values)
    assert observe_series(whole, values, starts) == len(declared) == 1
    assert whole.tobytes() == single.tobytes()
    assert starts[-1] == 90
