"""The World Air Quality Index: refusals with status 200, dashes, local times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.errors import DecodeError, FeedRefused
from core.feeds.cache.key import is_shareable
from core.feeds.port import Quality, Quantity, Topic
from tests.city_answers import KEYS, NOON_S, NOW_NS, PLACE, S, answer, recorded, source


def waqi(**stations: str):
    return source(Topic.AIR_QUALITY, "waqi", replace(PLACE, stations=stations))


def test_the_index_is_told_of_its_station_and_moment() -> None:
    """11:00 at +02:00 is an hour before the recording; `v` would be two hours off."""
    (index,) = waqi().read(answer("waqi/feed_geo_ok.json")).observations
    assert (index.quantity, index.value, index.place) == (Quantity.US_AQI, 34.0, "3233")
    assert index.valid_ts_ns == (NOON_S - 3600) * S
    assert index.quality is Quality.MEASURED


def test_a_dash_is_no_value() -> None:
    with pytest.raises(DecodeError, match=r"station 3233 \(Munich, Germany\) has no value"):
        waqi().read(answer("waqi/feed_aqi_dash.json"))


@pytest.mark.parametrize(
    ("name", "sentence", "retry_s"),
    [
        ("invalid_key", "it says: Invalid key; check the token", None),
        ("over_quota", "it says: Over quota; it is left alone for an hour", 3600.0),
        ("unknown_station", "it says: Unknown station; check the station of the place", None),
    ],
)
def test_refusals_come_with_status_200(name, sentence, retry_s) -> None:
    with pytest.raises(FeedRefused) as caught:
        waqi().read(answer(f"waqi/error_{name}.json"))
    assert caught.value.reason == sentence
    assert caught.value.retry_after_s == retry_s


def test_a_time_without_an_offset_is_no_moment() -> None:
    content = recorded("waqi/feed_geo_ok.json")
    content["data"]["time"]["iso"] = "2026-05-20T11:00:00"
    with pytest.raises(DecodeError, match="its time has no offset"):
        waqi().read(answer(content))


def test_data_of_another_shape_are_refused() -> None:
    with pytest.raises(DecodeError, match="data: there is no station in it"):
        waqi().read(answer({"status": "ok", "data": ["x"]}))


def test_it_is_asked_by_coordinates_or_by_number() -> None:
    assert waqi().request(NOW_NS).url == "https://api.waqi.info/feed/geo:48.1374;11.5755/"
    assert waqi(waqi="3233").request(NOW_NS).url == "https://api.waqi.info/feed/@3233/"


def test_the_token_is_hidden() -> None:
    request = waqi().request(NOW_NS)
    assert request.secret_query == {"token": KEYS["waqi"]}
    assert KEYS["waqi"] not in repr(request)


def test_its_terms_forbid_to_share_an_answer() -> None:
    assert not is_shareable(waqi().request(NOW_NS))
