"""Any events, in any batches, come out of the journal as they went in."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.enums import EventKind
from core.domain.events import EVENT, HEADER_BYTES, EventRow, load
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter

HEADER_FIELDS = [name for name, (_, offset) in EVENT.fields.items() if offset < HEADER_BYTES]
INTEGERS = st.integers(-(2**63), 2**63 - 1)


@st.composite
def contents(draw) -> bytes:
    """One event with arbitrary fields; levels are those of a BOOK only."""
    row = np.zeros(1, EVENT)
    row["kind"] = draw(st.sampled_from(EventKind))
    for name in set(HEADER_FIELDS) - {"kind", "value", "seq"}:
        row[name] = draw(INTEGERS)
    row["value"] = draw(st.floats())
    if row["kind"] == EventKind.BOOK:
        for name in ("bid_ticks", "bid_lots", "ask_ticks", "ask_lots"):
            row[name] = draw(st.lists(INTEGERS, min_size=10, max_size=10))
    return row.tobytes()


def numbered(batches: list[list[bytes]]) -> list[list[EventRow]]:
    seq = 0
    stamped = []
    for batch in batches:
        rows = []
        for content in batch:
            seq += 1
            rows.append(bytearray(seq.to_bytes(8, "little") + content[8:]))
        stamped.append(rows)
    return stamped


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(contents(), max_size=4), max_size=6), st.integers(1, 7), st.integers(0, 9))
def test_a_journal_returns_every_bit(batches, chunk, after) -> None:
    """Field by field would overlook one; bytes do not. NaN payloads count too."""
    rows = numbered(batches)
    flat = [row for batch in rows for row in batch]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        writer = JournalWriter.open(path, {})
        for batch in rows:
            writer.append(batch)
        writer.close()
        with JournalReader(path) as reader:
            chunks = list(reader.events(after=after, chunk=chunk))
            assert reader.last_seq() == len(flat)
    expected = load([bytes(row) for row in flat[after:]])
    assert b"".join(stored.tobytes() for stored in chunks) == expected.tobytes()
    assert all(len(stored) <= chunk for stored in chunks)
