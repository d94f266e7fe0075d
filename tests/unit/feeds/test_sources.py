"""Names of sources: known ones, mistaken ones, keys that are missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.domain.errors import ConfigurationError
from core.feeds.places import LONDON, MUNICH, PLACES
from core.feeds.port import Topic
from core.feeds.sources import ATTRIBUTIONS, KEYS, KNOWN, OPTIONAL, make_sources, usable
from tests.city_answers import KEYS as SECRETS
from tests.city_answers import NOW_NS, PLACE

EVERY = [(topic, name) for topic in Topic for name in KNOWN[topic]]


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_every_source_says_who_it_is(topic, name) -> None:
    (made,) = make_sources(topic, [name], PLACE, SECRETS)
    assert (made.topic, made.name) == (topic, name)
    assert made.interval_s > 0
    request = made.request(NOW_NS)
    assert request.url.startswith("https://")
    assert "?" not in request.url


@pytest.mark.parametrize(("topic", "name"), EVERY)
def test_no_request_shows_a_secret(topic, name) -> None:
    (made,) = make_sources(topic, [name], PLACE, SECRETS)
    shown = repr(made.request(NOW_NS)) + repr(made.request(NOW_NS).query)
    assert not [secret for secret in SECRETS.values() if secret in shown]


def test_sources_come_in_the_order_in_which_they_are_named() -> None:
    names = ["adsb.fi", "opensky", "adsb.lol"]
    assert [item.name for item in make_sources(Topic.FLIGHTS, names, PLACE, {})] == names


def test_a_mistaken_name_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_sources(Topic.WEATHER, ["open-metoe"], PLACE, {})
    assert str(caught.value) == (
        "weather: there is no source named 'open-metoe'; known are open-meteo, openweathermap; "
        "did you mean open-meteo?"
    )


def test_a_name_of_another_topic_is_not_known() -> None:
    with pytest.raises(ConfigurationError, match=r"river: there is no source named 'adsb.lol'"):
        make_sources(Topic.RIVER, ["adsb.lol"], PLACE, {})


def test_a_name_that_comes_twice_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"adsb.fi is named twice"):
        make_sources(Topic.FLIGHTS, ["adsb.fi", "opensky", "adsb.fi"], PLACE, {})


@pytest.mark.parametrize("name", ["openweathermap", "waqi", "openaq"])
def test_a_missing_key_is_told_at_the_start(name) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} needs a key, and {name} is not set"):
        make_sources(Topic.AIR_QUALITY, [name], PLACE, {name: ""})


def test_half_a_client_is_told_and_none_is_allowed() -> None:
    half = {"opensky_client_id": "somebody"}
    with pytest.raises(ConfigurationError, match="opensky_client_secret is not set"):
        make_sources(Topic.FLIGHTS, ["opensky"], PLACE, half)
    assert make_sources(Topic.FLIGHTS, ["opensky"], PLACE, {})


def test_without_keys_every_topic_of_both_cities_has_a_source() -> None:
    for place in (MUNICH, LONDON):
        for topic in Topic:
            names = usable(topic, KNOWN[topic], place, {})
            assert names
            assert len(make_sources(topic, names, place, {})) == len(names)


def test_what_can_be_used_goes_by_keys_and_gauges() -> None:
    assert usable(Topic.RIVER, KNOWN[Topic.RIVER], MUNICH, {}) == ("hnd", "gkd")
    assert usable(Topic.RIVER, KNOWN[Topic.RIVER], LONDON, {}) == ("environment-agency",)
    assert usable(Topic.WEATHER, KNOWN[Topic.WEATHER], MUNICH, {}) == ("open-meteo",)
    assert usable(Topic.WEATHER, ("openweathermap", "open-meteo"), MUNICH, SECRETS) == (
        "openweathermap",
        "open-meteo",
    )


def test_sources_without_a_key_come_first() -> None:
    for names in KNOWN.values():
        needs = [name in KEYS and name not in OPTIONAL for name in names]
        assert needs == sorted(needs)


def test_every_service_is_named_as_it_wants_to_be() -> None:
    assert set(ATTRIBUTIONS) == {name for names in KNOWN.values() for name in names}


def test_both_cities_are_shipped_with_their_airports() -> None:
    assert (PLACES["munich"].airport, PLACES["london"].airport) == ("EDDM", "EGLL")


def test_a_list_of_names_loads_no_service() -> None:
    """Settings are checked by `config check`, which loads no codec for that."""
    script = (
        "import sys, core.feeds.sources; "
        "print(*[n for n in sys.modules if n.startswith(('core.feeds.weather', 'aiohttp'))])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert not ended.stdout.strip()
