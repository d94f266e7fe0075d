"""Requests of one connection: their numbers, their signatures, and when none may be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.venues.binance.orders.codec import ErrorBody, encode_request
from core.venues.binance.orders.signing import Sign, Value, payload_of

RECV_WINDOW_MS = 5_000


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that is not answered yet."""

    what: str
    sent_ms: int
    instrument: int = -1
    number: int = 0
    generation: int = 0


class Requests:
    """
    What is asked of the venue.

    Args:
        api_key: Names the account.
        sign: Of the secret that belongs to it.
        clock_ms: Time of day since 1970.
    """

    def __init__(self, api_key: str, sign: Sign, clock_ms: Callable[[], int]) -> None:
        self._api_key = api_key
        self._sign = sign
        self._clock_ms = clock_ms
        self._outbox: list[bytes] = []
        self._pending: dict[str, Pending] = {}
        self._count = 0
        self._offset_ms = 0
        self._is_compared = False
        self._blocked_until_ms = 0

    @property
    def server_ms(self) -> int:
        """What the venue's clock shows."""
        return self._clock_ms() + self._offset_ms

    @property
    def clock_offset_ns(self) -> int | None:
        """The venue's clock minus ours; None before the two were compared."""
        return self._offset_ms * 1_000_000 if self._is_compared else None

    @property
    def blocked_ms(self) -> int:
        """How long the venue takes no requests; 0 where it does."""
        return max(0, self._blocked_until_ms - self.server_ms)

    def clear(self) -> None:
        """Forget what belongs to a connection that is gone."""
        self._outbox.clear()
        self._pending.clear()

    def take(self) -> list[bytes]:
        """Take what must be written now."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def waits_for(self, *kinds: str) -> bool:
        """Whether a request of one of these kinds is not answered yet."""
        return any(pending.what in kinds for pending in self._pending.values())

    def answered(self, request_id: str) -> Pending | None:
        """Find the request that an answer is to, once."""
        return self._pending.pop(request_id, None)

    def set_clock(self, sent_ms: int, server_ms: int) -> None:
        """Compare clocks: the venue's was read half way between asking and hearing."""
        self._offset_ms = server_ms - (sent_ms + self._clock_ms()) // 2
        self._is_compared = True

    def heed(self, error: ErrorBody) -> None:
        """Send nothing until the venue takes requests again."""
        if error.data is not None and error.data.retry_after:
            self._blocked_until_ms = max(self._blocked_until_ms, error.data.retry_after)

    def send(
        self,
        what: str,
        method: str,
        params: Mapping[str, object],
        instrument: int = -1,
        number: int = 0,
        generation: int = 0,
    ) -> str:
        """
        Ask for something that needs no signature.

        Args:
            what: Tells the answer's reader what it was.
            method: The venue's word for it.
            params: Of the request.
            instrument: Whose it is; -1 for none.
            number: Of the order that it is about; 0 for none.
            generation: Of that order.

        Returns:
            The request's id.
        """
        self._count += 1
        request_id = str(self._count)
        self._pending[request_id] = Pending(what, self._clock_ms(), instrument, number, generation)
        self._outbox.append(encode_request(request_id, method, params))
        return request_id

    def send_signed(
        self,
        what: str,
        method: str,
        params: Mapping[str, Value],
        instrument: int = -1,
        number: int = 0,
        generation: int = 0,
    ) -> str:
        """Ask for something as the owner of the account; otherwise as `send`."""
        signed: dict[str, Value] = {
            **params,
            "apiKey": self._api_key,
            "recvWindow": RECV_WINDOW_MS,
            "timestamp": self.server_ms,
        }
        signed["signature"] = self._sign(payload_of(signed))
        return self.send(what, method, signed, instrument, number, generation)
