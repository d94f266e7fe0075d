"""PEGELONLINE and the Environment Agency: offsets, meters, what is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.errors import DecodeError
from core.feeds.places import LONDON
from core.feeds.port import Quality, Quantity, Topic
from tests.city_answers import NOON_S, NOW_NS, PLACE, S, answer, source

UUID = "593647aa-9fea-43ec-a7d6-6476a76ae868"


def asked(name: str, place=PLACE):
    made = source(Topic.RIVER, name, place)
    made.request(NOW_NS)
    return made


def test_levels_of_federal_waterways_are_read_by_their_offset() -> None:
    reading = asked("pegelonline").read(answer("river/pegelonline_measurements.json"))
    assert [item.value for item in reading.observations] == [383.0, 383.5, 384.0, 384.5]
    assert reading.observations[-1].valid_ts_ns == (NOON_S - 900) * S
    assert {item.place for item in reading.observations} == {UUID}


def test_a_single_level_is_read_too() -> None:
    (level,) = asked("pegelonline").read(answer("river/pegelonline_current.json")).observations
    assert (level.quantity, level.value) == (Quantity.LEVEL_CM, 384.0)
    assert level.valid_ts_ns == NOON_S * S


def test_a_level_without_an_offset_has_no_moment() -> None:
    with pytest.raises(DecodeError, match="timestamp"):
        asked("pegelonline").read(answer([{"timestamp": "2026-05-20T12:00:00", "value": 1}]))


def test_its_address_names_the_gauge() -> None:
    request = source(Topic.RIVER, "pegelonline").request(NOW_NS)
    assert request.url.endswith(f"/stations/{UUID}/W/measurements.json")
    assert request.query == {"start": "P2D"}


TIDE = {
    "items": [
        {"dateTime": "2026-05-20T10:00:00Z", "measure": "x", "value": -2.973},
        {"dateTime": "2026-05-20T09:45:00Z", "measure": "x", "value": 3.001},
        {"dateTime": "2026-05-20T09:30:00Z", "measure": "x"},
    ]
}


def test_a_tide_in_meters_becomes_centimeters_oldest_first() -> None:
    reading = asked("environment-agency", LONDON).read(answer(TIDE))
    assert [item.value for item in reading.observations] == pytest.approx([300.1, -297.3])
    assert [item.valid_ts_ns // S - NOON_S for item in reading.observations] == [-900, 0]
    assert {(item.place, item.quality) for item in reading.observations} == {
        ("0006", Quality.MEASURED)
    }


def test_londons_tide_is_asked_for_newest_first() -> None:
    request = source(Topic.RIVER, "environment-agency", LONDON).request(NOW_NS)
    assert request.url.endswith("/measures/0006-level-tidal_level-i-15_min-mAOD/readings")
    assert set(request.query) == {"_sorted", "_limit"}


def test_an_answer_without_levels_is_none() -> None:
    with pytest.raises(DecodeError, match="holds no value of 0006"):
        asked("environment-agency", LONDON).read(answer({"items": []}))


def test_several_gauges_take_turns() -> None:
    place = replace(PLACE, stations={"pegelonline": "passau, hofkirchen"})
    made = source(Topic.RIVER, "pegelonline", place)
    urls = [made.request(NOW_NS).url.split("/")[-3] for _ in range(3)]
    assert urls == ["passau", "hofkirchen", "passau"]
    assert made.interval_s == 450.0
