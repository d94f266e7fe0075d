"""Asks OpenAQ: first which sensors there are, then what they measure."""

from __future__ import annotations

from core.feeds.air_quality.openaq.codec import Station, read_latest, read_station
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic

HOST = "https://api.openaq.org/v3"
RADIUS_M = 12_000


class OpenAq(Service):
    """
    Measured values of the nearest station that is alive, or of `stations["openaq"]`, a number.

    Args:
        place: The city.
        key: The user's API key.
    """

    name = "openaq"
    topic = Topic.AIR_QUALITY
    interval_s = 900.0

    def __init__(self, place: Place, key: str) -> None:
        super().__init__(place, (key,))
        self._key = key
        self._station: Station | None = None
        self._asked_for: Station | None = None

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  the service knows the time
        """Make the next request: for the sensors until they are known, then for values."""
        self._asked_for = self._station
        if self._station is not None:
            return self._to(f"locations/{self._station.location}/latest", {})
        named = self.place.stations.get(self.name)
        if named:
            return self._to(f"locations/{named}", {})
        return self._to(
            "locations",
            {
                "coordinates": f"{self.place.latitude:.4f},{self.place.longitude:.4f}",
                "radius": str(RADIUS_M),
                "limit": "1000",
            },
        )

    def read(self, answer: Answer) -> Reading:
        """
        Read the values, or keep the sensors.

        Raises:
            DecodeError: If it is neither. Another station is looked for after that.
        """
        station, self._station = self._asked_for, None
        if station is None:
            self._station = read_station(answer, self.name)
            return Reading()
        reading = read_latest(answer, self.name, station)
        self._station = station
        return reading

    def _to(self, path: str, query: dict[str, str]) -> Request:
        return Request(f"{HOST}/{path}", query, secret_headers={"X-API-Key": self._key})
