"""
Writes down what will change the engine, before it may.

One SQLite file in WAL mode per run: torn writes, recovery and concurrent readers are
SQLite's business. A commit costs microseconds because only the mover waits for the disk:
a killed process loses nothing, a power cut at most what the mover had not yet moved.
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from zlib import crc32

from core.domain.errors import JournalError
from core.domain.events import HEADER_BYTES, EventRow, has_arrays
from core.journal import schema
from core.journal.mover import Mover

_head = struct.Struct("<2q8xq").unpack_from
"""seq, ts_ns and kind of an encoded event."""


IntentBytes = bytes
"""INTENT rows, one after another."""

StateBytes = bytes
"""The kernel's state, as `core.kernel.state.to_bytes` writes it."""


class JournalWriter:
    """
    The journal of one run, open for writing by one thread: the loop's.

    Its first failure is final. Every later call raises it again, so that nobody trades
    on a journal with a hole.
    """

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        checkpoint_ms: int,
        max_wal_mb: int,
        keep_states: int,
    ) -> None:
        self.path = path
        self._connection = connection
        self._execute = connection.cursor().execute
        self._writing = threading.Lock()
        self._failure: JournalError | None = None
        self._keep_states = keep_states
        self._rows = 0
        self._bytes = 0
        self._decided: list[tuple[int, IntentBytes]] = []
        self._mover = Mover(
            path,
            interval_s=checkpoint_ms / 1e3,
            max_wal_bytes=max_wal_mb * 1_000_000,
            writing=self._writing,
            written_rows=lambda: self._rows,
            on_failure=self._remember,
        )
        self._mover.start()

    @classmethod
    def open(
        cls,
        path: Path,
        meta: Mapping[str, str],
        *,
        checkpoint_ms: int = 1_000,
        max_wal_mb: int = 64,
        keep_states: int = 3,
    ) -> Self:
        """
        Begin the journal of a new run, readable by its owner only.

        Args:
            path: A file that does not exist; its folder is made.
            meta: What a reader needs to know of the run before its first event.
            checkpoint_ms: How often written events are moved into the database.
            max_wal_mb: Length of the write-ahead log beyond which writing waits.
            keep_states: Checkpoints that are kept.

        Raises:
            JournalError: If the file exists or cannot be made.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            connection = _create(path, meta)
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, FileExistsError) and path.is_file():
                raise JournalError(f"{path}: exists; a run never writes into another's") from error
            raise JournalError(f"{path}: the journal cannot be made: {error}") from error
        return cls(
            path,
            connection,
            checkpoint_ms=checkpoint_ms,
            max_wal_mb=max_wal_mb,
            keep_states=keep_states,
        )

    @property
    def rows(self) -> int:
        """Events written; also the number of the last one."""
        return self._rows

    @property
    def bytes(self) -> int:
        """Bytes of events written, without SQLite's own."""
        return self._bytes

    @property
    def lag_ms(self) -> float:
        """Age of what a power cut would take at most; 0 if everything is in the database."""
        return self._mover.lag_ms

    @property
    def stalls(self) -> int:
        """Times that writing had to wait for the log to be moved."""
        return self._mover.stalls

    def append(self, rows: Sequence[EventRow]) -> None:
        """
        Write events and commit; all of them, or on failure none.

        Args:
            rows: Stamped events whose numbers continue the journal's.

        Raises:
            JournalError: If they could not be written, now or before.
        """
        if self._failure is not None:
            raise self._failure
        try:
            with self._writing:
                if self._decided:
                    self._put_all(rows)
                elif len(rows) == 1:
                    # One statement is its own transaction: half the time of BEGIN … COMMIT.
                    self._put(rows[0], self._rows + 1)
                elif rows:
                    self._put_all(rows)
        except (sqlite3.Error, struct.error, JournalError) as error:
            raise self._fail(error) from error
        self._rows += len(rows)

    def decide(self, seq: int, intents: IntentBytes) -> None:
        """
        Keep what the kernel wanted done at an event, to be written with what comes next.

        Nothing is written now, because an order is on its way: the decision goes into the
        transaction of the next events, note or checkpoint, or of the end. A killed process
        loses at most the decisions of its newest events.

        Args:
            seq: The event, already written; none is told of twice.
            intents: INTENT rows, all of the event's.
        """
        self._decided.append((seq, intents))

    def note(self, seq: int, ts_ns: int, fields: Mapping[str, object]) -> None:
        """
        Keep what people want to know of an event and the kernel does not: who, and why.

        Args:
            seq: The event it belongs to; 0 for none.
            ts_ns: When, UTC.
            fields: Anything JSON can say.

        Raises:
            JournalError: If it could not be written, now or before.
        """
        # ASCII, because what people type may hold code points that UTF-8 cannot.
        text = json.dumps(fields, default=str)
        with self._transaction():
            self._execute(schema.INSERT_NOTE, (seq, ts_ns, text))

    def checkpoint(self, seq: int, ts_ns: int, state: StateBytes) -> None:
        """
        Save the kernel's state as it was after event `seq`, and forget the oldest saved.

        Raises:
            JournalError: If it could not be written, now or before.
        """
        with self._transaction():
            self._execute(schema.INSERT_CHECKPOINT, (seq, ts_ns, state))
            self._execute(schema.FORGET_CHECKPOINTS, (self._keep_states,))

    def close(self) -> None:
        """
        Move everything into the database and close it. Closing twice is no error.

        Raises:
            JournalError: If not everything could be moved; what was written stays readable.
        """
        if self._mover.is_stopped:
            return
        self._mover.stop()
        try:
            if self._failure is None:
                self._put_end()
                # Unread rows would keep the connection, and with it the log, open.
                self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            raise self._remember(error) from error
        finally:
            self._connection.close()

    def _put_all(self, rows: Sequence[EventRow]) -> None:
        self._execute("BEGIN")
        self._put_decided()
        for seq, row in enumerate(rows, start=self._rows + 1):
            self._put(row, seq)
        self._commit()

    def _put_decided(self) -> None:
        for decision in self._decided:
            self._execute(schema.INSERT_DECISION, decision)

    def _commit(self) -> None:
        self._execute("COMMIT")
        self._decided.clear()

    def _put_end(self) -> None:
        """Say that no decision is missing."""
        self._execute("BEGIN")
        self._put_decided()
        self._execute(schema.INSERT_META, (schema.DECIDED, str(self._rows)))
        self._commit()

    def _put(self, row: EventRow, expected_seq: int) -> None:
        seq, ts_ns, kind = _head(row)
        if seq != expected_seq:
            raise JournalError(f"event {seq} cannot be written where {expected_seq} is due")
        payload = row if len(row) == HEADER_BYTES or has_arrays(kind) else row[:HEADER_BYTES]
        self._execute(schema.INSERT_EVENT, (seq, ts_ns, kind, crc32(payload), payload))
        self._bytes += len(payload)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._failure is not None:
            raise self._failure
        try:
            with self._writing:
                self._execute("BEGIN")
                self._put_decided()
                yield
                self._commit()
        except sqlite3.Error as error:
            raise self._fail(error) from error

    def _fail(self, error: Exception) -> JournalError:
        with suppress(sqlite3.Error):
            self._connection.rollback()
        return self._remember(error)

    def _remember(self, error: Exception) -> JournalError:
        failure = JournalError(f"{self.path}: the journal cannot be written: {error}")
        self._failure = self._failure or failure
        return self._failure


def _create(path: Path, meta: Mapping[str, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        f"page_size={schema.PAGE_BYTES}",
        f"application_id={schema.APPLICATION_ID}",
        f"user_version={schema.VERSION}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        # Moving the log inside a commit stalls it for 3-6 ms; the mover has a thread for it.
        "wal_autocheckpoint=0",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(f"BEGIN; {schema.TABLES} COMMIT;")
    connection.execute("BEGIN")
    connection.executemany(schema.INSERT_META, meta.items())
    connection.execute("COMMIT")
    return connection
