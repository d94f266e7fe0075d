"""OpenWeatherMap's air: a scale of its own."""

from __future__ import annotations

import pytest

from core.domain.errors import DecodeError
from core.feeds.port import Quantity, Topic
from tests.city_answers import NOW_NS, answer, recorded, source, values


def air():
    return source(Topic.AIR_QUALITY, "openweathermap")


def test_its_index_is_kept_apart_from_the_others() -> None:
    reading = air().read(answer("openweathermap/air_pollution.json"))
    assert values(reading) == {
        Quantity.OWM_AQI: 2.0,
        Quantity.CO_UG_M3: 193.6,
        Quantity.NO2_UG_M3: 14.22,
        Quantity.O3_UG_M3: 68.66,
        Quantity.SO2_UG_M3: 1.52,
        Quantity.PM2_5_UG_M3: 6.03,
        Quantity.PM10_UG_M3: 8.27,
    }


def test_older_answers_with_a_list_of_coordinates_are_read_too() -> None:
    content = recorded("openweathermap/air_pollution.json")
    content["coord"] = [11.5755, 48.1374]
    assert values(air().read(answer(content)))[Quantity.OWM_AQI] == 2.0


def test_a_place_outside_its_model_is_told() -> None:
    with pytest.raises(DecodeError, match="the place may lie outside its model"):
        air().read(answer({"list": []}))


def test_an_index_outside_its_scale_is_left_out() -> None:
    content = recorded("openweathermap/air_pollution.json")
    content["list"][0]["main"]["aqi"] = 31
    assert Quantity.OWM_AQI not in values(air().read(answer(content)))


def test_it_is_asked_with_the_key_of_the_weather() -> None:
    request = air().request(NOW_NS)
    assert request.url.endswith("/data/2.5/air_pollution")
    assert request.secret_query["appid"]
