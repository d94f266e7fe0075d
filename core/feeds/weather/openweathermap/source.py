"""Asks OpenWeatherMap for the weather, with a free key."""

from __future__ import annotations

from core.feeds.common.openweathermap import ADVICE, INTERVAL_S, request
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic
from core.feeds.weather.openweathermap.codec import read_current


class OpenWeatherMapWeather(Service):
    """
    The weather as it is; no forecast.

    Args:
        place: The city.
        key: The user's API key.
    """

    name = "openweathermap"
    topic = Topic.WEATHER
    interval_s = INTERVAL_S
    advice = ADVICE

    def __init__(self, place: Place, key: str) -> None:
        super().__init__(place, (key,))
        self._key = key

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  the service knows the time
        """Make the next request."""
        return request("weather", self.place, self._key)

    def read(self, answer: Answer) -> Reading:
        """
        Read the weather.

        Raises:
            DecodeError: If it is not what the service documents, or says that something is
                wrong.
        """
        return read_current(answer, self.name, self.place.name)
