"""Asks the World Air Quality Index project, with a free token."""

from __future__ import annotations

from core.feeds.air_quality.waqi.codec import read_feed
from core.feeds.common.service import Service
from core.feeds.port import Answer, Place, Reading, Request, Topic

HOST = "https://api.waqi.info/feed"


class Waqi(Service):
    """
    The index of the nearest station, or of `stations["waqi"]`, a number.

    Its terms allow neither caching nor redistribution nor commercial use: every engine asks
    for itself.

    Args:
        place: The city.
        token: The user's token.
    """

    name = "waqi"
    topic = Topic.AIR_QUALITY
    interval_s = 900.0

    def __init__(self, place: Place, token: str) -> None:
        super().__init__(place, (token,))
        self._token = token

    def request(self, now_ns: int) -> Request:  # noqa: ARG002  the service knows the time
        """Make the next request."""
        station = self.place.stations.get(self.name)
        where = (
            f"@{station}"
            if station
            else f"geo:{self.place.latitude:.4f};{self.place.longitude:.4f}"
        )
        secret_query = {"token": self._token}
        return Request(f"{HOST}/{where}/", secret_query=secret_query, is_for_us_alone=True)

    def read(self, answer: Answer) -> Reading:
        """
        Read the index.

        Raises:
            DecodeError: If it is not what the service documents, or the station has no value.
            FeedRefused: If it does not serve us: token, quota, station.
        """
        return read_feed(answer, self.name)
