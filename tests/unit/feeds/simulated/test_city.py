"""The simulated city: the same again, plausible, stamped, and told only when it is due."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.feeds.common.limits import is_possible
from core.feeds.places import LONDON, MUNICH
from core.feeds.port import Quality, Quantity
from core.feeds.simulated.city import HOUR_NS, QUARTER_NS, SimulatedCity
from tests.city_answers import S, utc_s

START_NS = utc_s("2026-03-04 05:00") * S
DAY_NS = 24 * HOUR_NS
YEAR = START_NS + np.arange(365 * 96, dtype=np.int64) * QUARTER_NS


def step_through(city: SimulatedCity, steps):
    """Advance by minutes; gather what is told."""
    observations, vintages = [], []
    now_ns = START_NS
    for minutes in steps:
        now_ns += minutes * 60 * S
        reading = city.advance(now_ns)
        observations += reading.observations
        vintages += reading.vintages
    return observations, vintages


def told(observations):
    """What was said of when, without when it was said."""
    return {
        (item.quantity, item.place, item.valid_ts_ns): item.value
        for item in observations
        if item.quantity is not Quantity.AIRCRAFT
    }


def test_the_same_seed_is_the_same_city() -> None:
    first = SimulatedCity(MUNICH, 7).advance(START_NS)
    again = SimulatedCity(MUNICH, 7).advance(START_NS)
    assert first.observations == again.observations
    for one, other in zip(first.vintages, again.vintages, strict=True):
        assert np.array_equal(one.values, other.values)


@pytest.mark.parametrize(("place", "seed"), [(MUNICH, 8), (LONDON, 7)])
def test_another_seed_or_place_is_another_city(place, seed) -> None:
    first = SimulatedCity(MUNICH, 7).truth(Quantity.PRESSURE_HPA, YEAR)
    other = SimulatedCity(place, seed).truth(Quantity.PRESSURE_HPA, YEAR)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.25


@settings(max_examples=25)
@given(steps=st.lists(st.integers(1, 300), min_size=1, max_size=20))
def test_its_past_does_not_depend_on_the_steps(steps) -> None:
    """At one leap or in many steps: nothing is lost, nothing told twice, nothing different."""
    stepped, _ = step_through(SimulatedCity(MUNICH, 3), steps)
    # A leap of less than a day tells all of it.
    leap = min(sum(steps), 24 * 60)
    city = SimulatedCity(MUNICH, 3)
    leaped = city.advance(START_NS + sum(steps) * 60 * S).observations
    from_ns = START_NS + (sum(steps) - leap) * 60 * S
    assert {key: value for key, value in told(stepped).items() if key[2] > from_ns} == {
        key: value for key, value in told(leaped).items() if key[2] > from_ns
    }
    keys = [(item.quantity, item.place, item.valid_ts_ns) for item in stepped]
    assert len(keys) == len(set(keys))


def test_nothing_is_told_before_it_is_due() -> None:
    observations, vintages = step_through(SimulatedCity(MUNICH, 7), [7] * 300)
    assert observations
    assert vintages
    assert all(item.valid_ts_ns <= item.fetched_ts_ns for item in observations)
    assert all((item.valid_ts_ns > item.issued_ts_ns).all() for item in vintages)


def test_time_that_runs_backwards_tells_nothing() -> None:
    city = SimulatedCity(MUNICH, 7)
    city.advance(START_NS)
    assert not city.advance(START_NS - DAY_NS).observations
    assert not city.advance(START_NS).observations
    assert city.advance(START_NS + QUARTER_NS).observations


def test_all_of_it_is_stamped_as_simulated() -> None:
    reading = SimulatedCity(MUNICH, 7).advance(START_NS)
    assert {item.quality for item in reading.observations} == {Quality.SIMULATED}
    assert {item.source for item in (*reading.observations, *reading.vintages)} == {"simulated"}


@pytest.mark.parametrize("place", [MUNICH, LONDON])
def test_every_number_is_possible(place) -> None:
    observations, vintages = step_through(SimulatedCity(place, 5), [60] * 24 * 20)
    assert not [item for item in observations if not is_possible(item.quantity, item.value)]
    for vintage in vintages:
        low_high = (float(vintage.values.min()), float(vintage.values.max()))
        assert all(is_possible(vintage.quantity, value) for value in low_high)


def test_places_are_named_as_the_real_sources_name_them() -> None:
    """So that an event's profile finds its numbers in either."""
    for place, gauge in ((MUNICH, "16515005"), (LONDON, "0006")):
        reading = SimulatedCity(place, 7).advance(START_NS)
        names = {item.quantity: item.place for item in reading.observations}
        assert names[Quantity.LEVEL_CM] == gauge
        assert names[Quantity.ARRIVALS] == place.airport
        assert names[Quantity.TEMPERATURE_C] == names[Quantity.EAQI] == place.name


def test_a_city_without_airport_and_gauge_has_weather_all_the_same() -> None:
    bare = replace(MUNICH, name="nowhere", airport="", stations={})
    reading = SimulatedCity(bare, 7).advance(START_NS)
    quantities = {item.quantity for item in reading.observations}
    assert Quantity.TEMPERATURE_C in quantities
    assert Quantity.ARRIVALS not in quantities


