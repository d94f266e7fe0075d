"""A journal that was damaged: by a disk, which knows no tables, or by a hand, which does."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from random import Random

from core.domain import events
from core.journal.beginning import Beginning
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from tests.fuzz.folder import FileSubject
from tests.fuzz.target import Target

_META = {
    "run_id": "20261120T140327-practice-4f1c", "kernel_hash": "89ab", "layout": "01",
    "records": "02",
    "signal": "", "signal_hash": "", "capital_nanos": "100000000000000", "bars_kept": "60",
    "quotes_kept": "600", "adopts_orphans": "0", "parameters": '{"min_signal": 0.2}',
    "instruments": '[{"symbol": "7_ETF", "tick_size": "0.1", "lot_size": "1", "multiplier": "1", '
    '"position_limit_lots": 20, "maker_fee_bps": 0.0, "taker_fee_bps": 1.0, "drivers": [0, 0, 0]}]',
}  # fmt: skip
_COLUMNS = {
    "events": ("seq", "ts_ns", "kind", "crc", "payload"),
    "notes": ("seq", "ts_ns", "text"),
    "decisions": ("seq", "payload"),
    "checkpoints": ("seq", "ts_ns", "state"),
    "meta": ("key", "value"),
}
_CELLS = (
    0, -1, 1, 2**63 - 1, -(2**63), 0.5, 1e308, "", "x", "[]", "{}", "null", "1e400", "NaN",
    "[" * 10_000, "9" * 5_000, b"", b"\xff", b"\0" * 64, '{"seq": 1}', "\x1b[2J",
)  # fmt: skip


def _sample() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        writer = JournalWriter.open(path, _META, keep_states=2)
        for seq in range(1, 30):
            row = events.book(0, [(100 + seq, 7)], [(103 + seq, 2)])
            events.stamp(row, seq, seq * 1_000)
            writer.append([row])
            writer.note(seq, seq * 1_000, {"command": "set", "key": "k", "value": seq})
            if seq % 10 == 0:
                writer.checkpoint(seq, seq * 1_000, b"state" * 30)
        writer.close()
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("INSERT INTO decisions VALUES (7, x'0102')")
        return path.read_bytes()


class _Damaged:
    def __init__(self) -> None:
        self._whole = _sample()

    def generate(self, random: Random) -> bytes:
        chance = random.random()
        if chance < 0.05:
            return self._whole
        if chance < 0.5:
            return self._by_hand(random)
        data = bytearray(self._whole)
        for _ in range(random.choice((1, 1, 4, 32))):
            # Headers of the file and of its pages are where the harm is done.
            page = random.randrange(len(data) // 2_048) * 2_048
            place = page + random.randrange(random.choice((12, 100, 2_048)))
            data[place] = random.choice((0, 255, data[place] ^ 1, random.randrange(256)))
        if random.random() < 0.1:
            del data[random.randrange(len(data)) :]
        return bytes(data)

    def _by_hand(self, random: Random) -> bytes:
        with closing(sqlite3.connect(":memory:")) as file:
            file.deserialize(self._whole)
            for _ in range(random.choice((1, 1, 2))):
                table = random.choice(list(_COLUMNS))
                column = random.choice(_COLUMNS[table])
                key = _COLUMNS[table][0]
                row = f"{key} IN (SELECT {key} FROM {table} ORDER BY random() LIMIT 1)"
                row = row if random.random() < 0.9 else "1"
                with suppress(sqlite3.Error), file:
                    if random.random() < 0.1:
                        file.execute(f"DELETE FROM {table} WHERE {row}")
                    else:
                        value = random.choice(_CELLS)
                        file.execute(f"UPDATE {table} SET {column} = ? WHERE {row}", (value,))
            return file.serialize()


def _read(path: Path) -> None:
    """Read all there is to read, as a verification does."""
    with JournalReader(path) as reader:
        with suppress(ValueError):
            Beginning.from_meta(reader.meta)
        last = reader.last_seq()
        reader.decided_seq()
        for decision in reader.decisions(1, last).values():
            assert isinstance(decision, bytes)
        reader.stray_decision()
        for seq in reader.checkpoint_seqs():
            assert isinstance(seq, int)
        for note in reader.notes():
            assert isinstance(note.fields, dict)
        state = reader.checkpoint()
        assert state is None or isinstance(state.state, bytes)
        for rows in reader.events():
            assert len(rows) > 0


def journal() -> Target:
    """A journal's file."""
    return Target(_Damaged(), lambda: FileSubject("journal.db", _read), per_cent=1)
