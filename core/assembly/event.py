"""Place and event that settings name. Loads nothing of an engine: a cockpit checks them, too."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.errors import ConfigurationError
from core.events.loader import load_event
from core.feeds.places import PLACES
from core.feeds.port import Place, Topic
from core.feeds.sources import check_names
from core.settings.city import CitySettings


def check_city(wanted: CitySettings) -> None:
    """
    Read place and event without starting anything.

    Raises:
        ConfigurationError: As `make_city`.
    """
    if wanted.feeds != "off":
        make_place(wanted)
        for topic, names in wanted_sources(wanted).items():
            check_names(topic, names)
    if not wanted.event:
        return
    event = load_event(wanted.event)
    if event.series and wanted.feeds == "off":
        raise ConfigurationError(
            f'city.event = "{wanted.event}" settles on data that city.feeds = "off" does not '
            'read: say "live" (public services) or "simulated" (no network)'
        )


def wanted_sources(wanted: CitySettings) -> Mapping[Topic, tuple[str, ...]]:
    """By topic, in order of preference."""
    return {
        Topic.WEATHER: wanted.weather,
        Topic.AIR_QUALITY: wanted.air_quality,
        Topic.FLIGHTS: wanted.flights,
        Topic.RIVER: wanted.river,
    }


def make_place(wanted: CitySettings) -> Place:
    """
    Find the place, or make it from its coordinates.

    Raises:
        ConfigurationError: If it is not known and has none.
    """
    if wanted.place in PLACES:
        return PLACES[wanted.place]
    if not wanted.time_zone:
        raise ConfigurationError(
            f'city.place = "{wanted.place}" is none of {", ".join(sorted(PLACES))}: a place of '
            "your own needs city.latitude, city.longitude and city.time_zone"
        )
    airport, _, position = wanted.airport.partition("@")
    latitude, _, longitude = position.partition(",")
    return Place(
        name=wanted.place,
        latitude=wanted.latitude,
        longitude=wanted.longitude,
        time_zone=wanted.time_zone,
        airport=airport,
        airport_latitude=float(latitude or 0),
        airport_longitude=float(longitude or 0),
        stations=dict(entry.split("=", 1) for entry in wanted.stations),
    )
