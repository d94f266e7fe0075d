"""
What OpenWeatherMap's services share.

Source: https://openweathermap.org/current and https://openweathermap.org/faq. The key travels
in the query.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from core.feeds.port import Place, Request

HOST = "https://api.openweathermap.org/data/2.5"
INTERVAL_S = 600.0
"""Its data change no faster."""

ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "check the key; a new one takes up to 2 hours to work, and One Call "
    "needs a subscription of its own",
    HTTPStatus.TOO_MANY_REQUESTS: "the plan's calls are used up; it is asked more slowly now",
}


def request(path: str, place: Place, key: str) -> Request:
    """Make a request; the key stands apart from what may be seen."""
    return Request(
        f"{HOST}/{path}",
        {
            "lat": f"{place.latitude:.4f}",
            "lon": f"{place.longitude:.4f}",
            "units": "metric",
        },
        secret_query={"appid": key},
    )
