"""Asks OpenWeatherMap for the air, with the key of its weather."""

from __future__ import annotations

from core.feeds.air_quality.openweathermap.codec import read_pollution
from core.feeds.common.openweathermap import ADVICE, INTERVAL_S, request
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic


class OpenWeatherMapAir(Service):
    """
    Concentrations, and an index of its own.

    Args:
        place: The city.
        key: The user's API key.
    """

    name = "openweathermap"
    topic = Topic.AIR_QUALITY
    interval_s = INTERVAL_S
    advice = ADVICE

    def __init__(self, place: Place, key: str) -> None:
        super().__init__(place, (key,))
        self._key = key

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  the service knows the time
        """Make the next request."""
        return request("air_pollution", self.place, self._key)

    def read(self, answer: Answer) -> Reading:
        """
        Read the air.

        Raises:
            DecodeError: If it is not what the service documents.
        """
        return read_pollution(answer, self.name, self.place.name)
