"""Which place and event the settings name."""

from __future__ import annotations

import pytest

from core.assembly.event import check_city, make_place
from core.domain.errors import ConfigurationError
from core.feeds.places import MUNICH
from core.settings.loader import load_settings


def city(*overrides: str):
    return load_settings("practice", (), [f"city.{one}" for one in overrides]).settings.city


def test_a_known_place_is_that_one() -> None:
    assert make_place(city("place=munich")) is MUNICH


def test_a_place_of_ones_own_has_what_is_said_of_it() -> None:
    place = make_place(
        city(
            "place=zurich", "latitude=47.3769", "longitude=8.5417", "time_zone=Europe/Zurich",
            "airport=LSZH@47.4647,8.5492", 'stations=["waqi=1234", "pegelonline=limmat"]',
        )
    )  # fmt: skip
    assert (place.name, place.latitude, place.longitude) == ("zurich", 47.3769, 8.5417)
    assert (place.airport, place.airport_latitude, place.airport_longitude) == (
        "LSZH", 47.4647, 8.5492,
    )  # fmt: skip
    assert dict(place.stations) == {"waqi": "1234", "pegelonline": "limmat"}


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (("feeds=simulated", "place=paris"), "needs city.latitude, city.longitude"),
        (("feeds=live", "event=munich-2052"), "did you mean munich-2025"),
        (("feeds=live", 'weather=["openmeteo"]'), "did you mean open-meteo"),
        (("feeds=live", 'river=["hnd", "hnd"]'), "hnd is named twice"),
        (("event=munich-2025",), 'settles on data that city.feeds = "off" does not read'),
    ],
)
def test_what_does_not_fit_is_said_before_anything_starts(overrides, sentence) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        check_city(city(*overrides))


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (("place=x", "time_zone=Europe/Munich"), "no IANA name, such as Europe/Berlin"),
        (("airport=munich",), "city.airport"),
        (('stations=["hnd"]',), "city.stations.1 = .hnd. does not fit: Station of each source"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(overrides, sentence) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        city(*overrides)


def test_without_feeds_no_place_is_needed() -> None:
    check_city(city("place=nowhere"))


def test_an_event_that_only_the_market_values_needs_no_feeds() -> None:
    check_city(city("event=launchpad-burger"))
