"""Moves bytes between a venue's public market data and its session, and connects again."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from websockets.exceptions import InvalidHandshake, InvalidStatus

from core.domain import events
from core.domain.enums import VenueState
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.venues.common.backoff import Backoff
from core.venues.common.connection import (
    CLOSE_TIMEOUT_S,
    KEEPALIVE_S,
    DirectConnection,
    open_connection,
)
from core.venues.market.explain import explain
from core.venues.market.fetcher import Fetcher, retry_after_s
from core.venues.market.fetching import Fetch
from core.venues.market.profile import VenueProfile
from core.venues.market.session import MarketSession
from core.venues.market.tally import Tally
from core.venues.market.timing import Timing
from core.venues.port import EventSink, VenueCounters

HEALTHY_S = 10.0
"""A connection that lived so long resets the back-off."""

PULSE_S = 0.05
"""How often deadlines are looked at."""


@dataclass(slots=True, eq=False)
class _Leg:
    """One connection, and the session that talks over it."""

    session: MarketSession
    connection: DirectConnection | None = None
    fetches: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.connection is not None and not self.connection.transport.is_closing()

    def write(self) -> None:
        frames = self.session.take_outbox()
        if frames and self.connection is not None:
            self.connection.write(frames)


class LiveFeed:
    """
    Public market data of one venue over the network, as a `MarketFeed`.

    Args:
        profile: The venue.
        instruments: In the order of the kernel's indexes, named as the venue names them.
        url: Address of the venue; empty for the public one.
        timing: Deadlines, in place of the venue's own.
        keepalive_s: See `KEEPALIVE_S`.
        random: Jitter of the back-off.
        clock: Monotonic, in seconds.
        wall_ns: Time of day, in nanoseconds since 1970.

    Raises:
        ConfigurationError: If the address is not one of a WebSocket.
    """

    def __init__(
        self,
        profile: VenueProfile,
        instruments: Sequence[Instrument],
        *,
        url: str = "",
        timing: Timing | None = None,
        keepalive_s: float = KEEPALIVE_S,
        random: Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._profile = profile
        self._instruments = tuple(instruments)
        self._url = profile.stream_url(url)
        self._timing = timing or profile.timing
        self._keepalive_s = keepalive_s
        self._tally = Tally()
        self._fetcher = Fetcher(profile.http_url(url), profile.max_message_bytes)
        self._backoff = Backoff(
            random or Random(),  # noqa: S311  jitter, not a secret
            ceiling_s=profile.retry_ceiling_s,
        )
        self._clock = clock
        self._wall_ns = wall_ns
        self._sink: EventSink | None = None
        self._leg: _Leg | None = None
        self._next: _Leg | None = None
        self._opening: asyncio.Task[_Leg | None] | None = None
        self._next_try_s = 0.0
        self._barred_until_s = 0.0
        self._closed = asyncio.Event()
        self._state = VenueState.DOWN
        self._connections = 0
        self._last_message_s = 0.0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return self._profile.name

    async def run(self, sink: EventSink) -> None:
        """Stay connected until `close`; see `MarketFeed.run`."""
        self._sink = sink
        try:
            while not self._closed.is_set():
                self._state = VenueState.CONNECTING
                self._report([events.venue_state(VenueState.CONNECTING)])
                leg = await self._open(is_hushed=False)
                if leg is not None:
                    self._backoff_after(await self._live(leg))
                else:
                    self._state = VenueState.DOWN
                    self._report([events.venue_state(VenueState.DOWN)])
                await self._pause()
        finally:
            await self._fetcher.close()

    def counters(self) -> VenueCounters:
        """Read the counters."""
        state = self._leg.session.state if self._leg is not None else self._state
        return self._tally.counters(state, self._connections, self._last_message_s)

    async def close(self) -> None:
        """Say goodbye and end `run`."""
        self._closed.set()
        for leg in (self._leg, self._next):
            if leg is not None and leg.connection is not None:
                await leg.connection.close()

    async def _live(self, leg: _Leg) -> float:
        """Live through a connection and those that take over from it. Returns its seconds."""
        started_s = self._clock()
        self._leg = leg
        try:
            while True:
                await self._attend(leg)
                self._end(leg)
                # A connection that died before the other took over is told of.
                if self._leg is leg:
                    self._report(leg.session.disconnected())
                    successor = await self._successor()
                    if successor is None:
                        break
                    self._promote(successor, with_state=True)
                assert self._leg is not None
                leg = self._leg
        finally:
            await self._end_all()
        return self._clock() - started_s

    async def _attend(self, leg: _Leg) -> None:
        """Look after a connection until it ends or another has taken over."""
        assert leg.connection is not None
        ended = asyncio.ensure_future(leg.connection.wait_closed())
        try:
            while not ended.done() and self._leg is leg:
                if self._closed.is_set():
                    await leg.connection.close()
                self._tick(leg)
                self._hand_over(leg)
                await asyncio.wait({ended}, timeout=PULSE_S)
        finally:
            ended.cancel()
        failure = leg.connection.failure
        if failure is not None:
            raise failure
        if ended.done() and self._leg is leg:
            self._tell_end(leg.connection)

    def _tick(self, leg: _Leg) -> None:
        session = leg.session
        self._report(session.tick(self._clock(), self._wall_ns()))
        self._serve(leg)
        if session.complaint and leg.connection is not None:
            leg.connection.transport.abort()

    def _serve(self, leg: _Leg) -> None:
        """Send and fetch what a session wants."""
        leg.write()
        for fetch in leg.session.take_fetches():
            task = asyncio.ensure_future(self._fetch(leg, fetch))
            leg.fetches.add(task)
            task.add_done_callback(leg.fetches.discard)

    async def _fetch(self, leg: _Leg, fetch: Fetch) -> None:
        answer = await self._fetcher.get(fetch.path)
        connection = leg.connection
        if connection is None:
            return
        try:
            self._report(leg.session.answered(fetch, answer, self._clock()))
            self._serve(leg)
        except Exception as error:  # noqa: BLE001  whatever it is, `run` raises it again
            connection.failure = error
            connection.transport.abort()

    def _hand_over(self, leg: _Leg) -> None:
        """Make the next connection before the venue breaks this one."""
        if self._next is not None:
            self._tick(self._next)
            if not self._next.is_open:
                self._end(self._next)
                self._next = None
            elif self._next.session.covers(leg.session):
                is_news = leg.session.state is not self._next.session.state
                self._promote(self._next, with_state=is_news)
            return
        if self._opening is not None:
            if self._opening.done():
                self._next = self._opening.result()
                self._opening = None
                self._next_try_s = self._clock() + self._backoff.next_delay_s()
        elif leg.session.wants_handover and self._clock() >= self._next_try_s:
            self._opening = asyncio.ensure_future(self._open(is_hushed=True))

    async def _successor(self) -> _Leg | None:
        """Find the next connection, where there is one or almost one."""
        opening, self._opening = self._opening, None
        if self._next is None and opening is not None:
            await asyncio.wait({opening}, timeout=CLOSE_TIMEOUT_S)
            if opening.done():
                self._next = opening.result()
            else:
                opening.cancel()
        return self._next

    def _promote(self, successor: _Leg, *, with_state: bool) -> None:
        self._next = None
        self._leg = successor
        self._report(successor.session.speak(with_state=with_state))

    def _end(self, leg: _Leg) -> None:
        for task in leg.fetches:
            task.cancel()
        if leg.connection is not None:
            leg.connection.transport.abort()
            leg.connection = None

    async def _end_all(self) -> None:
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                late = await opening
                if late is not None:
                    self._end(late)
        for leg in (self._leg, self._next):
            if leg is not None:
                self._end(leg)
        self._leg = self._next = None
        self._state = VenueState.DOWN

    async def _open(self, *, is_hushed: bool) -> _Leg | None:
        """Connect; None where that failed, and `last_error` says why."""
        profile = self._profile
        leg = _Leg(profile.make_session(self._instruments, self._tally, self._timing))
        leg.session.is_hushed = is_hushed

        def on_message(data: bytes | bytearray | memoryview) -> None:
            self._on_message(leg, data)

        def on_batch_end(received_ns: int) -> None:
            self._on_batch_end(leg, received_ns)

        try:
            connection = await open_connection(
                self._url,
                on_message=on_message,
                on_batch_end=on_batch_end,
                max_message_bytes=profile.max_message_bytes,
                compression=profile.compression,
                keepalive_s=self._keepalive_s,
            )
        except (OSError, InvalidHandshake) as error:
            self._complain(explain(error))
            if isinstance(error, InvalidStatus):
                wait_s = retry_after_s(error.response.headers.get("Retry-After", ""))
                self._barred_until_s = self._clock() + wait_s
            return None
        leg.connection = connection
        self._connections += 1
        self._last_message_s = self._clock()
        self._report(leg.session.connected(self._clock()))
        self._serve(leg)
        return leg

    def _on_message(self, leg: _Leg, data: bytes | bytearray | memoryview) -> None:
        self._last_message_s = now_s = self._clock()
        sink = self._sink
        assert sink is not None
        for row in leg.session.receive(data, now_s, self._wall_ns()):
            sink.put(row)

    def _on_batch_end(self, leg: _Leg, received_ns: int) -> None:
        assert self._sink is not None
        self._sink.flush(received_ns)
        self._serve(leg)
        if leg.session.complaint and leg.connection is not None:
            leg.connection.transport.abort()

    def _tell_end(self, connection: DirectConnection) -> None:
        """Say why a connection has ended, unless its session already has, or we ended it."""
        assert self._leg is not None
        if self._leg.session.complaint or self._closed.is_set():
            return
        violation = connection.protocol.parser_exc
        if violation is not None and not isinstance(violation, EOFError):
            self._tally.refused += 1
            self._complain(explain(violation))
        elif connection.close_reason == "keepalive ping timeout" or (
            connection.protocol.close_sent is not None and connection.protocol.close_rcvd is None
        ):
            self._complain("a ping was not answered; connecting again")
        else:
            code, reason = connection.close_code, connection.close_reason
            self._complain(f"closed the connection ({code} {reason or 'no reason'})")

    def _complain(self, sentence: str) -> None:
        self._tally.last_error = f"{self.name}: {self._url}: {sentence}"

    def _backoff_after(self, seconds: float) -> None:
        if seconds >= HEALTHY_S:
            self._backoff.reset()

    async def _pause(self) -> None:
        if self._closed.is_set():
            return
        wait_s = max(self._backoff.next_delay_s(), self._barred_until_s - self._clock())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._closed.wait()

    def _report(self, rows: list[EventRow]) -> None:
        sink = self._sink
        assert sink is not None
        if rows:
            for row in rows:
                sink.put(row)
            sink.flush()
