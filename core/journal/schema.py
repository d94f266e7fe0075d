"""The tables of a journal, and how a file says that it is one."""

from __future__ import annotations

APPLICATION_ID = 0x494D434A
"""`IMCJ`: SQLite keeps it in the file's header, where `file` and we can see it."""

VERSION = 2
"""Raised whenever an older reader would misread a newer file."""

FIRST_WITH_DECISIONS = 2
READABLE = (1, 2)
"""Version 1 holds no decisions; all else is the same."""

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
CREATE TABLE decisions (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, ts_ns INTEGER NOT NULL, state BLOB NOT NULL);
"""

INSERT_META = "INSERT INTO meta VALUES (?, ?)"
INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
INSERT_NOTE = "INSERT INTO notes (seq, ts_ns, text) VALUES (?, ?, ?)"
INSERT_DECISION = "INSERT INTO decisions VALUES (?, ?)"
INSERT_CHECKPOINT = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)"
FORGET_CHECKPOINTS = (
    "DELETE FROM checkpoints WHERE seq NOT IN "
    "(SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)"
)

SELECT_META = "SELECT key, value FROM meta"
SELECT_EVENTS = "SELECT seq, crc, payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
SELECT_DECISIONS = "SELECT seq, payload FROM decisions WHERE seq BETWEEN ? AND ? ORDER BY seq"
SELECT_STRAY_DECISION = (
    "SELECT seq, payload FROM decisions WHERE seq < 1 "
    "OR seq > (SELECT coalesce(max(seq), 0) FROM events) ORDER BY seq LIMIT 1"
)
SELECT_DECIDED = """
SELECT max(
    coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'decided'), 0),
    coalesce((SELECT max(seq) FROM decisions), 0),
    coalesce((SELECT max(seq) FROM checkpoints), 0),
    coalesce((SELECT seq FROM events WHERE ts_ns <> (
        SELECT ts_ns FROM events ORDER BY seq DESC LIMIT 1) ORDER BY seq DESC LIMIT 1), 0)
)
"""
"""
Last event whose decision is known to be here, or known to be none.

Decisions are written with the events, the note or the state that come after them. So
what may be missing is at most that of the newest batch, whose events share their time.
"""
SELECT_NOTES = "SELECT seq, ts_ns, text FROM notes ORDER BY id"
SELECT_CHECKPOINT_SEQS = "SELECT seq FROM checkpoints ORDER BY seq"
SELECT_CHECKPOINT = (
    "SELECT seq, ts_ns, state FROM checkpoints WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
)

DECIDED = "decided"
"""Key of the meta row that an orderly end writes: the last event whose decision is here."""
