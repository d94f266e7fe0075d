"""
The simulated venue as a live one: for watching a recording in the cockpit.

Whoever paces the recording calls `feed` with one recorded event after another. What the
venue does to our orders is told first, then the event itself, in the order in which a
backtest applies them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.domain.enums import IntentKind, RejectReason, VenueState
from core.domain.events import EventRow, venue_state
from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.domain.refusals import refusals
from core.venues.common.simulated_account import SimulatedAccount, encoded
from core.venues.port import LIMIT_ORDERS_ONLY, EventSink, VenueAbilities, VenueCounters


class SimulatedVenue:
    """A venue without a network: recorded books, and our orders among them."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._account = SimulatedAccount(instruments)
        self._sink: EventSink | None = None
        self._is_connected = False
        self._closed = asyncio.Event()
        self._messages = 0
        self._refused = 0
        self._unsent = 0
        self._last_message_monotonic_s = 0.0

    @property
    def name(self) -> str:
        """Short name for screens and logs."""
        return "simulated"

    @property
    def abilities(self) -> VenueAbilities:
        """Limit orders only: a recording does not say what lay beyond its depth."""
        return LIMIT_ORDERS_ONLY

    async def run(self, sink: EventSink) -> None:
        """Be connected until `close`."""
        self._sink = sink
        self._is_connected = True
        sink.put(venue_state(VenueState.CONNECTING))
        self._tell_account()
        sink.flush()
        try:
            await self._closed.wait()
        finally:
            self._is_connected = False
            sink.put(venue_state(VenueState.DOWN))
            sink.flush()

    def feed(self, events: Rows, row: int) -> bool:
        """
        Let one recorded event happen.

        Args:
            events: EVENT rows of a data set.
            row: Which one; of an unknown instrument it is refused and counted.

        Returns:
            False where nothing happened: the venue is not connected or refuses the event.
        """
        event = events[row]
        index, kind = int(event["instrument"]), int(event["kind"])
        if self._sink is None or not self._is_connected:
            return False
        if not self._account.knows(index):
            self._refused += 1
            return False
        self._messages += 1
        self._last_message_monotonic_s = asyncio.get_running_loop().time()
        told = encoded(event, kind)
        self._put(self._account.hear(told))
        self._sink.put(told)
        self._sink.flush()
        return True

    def submit(self, intents: Rows, count: int) -> None:
        """Carry out the first `count` INTENT rows and queue the answers."""
        for number in range(count):
            if not self._is_connected:
                self._refuse(intents[number])
                continue
            kind = int(intents[number]["kind"])
            if kind == IntentKind.RECONCILE:
                self._tell_account()
            elif kind == IntentKind.CANCEL_EVERYTHING:
                self._put(self._account.cancel_everything())
            else:
                self._put(self._account.carry_out(intents, number))

    def keep_alive(self) -> None:
        """There is no timer to feed: the venue is part of this process."""

    def counters(self) -> VenueCounters:
        """Read the counters."""
        return VenueCounters(
            state=VenueState.SYNCED if self._is_connected else VenueState.DOWN,
            exchange_session="recording",
            messages=self._messages,
            reconnects=0,
            gaps=0,
            duplicates=0,
            refused=self._refused,
            unsent=self._unsent,
            last_message_monotonic_s=self._last_message_monotonic_s,
            last_error="",
        )

    async def close(self) -> None:
        """End `run`."""
        self._closed.set()

    def _tell_account(self) -> None:
        """Every open order and position, as at the beginning of a connection."""
        assert self._sink is not None
        self._sink.put(venue_state(VenueState.CONNECTED))
        self._put(self._account.tell())
        self._sink.put(venue_state(VenueState.SYNCED))

    def _refuse(self, intent: Rows) -> None:
        if self._sink is None or intent["kind"] != IntentKind.PLACE:
            self._unsent += 1
            return
        self._put(refusals([intent.item()], RejectReason.MARKET_CLOSED))

    def _put(self, rows: Sequence[EventRow]) -> None:
        if self._sink is not None:
            for row in rows:
                self._sink.put(row)
