"""Draws of one series, against the Gaussian laws that they must obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.events.curves import Curves
from core.events.draws import DrawnSeries, white_noise
from core.events.errors import ErrorModel
from core.events.loader import load_event
from core.events.paths import Expectation, _runs, draw, expect, make_noise
from core.events.timeline import Timeline
from core.feeds.port import Quantity
from tests.event_world import HOUR_NS, vintage

WARM = next(entry for entry in load_event("munich-2025").series if entry.name == "temperature")
VALUES = WARM.shape.bins
HALF_HOUR_H = 0.5
DRAWS = 40_000


def model(**changes) -> ErrorModel:
    """Errors that grow from 1 to 3 within the window."""
    grown = ErrorModel(np.array([0.0, 24.0]), np.array([0.5, 0.5]), np.array([1.0, 3.0]))
    return replace(grown, **{"slow_share": 0.2, "fast_share": 0.7, "fast_h": 4.0, **changes})


def expectation(known: dict[int, float], erred_after_ts_ns: int = 0) -> Expectation:
    values = np.full(VALUES, np.nan)
    for place, value in known.items():
        values[place] = value
    lead_h = np.arange(1, VALUES + 1) * HALF_HOUR_H
    return Expectation(values, np.linspace(40.0, 50.0, VALUES), lead_h, erred_after_ts_ns)


def drawn(known: dict[int, float], errors: ErrorModel, erred_after_ts_ns: int = 0):
    white = white_noise(np.random.default_rng(1), DRAWS, VALUES)
    noise = make_noise(errors, HALF_HOUR_H, white)
    before = noise.copy()
    out = np.empty_like(noise)
    draw(WARM, expectation(known, erred_after_ts_ns), errors, noise, out)
    np.testing.assert_array_equal(noise, before)
    return out


@pytest.mark.parametrize("is_smooth", [False, True])
def test_noise_has_the_correlation_of_the_errors(is_smooth) -> None:
    errors = model(is_smooth=is_smooth)
    noise = make_noise(errors, HALF_HOUR_H, white_noise(np.random.default_rng(2), DRAWS, VALUES))
    apart_h = np.array([0, 1, 4, 20]) * HALF_HOUR_H
    seen = [np.corrcoef(noise[:, 3], noise[:, 3 + steps])[0, 1] for steps in (0, 1, 4, 20)]
    np.testing.assert_allclose(seen, errors.correlation(apart_h), atol=0.02)
    assert noise.flags.f_contiguous


def test_with_nothing_known_draws_are_outlook_bias_and_deviation() -> None:
    errors = model()
    paths = drawn({}, errors)
    expected = expectation({})
    np.testing.assert_allclose(paths.mean(axis=0), expected.center + 0.5, atol=1e-9)
    np.testing.assert_allclose(paths.std(axis=0), errors.deviation_at(expected.lead_h), rtol=0.02)


def test_what_is_known_is_the_same_in_all_draws() -> None:
    paths = drawn({0: 41.0, 1: 43.0}, model())
    assert set(paths[:, 0]) == {41.0}
    assert set(paths[:, 1]) == {43.0}


def test_the_rest_follows_the_law_of_conditional_normals() -> None:
    """Mean and deviation against the textbook's formula (Rasmussen & Williams 2006, eq. 2.19)."""
    errors = model()
    known = {0: 41.5, 1: 41.0, 2: 42.5}
    paths = drawn(known, errors)
    expected = expectation(known)
    lead_h = expected.lead_h
    deviation = errors.deviation_at(lead_h)
    told, rest = np.array([0, 1, 2]), np.arange(3, VALUES)
    related = errors.correlation(np.subtract.outer(lead_h, lead_h))
    weights = np.linalg.solve(related[np.ix_(told, told)], related[np.ix_(told, rest)]).T
    scores = (np.array(list(known.values())) - expected.center[told] - 0.5) / deviation[told]
    mean = expected.center[rest] + 0.5 + deviation[rest] * (weights @ scores)
    left = 1.0 - np.sum(weights * related[np.ix_(rest, told)], axis=1)
    np.testing.assert_allclose(paths[:, 3:].mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(paths[:, 3:].std(axis=0), deviation[rest] * np.sqrt(left), rtol=0.02)


def test_a_station_s_nonsense_moves_the_rest_no_further_than_three_deviations() -> None:
    wild, far = drawn({0: 5_000.0}, model()), drawn({0: 45.0}, model())
    np.testing.assert_array_equal(wild[:, 1:], far[:, 1:])


def test_what_was_known_before_the_forecast_says_nothing_of_its_errors() -> None:
    issued_after = int(WARM.ends_ts_ns[1])
    paths = drawn({0: 60.0, 1: 60.0}, model(), issued_after)
    np.testing.assert_allclose(paths[:, 2:].mean(axis=0), expectation({}).center[2:] + 0.5)


def test_what_a_forecast_erred_by_counts_though_it_was_issued_again() -> None:
    """Told at noon and said again at two: the error of one o'clock moves three o'clock."""
    start = WARM.start_ts_ns
    timeline = Timeline(WARM)
    for hours in (2, 4):
        timeline.foresee(vintage(Quantity.TEMPERATURE_C, start + hours * HOUR_NS))
    expectation = expect(timeline, None)
    assert expectation.erred_after_ts_ns == start + 2 * HOUR_NS
    assert expectation.lead_h[5] == 1.0
    assert expectation.lead_h[9] == 1.0
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, start + 5 * HOUR_NS, error=3.0))
    assert expect(timeline, None).erred_after_ts_ns == start + 5 * HOUR_NS


def test_counts_are_as_uncertain_as_what_is_expected_of_them() -> None:
    """Four times as many scatter twice as much, and an airport that sleeps is sure."""
    landed = next(entry for entry in load_event("munich-2025").series if entry.name == "arrivals")
    typical = landed.settings.typical
    scale = landed.error_scale(np.array([typical, 4 * typical, 0.0]))
    np.testing.assert_allclose(scale[:2], [1.0, 2.0])
    assert 0.0 < scale[2] < 0.15
    assert WARM.error_scale(np.array([-5.0, 90.0])).tolist() == [1.0, 1.0]


def test_a_gap_before_what_is_known_is_drawn_too() -> None:
    paths = drawn({4: 45.0}, model())
    assert paths[:, 0].std() > 0.5
    assert paths[:, 3].std() < paths[:, 0].std()
    assert np.isfinite(paths).all()


def test_a_curve_bends_what_is_drawn() -> None:
    skewed = Curves(np.empty(0), np.exp(np.linspace(-3.0, 3.0, 31))[None, :])
    paths = drawn({}, model(curves=skewed))
    middle = (paths[:, 9] - paths[:, 9].mean()) / paths[:, 9].std()
    assert np.mean(middle**3) > 1.0


def test_stretches_end_at_gaps_and_at_their_longest() -> None:
    index = np.array([2, 3, 4, 5, 9, 10])
    assert list(_runs(index, 3)) == [slice(0, 3), slice(3, 4), slice(4, 6)]
    assert list(_runs(index[:0], 3)) == []


def test_each_draw_has_its_mirror_image() -> None:
    noise = white_noise(np.random.default_rng(3), 10, 4)
    np.testing.assert_array_equal(noise[:5], -noise[5:])


def test_a_series_nobody_has_told_of_cannot_be_drawn() -> None:
    series = DrawnSeries(WARM, white_noise(np.random.default_rng(4), 4, VALUES))
    series.look()
    assert series.is_blind
    assert series.complete == 0
