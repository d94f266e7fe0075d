"""A process that may die at any write, and a disk that may fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from core.domain.events import EventRow
from core.journal.writer import JournalWriter


class Killed(BaseException):
    """The process is gone. No exception of the program's: nothing may catch it."""


class MortalJournal:
    """
    A journal whose process may die before and after everything it writes.

    Args:
        journal: The real one.
        point: Called at each moment at which the process may die.
    """

    def __init__(self, journal: JournalWriter, point: Callable[[], None]) -> None:
        self.real = journal
        self._point = point

    @property
    def rows(self) -> int:
        """Events written."""
        return self.real.rows

    @property
    def bytes(self) -> int:
        """Bytes written."""
        return self.real.bytes

    @property
    def lag_ms(self) -> float:
        """Nothing waits that could be lost here: the machine stays up."""
        return 0.0

    def append(self, rows: Sequence[EventRow]) -> None:
        """Write events."""
        self._point()
        self.real.append(rows)
        self._point()

    def decide(self, seq: int, intents: bytes) -> None:
        """Keep a decision."""
        self._point()
        self.real.decide(seq, intents)

    def note(self, seq: int, ts_ns: int, fields: Mapping[str, object]) -> None:
        """Write a note."""
        self._point()
        self.real.note(seq, ts_ns, fields)
        self._point()

    def checkpoint(self, seq: int, ts_ns: int, state: bytes) -> None:
        """Save the state."""
        self._point()
        self.real.checkpoint(seq, ts_ns, state)
        self._point()

    def close(self) -> None:
        """End in order."""
        self.real.close()

    def fail_after(self, statements: int) -> None:
        """Have SQLite refuse every statement after so many more."""
        execute, left = self.real._execute, statements

        def failing(*arguments: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise sqlite3.OperationalError("disk I/O error")
            return execute(*arguments)  # type: ignore[arg-type]  as it was called

        self.real._execute = failing  # type: ignore[method-assign, assignment]  on purpose

    def abandon(self) -> None:
        """Leave the file as a process leaves it that is killed: what was not committed is gone."""
        self.real._mover.stop()
        with suppress(sqlite3.Error):
            self.real._connection.rollback()
        self.real._connection.close()
