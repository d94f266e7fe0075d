"""Moves committed events from the write-ahead log into the database, off the loop."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.journal.schema import PAGE_BYTES

_FRAME_BYTES = PAGE_BYTES + 24
_ROUNDS = 3


class Mover:
    """
    A thread with its own connection, because moving waits for the disk (3-6 ms).

    The log is begun anew by the first write after all of it was moved. A writer that is
    never quiet for that long would let it grow for ever; so beyond `max_wal_bytes` one
    round is done while `writing` is held, which makes the writer wait that once.
    """

    def __init__(
        self,
        path: Path,
        *,
        interval_s: float,
        max_wal_bytes: int,
        writing: threading.Lock,
        written_rows: Callable[[], int],
        on_failure: Callable[[Exception], object],
    ) -> None:
        self._path = path
        self._file_id = path.stat().st_ino
        self._interval_s = interval_s
        self._max_wal_bytes = max_wal_bytes
        self._writing = writing
        self._written_rows = written_rows
        self._on_failure = on_failure
        self._stopping = threading.Event()
        self._moved_rows = 0
        self._moved_at_ns = time.monotonic_ns()
        self.stalls = 0
        """Times that the writer had to wait for the log to be moved."""
        self._thread = threading.Thread(target=self._run, name="journal-mover", daemon=True)

    def start(self) -> None:
        """Begin to move."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait until it has closed its connection."""
        self._stopping.set()
        self._thread.join()

    @property
    def is_stopped(self) -> bool:
        """True once `stop` was called."""
        return self._stopping.is_set()

    @property
    def lag_ms(self) -> float:
        """Time since the database last held everything written; 0 while it does."""
        if self._moved_rows == self._written_rows():
            return 0.0
        return (time.monotonic_ns() - self._moved_at_ns) / 1e6

    def _run(self) -> None:
        try:
            self._require_file()
            connection = sqlite3.connect(self._path, isolation_level=None)
            try:
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute("PRAGMA wal_autocheckpoint=0")
                while not self._stopping.wait(self._interval_s):
                    self._require_file()
                    self._move(connection)
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            self._on_failure(self._cause(error))

    def _cause(self, error: Exception) -> Exception:
        """Say that the file is gone where that is behind what SQLite complains of."""
        try:
            self._require_file()
        except OSError as gone:
            return gone
        return error

    def _require_file(self) -> None:
        # SQLite would go on writing into a file that nobody can open any more.
        if self._path.stat().st_ino != self._file_id:
            raise FileNotFoundError(f"another file stands in the place of {self._path}")

    def _move(self, connection: sqlite3.Connection) -> None:
        for _ in range(_ROUNDS):
            left_bytes = self._round(connection)
            # What was written during a round is moved by the next, which is shorter.
            if left_bytes == 0:
                return
        if left_bytes > self._max_wal_bytes:
            with self._writing:
                self.stalls += 1
                self._round(connection)

    def _round(self, connection: sqlite3.Connection) -> int:
        """Move what is there now; returns the length of the log, 0 if it can begin anew."""
        rows, at_ns = self._written_rows(), time.monotonic_ns()
        busy, frames, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if not busy and frames == moved:
            self._moved_rows, self._moved_at_ns = rows, at_ns
            if self._written_rows() == rows:
                return 0
        return int(frames) * _FRAME_BYTES
