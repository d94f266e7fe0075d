"""OpenAQ: sensors first, then values, of which many are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.errors import DecodeError
from core.feeds.port import Quality, Quantity, Topic
from tests.city_answers import KEYS, NOON_S, NOW_NS, PLACE, S, answer, recorded, source, values


def openaq(**stations: str):
    return source(Topic.AIR_QUALITY, "openaq", replace(PLACE, stations=stations))


def sensor(number: int, name: str = "pm25", units: str = "µg/m³"):
    return {"id": number, "parameter": {"id": 2, "name": name, "units": units}}


def location(number: int, *sensors, distance: float = 100.0, last: str = "2026-05-20T09:00:00Z"):
    return {
        "id": number,
        "name": "Lothstraße",
        "distance": distance,
        "sensors": list(sensors),
        "datetimeLast": {"utc": last, "local": last},
    }


LOCATIONS = {
    "results": [
        location(90009, sensor(1), distance=900.0),
        location(90001, sensor(900001), sensor(900002, "no2"), sensor(900003, "pm10")),
        location(90002, sensor(2), distance=5.0, last="2019-05-20T09:00:00Z"),
        location(90003, sensor(3, "temperature", "c"), distance=7.0),
    ]
}


def test_sensors_are_asked_for_before_values() -> None:
    asked = openaq()
    assert asked.request(NOW_NS).url == "https://api.openaq.org/v3/locations"
    assert not asked.read(answer(LOCATIONS)).observations
    assert asked.request(NOW_NS).url == "https://api.openaq.org/v3/locations/90001/latest"


def test_a_sentinel_an_old_row_and_null_are_left_out() -> None:
    """Of three rows one is -9999 and one is of 2021."""
    asked = openaq()
    asked.request(NOW_NS)
    asked.read(answer(LOCATIONS))
    asked.request(NOW_NS)
    reading = asked.read(answer("openaq/location_latest.json"))
    (fine,) = reading.observations
    assert (fine.quantity, fine.value, fine.place) == (Quantity.PM2_5_UG_M3, 8.1, "90001")
    assert fine.valid_ts_ns == (NOON_S - 3600) * S
    assert fine.quality is Quality.MEASURED


def test_a_row_of_another_station_is_left_out() -> None:
    asked = openaq()
    asked.request(NOW_NS)
    asked.read(answer(LOCATIONS))
    asked.request(NOW_NS)
    content = recorded("openaq/location_latest.json")
    content["results"].append({**content["results"][0], "locationsId": 7, "value": 99.5})
    assert values(asked.read(answer(content))) == {Quantity.PM2_5_UG_M3: 8.1}


def test_a_station_can_be_named() -> None:
    request = openaq(openaq="90001").request(NOW_NS)
    assert request.url == "https://api.openaq.org/v3/locations/90001"


@pytest.mark.parametrize(
    ("units", "value"), [("µg/m³", 8.1), ("μg/m³", 8.1), ("mg/m³", 8100.0), ("ppm", None)]
)
def test_units_are_converted_or_left_out(units, value) -> None:
    """Both signs for micro are in use; parts per million would need a temperature."""
    asked = openaq()
    asked.request(NOW_NS)
    station = location(90001, sensor(900001, "co", units), sensor(900004, "pm10"))
    asked.read(answer({"results": [station]}))
    asked.request(NOW_NS)
    content = recorded("openaq/location_latest.json")
    content["results"].append({**content["results"][0], "sensorsId": 900004, "value": 20.5})
    told = values(asked.read(answer(content)))
    assert told.get(Quantity.CO_UG_M3) == value
    assert told[Quantity.PM10_UG_M3] == 20.5


def test_a_station_that_falls_silent_is_looked_for_anew() -> None:
    asked = openaq()
    asked.request(NOW_NS)
    asked.read(answer(LOCATIONS))
    asked.request(NOW_NS)
    with pytest.raises(DecodeError, match="location 90001 has no value of the last 6 h"):
        asked.read(answer({"results": []}))
    assert asked.request(NOW_NS).url.endswith("/locations")


def test_a_city_without_a_living_station_is_told() -> None:
    asked = openaq()
    asked.request(NOW_NS)
    with pytest.raises(DecodeError, match="none of 1 locations there has told of dust or gases"):
        asked.read(answer({"results": [LOCATIONS["results"][2]]}))


def test_a_refused_key_and_a_refused_question_are_told() -> None:
    refused = openaq().refusal(answer("openaq/error_401.json", status=401))
    assert refused is not None
    assert refused.reason == (
        "HTTP 401: Unauthorized. A valid API key must be provided in the X-API-Key header; "
        "check its key"
    )
    wrong = openaq().refusal(answer("openaq/error_422.json", status=422))
    assert wrong is not None
    assert "query.radius: Input should be less than or equal to 25000" in wrong.reason


def test_the_key_is_hidden() -> None:
    request = openaq().request(NOW_NS)
    assert request.secret_headers == {"X-API-Key": KEYS["openaq"]}
    assert KEYS["openaq"] not in repr(request)
