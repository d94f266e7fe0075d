"""Simulated forecasts: as wrong as recorded ones, by their lead."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.feeds.port import Quantity
from core.feeds.simulated.forecasts import forecast
from core.feeds.simulated.noise import Noise

HOURS = np.arange(1.0, 169.0)
ISSUES = 1500


def errors(quantity: Quantity, truth: float, later_h: float = 0.0) -> np.ndarray:
    """Shape (issues, 168): what many forecasts, each of a weather of its own, are wrong by."""
    rows = []
    for n in range(ISSUES):
        issued_s = 1.7e9 + (n * 600 + later_h) * 3600.0
        valid_s = issued_s + HOURS * 3600.0
        told = forecast(quantity, np.full(HOURS.size, truth), issued_s, valid_s, Noise("x"))
        assert told is not None
        rows.append(told - truth)
    return np.array(rows)


@pytest.fixture(scope="module")
def wrong() -> np.ndarray:
    return errors(Quantity.TEMPERATURE_C, 10.0)


@pytest.mark.parametrize(
    ("low_h", "high_h", "rmse", "bias"),
    [(0, 24, 0.91, -0.08), (24, 48, 1.24, -0.12), (72, 96, 1.99, -0.82), (144, 168, 3.30, -0.69)],
)
def test_temperatures_err_as_recorded_forecasts_do(wrong, low_h, high_h, rmse, bias) -> None:
    """By the figures of Munich's forecasts, January to April 2026."""
    part = wrong[:, (low_h <= HOURS) & (high_h > HOURS)]
    assert np.sqrt(np.mean(part**2)) == pytest.approx(rmse, rel=0.06)
    assert part.mean() == pytest.approx(bias, abs=0.15)


def test_errors_grow_with_every_day(wrong) -> None:
    days = [np.sqrt(np.mean(wrong[:, 24 * n : 24 * (n + 1)] ** 2)) for n in range(7)]
    assert all(after > before for before, after in pairwise(days))


def test_an_error_lasts_for_hours(wrong) -> None:
    """Sums over a day are not honest if each hour errs for itself."""
    assert np.corrcoef(wrong[:, 20], wrong[:, 22])[0, 1] > 0.6
    assert abs(np.corrcoef(wrong[:, 20], wrong[:, 60])[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("later_h", "low", "high"), [(1, 0.95, 1.0), (6, 0.85, 0.98), (12, 0.7, 0.95), (48, 0.4, 0.6)]
)
def test_two_forecasts_of_the_same_hour_err_alike_but_not_the_same(wrong, later_h, low, high):
    """Errors that were independent would vanish in their mean, and any that ask would win."""
    later = errors(Quantity.TEMPERATURE_C, 10.0, later_h)
    assert low < np.corrcoef(wrong[:, 30 + later_h], later[:, 30])[0, 1] < high


def test_a_model_knows_the_present(wrong) -> None:
    """Recorded ones are 0.4 degrees off within three hours, 0.9 after half a day."""
    assert np.sqrt(np.mean(wrong[:, 0] ** 2)) < 0.4
    assert np.sqrt(np.mean(wrong[:, 11] ** 2)) > 0.8


def test_what_turns_out_warmer_turns_out_drier(wrong) -> None:
    damp = errors(Quantity.HUMIDITY_PCT, 60.0)
    assert np.corrcoef(wrong[:, 20], damp[:, 20])[0, 1] == pytest.approx(-0.6, abs=0.08)


def test_what_is_forecast_can_be() -> None:
    told = errors(Quantity.HUMIDITY_PCT, 98.0) + 98.0
    assert told.min() > 0.0
    assert told.max() == 100.0


def test_rivers_are_not_forecast() -> None:
    assert forecast(Quantity.LEVEL_CM, HOURS, 0.0, HOURS, Noise("x")) is None
