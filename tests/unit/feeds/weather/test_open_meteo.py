"""Open-Meteo's weather: units, times, what is past and what is to come."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.port import Quality, Quantity, Topic
from tests.city_answers import NOON_S, NOW_NS, S, answer, only, recorded, source, values


def weather():
    return source(Topic.WEATHER, "open-meteo")


def vintage(reading, quantity):
    (found,) = [item for item in reading.vintages if item.quantity is quantity]
    return found


def test_the_present_is_told_in_si_units() -> None:
    """13.7 km/h are 3.806 m/s; the recorded answer names its units."""
    reading = weather().read(answer("open_meteo/forecast_munich.json"))
    now = values(reading)
    assert now[Quantity.TEMPERATURE_C] == 17.4
    assert now[Quantity.HUMIDITY_PCT] == 64
    assert now[Quantity.PRESSURE_HPA] == 1016.3
    assert now[Quantity.CLOUD_COVER_PCT] == 88
    assert now[Quantity.WIND_SPEED_M_S] == pytest.approx(3.8056, abs=1e-4)
    assert now[Quantity.WIND_DIRECTION_DEG] == 262


def test_local_times_are_taken_back_by_the_offset_of_the_answer() -> None:
    """Noon at +02:00 is 10:00 UTC."""
    reading = weather().read(answer("open_meteo/forecast_munich.json"))
    newest = only(reading, Quantity.PRESSURE_HPA)[-1]
    assert newest.valid_ts_ns == NOON_S * S
    assert newest.fetched_ts_ns == NOW_NS
    assert newest.place == "munich"
    assert newest.quality is Quality.MODELED


def test_seconds_since_1970_are_utc_whatever_the_zone_says() -> None:
    content = recorded("open_meteo/forecast_unixtime_ms.json")
    content["utc_offset_seconds"] = 7200
    reading = weather().read(answer(content))
    assert {item.valid_ts_ns for item in reading.observations} == {NOON_S * S}
    assert values(reading)[Quantity.WIND_SPEED_M_S] == 3.81


def test_of_two_locations_the_first_is_the_city() -> None:
    reading = weather().read(answer("open_meteo/forecast_two_locations.json"))
    assert values(reading) == {Quantity.TEMPERATURE_C: 17.4}


def test_the_past_is_observed_and_the_rest_is_forecast() -> None:
    """Fetched at 12:20 local: 12:00 and 12:15 have been, 12:30 and 12:45 are to come."""
    now_ns = (NOON_S + 1200) * S
    reading = weather().read(answer("open_meteo/forecast_munich.json", now_ns=now_ns))
    warm = only(reading, Quantity.TEMPERATURE_C)
    assert [item.value for item in warm] == [17.4, 17.6]
    forecast = vintage(reading, Quantity.TEMPERATURE_C)
    assert forecast.issued_ts_ns == now_ns
    assert forecast.values.tolist() == [17.7, 17.9]
    assert forecast.valid_ts_ns.tolist() == [(NOON_S + 1800) * S, (NOON_S + 2700) * S]


def test_nothing_of_a_vintage_is_of_before_it_was_issued() -> None:
    reading = weather().read(answer("open_meteo/forecast_munich.json"))
    assert reading.vintages
    assert all((item.valid_ts_ns > item.issued_ts_ns).all() for item in reading.vintages)


def test_hours_go_on_where_quarters_end() -> None:
    content = {
        "minutely_15_units": {"temperature_2m": "°C"},
        "minutely_15": {"time": [NOON_S + 900, NOON_S + 1800], "temperature_2m": [1.5, 2.5]},
        "hourly_units": {"temperature_2m": "°C"},
        "hourly": {
            "time": [NOON_S, NOON_S + 3600, NOON_S + 7200],
            "temperature_2m": [9.0, 3.5, None],
        },
    }
    told = vintage(weather().read(answer(content)), Quantity.TEMPERATURE_C)
    assert (told.valid_ts_ns / S - NOON_S).tolist() == [900, 1800, 3600, 7200]
    assert told.values.tolist()[:3] == [1.5, 2.5, 3.5]
    assert math.isnan(told.values[3])


def test_rain_is_told_by_the_hour() -> None:
    """0.1 mm in a quarter of an hour are 0.4 mm/h; in an hour they are 0.1 mm/h."""
    content = {
        "current_units": {"precipitation": "mm"},
        "current": {"time": NOON_S, "interval": 900, "precipitation": 0.3},
        "minutely_15_units": {"precipitation": "mm"},
        "minutely_15": {"time": [NOON_S + 900], "precipitation": [0.1]},
        "hourly_units": {"precipitation": "mm"},
        "hourly": {"time": [NOON_S + 3600], "precipitation": [0.1]},
    }
    reading = weather().read(answer(content))
    assert values(reading)[Quantity.PRECIPITATION_MM_H] == pytest.approx(1.2)
    told = vintage(reading, Quantity.PRECIPITATION_MM_H)
    assert told.values.tolist() == pytest.approx([0.4, 0.1])


def test_a_forecast_that_says_nothing_is_left_out() -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["hourly"]["pressure_msl"] = [None] * 4
    reading = weather().read(answer(content))
    assert Quantity.PRESSURE_HPA not in {item.quantity for item in reading.vintages}


def test_a_day_is_told_once_and_then_what_is_new() -> None:
    """Of 96 quarters that have been, the next answer has one more."""
    quarters = [NOON_S - 900 * n for n in range(96, 0, -1)]

    def content(last: int):
        times = [*quarters, *range(NOON_S, last + 1, 900)]
        return {
            "minutely_15_units": {"temperature_2m": "°C"},
            "minutely_15": {"time": times, "temperature_2m": [time % 7 for time in times]},
        }

    asked = weather()
    assert len(asked.read(answer(content(NOON_S))).observations) == 97
    again = asked.read(answer(content(NOON_S)))
    assert [item.valid_ts_ns for item in again.observations] == [NOON_S * S]
    later = asked.read(answer(content(NOON_S + 900), now_ns=(NOON_S + 960) * S))
    assert [item.valid_ts_ns for item in later.observations] == [(NOON_S + 900) * S]


def test_a_revised_value_is_told_again() -> None:
    content = {
        "hourly_units": {"temperature_2m": "°C"},
        "hourly": {"time": [NOON_S - 7200, NOON_S - 3600], "temperature_2m": [5.0, 6.0]},
    }
    asked = weather()
    asked.read(answer(content))
    content["hourly"]["temperature_2m"][0] = 5.5
    assert [item.value for item in asked.read(answer(content)).observations] == [5.5, 6.0]


def test_an_unknown_unit_is_refused() -> None:
    """Fahrenheit taken for Celsius would be believed by everybody downstream."""
    content = recorded("open_meteo/forecast_munich.json")
    content["current_units"]["temperature_2m"] = "°F"
    with pytest.raises(DecodeError, match="temperature_2m is in '°F'; known units are °C"):
        weather().read(answer(content))


def test_columns_of_different_length_are_refused() -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["hourly"]["pressure_msl"].pop()
    with pytest.raises(DecodeError, match="pressure_msl: 3 values for 4 times"):
        weather().read(answer(content))


@pytest.mark.parametrize("current", [{"temperature_2m": []}, {"temperature_2m": [1, 2]}])
def test_a_present_of_no_or_two_values_is_refused(current) -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["current"].update(current)
    with pytest.raises(DecodeError, match=r"temperature_2m: [02] values for 1 times"):
        weather().read(answer(content))


def test_a_time_of_no_year_is_refused() -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["hourly"]["time"][-1] = "9999-12-31T23:00"
    with pytest.raises(DecodeError, match="a time is of a year beyond 2199"):
        weather().read(answer(content))


def test_times_that_go_back_are_refused() -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["hourly"]["time"].reverse()
    with pytest.raises(DecodeError, match="the times of its values do not rise"):
        weather().read(answer(content))


def test_a_present_that_is_to_come_blames_the_clock() -> None:
    with pytest.raises(DecodeError, match=r"120 min after this machine's time; check .* clock"):
        weather().read(answer("open_meteo/forecast_unixtime_ms.json", now_ns=(NOON_S - 7200) * S))


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -9999.0, 1e300])
def test_what_can_be_no_temperature_is_left_out(value) -> None:
    content = recorded("open_meteo/forecast_munich.json")
    content["current"]["temperature_2m"] = value
    content["minutely_15"]["temperature_2m"] = [value] * 4
    content["hourly"]["temperature_2m"] = [value] * 4
    reading = weather().read(answer(content))
    assert not only(reading, Quantity.TEMPERATURE_C)
    assert Quantity.TEMPERATURE_C not in {item.quantity for item in reading.vintages}
    assert values(reading)[Quantity.HUMIDITY_PCT] == 64


def test_an_answer_without_values_is_no_answer() -> None:
    with pytest.raises(DecodeError, match="holds no value of munich that can be used"):
        weather().read(answer({"latitude": 48.14}))


@pytest.mark.parametrize(
    ("name", "pause_s"),
    [("minutely", 60.0), ("hourly", 3540.0), ("daily", 14 * 3600.0 - 60.0)],
)
def test_a_refusal_names_the_time_until_when(name, pause_s) -> None:
    """Asked at 10:01 UTC: to the next minute, hour, or day of UTC."""
    refused = weather().refusal(answer(f"open_meteo/error_429_{name}.json", status=429))
    assert refused is not None
    assert refused.retry_after_s == pause_s
    assert "API request limit exceeded. Please try again" in refused.reason


def test_a_refusal_under_status_200_is_one_too() -> None:
    with pytest.raises(FeedRefused, match="Daily API request limit exceeded") as caught:
        weather().read(answer("open_meteo/error_429_daily.json"))
    assert caught.value.retry_after_s == 14 * 3600.0 - 60.0


def test_an_error_under_status_200_is_told() -> None:
    with pytest.raises(DecodeError, match="it says: Latitude must be in range of -90 to 90°"):
        weather().read(answer("open_meteo/error_400_latitude.json"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("error_400", "HTTP 400: Cannot initialize .* from invalid String value temperatur_2m"),
        (
            "error_400_latitude",
            "HTTP 400: Latitude must be in range of -90 to 90°. Given: 148.14; check coordinates",
        ),
    ],
)
def test_what_it_did_not_understand_is_no_use_asking_again(name, sentence) -> None:
    refused = weather().refusal(answer(f"open_meteo/{name}.json", status=400))
    assert refused is not None
    assert refused.retry_after_s is None
    assert re.match(sentence, refused.reason)


def test_a_fault_of_the_service_forbids_nothing() -> None:
    broken = answer(b"<html>Bad gateway</html>", status=502)
    assert weather().refusal(broken) is None
    assert weather().complaint(broken) == (
        "HTTP 502: the service has a fault or is closed for maintenance"
    )


def test_a_redirect_is_not_followed() -> None:
    assert "its new address is not followed" in weather().complaint(answer(b"", status=301))


def test_it_asks_for_seconds_and_meters() -> None:
    request = weather().request(NOW_NS)
    assert request.query["timeformat"] == "unixtime"
    assert request.query["wind_speed_unit"] == "ms"
    assert (request.query["latitude"], request.query["longitude"]) == ("48.1374", "11.5755")
    assert not request.secret_query


def test_a_week_of_quarters_is_one_rising_series() -> None:
    times = list(range(NOON_S + 900, NOON_S + 7 * 86_400, 900))
    content = {
        "minutely_15_units": {"temperature_2m": "°C"},
        "minutely_15": {"time": times, "temperature_2m": [10.5] * len(times)},
        "hourly_units": {"temperature_2m": "°C"},
        "hourly": {"time": times[3::4], "temperature_2m": [11.5] * len(times[3::4])},
    }
    told = vintage(weather().read(answer(content)), Quantity.TEMPERATURE_C)
    assert (np.diff(told.valid_ts_ns) == 900 * S).all()
    assert set(told.values.tolist()) == {10.5}
