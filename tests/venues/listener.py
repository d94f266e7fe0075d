"""A sink that keeps what a feed tells."""

from __future__ import annotations

import asyncio

from core.domain import events
from core.domain.enums import EventKind, VenueState

WAIT_S = 15.0


class Listener:
    """Keeps every event and wakes who waits for one."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.flushed = 0
        self._flushed = asyncio.Event()

    def put(self, row) -> None:
        self.rows.append(bytes(row))

    def flush(self, received_ns: int = 0) -> None:
        self.flushed += 1
        self._flushed.set()

    async def until(self, condition, within_s: float = WAIT_S) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                self._flushed.clear()
                await self._flushed.wait()

    def events(self, kind: EventKind):
        """All of one kind, as records."""
        rows = events.load(self.rows)
        return rows[rows["kind"] == kind]

    def states(self) -> list[VenueState]:
        return [VenueState(row["status"]) for row in self.events(EventKind.VENUE_STATE)]

    def books(self, instrument: int = 0) -> list[tuple[list, list]]:
        return [
            (levels(row, "bid"), levels(row, "ask"))
            for row in self.events(EventKind.BOOK)
            if row["instrument"] == instrument
        ]

    def book(self, instrument: int = 0) -> tuple[list, list] | None:
        books = self.books(instrument)
        return books[-1] if books else None

    def has_book(self, instrument: int = 0) -> bool:
        return self.book(instrument) not in (None, ([], []))

    def trades(self) -> list[tuple[int, int, int, int]]:
        return [
            (int(row["instrument"]), int(row["price_ticks"]), int(row["lots"]), int(row["side"]))
            for row in self.events(EventKind.TRADE)
        ]


def levels(row, side: str) -> list[tuple[int, int]]:
    """Levels of one side of a BOOK event."""
    pairs = zip(row[f"{side}_ticks"].tolist(), row[f"{side}_lots"].tolist(), strict=True)
    return [pair for pair in pairs if pair[1]]


def decoded(rows) -> Listener:
    """The rows of a session, as a listener would have them."""
    listener = Listener()
    for row in rows:
        listener.put(row)
    return listener
