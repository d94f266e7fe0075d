"""
The simulated venue as a live one: for watching a recording in the cockpit.

Whoever paces the recording calls `feed` with one recorded event after another. What the
venue does to our orders is told first, then the event itself, in the order in which a
backtest applies them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.domain.enums import EventKind, IntentKind, OrderStatus, RejectReason, VenueState
from core.domain.events import (
    ACCOUNT_STATE,
    EVENT,
    HEADER_BYTES,
    EventRow,
    has_arrays,
    order_report,
    position_report,
    venue_state,
)
from core.domain.instrument import Instrument
from core.domain.memory import Rows, allocate
from core.domain.records import INTENT
from core.kernel.simulation import make_reports, make_simulation, on_book, on_intent, on_trade
from core.venues.port import LIMIT_ORDERS_ONLY, EventSink, VenueAbilities, VenueCounters


class SimulatedVenue:
    """A venue without a network: recorded books, and our orders among them."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._count = len(instruments)
        self._simulation = make_simulation(instruments)
        self._reports = make_reports()
        # The latest book of each instrument, and one row for whatever else comes.
        self._events = allocate(EVENT, self._count + 1)
        self._positions = [0] * self._count
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
        if not 0 <= index < self._count:
            self._refused += 1
            return False
        self._messages += 1
        self._last_message_monotonic_s = asyncio.get_running_loop().time()
        count = 0
        if kind == EventKind.BOOK:
            # Orders match against the latest book, so it is kept apart from the recording.
            self._events[index] = event
            count = on_book(self._simulation, self._events, index, self._reports)
        elif kind == EventKind.TRADE:
            self._events[self._count] = event
            count = on_trade(self._simulation, self._events, self._count, self._reports)
        self._put_reports(count, int(event["exch_ts_ns"]))
        self._sink.put(_encoded(event, kind))
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
                self._for_each_order(IntentKind.CANCEL)
            else:
                self._carry_out(intents, number)

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

    def _carry_out(self, intents: Rows, number: int, flags: int = 0) -> None:
        reports = on_intent(self._simulation, self._events, intents, number, self._reports)
        index = int(intents[number]["instrument"])
        is_known = 0 <= index < self._count
        exch_ts_ns = int(self._events[index]["exch_ts_ns"]) if is_known else 0
        self._put_reports(reports, exch_ts_ns, flags)

    def _tell_account(self) -> None:
        """Every open order and position, as at the beginning of a connection."""
        assert self._sink is not None
        self._sink.put(venue_state(VenueState.CONNECTED))
        self._for_each_order(IntentKind.QUERY, ACCOUNT_STATE)
        for index, lots in enumerate(self._positions):
            self._sink.put(position_report(index, lots))
        self._sink.put(venue_state(VenueState.SYNCED))

    def _for_each_order(self, kind: IntentKind, flags: int = 0) -> None:
        """Cancel every order, or say what each is now."""
        intent = allocate(INTENT, 1)
        for order in self._simulation.orders[self._simulation.orders["order_id"] != 0]:
            intent[0]["kind"] = kind.value
            intent[0]["instrument"] = order["instrument"]
            intent[0]["order_id"] = order["order_id"]
            self._carry_out(intent, 0, flags)

    def _refuse(self, intent: Rows) -> None:
        if self._sink is None or intent["kind"] != IntentKind.PLACE:
            self._unsent += 1
            return
        self._sink.put(
            order_report(
                int(intent["instrument"]),
                int(intent["order_id"]),
                OrderStatus.REJECTED,
                side=int(intent["side"]),
                price_ticks=int(intent["price_ticks"]),
                lots=int(intent["lots"]),
                reason=RejectReason.MARKET_CLOSED,
            )
        )

    def _put_reports(self, count: int, exch_ts_ns: int, flags: int = 0) -> None:
        if self._sink is None:
            return
        for number in range(count):
            report = self._reports[number]
            report["exch_ts_ns"] = exch_ts_ns
            report["key"] = flags
            if report["kind"] == EventKind.FILL:
                index = int(report["instrument"])
                self._positions[index] += int(report["side"]) * int(report["lots"])
            self._sink.put(_encoded(report, int(report["kind"])))


def _encoded(event: Rows, kind: int) -> EventRow:
    """Bytes of a row as the inbox takes them: only a BOOK has more than a header."""
    row = bytearray(event.tobytes())
    return row if has_arrays(kind) else row[:HEADER_BYTES]
