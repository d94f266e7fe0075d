"""The practice exchange as a venue."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from core.domain.errors import ConfigurationError
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.venues.common.session_client import SessionClient
from core.venues.port import VenueAbilities
from core.venues.wsx.messages import MAX_MESSAGE_BYTES
from core.venues.wsx.session import VENUE, WsxSession

_ALIVE_TIMES = 4
"""The dead-man timer is fed so often within its time."""

ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=True)


class WsxVenue(SessionClient):
    """
    The practice exchange as a `Venue`.

    Args:
        url: For example `ws://127.0.0.1:8765`.
        api_key: Names the account.
        run_id: Its last part marks the orders of this run.
        instruments: In the order of the kernel's indexes.
        executions_after: Trade id of the last fill in the books of an earlier run; fills
            since then are reported at the first login. None: there is no earlier run.
        lease: Fencing token; the exchange refuses orders under a smaller one than the
            account has seen. 0 takes no part in leases.
        cancel_on_disconnect: Have the exchange cancel our orders when the connection ends.
        dead_man_s: Silence of `keep_alive` after which it cancels them; 0 for never.
        fee_rates: Worth of one unit of other assets that fees are paid in.
        random: Jitter of the back-off.
        clock: Monotonic, in seconds.

    Raises:
        ConfigurationError: If the address is not one of a WebSocket.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        run_id: RunId,
        instruments: Sequence[Instrument],
        *,
        executions_after: int | None = None,
        lease: int = 0,
        cancel_on_disconnect: bool = False,
        dead_man_s: float = 0.0,
        fee_rates: Mapping[str, Decimal] | None = None,
        random: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        session = WsxSession(
            api_key=api_key,
            run_id=run_id,
            instruments=instruments,
            executions_after=executions_after,
            lease=lease,
            cancel_on_disconnect=cancel_on_disconnect,
            dead_man_s=dead_man_s,
            fee_rates=fee_rates,
        )
        super().__init__(
            _checked(url),
            session,
            name=VENUE,
            abilities=ABILITIES,
            max_message_bytes=MAX_MESSAGE_BYTES,
            random=random,
            clock=clock,
        )
        self._alive_every_s = dead_man_s / _ALIVE_TIMES
        self._alive_due_s = 0.0

    def keep_alive(self) -> None:
        """Feed the dead-man timer, no more often than it needs; see `Venue.keep_alive`."""
        now_s = self._clock()
        if now_s >= self._alive_due_s:
            self._alive_due_s = now_s + self._alive_every_s
            super().keep_alive()


def _checked(url: str) -> str:
    try:
        parse_uri(url)
    except InvalidURI as error:
        raise ConfigurationError(
            f"venue.url = {url!r} is not an address such as ws://127.0.0.1:8765"
        ) from error
    return url
