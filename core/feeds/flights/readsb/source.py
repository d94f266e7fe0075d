"""Asks adsb.lol, airplanes.live or adsb.fi for the aircraft around an airport."""

from __future__ import annotations

from core.feeds.common.service import Service
from core.feeds.flights.airport import SkyWatch, center
from core.feeds.flights.readsb.codec import read_sky
from core.feeds.port import Answer, Place, Reading, Request, Topic

RADIUS_NM = 25


class Readsb(Service):
    """
    One of the services; they differ in their address alone.

    Args:
        place: The city.
        watch: The city's sky, shared with the sources that stand in for this one.
    """

    topic = Topic.FLIGHTS
    interval_s = 10.0
    url = ""
    """With `{latitude}`, `{longitude}` and `{radius}` in nautical miles."""

    def __init__(self, place: Place, watch: SkyWatch) -> None:
        super().__init__(place)
        self._watch = watch

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  they only tell of now
        """Make the next request."""
        latitude, longitude = center(self.place)
        return Request(
            self.url.format(
                latitude=f"{latitude:.4f}", longitude=f"{longitude:.4f}", radius=RADIUS_NM
            )
        )

    def read(self, answer: Answer) -> Reading:
        """
        Read the aircraft, and what they have done at the airport.

        Raises:
            DecodeError: If it is not what the service documents, or says that something is
                wrong.
        """
        seen_ts_ns, sightings = read_sky(answer, self.name)
        return self._watch.look(sightings, seen_ts_ns, answer.fetched_ts_ns, self.name)


class AdsbLol(Readsb):
    """adsb.lol: no limit stated. Data under the ODbL. Source: https://api.adsb.lol/docs."""

    name = "adsb.lol"
    url = "https://api.adsb.lol/v2/point/{latitude}/{longitude}/{radius}"


class AirplanesLive(Readsb):
    """airplanes.live: once a second. Source: https://airplanes.live/api-guide/."""

    name = "airplanes.live"
    url = "https://api.airplanes.live/v2/point/{latitude}/{longitude}/{radius}"


class AdsbFi(Readsb):
    """adsb.fi: once a second, personal use. Source: https://github.com/adsbfi/opendata."""

    name = "adsb.fi"
    url = "https://opendata.adsb.fi/api/v3/lat/{latitude}/lon/{longitude}/dist/{radius}"
