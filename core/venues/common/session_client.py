"""Moves bytes between a venue's socket and the session that knows its protocol."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from random import Random

from websockets.exceptions import (
    InvalidHandshake,
    InvalidStatus,
    PayloadTooBig,
    ProtocolError,
)

from core.domain.enums import RejectReason, VenueState
from core.domain.events import EventRow
from core.domain.memory import Rows
from core.domain.refusals import refusals
from core.venues.common.backoff import Backoff
from core.venues.common.connection import DirectConnection, open_connection
from core.venues.common.private_session import PrivateSession
from core.venues.port import EventSink, VenueAbilities, VenueCounters

MAX_MESSAGE_BYTES = 8 << 20
HEALTHY_S = 10.0
"""A connection that lived so long resets the back-off."""

GOODBYE_S = 2.0
"""So long an orderly end waits for the venue's last answer."""

_POLL_S = 0.01
LOOK_EVERY_S = 0.25
"""How often it is asked whether a connection is still of use."""
_BANNED = frozenset({418, 429})


class SessionClient:
    """
    A private session over a WebSocket: connects, hands on, writes, and tries again.

    What the session tells decides whether this is a whole `Venue` or the half of one that
    has no market data.

    Args:
        url: WebSocket address.
        session: Of the venue.
        name: Short name for screens and logs.
        abilities: Of the venue.
        prepare: Done before each connection, such as fetching a token. An OSError means
            that the venue cannot be reached; a VenueError ends `run`.
        max_message_bytes: A longer one ends the connection.
        random: Jitter of the back-off.
        clock: Monotonic, in seconds.
    """

    def __init__(
        self,
        url: str,
        session: PrivateSession,
        *,
        name: str,
        abilities: VenueAbilities,
        prepare: Callable[[], Awaitable[None]] | None = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        random: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._session = session
        self._name = name
        self._abilities = abilities
        self._prepare = prepare
        self._max_message_bytes = max_message_bytes
        self._backoff = Backoff(random or Random())  # noqa: S311  jitter, not a secret
        self._clock = clock
        self._sink: EventSink | None = None
        self._connection: DirectConnection | None = None
        self._closed = asyncio.Event()
        self._connections = 0
        self._unsent = 0
        self._last_message_s = 0.0
        self._wait_s = 0.0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return self._name

    @property
    def abilities(self) -> VenueAbilities:
        """What the venue can do."""
        return self._abilities

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
        wanted = intents[:count].tolist()
        # Before the login is answered, the account state could already miss the order.
        if self._session.state < VenueState.CONNECTED:
            self._refuse(wanted)
            return
        assert self._sink is not None
        for row in self._session.carry_out(wanted):
            self._sink.put(row)
        if not self._write():
            self._refuse(wanted)

    def keep_alive(self) -> None:
        """Let the session do what it has to do; see `Venue.keep_alive`."""
        if self._session.state >= VenueState.CONNECTED and self._session.keep_alive():
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
            clock_offset_ns=session.clock_offset_ns,
        )

    async def close(self) -> None:
        """Say goodbye and end `run`."""
        if self._connection is not None and self._session.state >= VenueState.CONNECTED:
            self._session.say_goodbye()
            self._write()
            await self._wait_for_goodbye()
        self._closed.set()
        if self._connection is not None:
            await self._connection.close()

    async def _wait_for_goodbye(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                while not self._session.is_done and self._session.state >= VenueState.CONNECTED:
                    await asyncio.sleep(_POLL_S)

    async def _attend(self) -> None:
        """Live through one connection, from what comes before it to its last byte."""
        try:
            if self._prepare is not None:
                await self._prepare()
            connection = await self._connect()
        except InvalidStatus as error:
            self._note_refusal(error)
            return
        except (OSError, InvalidHandshake) as error:
            self._session.fail(f"{self._url}: {str(error) or type(error).__name__}")
            return
        started_s = self._clock()
        try:
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
        self._connection = connection
        self._report(self._session.connected())
        self._write()

    def _leave(self) -> None:
        """Tell that there is no connection any more."""
        self._connection = None
        self._report(self._session.disconnected())

    def _note_refusal(self, error: InvalidStatus) -> None:
        """Understand an HTTP answer in place of a WebSocket; a ban says how long it lasts."""
        response = error.response
        wait = response.headers.get("Retry-After", "")
        if response.status_code in _BANNED and wait.isascii() and wait.isdigit():
            self._wait_s = float(wait)
        told = f"; asked to wait {wait} s" if wait else ""
        self._session.fail(f"{self._url}: answered HTTP {response.status_code}{told}")

    async def _connect(self) -> DirectConnection:
        return await open_connection(
            self._url,
            on_message=self._on_message,
            on_batch_end=self._on_batch_end,
            max_message_bytes=self._max_message_bytes,
        )

    async def _watch(self, connection: DirectConnection) -> None:
        """Wait for the end of the connection, and bring it about when it is of no use."""
        closed = asyncio.ensure_future(connection.wait_closed())
        try:
            while not closed.done():
                if self._closed.is_set():
                    await connection.close()
                complaint = self._complaint()
                if complaint:
                    self._session.fail(f"{self._url}: {complaint}")
                    connection.transport.abort()
                await asyncio.wait({closed}, timeout=None if complaint else LOOK_EVERY_S)
        finally:
            closed.cancel()

    def _complaint(self) -> str:
        """Why this connection is of no use any more; empty while it is."""
        return self._session.complaint(self._clock() - self._last_message_s)

    async def _pause(self) -> None:
        delay_s = max(self._backoff.next_delay_s(), self._wait_s)
        self._wait_s = 0.0
        if self._closed.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await self._closed.wait()

    def _on_message(self, data: bytes | bytearray | memoryview) -> None:
        self._last_message_s = self._clock()
        assert self._sink is not None
        for row in self._session.receive_data(data):
            self._sink.put(row)

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
        if self._sink is not None:
            for row in refusals(wanted, RejectReason.MARKET_CLOSED):
                self._sink.put(row)

    def _report(self, rows: list[EventRow]) -> None:
        assert self._sink is not None
        for row in rows:
            self._sink.put(row)
        self._sink.flush()
