"""Finds the sources of a topic by their names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from core.domain.errors import ConfigurationError
from core.feeds.port import Place, Source, Topic

KNOWN: Mapping[Topic, tuple[str, ...]] = {
    Topic.WEATHER: ("open-meteo", "openweathermap"),
    Topic.AIR_QUALITY: ("open-meteo", "openweathermap", "waqi", "openaq"),
    Topic.FLIGHTS: ("adsb.lol", "airplanes.live", "adsb.fi", "opensky"),
    Topic.RIVER: ("hnd", "gkd", "environment-agency", "pegelonline"),
}
"""Names in the order in which they are asked; those that need no key come first."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "openweathermap": ("openweathermap",),
    "waqi": ("waqi",),
    "openaq": ("openaq",),
    "opensky": ("opensky_client_id", "opensky_client_secret"),
}
"""Names in `keys`, by source."""

OPTIONAL = frozenset({"opensky"})
"""Works without its keys too, for fewer questions a day."""

ATTRIBUTIONS: Mapping[str, str] = {
    "open-meteo": "Weather data by Open-Meteo.com (CC BY 4.0)",
    "openweathermap": "Weather data provided by OpenWeather",
    "waqi": "World Air Quality Index Project and the agencies of its stations",
    "openaq": "OpenAQ and the providers of its stations",
    "adsb.lol": "adsb.lol (ODbL)",
    "airplanes.live": "airplanes.live",
    "adsb.fi": "adsb.fi",
    "opensky": "The OpenSky Network, https://opensky-network.org",
    "hnd": "Bayerisches Landesamt für Umwelt, www.hnd.bayern.de",
    "gkd": "Bayerisches Landesamt für Umwelt, www.gkd.bayern.de",
    "environment-agency": "Uses Environment Agency flood and river level data from the real-time "
    "data API (Beta)",
    "pegelonline": "Wasserstraßen- und Schifffahrtsverwaltung des Bundes, www.pegelonline.wsv.de",
}
"""What the services want to be named as wherever their data are shown."""


def check_names(topic: Topic, names: Sequence[str]) -> None:
    """
    Check what a user wants to be asked.

    Raises:
        ConfigurationError: If a name is not known or comes twice.
    """
    known = KNOWN[topic]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigurationError(
                f"{topic}: there is no source named {name!r}; known are {', '.join(known)}{hint}"
            )
        if names.count(name) > 1:
            raise ConfigurationError(f"{topic}: {name} is named twice; name each source once")


def usable(
    topic: Topic, names: Sequence[str], place: Place, keys: Mapping[str, str]
) -> tuple[str, ...]:
    """
    Leave out what lacks a key or a station: the others stand in for it.

    Args:
        topic: What is to be told of.
        names: Of `KNOWN[topic]`.
        place: Rivers need the name of a gauge in its `stations`.
        keys: Secrets by the names in `KEYS`.
    """
    return tuple(
        name
        for name in names
        if (topic is not Topic.RIVER or place.stations.get(name))
        and (name in OPTIONAL or all(keys.get(key) for key in KEYS.get(name, ())))
    )


def make_sources(
    topic: Topic, names: Sequence[str], place: Place, keys: Mapping[str, str]
) -> tuple[Source, ...]:
    """
    Make the sources of one topic, in the order in which they stand in for each other.

    Args:
        topic: What they tell of.
        names: Of `KNOWN[topic]`.
        place: The city.
        keys: Secrets by the names in `KEYS`.

    Raises:
        ConfigurationError: If a name is not known, comes twice, has no key or no station.
    """
    check_names(topic, names)
    for name in names:
        _check_keys(topic, name, keys)
    makers = {
        Topic.WEATHER: _weather,
        Topic.AIR_QUALITY: _air_quality,
        Topic.FLIGHTS: _flights,
        Topic.RIVER: _river,
    }
    made = makers[topic](place, keys)
    return tuple(made[name]() for name in names)


_Makers = Mapping[str, Callable[[], Source]]


def _weather(place: Place, keys: Mapping[str, str]) -> _Makers:
    from core.feeds.weather.open_meteo.source import OpenMeteoWeather
    from core.feeds.weather.openweathermap.source import OpenWeatherMapWeather

    return {
        "open-meteo": lambda: OpenMeteoWeather(place),
        "openweathermap": lambda: OpenWeatherMapWeather(place, keys["openweathermap"]),
    }


def _air_quality(place: Place, keys: Mapping[str, str]) -> _Makers:
    from core.feeds.air_quality.open_meteo.source import OpenMeteoAir
    from core.feeds.air_quality.openaq.source import OpenAq
    from core.feeds.air_quality.openweathermap.source import OpenWeatherMapAir
    from core.feeds.air_quality.waqi.source import Waqi

    return {
        "open-meteo": lambda: OpenMeteoAir(place),
        "openweathermap": lambda: OpenWeatherMapAir(place, keys["openweathermap"]),
        "waqi": lambda: Waqi(place, keys["waqi"]),
        "openaq": lambda: OpenAq(place, keys["openaq"]),
    }


def _flights(place: Place, keys: Mapping[str, str]) -> _Makers:
    from core.feeds.flights.airport import SkyWatch
    from core.feeds.flights.opensky.source import OpenSky
    from core.feeds.flights.readsb.source import AdsbFi, AdsbLol, AirplanesLive

    # One watch for all: an aircraft that one service lost, the next may see land.
    watch = SkyWatch(place)
    client = [keys.get(name, "") for name in KEYS["opensky"]]
    return {
        "adsb.lol": lambda: AdsbLol(place, watch),
        "airplanes.live": lambda: AirplanesLive(place, watch),
        "adsb.fi": lambda: AdsbFi(place, watch),
        "opensky": lambda: OpenSky(place, watch, *client),
    }


def _river(place: Place, keys: Mapping[str, str]) -> _Makers:  # noqa: ARG001  none needs a key
    from core.feeds.river.bavaria.source import Gkd, Hnd
    from core.feeds.river.environment_agency.source import EnvironmentAgency
    from core.feeds.river.pegelonline.source import Pegelonline

    return {
        "hnd": lambda: Hnd(place),
        "gkd": lambda: Gkd(place),
        "environment-agency": lambda: EnvironmentAgency(place),
        "pegelonline": lambda: Pegelonline(place),
    }


def _check_keys(topic: Topic, name: str, keys: Mapping[str, str]) -> None:
    given = [key for key in KEYS.get(name, ()) if keys.get(key)]
    if name in OPTIONAL and not given:
        return
    missing = [key for key in KEYS.get(name, ()) if key not in given]
    if missing:
        raise ConfigurationError(
            f"{topic}: {name} needs a key, and {' and '.join(missing)} is not set; set it, or "
            "take the source out of the list"
        )
