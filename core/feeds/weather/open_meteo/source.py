"""Asks Open-Meteo for the weather: the default, as it needs no key."""

from __future__ import annotations

from core.feeds.common.news import News
from core.feeds.common.open_meteo import pause_s
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic
from core.feeds.weather.open_meteo.codec import VARIABLES, read_forecast

URL = "https://api.open-meteo.com/v1/forecast"

_BY_QUARTER = (
    "temperature_2m",
    "relative_humidity_2m",
    "precipitation",
    "wind_speed_10m",
    "wind_direction_10m",
)


class OpenMeteoWeather(Service):
    """
    Current values, quarters of an hour and hours, a day back and a week ahead.

    The request weighs about two calls, of 10,000 a day that are free for non-commercial use.
    """

    name = "open-meteo"
    topic = Topic.WEATHER
    interval_s = 300.0

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._news = News()

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  the service knows the time
        """Make the next request."""
        return Request(
            URL,
            {
                "latitude": f"{self.place.latitude:.4f}",
                "longitude": f"{self.place.longitude:.4f}",
                "current": ",".join(VARIABLES),
                "minutely_15": ",".join(_BY_QUARTER),
                "hourly": ",".join(VARIABLES),
                "past_days": "1",
                "forecast_days": "7",
                "timeformat": "unixtime",
                "wind_speed_unit": "ms",
            },
        )

    def read(self, answer: Answer) -> Reading:
        """
        Read the weather.

        Raises:
            DecodeError: If it is not what the service documents.
            FeedRefused: If it says that too much was asked, and until when.
        """
        return self._news.only(read_forecast(answer, self.name, self.place.name))

    def pause_s(self, answer: Answer) -> float | None:
        """For how long a refusal asks us to wait."""
        return pause_s(answer)
