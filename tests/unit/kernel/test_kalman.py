"""The streaming Kalman filter, against published figures and dense algebra."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.domain.filters import KALMAN_FILTER
from core.domain.memory import allocate
from core.kernel.kalman import filter_series, observe, set_noise, skip
from tests.unit.models.published import nile

NILE = (15099.0, 1469.1)
MISSING = math.nan


def make_filter(observation=1.3, level=0.2, slope=0.0, *, trend=False, fitted=True, weight=0.02):
    row = allocate(KALMAN_FILTER, 1)[0]
    assert set_noise(row, observation, level, slope, int(trend), int(fitted), weight) == 1
    return row


def run(row, values, field="level"):
    """Observe each value; give a field after each."""
    path = []
    for value in values:
        observe(row, float(value))
        path.append(float(row[field]))
    return np.array(path)


def read(row, *fields):
    return [float(row[field]) for field in fields]


def line_through(values, observation, level, slope):
    """
    Mean and covariance of (level, slope) at the last value, by one dense regression.

    Unknown are the first level and slope, of which nothing is assumed, and every η and ζ.
    """
    steps = len(values) - 1
    move = np.array([[1.0, 1.0], [0.0, 1.0]])
    state = np.zeros((2, 2 + 2 * steps))
    state[:, :2] = np.eye(2)
    rows, targets = [], []
    for time, value in enumerate(values):
        if time:
            state = move @ state
            state[0, 2 * time] = 1.0
            state[1, 2 * time + 1] = 1.0
        if math.isfinite(value):
            rows.append(state[0] / math.sqrt(observation))
            targets.append(value / math.sqrt(observation))
    for time in range(steps):
        for place, variance in ((2 + 2 * time, level), (3 + 2 * time, slope)):
            rows.append(np.eye(2 + 2 * steps)[place] / math.sqrt(variance))
            targets.append(0.0)
    design = np.array(rows)
    covariance = np.linalg.inv(design.T @ design)
    mean = covariance @ design.T @ np.array(targets)
    return state @ mean, state @ covariance @ state.T


def random_walk(length, seed):
    generator = np.random.default_rng(seed)
    return 100.0 + generator.normal(size=length).cumsum() + 2.0 * generator.normal(size=length)


def test_the_nile_is_filtered_as_published() -> None:
    """Levels, their variances, innovations and gains, exact from the first year on."""
    kalman = make_filter(*NILE)
    seen = []
    for flow in nile():
        observe(kalman, flow)
        seen.append(
            [kalman[name] for name in ("level", "p_level", "innovation", "innovation_variance")]
        )
    levels, variances, innovations, spreads = np.array(seen).T
    assert levels[[0, 1, 2, 99]] == pytest.approx([1120, 1140.9278, 1072.7985, 798.3703], abs=6e-5)
    assert variances[[0, 1, 2, 99]] == pytest.approx(
        [15099, 7899.736, 5781.470, 4032.158], abs=6e-4
    )
    assert (variances + NILE[1])[:3] == pytest.approx([16568.1, 9368.836, 7250.570], abs=6e-4)
    assert innovations[[1, 2, 99]] == pytest.approx([40, -177.9278, -79.6373], abs=6e-5)
    assert spreads[[1, 2, 99]] == pytest.approx([31667.1, 24467.836, 20600.258], abs=6e-4)
    assert kalman["gain_level"] == pytest.approx(0.2670480, abs=6e-8)
    assert kalman["p_level"] == pytest.approx(4032.1579, abs=6e-5)
    assert kalman["p_level"] + NILE[1] == pytest.approx(5501.2579, abs=6e-5)


def test_the_nile_s_likelihood_is_the_diffuse_one() -> None:
    sums = np.zeros(3)
    filter_series(make_filter(*NILE), nile(), sums)
    assert sums[2] == 99
    without = -0.5 * (99 * math.log(2 * math.pi) + sums[0] + sums[1])
    assert without == pytest.approx(-632.5456, abs=6e-5)
    assert without - 0.5 * math.log(2 * math.pi) == pytest.approx(-633.46456, abs=6e-6)


def test_forward_and_backward_together_smooth_the_nile() -> None:
    """A local level has no direction: each year is weighed from both of its sides."""
    flows = nile()

    def both_ways(field):
        ahead = run(make_filter(*NILE), flows, field)
        back = run(make_filter(*NILE), flows[::-1], field)[::-1]
        return ahead[:-1], back[1:]

    levels, later_levels = both_ways("level")
    variances, later_variances = both_ways("p_level")
    later_variances = later_variances + NILE[1]
    smoothed_variances = 1 / (1 / variances + 1 / later_variances)
    smoothed = smoothed_variances * (levels / variances + later_levels / later_variances)
    years = [0, 1, 2, 27, 28]
    assert smoothed[years] == pytest.approx(
        [1111.6683, 1110.8577, 1105.2656, 999.5852, 950.9301], abs=6e-5
    )
    assert smoothed_variances[years] == pytest.approx(
        [4032.158, 3242.930, 2818.942, 2326.757, 2326.757], abs=6e-4
    )
    assert (smoothed_variances <= variances).all()


def test_years_to_come_are_missing_observations() -> None:
    """The forecast stays flat while its variance grows by σ²η a year."""
    kalman = make_filter(*NILE)
    run(kalman, nile())
    spreads = []
    for _ in range(3):
        skip(kalman)
        assert kalman["level"] == pytest.approx(798.3703, abs=6e-5)
        spreads.append(kalman["p_level"] + NILE[0])
    assert spreads == pytest.approx([20600.258, 22069.358, 23538.458], abs=6e-4)
    assert kalman["missing"] == 3
    assert kalman["observations"] == 100


def test_the_gain_depends_on_the_ratio_of_the_noises_alone() -> None:
    values = random_walk(60, seed=3)
    one = run(make_filter(1.3, 0.2), values)
    other = run(make_filter(1.3 * 4096, 0.2 * 4096), values)
    assert one == pytest.approx(other, rel=1e-13)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e101, -1e300])
def test_what_is_no_number_is_missing(value: float) -> None:
    kalman = make_filter()
    run(kalman, [7.0, 9.0])
    level, variance = float(kalman["level"]), float(kalman["p_level"])
    observe(kalman, value)
    assert kalman["level"] == level
    assert kalman["p_level"] == pytest.approx(variance + 0.2)
    assert kalman["missing"] == 1
    observe(kalman, 8.0)
    assert kalman["missing"] == 0
    assert kalman["observations"] == 3


@pytest.mark.parametrize("trend", [False, True])
def test_before_the_first_observation_nothing_happens(trend: bool) -> None:
    kalman = make_filter(slope=0.1, trend=trend)
    skip(kalman)
    observe(kalman, MISSING)
    assert kalman["p_level"] == 0.0
    assert run(kalman, [5.0])[0] == 5.0
    assert kalman["p_level"] == 1.3
    assert kalman["gain_level"] == 1.0
    assert kalman["innovation_variance"] == 0.0


@pytest.mark.parametrize(
    "values",
    [
        [3.0, 5.5],
        [3.0, 5.5, 4.0, 9.0, 9.5],
        [3.0, MISSING, 4.0],
        [3.0, MISSING, MISSING, MISSING, 9.0, 2.0],
        [3.0, 5.0, MISSING, 4.5, MISSING, MISSING, 1.0],
    ],
)
def test_a_trend_starts_with_the_line_through_what_there_is(values: list[float]) -> None:
    """Level, slope and their covariance are those of a regression with no prior at all."""
    noises = (1.3, 0.4, 0.07)
    kalman = make_filter(*noises, trend=True)
    run(kalman, values)
    mean, covariance = line_through(values, *noises)
    assert [kalman["level"], kalman["slope"]] == pytest.approx(mean, abs=1e-9)
    assert [kalman["p_level"], kalman["p_cross"], kalman["p_slope"]] == pytest.approx(
        [covariance[0, 0], covariance[0, 1], covariance[1, 1]], abs=1e-9
    )


def test_a_missing_observation_follows_the_slope() -> None:
    kalman = make_filter(1.3, 0.2, 0.05, trend=True)
    run(kalman, [3.0, 5.0, 8.0, 9.0])
    level, slope = float(kalman["level"]), float(kalman["slope"])
    skip(kalman)
    assert kalman["level"] == level + slope
    assert kalman["slope"] == slope


def test_without_observation_noise_the_level_is_the_value() -> None:
    values = [3.0, 5.0, 4.0, 11.0]
    level = make_filter(0.0, 0.2)
    assert run(level, values).tolist() == values
    trend = make_filter(0.0, 0.0, 0.3, trend=True)
    assert run(trend, values).tolist() == values
    assert trend["slope"] == 7.0
    assert trend["p_slope"] == pytest.approx(0.3)


@pytest.mark.parametrize("trend", [False, True])
@pytest.mark.parametrize("fitted", [False, True])
def test_an_outlier_of_a_million_deviations_passes(trend: bool, fitted: bool) -> None:
    """It moves the level by its gain; in time all is as it would have been."""
    values = random_walk(3000, seed=8)
    wild = values.copy()
    wild[700] += 2e6
    undisturbed = make_filter(4.0, 1.0, 0.01, trend=trend, fitted=fitted)
    disturbed = make_filter(4.0, 1.0, 0.01, trend=trend, fitted=fitted)
    path = run(undisturbed, values)
    path_with = run(disturbed, wild)
    assert np.isfinite(path_with).all()
    assert path_with[-1] == pytest.approx(path[-1], abs=1e-6)
    assert disturbed["variance_scale"] == pytest.approx(undisturbed["variance_scale"], rel=1e-6)


def test_the_learned_scale_is_a_plain_mean_at_first() -> None:
    """Durbin & Koopman's concentrated estimate: the mean of v² / F* so far."""
    values = random_walk(30, seed=5)
    for trend in (False, True):
        adaptive = make_filter(1.0, 0.3, 0.01, trend=trend, fitted=False)
        run(adaptive, values)
        sums = np.zeros(3)
        given = make_filter(1.0, 0.3, 0.01, trend=trend)
        filter_series(given, values, sums)
        assert sums[2] == 29 - trend
        assert adaptive["variance_scale"] == pytest.approx(sums[1] / sums[2], rel=1e-12)
        assert adaptive["level"] == given["level"]
        assert adaptive["innovation_variance"] == pytest.approx(
            given["innovation_variance"] * adaptive["variance_scale"]
        )
        assert given["variance_scale"] == 1.0


