"""OpenWeatherMap's weather: optional parts, two kinds of `cod`, and a key that stays hidden."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.port import Quantity, Topic
from tests.city_answers import KEYS, NOON_S, NOW_NS, S, answer, recorded, source, values

LATER_NS = NOW_NS + 3600 * S


def weather():
    return source(Topic.WEATHER, "openweathermap")


def test_a_dry_day_has_no_rain() -> None:
    reading = weather().read(answer("openweathermap/current_metric.json"))
    assert values(reading) == {
        Quantity.TEMPERATURE_C: 17.62,
        Quantity.HUMIDITY_PCT: 66.0,
        Quantity.PRESSURE_HPA: 1016.0,
        Quantity.WIND_SPEED_M_S: 4.12,
        Quantity.WIND_DIRECTION_DEG: 260.0,
        Quantity.CLOUD_COVER_PCT: 75.0,
        Quantity.PRECIPITATION_MM_H: 0.0,
    }
    assert {item.valid_ts_ns for item in reading.observations} == {(NOON_S - 143) * S}


def test_rain_and_whole_degrees_are_read() -> None:
    reading = weather().read(
        answer("openweathermap/current_metric_rain_gust.json", now_ns=LATER_NS)
    )
    assert values(reading)[Quantity.PRECIPITATION_MM_H] == 2.31
    assert values(reading)[Quantity.TEMPERATURE_C] == 11.0


def test_snow_counts_as_what_falls() -> None:
    content = recorded("openweathermap/current_metric_rain_gust.json")
    content["snow"] = {"1h": 0.5}
    reading = weather().read(answer(content, now_ns=LATER_NS))
    assert values(reading)[Quantity.PRECIPITATION_MM_H] == pytest.approx(2.81)


@pytest.mark.parametrize("name", ["error_400", "error_404"])
def test_an_error_under_status_200_is_told_whether_its_number_is_text_or_not(name) -> None:
    with pytest.raises(DecodeError, match=r"it says 40[04]: (wrong latitude|city not found)"):
        weather().read(answer(f"openweathermap/{name}.json"))


def test_a_refused_key_under_status_200_waits_for_a_person() -> None:
    with pytest.raises(FeedRefused, match=r"Invalid API key.*takes up to 2 hours") as caught:
        weather().read(answer("openweathermap/error_401.json"))
    assert caught.value.retry_after_s is None


def test_a_used_up_plan_under_status_200_waits() -> None:
    with pytest.raises(FeedRefused, match="Your account is temporary blocked") as caught:
        weather().read(answer("openweathermap/error_429.json"))
    assert caught.value.retry_after_s == 600.0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "HTTP 400: wrong latitude; check coordinates and station of the place"),
        (404, "HTTP 404: city not found; it knows no such place; check coordinates and station"),
    ],
)
def test_a_refused_place_waits_for_a_person(status, sentence) -> None:
    refused = weather().refusal(answer(f"openweathermap/error_{status}.json", status=status))
    assert refused is not None
    assert refused.reason == sentence
    assert refused.retry_after_s is None


def test_a_refused_key_says_that_new_ones_take_time() -> None:
    refused = weather().refusal(answer("openweathermap/error_401.json", status=401))
    assert refused is not None
    assert "a new one takes up to 2 hours to work" in refused.reason


def test_a_used_up_plan_is_told_and_no_time_is_made_up() -> None:
    used_up = answer("openweathermap/error_429.json", status=429)
    assert weather().refusal(used_up) is None
    assert weather().complaint(used_up).startswith("HTTP 429: Your account is temporary blocked")
    assert "it is asked more slowly now" in weather().complaint(used_up)


def test_the_key_is_hidden_even_if_the_service_repeats_it() -> None:
    request = weather().request(NOW_NS)
    assert KEYS["openweathermap"] not in repr(request)
    assert request.secret_query == {"appid": KEYS["openweathermap"]}
    told = answer({"message": f"no plan for {KEYS['openweathermap']}"}, status=401)
    assert KEYS["openweathermap"] not in weather().complaint(told)


def test_an_answer_of_no_time_is_refused() -> None:
    content = recorded("openweathermap/current_metric.json")
    del content["dt"]
    with pytest.raises(DecodeError, match="does not say of when it is"):
        weather().read(answer(content))
