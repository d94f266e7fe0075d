"""How a series goes on by itself."""

from __future__ import annotations

import numpy as np
import pytest

from core.events.history import History
from core.events.measure import rule_errors
from core.events.outlook import Daily, Persistence, Tide

QUARTER_NS = 900_000_000_000
DAY = 96


def history(values) -> History:
    return History(QUARTER_NS, QUARTER_NS, np.asarray(values, float))


def river(days: int = 40) -> np.ndarray:
    """A river that floods now and then and loses a hundredth of what it is above 140 an hour."""
    random = np.random.default_rng(11)
    level, levels = 150.0, []
    for _ in range(days * DAY):
        level += 20.0 * (random.random() < 0.002) - 0.0025 * (level - 140.0)
        levels.append(level)
    return np.array(levels)


def test_without_a_past_the_present_stays() -> None:
    past = history([5.0, 6.0, 7.0])
    np.testing.assert_array_equal(Persistence().expect(past, 2, np.array([3, 50])), [7.0, 7.0])


def test_nothing_known_is_nothing_to_go_by() -> None:
    for rule in (Persistence(), Daily(), Tide()):
        assert np.isnan(rule.expect(history([]), -1, np.arange(4))).all()
        assert np.isnan(rule.expect(history([np.nan] * 9), -1, np.arange(4))).all()


def test_a_flood_recedes_as_floods_have() -> None:
    levels = river()
    rule = Persistence().learn(history(levels))
    flood = np.append(levels, 190.0 + np.zeros(60))
    expected = rule.expect(history(flood), len(flood) - 1, np.array([len(flood) - 1 + DAY]))[0]
    assert expected == pytest.approx(140.0 + 50.0 * np.exp(-0.24), abs=3.0)


def test_learning_beats_standing_still() -> None:
    levels = river(60)
    learned = rule_errors(Persistence(), history(levels)).errors[:, DAY - 1]
    stood = levels[30 * DAY + DAY :] - levels[30 * DAY : -DAY]
    assert np.sqrt(np.nanmean(learned**2)) < np.sqrt(np.mean(stood**2))


def test_a_rule_never_looks_behind_its_origin() -> None:
    """Whatever comes after it changes nothing of what it expects."""
    random = np.random.default_rng(12)
    known = 100.0 + np.cumsum(random.standard_normal(20 * DAY)) * 0.1
    origin = len(known) - 1
    ahead = origin + np.arange(1, DAY + 1)
    for rule in (Persistence(), Daily(), Tide()):
        learned = rule.learn(history(known))
        alone = learned.expect(history(known), origin, ahead)
        later = history(np.append(known, random.normal(1e6, 1e5, 2 * DAY)))
        np.testing.assert_array_equal(learned.expect(later, origin, ahead), alone)


def test_a_day_is_like_the_same_time_of_the_days_before() -> None:
    days = np.arange(1.0, 5.0)[:, None] + np.sin(np.arange(DAY))[None, :]
    past = history(days.ravel())
    origin = 4 * DAY - 1
    index = origin + np.array([1, 40, DAY + 1])
    expected = Daily().expect(past, origin, index)
    np.testing.assert_allclose(expected, 2.5 + np.sin([0, 39, 0]), rtol=1e-12)


def test_a_day_that_is_missing_is_left_out_of_the_mean() -> None:
    values = np.concatenate([np.full(DAY, 10.0), np.full(DAY, np.nan), np.full(DAY, 40.0)])
    assert Daily().expect(history(values), 3 * DAY - 1, np.array([3 * DAY + 5]))[0] == 25.0


def tide(bins: int) -> np.ndarray:
    """Meters of a made-up estuary: M2, S2, K1 and M4 on a mean of 0.5."""
    hours = np.arange(1, bins + 1) * 0.25
    waves = ((2.4, 28.9841042, 40), (0.7, 30.0, 75), (0.15, 15.0410686, 200), (0.2, 57.9682084, 10))
    return 0.5 + sum(a * np.cos(np.radians(speed * hours - at)) for a, speed, at in waves)


def test_a_month_of_tide_tells_the_next_day_to_the_centimeter() -> None:
    levels = tide(31 * DAY)
    known = levels[: 30 * DAY]
    rule = Tide().learn(history(known))
    index = np.arange(30 * DAY, 31 * DAY)
    np.testing.assert_allclose(
        rule.expect(history(known), len(known) - 1, index), levels[30 * DAY :], atol=0.01
    )


def test_some_days_of_tide_are_better_than_the_present() -> None:
    """Too short to tell the moon from the sun; still within a fifth of the range."""
    levels = tide(6 * DAY)
    rule = Tide().learn(history(levels[: 5 * DAY]))
    expected = rule.expect(history(levels), 5 * DAY - 1, np.arange(5 * DAY, 6 * DAY))
    assert np.abs(expected - levels[5 * DAY :]).max() < 1.0


def test_hours_of_tide_are_too_few() -> None:
    assert Tide().learn(history(tide(100))).coefficients is None


def test_errors_of_a_rule_are_measured_behind_what_it_learned() -> None:
    """A level that never moves is never wrong; one that jumps at the end is."""
    calm = rule_errors(Persistence(), history(np.full(20 * DAY, 141.0)))
    assert np.nanmax(np.abs(calm.errors)) == pytest.approx(0.0, abs=1e-9)
    jumped = np.full(20 * DAY, 141.0)
    jumped[-DAY:] = 151.0
    assert np.nanmax(rule_errors(Persistence(), history(jumped)).errors) == pytest.approx(10.0)