def test_the_learned_scale_finds_the_noise() -> None:
    """Ratio 1/4 of a walk with σ²ε = 4: the scale comes out near 4, whatever the unit."""
    kalman = make_filter(1.0, 0.25, fitted=False, weight=0.001)
    run(kalman, random_walk(4000, seed=11))
    assert kalman["variance_scale"] == pytest.approx(4.0, rel=0.1)


def test_a_market_that_stands_still_has_no_noise_until_it_moves() -> None:
    kalman = make_filter(1.0, 0.25, fitted=False, weight=0.125)
    run(kalman, [50.0] * 100)
    assert kalman["variance_scale"] == 0.0
    assert kalman["innovation_variance"] == 0.0
    observe(kalman, 53.0)
    spread = float(kalman["p_level"] / kalman["gain_level"]) / (1.0 - kalman["gain_level"])
    assert kalman["variance_scale"] == pytest.approx(0.125 * 9.0 / spread)


@pytest.mark.parametrize(
    "noise",
    [
        (-1.0, 2.0, 0.0, 0.02),
        (2.0, -1.0, 0.0, 0.02),
        (2.0, 1.0, -0.5, 0.02),
        (0.0, 0.0, 0.0, 0.02),
        (math.nan, 1.0, 0.0, 0.02),
        (1.0, math.inf, 0.0, 0.02),
        (1e99, 1e101, 0.0, 0.02),
        (1e-101, 0.0, 0.0, 0.02),
        (1.0, 1.0, 0.0, 0.0),
        (1.0, 1.0, 0.0, 1.01),
        (1.0, 1.0, 0.0, math.nan),
    ],
)
def test_noises_that_make_no_sense_are_refused(noise: tuple[float, ...]) -> None:
    kalman = make_filter()
    run(kalman, [3.0, 4.0])
    before = kalman.tobytes()
    observation, level, slope, weight = noise
    assert set_noise(kalman, observation, level, slope, 1, 0, weight) == 0
    assert kalman.tobytes() == before