def test_what_is_due_every_quarter_half_hour_and_hour_comes_then() -> None:
    observations, vintages = step_through(SimulatedCity(MUNICH, 7), [1] * 240)
    for quantity, minutes in (
        (Quantity.TEMPERATURE_C, 15),
        (Quantity.LEVEL_CM, 15),
        (Quantity.ARRIVALS, 30),
        (Quantity.EAQI, 60),
        (Quantity.AIRCRAFT, 1),
    ):
        moments = [
            item.valid_ts_ns
            for item in observations
            if item.quantity is quantity and item.valid_ts_ns > START_NS
        ]
        assert {after - before for before, after in pairwise(moments)} == {minutes * 60 * S}
    issues = sorted({item.issued_ts_ns for item in vintages})
    assert len(issues) == 5


def test_days_are_warmer_than_nights_and_summers_than_winters() -> None:
    warm = SimulatedCity(MUNICH, 7).truth(Quantity.TEMPERATURE_C, YEAR)
    hours = YEAR // HOUR_NS % 24
    assert 3.0 < warm[hours == 14].mean() - warm[hours == 4].mean() < 10.0
    months = (YEAR.astype("datetime64[ns]").astype("datetime64[M]").astype(int)) % 12 + 1
    assert warm[months == 7].mean() - warm[months == 1].mean() > 12.0


def test_moist_nights_and_dry_afternoons() -> None:
    moist = SimulatedCity(MUNICH, 7).truth(Quantity.HUMIDITY_PCT, YEAR)
    hours = YEAR // HOUR_NS % 24
    assert moist[hours == 4].mean() > moist[hours == 14].mean() + 8.0


def test_it_rains_sometimes_and_under_clouds() -> None:
    city = SimulatedCity(MUNICH, 7)
    rain = city.truth(Quantity.PRECIPITATION_MM_H, YEAR)
    clouds = city.truth(Quantity.CLOUD_COVER_PCT, YEAR)
    assert 0.05 < (rain > 0).mean() < 0.3
    assert clouds[rain > 0].min() > 60.0


def test_the_river_answers_rain_and_falls_slowly() -> None:
    """Its level follows the rain of the last two days, and rises faster than it falls."""
    city = SimulatedCity(MUNICH, 7)
    level = city.truth(Quantity.LEVEL_CM, YEAR)[::4]
    rain = city.truth(Quantity.PRECIPITATION_MM_H, YEAR)[::4]
    two_days = np.convolve(rain, np.ones(48))[47:-47]
    assert np.corrcoef(two_days, level[47:])[0, 1] > 0.6
    # Over six hours, so that ripples do not count.
    moves = level[6:] - level[:-6]
    assert np.quantile(moves, 0.99) > 1.5 * -np.quantile(moves, 0.01)


def test_more_water_flows_when_it_stands_higher() -> None:
    city = SimulatedCity(MUNICH, 7)
    level = city.truth(Quantity.LEVEL_CM, YEAR)
    flow = city.truth(Quantity.FLOW_M3_S, YEAR)
    assert (np.diff(flow[np.argsort(level)]) >= 0).all()


def test_the_tide_turns_twice_a_day() -> None:
    """12.42 h from high water to high water."""
    level = SimulatedCity(LONDON, 7).truth(Quantity.LEVEL_CM, YEAR[: 96 * 30])
    highs = [
        n
        for n in range(1, level.size - 1)
        if level[n] > 200 and level[n - 1] < level[n] > level[n + 1]
    ]
    assert np.diff(highs).mean() / 4 == pytest.approx(12.42, abs=0.15)


def test_an_airport_sleeps_at_night_and_works_in_waves() -> None:
    observations, _ = step_through(SimulatedCity(MUNICH, 7), [30] * 48 * 21)
    # The first step tells the day before too; three weeks end before summer time begins.
    day: dict[Quantity, np.ndarray] = {}
    for quantity in (Quantity.ARRIVALS, Quantity.DEPARTURES):
        counts = [item for item in observations if item.quantity is quantity][48:]
        bins = np.zeros(48)
        for item in counts:
            bins[(item.valid_ts_ns // (1800 * S) - 1) % 48] += item.value / 21
        day[quantity] = bins
    arrivals, departures = day[Quantity.ARRIVALS], day[Quantity.DEPARTURES]
    assert 400 < arrivals.sum() < 600
    assert departures.sum() == pytest.approx(arrivals.sum(), rel=0.1)
    assert arrivals[0:7].sum() == 0.0
    busy = arrivals[10:44]
    assert busy.max() > 1.8 * busy.min()
    lags = [np.corrcoef(arrivals[10:40], departures[10 + n : 40 + n])[0, 1] for n in range(4)]
    assert int(np.argmax(lags)) == 2


def test_mornings_of_working_days_have_the_dirtiest_air() -> None:
    no2 = SimulatedCity(MUNICH, 7).truth(Quantity.NO2_UG_M3, YEAR)
    hours = YEAR // HOUR_NS % 24
    weekday = (YEAR // DAY_NS + 3) % 7
    assert no2[(hours == 7) & (weekday < 5)].mean() > 1.5 * no2[(hours == 2) & (weekday < 5)].mean()
    assert (
        no2[(hours == 7) & (weekday < 5)].mean() > 1.3 * no2[(hours == 7) & (weekday >= 5)].mean()
    )


def test_an_unknown_quantity_has_no_truth() -> None:
    with pytest.raises(KeyError):
        SimulatedCity(MUNICH, 7).truth(Quantity.OWM_AQI, YEAR[:1])
