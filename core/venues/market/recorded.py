"""Plays a captured stream through the session that would have received it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.domain import events
from core.domain.enums import VenueState
from core.domain.errors import ConfigurationError
from core.domain.events import EventRow
from core.domain.instrument import Instrument
from core.venues.market.capture import read_capture
from core.venues.market.feeds import profile_of
from core.venues.market.session import MarketSession
from core.venues.market.tally import Tally
from core.venues.market.times import NS_PER_S
from core.venues.market.timing import ENDLESS
from core.venues.port import EventSink, VenueCounters

_SHORTEST_PAUSE_S = 0.001
_YIELD_EVERY = 64
"""Messages after which others get a turn, when there is no time to wait for."""


class RecordedFeed:
    """
    A capture of one venue, as a `MarketFeed`.

    When it is over, the state is DOWN and `run` waits for `close`.

    Args:
        venue_name: Whose messages they are; see `core.venues.market.feeds.VENUES`.
        instruments: In the order of the kernel's indexes, named as the venue names them.
        path: The capture; see `core.venues.market.capture`.
        speed: Times as fast as it was captured; 0 for as fast as can be.
        clock: Monotonic, in seconds.

    Raises:
        ConfigurationError: If there is no such venue or file, or the speed is negative.
    """

    def __init__(
        self,
        venue_name: str,
        instruments: Sequence[Instrument],
        path: Path,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not path.is_file():
            raise ConfigurationError(f"there is no recording {path}")
        if not speed >= 0:
            raise ConfigurationError(f"a speed of {speed} is not 0 or more")
        self._profile = profile_of(venue_name)
        self._instruments = tuple(instruments)
        self._path = path
        self._speed = speed
        self._clock = clock
        self._tally = Tally()
        self._session = self._new_session()
        self._closed = asyncio.Event()
        self._connections = 1
        self._last_message_s = 0.0
        self.is_over = False
        """Whether the last message has been played."""

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return f"recorded {self._profile.name}"

    async def run(self, sink: EventSink) -> None:
        """
        Play it once, then wait for `close`; see `MarketFeed.run`.

        Raises:
            DataError: If the file cannot be read.
        """
        self._last_message_s = self._clock()
        _tell(sink, [events.venue_state(VenueState.CONNECTING)])
        _tell(sink, self._session.connected(0.0))
        try:
            await self._play(sink)
        finally:
            _tell(sink, self._session.disconnected())
            self.is_over = True
        before = self._tally.last_error
        self._session.say("the recording is over" + (f"; before that: {before}" if before else ""))
        await self._closed.wait()

    def counters(self) -> VenueCounters:
        """Read the counters."""
        return self._tally.counters(self._session.state, self._connections, self._last_message_s)

    async def close(self) -> None:
        """End `run`."""
        self._closed.set()

    async def _play(self, sink: EventSink) -> None:
        first_ns: int | None = None
        started_s = self._clock()
        for number, (ts_ns, message) in enumerate(read_capture(self._path), start=1):
            if message is None:
                self._session.refuse(f"line {number} of {self._path.name} holds no message")
                continue
            if first_ns is None:
                first_ns = ts_ns
            await self._wait(number, started_s, (ts_ns - first_ns) / NS_PER_S)
            if self._closed.is_set():
                return
            self._last_message_s = self._clock()
            now_s = ts_ns / NS_PER_S
            rows = self._session.receive(message, now_s, ts_ns)
            rows += self._session.tick(now_s, ts_ns)
            # There is nobody to answer, and no other connection to make.
            self._session.take_outbox()
            self._session.take_fetches()
            if self._session.complaint:
                rows += self._begin_anew(now_s)
            _tell(sink, rows)

    async def _wait(self, number: int, started_s: float, offset_s: float) -> None:
        """Wait until a message is due."""
        pause_s = 0.0
        if self._speed:
            pause_s = started_s + offset_s / self._speed - self._clock()
        if pause_s >= _SHORTEST_PAUSE_S:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._closed.wait()
        elif number % _YIELD_EVERY == 0:
            await asyncio.sleep(0)

    def _begin_anew(self, now_s: float) -> list[EventRow]:
        """Go on as after a new connection, where the old one lost its thread."""
        rows = self._session.disconnected()
        self._session = self._new_session()
        self._connections += 1
        return rows + self._session.connected(now_s)

    def _new_session(self) -> MarketSession:
        return self._profile.make_session(self._instruments, self._tally, ENDLESS, is_recorded=True)


def _tell(sink: EventSink, rows: list[EventRow]) -> None:
    if rows:
        for row in rows:
            sink.put(row)
        sink.flush()