def test_other_noises_keep_what_is_known() -> None:
    kalman = make_filter(1.3, 0.2)
    run(kalman, [3.0, 5.0, 4.0])
    level, variance = float(kalman["level"]), float(kalman["p_level"])
    assert set_noise(kalman, 2.6, 0.9, 0.0, 0, 1, 0.02)
    assert (kalman["level"], kalman["p_level"]) == (level, variance)
    assert kalman["observations"] == 3
    observe(kalman, 6.0)
    assert kalman["innovation_variance"] == pytest.approx(variance + 0.9 + 2.6)


@pytest.mark.parametrize(("old_fitted", "new_fitted"), [(1, 0), (0, 1), (0, 0)])
def test_the_doubt_in_ticks_survives_a_change_of_unit(old_fitted: int, new_fitted: int) -> None:
    """Variances and ratios are different units; P times the scale is the same in both."""
    kalman = make_filter(0.5, 0.2, 0.1, trend=True, fitted=bool(old_fitted))
    run(kalman, [3.0, 9.0, 4.0, 11.0, 6.0])
    names = ("p_level", "p_cross", "p_slope")
    scale = float(kalman["variance_scale"])
    before = np.array(read(kalman, *names)) * scale
    assert set_noise(kalman, 4.0, 2.0, 0.4, 1, new_fitted, 0.02) == 1
    assert np.array(read(kalman, *names)) * kalman["variance_scale"] == pytest.approx(before)
    # 0.5 + 0.2 + 0.1 of the old unit are 4.0 + 2.0 + 0.4 of the new one.
    expected = 1.0 if new_fitted else scale * 0.8 / 6.4
    assert kalman["variance_scale"] == pytest.approx(expected)


