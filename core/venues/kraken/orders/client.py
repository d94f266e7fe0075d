"""A Kraken spot account as the orders of a venue."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from core.domain.errors import VenueError
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.domain.redaction import forms_of, redact
from core.venues.common.session_client import SessionClient
from core.venues.kraken.orders.codec import VENUE
from core.venues.kraken.orders.session import KrakenSession
from core.venues.kraken.orders.signing import TOKEN_PATH, Nonces, api_sign, key_of
from core.venues.port import VenueAbilities

URL = "wss://ws-auth.kraken.com/v2"
REST_URL = "https://api.kraken.com"
ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=True)
TOKEN_TIMEOUT_S = 10.0

_FATAL = ("EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Permission denied")


class _Token(msgspec.Struct):
    token: str = ""


class _Answer(msgspec.Struct):
    error: list[str] = []
    result: _Token | None = None


class TokenDesk:
    """
    Fetches the token that a connection begins with: one for each, good for 15 minutes.

    Args:
        rest_url: Without a path.
        api_key: Names the account.
        secret: In base64, as Kraken shows it.

    Raises:
        ConfigurationError: If the secret is not one of Kraken's.
    """

    def __init__(self, rest_url: str, api_key: str, secret: str) -> None:
        self._url = rest_url + TOKEN_PATH
        self._api_key = api_key
        self._key = key_of(secret)
        self._forms = (*forms_of(api_key), *forms_of(secret))
        self._nonces = Nonces(lambda: time.time_ns() // 1000)

    async def fetch(self) -> str:
        """
        Fetch one.

        Raises:
            OSError: If nothing usable answers; trying again may help.
            VenueError: If the key is refused.
        """
        import aiohttp

        nonce = self._nonces.take()
        body = f"nonce={nonce}"
        headers = {
            "API-Key": self._api_key,
            "API-Sign": api_sign(self._key, TOKEN_PATH, nonce, body),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        timeout = aiohttp.ClientTimeout(total=TOKEN_TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.post(self._url, data=body, headers=headers) as response,
            ):
                return self._read(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = redact(str(error) or type(error).__name__, self._forms)
            raise ConnectionError(f"{self._url}: {reason}") from None

    def _read(self, status: int, data: bytes) -> str:
        try:
            answer = msgspec.json.decode(data, type=_Answer)
        except (ValueError, RecursionError):
            raise ConnectionError(f"{self._url}: answered HTTP {status} and no JSON") from None
        if answer.error:
            reason = redact("; ".join(answer.error), self._forms)
            if any(text in reason for text in _FATAL):
                raise VenueError(
                    VENUE, f"{reason}: look at venue.api_key_env and venue.api_secret_env"
                )
            raise ConnectionError(f"{self._url}: {reason}")
        if answer.result is None or not answer.result.token:
            raise ConnectionError(f"{self._url}: gave no token")
        return answer.result.token


def make_orders(
    run_id: RunId,
    instruments: Sequence[Instrument],
    *,
    api_key: str,
    secret: str,
    url: str = "",
    rest_url: str = "",
    executions_after: int | None = None,
    positions: Sequence[int] = (),
    counts_all: bool = False,
    dead_man_s: int = 0,
    fee_rates: Mapping[str, Decimal] | None = None,
) -> SessionClient:
    """
    Make the client of one account.

    Args:
        run_id: Marks the orders of this run.
        instruments: In the order of the kernel's indexes.
        api_key: Names the account.
        secret: In base64, as Kraken shows it.
        url: Of the private WebSocket; empty for the public address.
        rest_url: Where tokens are; empty for the public address.
        executions_after: Number of the last execution that is booked; None for none.
        positions: Lots that earlier runs left, by instrument.
        counts_all: All coins of the account are the position.
        dead_man_s: Silence after which Kraken cancels every order of the account; 0: never.
        fee_rates: Worth of one unit of other assets that fees are paid in.

    Raises:
        ConfigurationError: If the secret cannot be used.
    """
    desk = TokenDesk(rest_url or REST_URL, api_key, secret)
    session = KrakenSession(
        run_id=run_id,
        instruments=instruments,
        clock_ms=lambda: time.time_ns() // 1_000_000,
        secrets=(api_key, secret),
        executions_after=executions_after,
        positions=positions,
        counts_all=counts_all,
        dead_man_s=dead_man_s,
        fee_rates=fee_rates,
    )

    async def prepare() -> None:
        session.use_token(await desk.fetch())

    return SessionClient(url or URL, session, name=VENUE, abilities=ABILITIES, prepare=prepare)
