"""Fair values tried on recorded days."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.events.backtest import Trial, calibrate, outcome, told_before, try_event
from core.events.loader import load_event
from core.events.pricer import FairValue
from core.feeds.port import Reading
from tests import isar_level, munich_weather
from tests.event_world import HOUR_NS, day_until

FOLDER = Path(__file__).parents[2] / "fixtures" / "events"
FIRST_FETCHES = 15
"""Before those there is too little to measure errors on."""


def trial(low: float, high: float, came: float, symbol: str = "A") -> Trial:
    value = FairValue(symbol, None, (low + high) / 2, 2.0, low, high, 0, 1)
    return Trial(value, came, 0)


def test_a_band_holds_its_ends() -> None:
    assert [trial(2, 4, came).is_inside for came in (1.9, 2, 3, 4, 4.1)] == [0, 1, 1, 1, 0]


def test_trials_are_summed_up_by_product() -> None:
    first, second = calibrate(
        [trial(2, 4, 3), trial(0, 2, 9, "B"), trial(2, 4, 7), trial(2, 4, 2), trial(2, 4, 4)]
    )
    assert (first.symbol, first.trials, first.inside_pct) == ("A", 4, 75.0)
    assert first.bias == 1.0
    assert first.rmse == pytest.approx(np.sqrt((0 + 16 + 1 + 1) / 4))
    assert first.mean_deviation == 2.0
    assert (second.symbol, second.inside_pct) == ("B", 0.0)


def test_what_was_told_at_the_moment_itself_is_not_known_before_it() -> None:
    event = load_event("munich-2025")
    told = day_until(event, event.start_ts_ns)
    moment = told.observations[7].fetched_ts_ns
    before = told_before(told, moment)
    assert before.observations
    assert max(entry.fetched_ts_ns for entry in before.observations) < moment
    assert all(entry.issued_ts_ns < moment for entry in before.vintages)


def test_a_window_with_a_gap_has_no_outcome() -> None:
    event = load_event("munich-2025")
    whole = day_until(event, event.end_ts_ns + HOUR_NS)
    assert len(outcome(event, whole)) == len(event.products)
    lacking = Reading(
        tuple(
            told
            for told in whole.observations
            if told.quantity.value != "humidity_pct"
            or abs(told.valid_ts_ns - event.end_ts_ns + HOUR_NS) > HOUR_NS / 2
        )
    )
    assert set(outcome(event, lacking)) == {"1_Eisbach", "2_Eisbach_Call", "5_Flights", "6_Airport"}


of_the_recording = pytest.mark.xdist_group("recorded forecasts")


@pytest.fixture(scope="module")
def recorded():
    fetches, reading = munich_weather.load()
    event = load_event("munich-weather", folder=FOLDER)
    trials = {}
    for lead_h in (0, 24, 72):
        windows = [
            (at + 1, (at // HOUR_NS + 1 + lead_h) * HOUR_NS) for at in fetches[FIRST_FETCHES::2]
        ]
        trials[lead_h] = try_event(event, reading, windows, draws=400)
    return trials


TEMPERATURE = ("SUM", "LAST", "HIGH", "LOW")


@of_the_recording
def test_four_of_five_outcomes_lie_inside_the_band(recorded) -> None:
    """Of products on temperature, whatever the lead: 75 to 85 of 100."""
    inside = [
        trial.is_inside
        for trials in recorded.values()
        for trial in trials
        if trial.value.symbol in TEMPERATURE
    ]
    assert len(inside) > 400
    assert 0.75 <= np.mean(inside) <= 0.85


@of_the_recording
@pytest.mark.parametrize("lead_h", [0, 24, 72])
def test_misses_are_as_large_as_promised(recorded, lead_h) -> None:
    for report in calibrate(recorded[lead_h]):
        if report.symbol in TEMPERATURE:
            assert report.trials > 35
            assert 0.7 < report.rmse / report.mean_deviation < 1.35


@of_the_recording
def test_the_further_ahead_the_less_sure(recorded) -> None:
    sums = [
        next(report for report in calibrate(trials) if report.symbol == "SUM").rmse
        for trials in recorded.values()
    ]
    assert sums == sorted(sums)


@of_the_recording
def test_bands_half_as_wide_would_be_caught(recorded) -> None:
    """The test above is worth nothing if this one fails."""
    narrow = [
        abs(trial.outcome - trial.value.expected) < (trial.value.high - trial.value.low) / 4
        for trials in recorded.values()
        for trial in trials
        if trial.value.symbol in TEMPERATURE
    ]
    assert np.mean(narrow) < 0.6


def test_the_band_of_a_river_by_itself_is_honest() -> None:
    """Nobody tells the rain here: a day ahead, with six weeks of past."""
    day_ns = 24 * HOUR_NS
    event = load_event("isar", folder=FOLDER)
    recording = isar_level.load()
    first = recording.observations[0].valid_ts_ns
    trials = []
    for day in range(60, 320, 8):
        start = first + day * day_ns + 10 * HOUR_NS
        near = tuple(
            told
            for told in recording.observations
            if -45 * day_ns <= told.valid_ts_ns - start <= 2 * day_ns
        )
        trials += try_event(event, Reading(near), [(start, start)], draws=200)
    for report in calibrate(trials):
        assert report.trials > 25
        assert 68 <= report.inside_pct <= 92
