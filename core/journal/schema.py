"""The tables of a journal, and how a file says that it is one."""

from __future__ import annotations

APPLICATION_ID = 0x494D434A
"""`IMCJ`: SQLite keeps it in the file's header, where `file` and we can see it."""

VERSION = 1
"""Raised whenever an older reader would misread a newer file."""

PAGE_BYTES = 2_048
"""A commit writes whole pages: at 4096 the log is 1.6 times as long and no faster."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, ts_ns INTEGER NOT NULL, kind INTEGER NOT NULL,
    crc INTEGER NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, ts_ns INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, ts_ns INTEGER NOT NULL, state BLOB NOT NULL);
"""

INSERT_META = "INSERT INTO meta VALUES (?, ?)"
INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
INSERT_NOTE = "INSERT INTO notes (seq, ts_ns, text) VALUES (?, ?, ?)"
INSERT_CHECKPOINT = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)"
FORGET_CHECKPOINTS = (
    "DELETE FROM checkpoints WHERE seq NOT IN "
    "(SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)"
)

SELECT_META = "SELECT key, value FROM meta"
SELECT_EVENTS = "SELECT seq, crc, payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
SELECT_NOTES = "SELECT seq, ts_ns, text FROM notes ORDER BY id"
SELECT_CHECKPOINT = (
    "SELECT seq, ts_ns, state FROM checkpoints WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
)
