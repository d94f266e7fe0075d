"""What one answer tells: the past observed, the rest forecast, nothing that cannot be."""

from __future__ import annotations

import math

import pytest

from core.domain.errors import DecodeError
from core.feeds.common.sheet import MAX_AHEAD_S, Sheet
from core.feeds.port import Quality, Quantity
from tests.city_answers import NOW_NS, S


def sheet() -> Sheet:
    return Sheet("example", "munich", NOW_NS, Quality.MODELED)


def at(*seconds: int) -> list[int]:
    """Moments, from when the answer came."""
    return [NOW_NS + second * S for second in seconds]


def test_a_value_of_a_clock_somewhat_ahead_is_believed() -> None:
    noted = sheet()
    noted.put(Quantity.LEVEL_CM, 143.0, NOW_NS + MAX_AHEAD_S * S)
    assert len(noted.reading().observations) == 1


def test_a_value_of_the_future_blames_the_clock() -> None:
    with pytest.raises(DecodeError, match="level_cm of munich is dated 16 min after"):
        sheet().put(Quantity.LEVEL_CM, 143.0, NOW_NS + 960 * S)


def test_the_moment_of_fetching_is_the_past() -> None:
    noted = sheet()
    noted.put_series(Quantity.TEMPERATURE_C, at(-900, 0, 900), [1.0, 2.0, 3.0])
    reading = noted.reading()
    assert [item.value for item in reading.observations] == [1.0, 2.0]
    assert [item.values.tolist() for item in reading.vintages] == [[3.0]]


def test_holes_in_a_forecast_stay_where_they_are() -> None:
    noted = sheet()
    noted.put_series(Quantity.TEMPERATURE_C, at(900, 1800, 2700), [None, -9999.0, 3.0])
    (vintage,) = noted.reading().vintages
    assert [math.isnan(value) for value in vintage.values] == [True, True, False]
    assert vintage.valid_ts_ns.tolist() == at(900, 1800, 2700)


def test_a_forecast_of_holes_alone_is_none() -> None:
    noted = sheet()
    noted.put_series(Quantity.TEMPERATURE_C, at(900, 1800), [None, math.inf])
    assert not noted.reading().vintages


def test_of_two_values_of_a_moment_the_later_counts() -> None:
    noted = sheet()
    noted.put(Quantity.TEMPERATURE_C, 1.0, NOW_NS)
    noted.put(Quantity.TEMPERATURE_C, 2.0, NOW_NS)
    noted.put(Quantity.HUMIDITY_PCT, 3.0, NOW_NS)
    assert sorted(item.value for item in noted.reading().observations) == [2.0, 3.0]


def test_observations_stand_in_order_of_time() -> None:
    noted = sheet()
    for moment in at(-60, -900, -300):
        noted.put(Quantity.LEVEL_CM, 143.0, moment)
    assert [item.valid_ts_ns for item in noted.reading().observations] == at(-900, -300, -60)


@pytest.mark.parametrize(
    ("moments", "values", "reason"),
    [
        (at(0, 900), [1.0], "1 values for 2 times"),
        (at(900, 900), [1.0, 2.0], "do not rise"),
        (at(900, 0), [1.0, 2.0], "do not rise"),
        ([2**62, 2**63], [1.0, 2.0], "a year beyond 2199"),
    ],
)
def test_a_series_that_is_none_is_refused(moments, values, reason) -> None:
    with pytest.raises(DecodeError, match=reason):
        sheet().put_series(Quantity.TEMPERATURE_C, moments, values)


def test_an_answer_that_has_to_hold_something_does() -> None:
    noted = sheet()
    noted.put(Quantity.TEMPERATURE_C, math.nan, NOW_NS)
    assert not noted.reading().observations
    with pytest.raises(DecodeError, match="holds no value of munich that can be used"):
        noted.filled()
    noted.put(Quantity.TEMPERATURE_C, 1.5, NOW_NS)
    assert noted.filled() == noted.reading()
    ahead = sheet()
    ahead.put_series(Quantity.TEMPERATURE_C, at(900), [1.5])
    assert len(ahead.filled().vintages) == 1
