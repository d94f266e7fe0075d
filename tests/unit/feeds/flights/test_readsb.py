"""The three services in readsb's shape: feet, knots, the word ground, and fail-over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.errors import DecodeError
from core.feeds.flights.aircraft import Kind
from core.feeds.flights.readsb.codec import read_sky
from core.feeds.port import Quality, Quantity, Topic
from core.feeds.sources import make_sources
from tests.city_answers import NOON_S, NOW_NS, PLACE, S, answer, recorded, source, values


def sightings(content):
    return read_sky(answer(content), "adsb.lol")[1]


def test_feet_and_knots_become_meters() -> None:
    """4,800 ft, 230.2 kt and 1,856 ft/min."""
    flying, standing = sightings("adsb_lol/point.json")
    assert flying.address == "3c65d2"
    assert flying.altitude_m == pytest.approx(1463.04)
    assert flying.speed_m_s == pytest.approx(118.43, abs=0.01)
    assert flying.climb_m_s == pytest.approx(9.43, abs=0.01)
    assert flying.track_deg == 82.11
    assert flying.kind is Kind.AIRPLANE
    assert (standing.is_on_ground, standing.altitude_m) == (True, None)
    assert standing.track_deg == 261.56


def test_a_position_is_of_when_it_was_heard() -> None:
    flying, standing = sightings("adsb_lol/point.json")
    assert NOON_S * S - flying.seen_ts_ns == pytest.approx(0.402 * S, abs=1000)
    assert NOON_S * S - standing.seen_ts_ns == pytest.approx(1.117 * S, abs=1000)


@pytest.mark.parametrize("seen_pos", [61.0, -3.0])
def test_an_old_position_is_none(seen_pos) -> None:
    content = recorded("adsb_lol/point.json")
    content["ac"][0]["seen_pos"] = seen_pos
    assert [item.address for item in sightings(content)] == ["3c6444"]


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("A3", Kind.AIRPLANE),
        ("A7", Kind.OTHER),
        ("B4", Kind.OTHER),
        ("C2", Kind.VEHICLE),
        ("A0", Kind.UNKNOWN),
        ("D1", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_categories_tell_what_it_is(category, kind) -> None:
    content = recorded("adsb_lol/point.json")
    content["ac"] = [{**content["ac"][0], "category": category}]
    assert [item.kind for item in sightings(content)] == [kind]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("adsb.lol", "adsb_lol/point.json"),
        ("airplanes.live", "airplanes_live/point.json"),
        ("adsb.fi", "adsb_fi/v3_lat_lon_dist.json"),
        ("adsb.fi", "adsb_fi/v2_lat_lon_dist.json"),
    ],
)
def test_one_of_two_aircraft_is_in_the_air(name, content) -> None:
    """Version 2 of adsb.fi does not say ground: 13 kt at -75 ft are it all the same."""
    (item,) = source(Topic.FLIGHTS, name).read(answer(content)).observations
    assert (item.quantity, item.value) == (Quantity.AIRCRAFT, 1.0)
    assert (item.source, item.place, item.quality) == (name, "munich", Quality.DERIVED)
    assert item.valid_ts_ns == NOON_S * S


def test_an_empty_sky_holds_none() -> None:
    reading = source(Topic.FLIGHTS, "adsb.lol").read(answer("adsb_lol/empty.json"))
    assert values(reading) == {Quantity.AIRCRAFT: 0.0}


def test_a_message_other_than_no_error_is_one() -> None:
    content = recorded("adsb_lol/empty.json")
    content["msg"] = "database is locked"
    with pytest.raises(DecodeError, match="it says: database is locked"):
        source(Topic.FLIGHTS, "adsb.lol").read(answer(content))


def test_a_body_of_text_is_quoted_in_the_complaint() -> None:
    limited = answer(b"Too many requests, slow down\n", status=429)
    complaint = source(Topic.FLIGHTS, "airplanes.live").complaint(limited)
    assert complaint == (
        "HTTP 429: Too many requests, slow down; it was asked too often; "
        "it is asked more slowly now"
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("adsb.lol", "https://api.adsb.lol/v2/point/48.3538/11.7861/25"),
        ("airplanes.live", "https://api.airplanes.live/v2/point/48.3538/11.7861/25"),
        ("adsb.fi", "https://opendata.adsb.fi/api/v3/lat/48.3538/lon/11.7861/dist/25"),
    ],
)
def test_they_are_asked_around_the_airport(name, url) -> None:
    assert source(Topic.FLIGHTS, name).request(NOW_NS).url == url


def sky(second: float, **aircraft):
    now_ms = round((NOON_S + second) * 1000)
    return answer(
        {"ac": [{"hex": "3c65d2", "lat": 48.3538, "seen_pos": 0.0, **aircraft}], "now": now_ms},
        now_ns=now_ms * 1_000_000 + S,
    )


def test_an_aircraft_that_one_service_saw_come_in_lands_with_the_next() -> None:
    """A fail-over on final approach; both look at the same sky."""
    first, second = make_sources(Topic.FLIGHTS, ["adsb.lol", "adsb.fi"], PLACE, {})
    told = []
    for n in range(0, 200, 10):
        way = (200 - n) * 70.0
        told += first.read(
            sky(
                n,
                lon=11.7861 - way / 74_000,
                alt_baro=round(1500 + way * 0.172),
                gs=136.0,
                track=90.0,
                baro_rate=-700,
            )
        ).observations
    for n in range(210, 2500, 60):
        told += second.read(sky(n, lon=11.79, alt_baro="ground", gs=12.0)).observations
    arrivals = [item for item in told if item.quantity is Quantity.ARRIVALS]
    assert [(item.value, item.place, item.source) for item in arrivals] == [
        (1.0, "EDDM", "adsb.fi")
    ]
    assert arrivals[0].valid_ts_ns == (NOON_S + 1800) * S


def test_a_city_without_an_airport_counts_its_sky_alone() -> None:
    bare = replace(PLACE, airport="", airport_latitude=0.0, airport_longitude=0.0)
    asked = source(Topic.FLIGHTS, "adsb.lol", bare)
    assert asked.request(NOW_NS).url.endswith("/48.1374/11.5755/25")
    reading = asked.read(answer("adsb_lol/point.json"))
    assert values(reading) == {Quantity.AIRCRAFT: 1.0}


@pytest.mark.parametrize("place", [{"lat": None}, {"lon": 181.0}, {"lat": "NaN"}, {"lat": -91}])
def test_an_aircraft_of_no_place_is_left_out(place) -> None:
    content = recorded("adsb_lol/point.json")
    content["ac"][0].update(place)
    assert [item.address for item in sightings(content)] == ["3c6444"]
