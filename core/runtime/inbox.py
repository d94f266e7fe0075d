"""What waits to be applied. Books overtake each other; nothing else is ever lost."""

from __future__ import annotations

import struct

from core.domain.enums import EventKind
from core.domain.events import EventRow

_kind_and_instrument = struct.Struct("<24x2q").unpack_from
_BOOK = EventKind.BOOK.value


class Inbox:
    """
    Events that have arrived and not been applied.

    A BOOK holds a whole book, so one that a newer book of its instrument has overtaken
    carries nothing more: it is left out and counted.
    """

    def __init__(self) -> None:
        self._rows: list[EventRow | None] = []
        self._books: dict[int, int] = {}
        self.merged_books = 0

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: EventRow) -> None:
        """Queue one event."""
        kind, instrument = _kind_and_instrument(row)
        if kind == _BOOK:
            older = self._books.get(instrument)
            if older is not None:
                self._rows[older] = None
                self.merged_books += 1
            self._books[instrument] = len(self._rows)
        self._rows.append(row)

    def take(self) -> list[EventRow]:
        """Empty the inbox, in order of arrival."""
        rows = self._rows
        self._rows = []
        if not self._books:
            return [row for row in rows if row is not None]
        self._books.clear()
        return [row for row in rows if row is not None]
