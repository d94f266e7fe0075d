"""One event into the journal, beside a bare insert into the same kind of database."""

from __future__ import annotations

import gc
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from core.domain.events import EventRow, stamp
from core.journal.writer import JournalWriter
from tests.perf.market import random_market
from tests.perf.row import Row, median, percentile

ROUNDS = 5
EVENTS = 4_000
"""A round."""

_INSERT = "INSERT INTO event VALUES (?, ?, ?, ?, ?)"


def measure() -> list[Row]:
    """Append and insert in turn, one commit an event."""
    data = random_market()
    rows = [bytearray(data.events[index].tobytes()) for index in range(ROUNDS * EVENTS)]
    for seq, row in enumerate(rows, start=1):
        stamp(row, seq, seq)
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    with tempfile.TemporaryDirectory(prefix="imc-bench-") as folder:
        journal = JournalWriter.open(Path(folder) / "journal.db", {})
        bare = _open_bare(Path(folder) / "bare.db")
        try:
            for start in range(0, len(rows), EVENTS):
                part = rows[start : start + EVENTS]
                ours.append(_times_us(lambda row, _: journal.append([row]), part, start))
                theirs.append(_times_us(lambda row, seq: _insert(bare, row, seq), part, start))
        finally:
            journal.close()
            bare.close()
    note = (
        f"{ROUNDS} rounds of {EVENTS:,} books, one commit each, WAL, synchronous=NORMAL; the bare "
        "one checkpoints inside its commits, as SQLite does by itself"
    )
    return [
        Row(
            f"journal append p{percent}",
            median([percentile(taken, percent) for taken in ours]),
            "us",
            None,
            f"sqlite3 insert p{percent}",
            median([percentile(taken, percent) for taken in theirs]),
            note if percent == 50 else "",
        )
        for percent in (50, 99)
    ]


def _open_bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, ts_ns, kind, crc, payload BLOB)"
    )
    return connection


def _insert(connection: sqlite3.Connection, row: EventRow, seq: int) -> None:
    connection.execute(_INSERT, (seq, seq, 1, crc32(row), row))


def _times_us(
    write: Callable[[EventRow, int], None], rows: list[EventRow], start: int
) -> list[float]:
    taken = []
    gc.collect()
    gc.disable()
    for seq, row in enumerate(rows, start=start + 1):
        started_ns = time.perf_counter_ns()
        write(row, seq)
        taken.append((time.perf_counter_ns() - started_ns) / 1e3)
    gc.enable()
    return taken
