"""
The simulated venue as a live one: for watching a recording in the cockpit.

Whoever paces the recording calls `feed` with one recorded event after another, and in
between `deliver` for what is on its way and due. What the venue does to our orders is
told first, then the event itself, in the order in which a backtest applies them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import numpy as np

from core.domain.enums import IntentKind, RejectReason, VenueState
from core.domain.events import EventRow, load, venue_state
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows
from core.domain.refusals import refusals
from core.kernel.batch import Desk, make_desk
from core.kernel.post import (
    LINE,
    NEVER,
    next_intent_ns,
    next_report_ns,
    send_intent,
    send_report,
    take_intent,
    take_report,
    venue_time,
)
from core.venues.common.simulated_account import SimulatedAccount, encoded
from core.venues.port import LIMIT_ORDERS_ONLY, EventSink, VenueAbilities, VenueCounters

_INTENTS_TAKEN, _INTENTS_SENT, _REPORTS_TAKEN, _REPORTS_SENT = (
    (LINE.names or ()).index(name)
    for name in ("intents_taken", "intents_sent", "reports_taken", "reports_sent")
)
"""Words of where the lines stand."""


class SimulatedVenue:
    """
    A venue without a network: recorded books, and our orders among them.

    `to_bytes` and `from_bytes` take it back to where it was, for replays that go back.

    Args:
        instruments: In the order of the kernel's indexes.
        now_ns: Recorded time.
        desk: Whose terms, halts and delays hold; None for none of them.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        now_ns: Callable[[], int],
        desk: Desk | None = None,
    ) -> None:
        self._desk = make_desk(instruments) if desk is None else desk
        simulation = self._desk.simulation
        self._account = SimulatedAccount(
            instruments, terms=simulation.terms, halts=simulation.halts
        )
        self._post = self._desk.post
        self._line = memoryview(self._post.line.view(np.int64))
        self._now_ns = now_ns
        self._sink: EventSink | None = None
        self._is_connected = False
        self._closed = asyncio.Event()
        self._messages = 0
        self._refused = 0
        self._unsent = 0
        self._last_message_monotonic_s = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether events can be fed into it."""
        return self._is_connected

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

    def feed(self, events: Rows, row: int, venue_ns: int | None = None) -> bool:
        """
        Let one recorded event happen.

        Args:
            events: EVENT rows of a data set.
            row: Which one; of an unknown instrument it is refused and counted.
            venue_ns: Its `venue_time`, where that has been asked already.

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
        if venue_ns is None:
            venue_ns = self.venue_time(events, row)
        self._send(self._account.hear(told, venue_ns), venue_ns, venue_ns)
        self._tell_due(self._now_ns())
        self._sink.put(told)
        self._sink.flush()
        return True

    def venue_time(self, events: Rows, row: int) -> int:
        """When a recorded event happened at the venue."""
        return venue_time(self._post, events[row])

    def next_due_ns(self, venue_ns: int) -> int:
        """When the next thing on its way arrives, at the venue not after `venue_ns`."""
        if self._is_all_there:
            return NEVER
        intent_ns = next_intent_ns(self._post)
        return min(next_report_ns(self._post), intent_ns if intent_ns <= venue_ns else NEVER)

    def deliver(self, venue_ns: int) -> None:
        """Let everything arrive that is due by the recorded time, and the engine decide on it."""
        self._arrive(self._now_ns(), venue_ns)
        if self._sink is not None:
            self._sink.flush()

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
                send_intent(self._post, intents, number, self._now_ns(), 0)
        self._arrive(self._now_ns(), self._now_ns())

    def to_bytes(self) -> bytes:
        """Copy all that it needs to go on from here: books, orders, and what is on its way."""
        intents, reports = self._on_the_way()
        post, counted = self._post, np.array([self._messages, self._refused, self._unsent])
        parts = (
            counted, post.line, post.delays, *self._account.arrays,
            post.intents[intents], post.trips[intents], post.reports[reports],
            post.told_ns[reports],
        )  # fmt: skip
        return b"".join(part.tobytes() for part in parts)

    def from_bytes(self, stored: bytes) -> None:
        """
        Go back to where `to_bytes` was called, on this venue or on one made alike.

        Raises:
            ValueError: If it was another kind of venue.
        """
        post, counted = self._post, np.zeros(3, np.int64)
        reader = _Reader(stored)
        for array in (counted, post.line, post.delays, *self._account.arrays):
            reader.fill(array)
        self._messages, self._refused, self._unsent = counted.tolist()
        intents, reports = self._on_the_way()
        for ring, rows in (
            (post.intents, intents), (post.trips, intents), (post.reports, reports),
            (post.told_ns, reports),
        ):  # fmt: skip
            found = np.empty(len(rows), ring.dtype)
            reader.fill(found)
            ring[rows] = found
        if not reader.is_at_end:
            raise ValueError(f"{len(stored)} bytes are not those of this venue")

    def _on_the_way(self) -> tuple[IntArray, IntArray]:
        """Rows of the rings in which intents and reports are on their way, oldest first."""
        line, post = self._post.line[0], self._post
        intents = np.arange(int(line["intents_taken"]), int(line["intents_sent"]))
        reports = np.arange(int(line["reports_taken"]), int(line["reports_sent"]))
        return intents % len(post.intents), reports % len(post.reports)

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

    def _arrive(self, now_ns: int, venue_ns: int) -> None:
        """Carry out the intents that are there, and tell what is to be heard."""
        while next_intent_ns(self._post) <= venue_ns:
            number = take_intent(self._post)
            trip = self._post.trips[number]
            due_ns, sent_ns = int(trip["due_ns"]), int(trip["sent_ns"])
            rows = self._account.carry_out(self._post.intents, number, 0, due_ns)
            self._send(rows, due_ns, sent_ns)
        self._tell_due(now_ns)

    def _send(self, rows: Sequence[EventRow], now_ns: int, asked_ns: int) -> None:
        for row in rows:
            send_report(self._post, load([row]), 0, now_ns, asked_ns)

    @property
    def _is_all_there(self) -> bool:
        """Nothing is on its way; to be called from Python, compiled code takes its time."""
        line = self._line
        return line[_INTENTS_TAKEN] == line[_INTENTS_SENT] and (
            line[_REPORTS_TAKEN] == line[_REPORTS_SENT]
        )

    def _tell_due(self, now_ns: int) -> None:
        if self._is_all_there:
            return
        while next_report_ns(self._post) <= now_ns:
            report = self._post.reports[take_report(self._post)]
            self._put([encoded(report, int(report["kind"]))])

    def _refuse(self, intent: Rows) -> None:
        if self._sink is None or intent["kind"] != IntentKind.PLACE:
            self._unsent += 1
            return
        self._put(refusals([intent.item()], RejectReason.MARKET_CLOSED))

    def _put(self, rows: Sequence[EventRow]) -> None:
        if self._sink is not None:
            for row in rows:
                self._sink.put(row)


class _Reader:
    """Bytes, taken one array after another."""

    def __init__(self, stored: bytes) -> None:
        self._stored = stored
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._stored)

    def fill(self, array: Rows) -> None:
        """
        Overwrite an array with what comes next.

        Raises:
            ValueError: If there is not as much.
        """
        part = self._stored[self._at : self._at + array.nbytes]
        if len(part) < array.nbytes:
            raise ValueError(f"{len(self._stored)} bytes are not those of this venue")
        array.reshape(-1).view(np.uint8)[:] = np.frombuffer(part, np.uint8)
        self._at += array.nbytes
