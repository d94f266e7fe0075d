"""What was known when, and how it lies on bins."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.events.history import history_of, index_at, taken
from core.events.loader import load_event
from core.events.timeline import MAX_FORECASTS, Timeline, binned, filled
from core.feeds.port import Quantity
from tests.event_world import HOUR_NS, MINUTE_NS, observation, vintage

MUNICH = load_event("munich-2025")
WARM = next(entry for entry in MUNICH.series if entry.name == "temperature")
START = WARM.start_ts_ns


def told(minutes: int, value: float, fetched_minutes: int | None = None):
    """A temperature so many minutes into the window."""
    fetched = minutes if fetched_minutes is None else fetched_minutes
    return observation(
        Quantity.TEMPERATURE_C,
        START + minutes * MINUTE_NS,
        value,
        fetched_ns=START + fetched * MINUTE_NS,
    )


def test_values_come_in_the_unit_of_the_profile() -> None:
    timeline = Timeline(WARM)
    timeline.observe(told(30, 20.0))
    assert timeline.known()[1].tolist() == [68.0]


def test_a_series_takes_its_own_quantity_and_place_only() -> None:
    level = next(entry for entry in MUNICH.series if entry.name == "level")
    moment = START + HOUR_NS
    assert level.takes(observation(Quantity.LEVEL_CM, moment, place="16515005"))
    assert not level.takes(observation(Quantity.LEVEL_CM, moment, place="16005701"))
    assert not level.takes(observation(Quantity.FLOW_M3_S, moment, place="16515005"))
    assert WARM.takes(observation(Quantity.TEMPERATURE_C, moment, place="anywhere"))


def test_moments_may_come_in_any_order() -> None:
    timeline = Timeline(WARM)
    for minutes, value in ((60, 3.0), (15, 1.0), (30, 2.0)):
        assert timeline.observe(told(minutes, value))
    moments, values = timeline.known()
    assert (moments - START).tolist() == [15 * MINUTE_NS, 30 * MINUTE_NS, 60 * MINUTE_NS]
    assert values.tolist() == pytest.approx([33.8, 35.6, 37.4])


def test_what_is_told_twice_is_no_news_and_a_correction_is() -> None:
    timeline = Timeline(WARM)
    assert timeline.observe(told(30, 1.0))
    assert not timeline.observe(told(30, 1.0, fetched_minutes=45))
    assert timeline.observe(told(30, 1.5, fetched_minutes=50))
    assert timeline.known()[1].tolist() == pytest.approx([34.7])


def test_an_older_telling_that_comes_late_corrects_nothing() -> None:
    timeline = Timeline(WARM)
    timeline.observe(told(30, 2.0, fetched_minutes=60))
    assert not timeline.observe(told(30, 9.0, fetched_minutes=40))
    assert timeline.known()[1].tolist() == pytest.approx([35.6])


def test_what_is_repeated_for_days_is_kept_once() -> None:
    timeline = Timeline(WARM)
    for minutes in (50, 90, 40, 60, 35):
        timeline.observe(told(30, 1.0, fetched_minutes=minutes))
    assert timeline._tellings[START + 30 * MINUTE_NS] == [(START + 35 * MINUTE_NS, 33.8)]
    timeline.observe(told(30, 2.0, fetched_minutes=70))
    timeline.observe(told(30, 1.0, fetched_minutes=80))
    at = [timeline.known(before_ts_ns=START + m * MINUTE_NS)[1][0] for m in (70, 71, 80, 81)]
    assert at == pytest.approx([33.8, 35.6, 35.6, 33.8])


def test_a_look_back_sees_what_could_be_seen_then() -> None:
    timeline = Timeline(WARM)
    timeline.observe(told(30, 1.0, fetched_minutes=35))
    timeline.observe(told(60, 5.0, fetched_minutes=65))
    timeline.observe(told(30, 2.0, fetched_minutes=90))
    at = [timeline.known(before_ts_ns=START + m * MINUTE_NS)[1].tolist() for m in (35, 36, 90, 91)]
    assert at == [
        [],
        pytest.approx([33.8]),
        pytest.approx([33.8, 41.0]),
        pytest.approx([35.6, 41.0]),
    ]


def test_forecasts_stand_by_their_issue_and_leave_out_what_they_do_not_say() -> None:
    timeline = Timeline(WARM)
    late, early = vintage(Quantity.TEMPERATURE_C, START), vintage(Quantity.TEMPERATURE_C, 0)
    late.values[1] = np.nan
    assert timeline.foresee(late)
    assert not timeline.foresee(early)
    assert [entry.issued_ts_ns for entry in timeline.forecasts] == [0, START]
    assert len(timeline.forecasts[1].values) == len(late.values) - 1


def test_a_forecast_that_says_nothing_is_none() -> None:
    timeline = Timeline(WARM)
    empty = vintage(Quantity.TEMPERATURE_C, START)
    empty.values[:] = np.nan
    assert not timeline.foresee(empty)
    assert timeline.forecasts == []


def test_what_is_no_number_is_not_taken_in() -> None:
    timeline = Timeline(WARM)
    for value in (math.nan, math.inf):
        assert not timeline.observe(told(30, value))
    assert timeline.told_ts_ns == 0


def test_an_hour_that_is_forecast_twice_counts_once() -> None:
    timeline = Timeline(WARM)
    forecast = vintage(Quantity.TEMPERATURE_C, START, hours=4)
    forecast.valid_ts_ns[2] = forecast.valid_ts_ns[1]
    timeline.foresee(forecast)
    assert (np.diff(timeline.forecasts[0].valid_ts_ns) > 0).all()
    assert len(timeline.forecasts[0].values) == 3


@pytest.mark.parametrize(("error", "is_same"), [(0.2, True), (0.3, False), (-2.0, False)])
def test_a_forecast_that_says_the_same_has_begun_with_the_first_that_did(error, is_same) -> None:
    """Half of the usual error for the next hour, 0.4 F or 0.22 C, is no change."""
    timeline = Timeline(WARM)
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, START, error=5.0))
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, START + HOUR_NS))
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, START + 2 * HOUR_NS, error=error))
    began = [(entry.began_ts_ns - START) // HOUR_NS for entry in timeline.forecasts]
    assert began == [0, 1, 1 if is_same else 2]


def test_forecasts_of_other_days_say_nothing_the_same() -> None:
    timeline = Timeline(WARM)
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, START - 60 * HOUR_NS, hours=24))
    timeline.foresee(vintage(Quantity.TEMPERATURE_C, START))
    assert timeline.forecasts[-1].began_ts_ns == START


def test_forecasts_of_one_hour_are_kept_once_and_not_for_ever() -> None:
    timeline = Timeline(WARM)
    for minutes in range(0, 121, 10):
        timeline.foresee(vintage(Quantity.TEMPERATURE_C, START + minutes * MINUTE_NS))
    minutes = [(entry.issued_ts_ns - START) // MINUTE_NS for entry in timeline.forecasts]
    assert minutes == [0, 60, 120]
    for hour in range(3, MAX_FORECASTS + 9):
        timeline.foresee(vintage(Quantity.TEMPERATURE_C, START + hour * HOUR_NS))
    assert len(timeline.forecasts) == MAX_FORECASTS


@pytest.mark.parametrize(
    ("bin_value", "expected"),
    [
        ("last", [4.0, np.nan, 7.0]),
        ("mean", [2.5, np.nan, 8.0]),
        ("sum", [5.0, np.nan, 16.0]),
        ("min", [1.0, np.nan, 7.0]),
        ("max", [4.0, np.nan, 9.0]),
    ],
)
def test_a_bin_includes_its_end_and_not_its_start(bin_value, expected) -> None:
    """Values at 0 (before), 5, 10 (end), 25, 30 (end) of bins of 10."""
    laid = binned(
        np.array([0, 5, 10, 25, 30]),
        np.array([100.0, 1.0, 4.0, 9.0, 7.0]),
        np.array([10, 20, 30]),
        10,
        bin_value,
    )
    np.testing.assert_array_equal(laid, expected)


def test_gaps_between_known_values_are_bridged_and_the_ends_are_not() -> None:
    nan = np.nan
    np.testing.assert_allclose(
        filled(np.array([nan, 2.0, nan, nan, 8.0, nan])), [nan, 2, 4, 6, 8, nan]
    )
    assert np.isnan(filled(np.full(3, nan))).all()


def test_a_history_stands_on_the_bins_of_the_window() -> None:
    """A value 40 minutes before the window is of the bin that ends 30 minutes before."""
    timeline = Timeline(WARM)
    timeline.observe(told(-40, 1.0))
    timeline.observe(told(30, 2.0))
    history = history_of(timeline)
    assert (history.ends_ts_ns - START).tolist() == [-30 * MINUTE_NS, 0, 30 * MINUTE_NS]
    np.testing.assert_allclose(history.values, [33.8, np.nan, 35.6])
    window = taken(history.values, index_at(history, WARM))
    assert window[0] == pytest.approx(35.6)
    assert np.isnan(window[1:]).all()


def test_a_bin_is_known_when_something_is_known_of_its_end() -> None:
    timeline = Timeline(WARM)
    timeline.observe(told(15, 1.0))
    assert history_of(timeline).last_known() == -1
    timeline.observe(told(31, 3.0))
    history = history_of(timeline)
    assert history.values.tolist() == pytest.approx([33.8])


def test_nothing_known_is_an_empty_history() -> None:
    history = history_of(Timeline(WARM))
    assert not len(history.values)
    assert np.isnan(taken(history.values, index_at(history, WARM))).all()
