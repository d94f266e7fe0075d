"""Moves bytes between the practice exchange and its session, and connects again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidURI, PayloadTooBig, ProtocolError
from websockets.uri import parse_uri

from core.domain import events
from core.domain.enums import IntentKind, OrderStatus, RejectReason, VenueState
from core.domain.errors import ConfigurationError
from core.domain.events import EventRow
from core.domain.ids import RunId
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.venues.common.backoff import Backoff
from core.venues.common.connection import DirectConnection
from core.venues.port import EventSink, VenueAbilities, VenueCounters
from core.venues.wsx.intents import encode_intents
from core.venues.wsx.messages import MAX_MESSAGE_BYTES
from core.venues.wsx.session import VENUE, WsxSession

OPEN_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
MISSED_HEARTBEATS = 3
"""Silence of more heartbeats than this is a dead connection."""

HEALTHY_S = 10.0
"""A connection that lived so long resets the back-off."""

_ALIVE_TIMES = 4
"""The dead-man timer is fed so often within its time."""

_PLACE = IntentKind.PLACE.value

ABILITIES = VenueAbilities(amends_orders=True, has_market_orders=True)


class WsxVenue:
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
        self._url = _checked(url)
        self._session = WsxSession(
            api_key=api_key,
            run_id=run_id,
            instruments=instruments,
            executions_after=executions_after,
            lease=lease,
            cancel_on_disconnect=cancel_on_disconnect,
            dead_man_s=dead_man_s,
            fee_rates=fee_rates,
        )
        self._alive_every_s = dead_man_s / _ALIVE_TIMES
        self._alive_due_s = 0.0
        self._backoff = Backoff(random or Random())  # noqa: S311  jitter, not a secret
        self._clock = clock
        self._sink: EventSink | None = None
        self._connection: DirectConnection | None = None
        self._closed = asyncio.Event()
        self._connections = 0
        self._unsent = 0
        self._last_message_s = 0.0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return VENUE

    @property
    def abilities(self) -> VenueAbilities:
        """All of them."""
        return ABILITIES

    async def run(self, sink: EventSink) -> None:
        """Stay connected until `close`; see `Venue.run`."""
        self._sink = sink
        while not self._closed.is_set():
            self._report(self._session.connecting())
            try:
                await self._attend()
            finally:
                self._leave()
            await self._pause()

    def submit(self, intents: Rows, count: int) -> None:
        """Write orders now; see `Venue.submit`."""
        session = self._session
        wanted = intents[:count].tolist()
        # Before the login is answered, the account state could already miss the order.
        if session.state < VenueState.CONNECTED:
            self._refuse(wanted)
            return
        for row in encode_intents(session, wanted):
            assert self._sink is not None
            self._sink.put(row)
        if not self._write():
            self._refuse(wanted)

    def keep_alive(self) -> None:
        """Feed the dead-man timer, no more often than it needs; see `Venue.keep_alive`."""
        now_s = self._clock()
        if now_s >= self._alive_due_s and self._session.keep_alive():
            self._alive_due_s = now_s + self._alive_every_s
            self._write()

    def counters(self) -> VenueCounters:
        """Read the counters."""
        session = self._session
        return VenueCounters(
            state=session.state,
            exchange_session=session.exchange_session,
            messages=session.messages,
            reconnects=max(0, self._connections - 1),
            gaps=session.gaps,
            duplicates=session.duplicates,
            refused=session.refused,
            unsent=self._unsent,
            last_message_monotonic_s=self._last_message_s,
            last_error=session.last_error,
        )

    async def close(self) -> None:
        """Say goodbye and end `run`."""
        self._closed.set()
        if self._connection is not None:
            await self._connection.close()

    async def _attend(self) -> None:
        """Live through one connection, from its first byte to its last."""
        try:
            connection = await self._connect()
        except (OSError, InvalidHandshake) as error:
            self._session.last_error = f"{self._url}: {str(error) or type(error).__name__}"
            return
        try:
            started_s = self._clock()
            self._join(connection)
            await self._watch(connection)
        finally:
            connection.transport.abort()
        if self._clock() - started_s >= HEALTHY_S:
            self._backoff.reset()
        violation = connection.protocol.parser_exc
        if isinstance(violation, PayloadTooBig | ProtocolError):
            self._session.refuse(f"{self._url}: {violation}")
        if connection.failure is not None:
            raise connection.failure

    def _join(self, connection: DirectConnection) -> None:
        """Begin to talk over a connection that has just been made."""
        self._last_message_s = self._clock()
        self._connections += 1
        self._alive_due_s = 0.0
        self._connection = connection
        self._report(self._session.connected())
        self._write()

    def _leave(self) -> None:
        """Tell that there is no connection any more."""
        self._connection = None
        self._report(self._session.disconnected())

    async def _connect(self) -> DirectConnection:
        def factory(protocol: ClientProtocol, **options: Any) -> DirectConnection:
            return DirectConnection(
                protocol,
                on_message=self._on_message,
                on_batch_end=self._on_batch_end,
                **options,
            )

        connection = await connect(
            self._url,
            # The library asks for a class, and only ever calls it.
            create_connection=cast("type[ClientConnection]", factory),
            compression=None,
            proxy=None,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
        )
        return cast("DirectConnection", connection)

    async def _watch(self, connection: DirectConnection) -> None:
        """Wait for the end of the connection, and bring it about when it falls silent."""
        closed = asyncio.ensure_future(connection.wait_closed())
        try:
            while not closed.done():
                if self._closed.is_set():
                    await connection.close()
                complaint = self._complaint()
                if complaint:
                    self._session.last_error = f"{self._url}: {complaint}"
                    connection.transport.abort()
                timeout_s = None if complaint else self._session.heartbeat_s
                await asyncio.wait({closed}, timeout=timeout_s)
        finally:
            closed.cancel()

    def _complaint(self) -> str:
        """Why this connection is of no use any more; empty while it is."""
        silence_s = self._clock() - self._last_message_s
        if silence_s >= MISSED_HEARTBEATS * self._session.heartbeat_s:
            return f"silent for {silence_s:.1f} s"
        if self._session.unwelcome_heartbeats >= MISSED_HEARTBEATS:
            return "alive, but the login was never answered"
        return ""

    async def _pause(self) -> None:
        if self._closed.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backoff.next_delay_s()):
                await self._closed.wait()

    def _on_message(self, data: bytes | bytearray | memoryview) -> None:
        self._last_message_s = self._clock()
        sink = self._sink
        assert sink is not None
        for row in self._session.receive_data(data):
            sink.put(row)

    def _on_batch_end(self, received_ns: int) -> None:
        assert self._sink is not None
        self._sink.flush(received_ns)
        self._write()

    def _write(self) -> bool:
        frames = self._session.data_to_send()
        if not frames:
            return True
        return self._connection is not None and self._connection.write(frames)

    def _refuse(self, wanted: list[tuple[int, ...]]) -> None:
        self._unsent += len(wanted)
        if self._sink is None:
            return
        for kind, instrument, order_id, side, price_ticks, lots, _flags, _origin in wanted:
            if kind == _PLACE:
                self._sink.put(
                    events.order_report(
                        instrument,
                        order_id,
                        OrderStatus.REJECTED,
                        side=side,
                        price_ticks=price_ticks,
                        lots=lots,
                        reason=RejectReason.MARKET_CLOSED,
                    )
                )

    def _report(self, rows: list[EventRow]) -> None:
        assert self._sink is not None
        for row in rows:
            self._sink.put(row)
        self._sink.flush()


def _checked(url: str) -> str:
    try:
        parse_uri(url)
    except InvalidURI as error:
        raise ConfigurationError(
            f"venue.url = {url!r} is not an address such as ws://127.0.0.1:8765"
        ) from error
    return url
