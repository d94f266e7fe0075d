"""Stations that say the same for hours."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.feeds.port import Quality, Quantity, Reading
from core.feeds.stuck import STUCK_AFTER_S, StuckWatch
from tests.feeds.fake_source import START_NS, observation
from tests.recorded_data import FOLDER

_HOUR_NS = 3_600_000_000_000
_STEP_NS = _HOUR_NS // 4


def series(values, quantity=Quantity.TEMPERATURE_C, **more):
    return [
        observation(value, START_NS + index * _STEP_NS, quantity=quantity, **more)
        for index, value in enumerate(values)
    ]


def marks(watch: StuckWatch, observations) -> list[bool]:
    return [
        watch.judge(Reading((each,))).observations[0].quality is Quality.SUSPECT
        for each in observations
    ]


def test_a_thermometer_that_stands_still_is_marked_after_six_hours() -> None:
    assert marks(StuckWatch(), series([11.25] * 27)) == [False] * 24 + [True] * 3


def test_a_value_that_moves_again_is_believed_again() -> None:
    assert marks(StuckWatch(), series([11.25] * 26 + [11.5] * 3))[-4:] == [
        True,
        False,
        False,
        False,
    ]


def test_a_value_that_moves_is_never_marked() -> None:
    assert not any(marks(StuckWatch(), series([11.25, 11.5] * 200)))


def test_stations_are_judged_apart() -> None:
    watch = StuckWatch()
    stuck, moving = series([3.5] * 26, place="a"), series(range(26), place="b")
    for pair in zip(stuck, moving, strict=True):
        judged = watch.judge(Reading(pair)).observations
    assert [each.quality for each in judged] == [Quality.SUSPECT, Quality.MEASURED]
    assert [each.place for each in judged] == ["a", "b"], "the order is the reading's"


@pytest.mark.parametrize("quality", [Quality.MODELED, Quality.SIMULATED])
def test_what_no_station_has_told_is_not_judged(quality) -> None:
    assert not any(marks(StuckWatch(), series([11.25] * 99, quality=quality)))


def test_rain_may_stay_away_for_ever() -> None:
    assert not any(marks(StuckWatch(), series([0.0] * 999, Quantity.PRECIPITATION_MM_H)))


def test_a_table_that_tells_the_past_again_is_judged_as_one_that_does_not() -> None:
    told = series([3.5] * 27, Quantity.TEMPERATURE_C)
    watch = StuckWatch()
    for end in range(1, len(told) + 1):
        newest = watch.judge(Reading(tuple(reversed(told[:end])))).observations
    assert [each.quality is Quality.SUSPECT for each in newest] == marks(StuckWatch(), told)[::-1]


def test_an_old_other_value_does_not_end_a_run() -> None:
    watch = StuckWatch()
    assert marks(watch, series([3.5] * 26))[-1]
    watch.judge(Reading((observation(9.5, START_NS - _HOUR_NS),)))
    assert marks(watch, [observation(3.5, START_NS + 7 * _HOUR_NS)]) == [True]


@given(st.lists(st.sampled_from([3.5, 4.25]), max_size=120))
def test_a_mark_is_given_exactly_where_a_value_is_repeated_for_too_long(values) -> None:
    expected, first = [], 0
    for index, value in enumerate(values):
        if index and value != values[index - 1]:
            first = index
        expected.append(index - first >= 24)
    assert marks(StuckWatch(), series(values)) == expected


_RECORDED = {Quantity.LEVEL_CM: ("level", 9.75), Quantity.WATER_TEMPERATURE_C: ("temp", 23.5)}


def _isar(quantity: Quantity):
    path = FOLDER / f"munich/isar_{_RECORDED[quantity][0]}_16005701_2025-01_2025-11.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the recorded data; see IMC_COCKPIT_DATA")
    zone = timezone(timedelta(hours=1))
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        for row in csv.reader(lines, delimiter=";"):
            if not row or not row[0][:4].isdigit() or not row[1]:
                continue
            moment = datetime.fromisoformat(row[0]).replace(tzinfo=zone).astimezone(UTC)
            value = float(row[1].replace(",", "."))
            yield observation(value, int(moment.timestamp()) * 10**9, quantity=quantity)


@pytest.mark.parametrize("quantity", list(_RECORDED))
def test_eleven_months_of_the_isar_are_believed(quantity) -> None:
    assert not any(marks(StuckWatch(), _isar(quantity)))


@pytest.mark.parametrize("quantity", list(_RECORDED))
def test_a_tighter_limit_would_doubt_the_isar(quantity) -> None:
    """The test above could fail: its longest stand still is what the limits were chosen by."""
    longest_s = _RECORDED[quantity][1] * 3600
    recorded = list(_isar(quantity))
    assert any(marks(StuckWatch({quantity: longest_s}), recorded))
    assert STUCK_AFTER_S[quantity] > 2 * longest_s


def test_a_gauge_that_dies_in_the_recording_is_marked_a_day_later() -> None:
    recorded = list(_isar(Quantity.LEVEL_CM))[:3000]
    dead = recorded[-1]
    more = [
        observation(dead.value, dead.valid_ts_ns + hour * _HOUR_NS, quantity=Quantity.LEVEL_CM)
        for hour in range(1, 30)
    ]
    watch = StuckWatch()
    assert not any(marks(watch, recorded))
    told = marks(watch, more)
    assert told[-1]
    assert 0 < told.index(True) <= 24
