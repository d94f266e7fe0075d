"""Asks Open-Meteo for the air: the default, as it needs no key."""

from __future__ import annotations

from core.feeds.air_quality.open_meteo.codec import VARIABLES, read_air
from core.feeds.common.news import News
from core.feeds.common.open_meteo import pause_s
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic

URL = "https://air-quality-api.open-meteo.com/v1/air-quality"


class OpenMeteoAir(Service):
    """Values of the CAMS models on a grid of 11 km in Europe: no station measured them."""

    name = "open-meteo"
    topic = Topic.AIR_QUALITY
    interval_s = 1800.0

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
                "hourly": ",".join(VARIABLES),
                "past_days": "1",
                "forecast_days": "5",
                "timeformat": "unixtime",
            },
        )

    def read(self, answer: Answer) -> Reading:
        """
        Read the air.

        Raises:
            DecodeError: If it is not what the service documents.
            FeedRefused: If it says that too much was asked, and until when.
        """
        return self._news.only(read_air(answer, self.name, self.place.name))

    def pause_s(self, answer: Answer) -> float | None:
        """For how long a refusal asks us to wait."""
        return pause_s(answer)