def test_another_model_starts_anew() -> None:
    kalman = make_filter(1.3, 0.2, 0.1, trend=True)
    run(kalman, [3.0, 5.0, 9.0])
    assert set_noise(kalman, 1.3, 0.2, 0.0, 0, 1, 0.02)
    assert kalman["slope"] == 0.0
    observe(kalman, 40.0)
    assert read(kalman, "level", "slope", "p_level", "p_cross", "p_slope") == [40, 0, 1.3, 0, 0]
    assert read(kalman, "gain_level", "gain_slope", "innovation") == [1, 0, 0]
    assert kalman["innovation_variance"] == 0.0
    assert run(kalman, [40.0, 40.0]).tolist() == [40.0, 40.0]


def test_the_second_observation_of_a_trend_is_followed_entirely() -> None:
    """As far as its distance from the first: three steps away, a third goes to the slope."""
    kalman = make_filter(1.3, 0.2, 0.1, trend=True)
    run(kalman, [3.0, MISSING, MISSING, 6.0])
    assert read(kalman, "level", "slope", "gain_level", "gain_slope") == [6, 1, 1, 1 / 3]


def test_a_series_is_rated_where_there_was_a_forecast() -> None:
    """Gaps and the diffuse start add nothing to the likelihood."""
    sums = np.full(3, 7.0)
    filter_series(make_filter(), np.array([MISSING, 4.0, MISSING]), sums)
    assert sums.tolist() == [0.0, 0.0, 0.0]
    filter_series(make_filter(), np.array([MISSING]), sums)
    assert sums.tolist() == [0.0, 0.0, 0.0]
    filter_series(make_filter(1.3, 0.2), np.array([4.0, MISSING, 7.0]), sums)
    spread = 1.3 + 2 * 0.2 + 1.3
    assert sums == pytest.approx([math.log(spread), 9.0 / spread, 1.0])
