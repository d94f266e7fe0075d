"""Asks OpenSky for the aircraft around an airport, with a client of one's own or without."""

from __future__ import annotations

from http import HTTPStatus

from core.domain.errors import FeedRefused
from core.feeds.common.service import Service
from core.feeds.common.wire import S_IN_NS
from core.feeds.flights.airport import SkyWatch, center
from core.feeds.flights.opensky.codec import Picture, read_answer
from core.feeds.port import Answer, Place, Reading, Request, Topic

STATES_URL = "https://opensky-network.org/api/states/all"
TOKEN_URL = (
    "https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token"  # noqa: S105  an address
)

ANONYMOUS_S = 216.0
"""400 credits a day, one a request."""
CLIENT_S = 21.6
"""4,000 credits a day."""
RENEW_S = 300
"""So long before its end a token is renewed."""

_HALF_HEIGHT_DEG = 0.35
_HALF_WIDTH_DEG = 0.5
"""0.7 square degrees: up to 25 cost one credit."""


class OpenSky(Service):
    """
    State vectors of a box around the airport.

    With a client, `request` asks for a token first and whenever it runs out or was refused;
    its answer tells nothing of the sky.

    Args:
        place: The city.
        watch: The city's sky, shared with the sources that stand in for this one.
        client_id: Of the user's API client; empty for none.
        client_secret: That belongs to it.
    """

    name = "opensky"
    topic = Topic.FLIGHTS

    def __init__(
        self, place: Place, watch: SkyWatch, client_id: str = "", client_secret: str = ""
    ) -> None:
        super().__init__(place, (client_id, client_secret))
        self.interval_s = CLIENT_S if client_id else ANONYMOUS_S
        self._watch = watch
        self._client_id = client_id
        self._client_secret = client_secret
        self._token = ""
        self._token_ends_ns = 0
        self._awaits_token = False

    def request(self, now_ns: int) -> Request:
        """Make the next request: for states, or for the token that it takes."""
        if not self._client_id:
            return Request(STATES_URL, self._box())
        self._awaits_token = not self._token or now_ns >= self._token_ends_ns - RENEW_S * S_IN_NS
        if self._awaits_token:
            return Request(
                TOKEN_URL,
                form={
                    "grant_type": "client_credentials",
                    "client_id": self._client_id,
                    "client_secret": self._client_secret,
                },
            )
        bearer = {"Authorization": f"Bearer {self._token}"}
        return Request(STATES_URL, self._box(), secret_headers=bearer)

    def read(self, answer: Answer) -> Reading:
        """
        Read the aircraft, or keep the token.

        Raises:
            DecodeError: If it is neither.
        """
        content = read_answer(answer, self.name)
        if isinstance(content, Picture):
            return self._watch.look(
                content.sightings, content.seen_ts_ns, answer.fetched_ts_ns, self.name
            )
        self._token = content.access_token.get_secret_value()
        self._token_ends_ns = answer.fetched_ts_ns + content.expires_in * S_IN_NS
        return Reading()

    def complaint(self, answer: Answer) -> str:
        """Say what another status means; a token that is refused is not used again."""
        what = super().complaint(answer)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return what
        if self._is_token_refused(answer):
            self._token = ""
            return "HTTP 401: the token has run out; a new one is asked for"
        if self._client_id:
            return f"{what}, that is client id and secret of the account's API client"
        return f"{what}; without a client it does not answer from here, so make one in an account"

    def refusal(self, answer: Answer) -> FeedRefused | None:
        """Tell whether asking again is of no use: not where only the token has run out."""
        return None if self._is_token_refused(answer) else super().refusal(answer)

    def _is_token_refused(self, answer: Answer) -> bool:
        return (
            answer.status == HTTPStatus.UNAUTHORIZED
            and bool(self._client_id)
            and not self._awaits_token
        )

    def _box(self) -> dict[str, str]:
        latitude, longitude = center(self.place)
        return {
            "lamin": f"{latitude - _HALF_HEIGHT_DEG:.4f}",
            "lomin": f"{longitude - _HALF_WIDTH_DEG:.4f}",
            "lamax": f"{latitude + _HALF_HEIGHT_DEG:.4f}",
            "lomax": f"{longitude + _HALF_WIDTH_DEG:.4f}",
            "extended": "1",
        }
