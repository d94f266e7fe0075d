"""Reads a journal: a running engine's, an ended one's, or what a crash left."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from zlib import crc32

from core.domain.errors import DataError
from core.domain.events import EVENT_BYTES, HEADER_BYTES, load
from core.domain.memory import Rows
from core.journal import schema

_Cell = TypeVar("_Cell")
_StoredEvent = tuple[int, Any, Any]
"""Number, checksum and payload; a damaged row may hold anything as the last two."""

_SIZES = frozenset({HEADER_BYTES, EVENT_BYTES})


@dataclass(frozen=True, slots=True)
class Note:
    """What was written beside an event for people."""

    seq: int
    """The event it belongs to; 0 for none."""
    ts_ns: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The kernel's state as it was after event `seq`."""

    seq: int
    ts_ns: int
    state: bytes


class JournalReader:
    """
    A journal, open for reading; also while it is written.

    What a killed writer had committed is all there: SQLite recovers it from the
    write-ahead log and leaves out a row that was cut.
    """

    def __init__(self, path: Path) -> None:
        """
        Open a journal.

        Raises:
            DataError: If there is none at `path`, it is something else, it is damaged,
                or a newer program wrote it.
        """
        self.path = path
        if not path.is_file():
            raise DataError(path, "there is no such journal")
        with self._reading():
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            # A file that was cut is refused as a whole, unless SQLite takes us for its repairers.
            self._connection.execute("PRAGMA writable_schema=ON")
            self.version = self._check_format()
            self.meta = self._read_meta()
        except DataError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def last_seq(self) -> int:
        """Number of the last event; 0 if there is none."""
        with self._reading():
            row = self._connection.execute("SELECT max(seq) FROM events").fetchone()
            return _int(row[0] or 0)

    def events(self, *, after: int = 0, chunk: int = 4_096) -> Iterator[Rows]:
        """
        Iterate over EVENT rows in order.

        Args:
            after: Number of the last event that is not wanted, for example a checkpoint's.
            chunk: Most events in one array.

        Raises:
            DataError: At the first event that is missing or damaged; all before it have
                been yielded.
        """
        last = after
        while True:
            stored, damage = self._fetch(last, chunk)
            sound = self._sound(stored, last)
            if sound:
                yield load([payload for _, _, payload in stored[:sound]])
            last += sound
            if sound < len(stored):
                raise DataError(self.path, self._fault(stored[sound], last + 1))
            if damage is not None:
                raise DataError(
                    self.path, f"the journal cannot be read after event {last}: {damage}"
                ) from damage
            if not stored:
                return

    @property
    def has_decisions(self) -> bool:
        """False for a journal of version 1, which was written without them."""
        return self.version >= schema.FIRST_WITH_DECISIONS

    def decided_seq(self) -> int:
        """Last event whose decision is known to be here, or known to be none."""
        with self._reading():
            return _int(self._connection.execute(schema.SELECT_DECIDED).fetchone()[0])

    def decisions(self, first: int, last: int) -> dict[int, bytes]:
        """
        Read what was wanted at events `first` to `last`: INTENT rows by number of the event.

        An event that nothing was wanted at has none.

        Raises:
            DataError: If they cannot be read.
        """
        with self._reading():
            rows = self._connection.execute(schema.SELECT_DECISIONS, (first, last))
            return {_int(seq): _bytes(payload) for seq, payload in rows}

    def stray_decision(self) -> tuple[int, bytes] | None:
        """First decision of an event that is not there, with its number; None if all have theirs.

        Raises:
            DataError: If they cannot be read.
        """
        with self._reading():
            row = self._connection.execute(schema.SELECT_STRAY_DECISION).fetchone()
            return (_int(row[0]), _bytes(row[1])) if row else None

    def checkpoint_seqs(self) -> list[int]:
        """Numbers of the events after which a state was saved, oldest first."""
        with self._reading():
            rows = self._connection.execute(schema.SELECT_CHECKPOINT_SEQS)
            return [_int(seq) for (seq,) in rows]

    def notes(self) -> Iterator[Note]:
        """
        Iterate over the notes in the order they were written.

        Raises:
            DataError: If one is damaged.
        """
        with self._reading():
            for seq, ts_ns, text in self._connection.execute(schema.SELECT_NOTES):
                yield Note(_int(seq), _int(ts_ns), _fields(text))

    def checkpoint(self, *, before: int | None = None) -> Checkpoint | None:
        """Newest saved state, at event `before` or earlier; None if there is none."""
        limit = before if before is not None else 2**63 - 1
        with self._reading():
            row = self._connection.execute(schema.SELECT_CHECKPOINT, (limit,)).fetchone()
            return Checkpoint(_int(row[0]), _int(row[1]), _bytes(row[2])) if row else None

    def _check_format(self) -> int:
        with self._reading():
            (application_id,) = self._connection.execute("PRAGMA application_id").fetchone()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if application_id != schema.APPLICATION_ID:
            raise DataError(self.path, "is not a journal of this program")
        if version not in schema.READABLE:
            raise DataError(
                self.path,
                f"is a journal of version {version}; "
                f"this program reads versions {' and '.join(map(str, schema.READABLE))}",
            )
        return int(version)

    def _read_meta(self) -> dict[str, str]:
        with self._reading():
            rows = self._connection.execute(schema.SELECT_META)
            return {_text(key): _text(value) for key, value in rows}

    def _fetch(self, last: int, chunk: int) -> tuple[list[_StoredEvent], sqlite3.Error | None]:
        stored: list[_StoredEvent] = []
        try:
            # Row by row: what comes before the damage stays in the list.
            stored.extend(self._connection.execute(schema.SELECT_EVENTS, (last, chunk)))
        except sqlite3.Error as error:
            return stored, error
        return stored, None

    @staticmethod
    def _sound(stored: list[_StoredEvent], last: int) -> int:
        """Count events from the front that continue the numbers and are as they were written."""
        for offset, (seq, crc, payload) in enumerate(stored):
            is_whole = isinstance(payload, bytes) and len(payload) in _SIZES
            if seq != last + 1 + offset or not is_whole or crc32(payload) != crc:
                return offset
        return len(stored)

    @staticmethod
    def _fault(stored: _StoredEvent, expected_seq: int) -> str:
        seq, _, payload = stored
        if seq != expected_seq:
            return f"event {expected_seq} is missing; the next one is {seq}"
        if not isinstance(payload, bytes):
            return f"event {seq} holds no bytes"
        if len(payload) not in _SIZES:
            return f"event {seq} has {len(payload)} bytes, not {HEADER_BYTES} or {EVENT_BYTES}"
        return f"event {seq} is damaged: its checksum does not fit"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        # Any cell of a damaged table may be of another type, or empty.
        except (sqlite3.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
            raise DataError(self.path, f"the journal cannot be read: {error}") from error


def _checked(cell: object, kind: type[_Cell]) -> _Cell:
    if not isinstance(cell, kind):
        raise TypeError(f"{type(cell).__name__} where {kind.__name__} has to be")
    return cell


def _int(cell: object) -> int:
    return _checked(cell, int)


def _text(cell: object) -> str:
    return _checked(cell, str)


def _bytes(cell: object) -> bytes:
    return _checked(cell, bytes)


def _fields(cell: object) -> dict[str, Any]:
    return _checked(json.loads(_text(cell)), dict)
