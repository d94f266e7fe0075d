"""
An account at a venue that is simulated in this process, and what it says of itself.

Books and trades go in as event rows, intents as INTENT rows; what comes out are the rows
that a venue would have sent. No clock and no sink: whoever owns it decides when they are
told.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from core.domain.enums import EventKind, IntentKind
from core.domain.events import (
    ACCOUNT_STATE,
    EVENT,
    EVENT_BYTES,
    HEADER_BYTES,
    EventRow,
    has_arrays,
    position_report,
)
from core.domain.instrument import Instrument
from core.domain.memory import IntArray, Rows, allocate
from core.domain.records import INTENT
from core.kernel.simulation import make_reports, make_simulation, on_book, on_intent, on_trade

_KIND_AND_INSTRUMENT = struct.Struct("<2q")
_KIND_OFFSET = EVENT.fields["kind"][1] if EVENT.fields is not None else 0


def kind_and_instrument(row: EventRow | bytes) -> tuple[int, int]:
    """Read what an event row is, and about which instrument."""
    kind, instrument = _KIND_AND_INSTRUMENT.unpack_from(row, _KIND_OFFSET)
    return int(kind), int(instrument)


class SimulatedAccount:
    """
    Our orders and positions among the books of somebody else's market.

    Args:
        instruments: In the order of the kernel's indexes.
        positions: Lots that are held already, by instrument; empty for a new account.
        last_trade_id: Executions are numbered from here on.
        terms: VENUE_TERMS, 1 row; None for the plain ones.
        halts: See `make_simulation`.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        positions: Sequence[int] = (),
        last_trade_id: int = 0,
        terms: Rows | None = None,
        halts: IntArray | None = None,
    ) -> None:
        self._count = len(instruments)
        self._simulation = make_simulation(instruments, terms, halts)
        self._simulation.tape["trade_id"] = last_trade_id
        if positions:
            self._simulation.markets["position_lots"] = positions
        self._reports = make_reports()
        # The latest book of each instrument, and one row for whatever else comes.
        self._events = allocate(EVENT, self._count + 1)
        self._bytes = memoryview(self._events.view(np.uint8)).cast("B")

    @property
    def positions(self) -> list[int]:
        """Lots that are held, signed, by instrument."""
        held: list[int] = self._simulation.markets["position_lots"].tolist()
        return held

    @property
    def arrays(self) -> tuple[Rows, ...]:
        """All that it remembers: books, orders and what became of them."""
        simulation = self._simulation
        return (
            simulation.markets, simulation.orders, simulation.tape, *simulation.books,
            simulation.kept, simulation.taken, self._events,
        )  # fmt: skip

    def knows(self, index: int) -> bool:
        """Whether there is an instrument of this index."""
        return 0 <= index < self._count

    def hear(self, row: EventRow, now_ns: int = 0) -> list[EventRow]:
        """
        Let a book or trade of a known instrument happen.

        Args:
            row: The event.
            now_ns: Time at the venue; halts are told by it.

        Returns:
            What it does to our orders.
        """
        kind, index = kind_and_instrument(row)
        if kind == EventKind.BOOK:
            # Orders match against the latest book, so it is kept here.
            self._keep(row, index)
            count = on_book(self._simulation, self._events, index, self._reports, now_ns)
        elif kind == EventKind.TRADE:
            self._keep(row, self._count)
            count = on_trade(self._simulation, self._events, self._count, self._reports, now_ns)
        else:
            return []
        stamp = index if kind == EventKind.BOOK else self._count
        return self._told(count, int(self._events[stamp]["exch_ts_ns"]))

    def carry_out(
        self, intents: Rows, number: int, flags: int = 0, now_ns: int = 0
    ) -> list[EventRow]:
        """
        Do what one INTENT row about an order asks for.

        Args:
            intents: INTENT rows.
            number: Which one.
            flags: Of the reports; see `order_report`.
            now_ns: Time at the venue.
        """
        count = on_intent(self._simulation, self._events, intents, number, self._reports, now_ns)
        index = int(intents[number]["instrument"])
        exch_ts_ns = int(self._events[index]["exch_ts_ns"]) if self.knows(index) else 0
        return self._told(count, exch_ts_ns, flags)

    def cancel_everything(self) -> list[EventRow]:
        """Cancel every order."""
        return self._for_each_order(IntentKind.CANCEL)

    def tell(self) -> list[EventRow]:
        """Every open order and every position, flat ones included."""
        held = [position_report(index, lots) for index, lots in enumerate(self.positions)]
        return self._for_each_order(IntentKind.QUERY, ACCOUNT_STATE) + held

    def _keep(self, row: EventRow, place: int) -> None:
        start = place * EVENT_BYTES
        self._bytes[start : start + len(row)] = row

    def _for_each_order(self, kind: IntentKind, flags: int = 0) -> list[EventRow]:
        """Cancel every order, or say what each is now."""
        intent = allocate(INTENT, 1)
        rows: list[EventRow] = []
        for order in self._simulation.orders[self._simulation.orders["order_id"] != 0]:
            intent[0]["kind"] = kind.value
            intent[0]["instrument"] = order["instrument"]
            intent[0]["order_id"] = order["order_id"]
            rows += self.carry_out(intent, 0, flags)
        return rows

    def _told(self, count: int, exch_ts_ns: int, flags: int = 0) -> list[EventRow]:
        rows: list[EventRow] = []
        for number in range(count):
            report = self._reports[number]
            report["exch_ts_ns"] = exch_ts_ns
            report["key"] = flags
            rows.append(encoded(report, int(report["kind"])))
        return rows


def encoded(event: Rows, kind: int) -> EventRow:
    """Bytes of a row as the inbox takes them: most kinds have no more than a header."""
    row = bytearray(event.tobytes())
    return row if has_arrays(kind) else row[:HEADER_BYTES]
