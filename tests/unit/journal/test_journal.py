"""What is written is read again, whatever happened in between."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from core.domain import events
from core.domain.enums import CommandKind, EventKind, Side, TradingState
from core.domain.errors import DataError, JournalError
from core.domain.events import EVENT_BYTES, HEADER_BYTES, EventRow
from core.journal import schema
from core.journal.mover import Mover
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter

SECOND_NS = 1_000_000_000


def make_book(seq: int) -> EventRow:
    row = events.book(seq % 3, [(100 + seq, 7), (99, 11)], [(103 + seq, 2)])
    events.stamp(row, seq, seq * SECOND_NS)
    return row


def make_fill(seq: int) -> EventRow:
    row = events.fill(2, seq, 1_000 + seq, Side.SELL, 51, 4, leaves_lots=3, fee_nanos=-17)
    events.stamp(row, seq, seq * SECOND_NS)
    return row


def make_rows(count: int, start: int = 1) -> list[EventRow]:
    return [
        make_fill(seq) if seq % 3 == 0 else make_book(seq) for seq in range(start, start + count)
    ]


def append_singly(writer: JournalWriter, count: int) -> None:
    for seq in range(1, count + 1):
        writer.append([make_book(seq)])


def read_all(path: Path, after: int = 0, chunk: int = 4_096) -> bytes:
    with JournalReader(path) as reader:
        return b"".join(rows.tobytes() for rows in reader.events(after=after, chunk=chunk))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "journal.db"


@pytest.fixture
def writer(path: Path):
    writer = JournalWriter.open(path, {"run_id": "20261120T140327-practice-4f1c"}, keep_states=2)
    yield writer
    writer.close()


class TestWriting:
    def test_events_come_back_as_they_went_in(self, writer, path) -> None:
        rows = make_rows(10)
        writer.append(rows[:1])
        writer.append(rows[1:9])
        writer.append(rows[9:])
        writer.append([])
        writer.close()
        assert read_all(path) == events.load(rows).tobytes()

    def test_rows_and_bytes_are_counted(self, writer) -> None:
        writer.append([make_book(1)])
        writer.append([make_book(2), make_fill(3)])
        assert writer.rows == 3
        assert writer.bytes == 2 * EVENT_BYTES + HEADER_BYTES

    def test_only_a_book_is_stored_with_its_levels(self, writer, path) -> None:
        """A row from an array has room for levels; other kinds do not use it."""
        whole = bytearray(events.load([make_fill(1)]).tobytes())
        writer.append([whole])
        writer.append([make_book(2)])
        stored = sqlite3.connect(path)
        sizes = stored.execute("SELECT length(payload) FROM events ORDER BY seq").fetchall()
        stored.close()
        assert sizes == [(HEADER_BYTES,), (EVENT_BYTES,)]

    def test_columns_repeat_what_queries_need(self, writer, path) -> None:
        writer.append([make_fill(1)])
        stored = sqlite3.connect(path)
        row = stored.execute("SELECT seq, ts_ns, kind FROM events").fetchone()
        stored.close()
        assert row == (1, SECOND_NS, EventKind.FILL)

    @pytest.mark.parametrize("wrong", [0, 2, -1])
    def test_a_number_that_does_not_follow_is_refused(self, writer, wrong) -> None:
        row = make_book(wrong)
        with pytest.raises(JournalError, match=f"event {wrong} cannot be written where 1 is due"):
            writer.append([row])

    def test_a_batch_is_written_whole_or_not_at_all(self, writer, path) -> None:
        writer.append([make_book(1)])
        with pytest.raises(JournalError):
            writer.append([make_book(2), make_book(4)])
        assert writer.rows == 1
        assert read_all(path) == events.load([make_book(1)]).tobytes()

    def test_the_first_failure_is_final(self, writer) -> None:
        """Going on after a hole would be trading without a record of it."""
        with pytest.raises(JournalError) as first:
            writer.append([make_book(2)])
        with pytest.raises(JournalError) as second:
            writer.append([make_book(1)])
        with pytest.raises(JournalError):
            writer.note(1, 1, {})
        with pytest.raises(JournalError):
            writer.checkpoint(1, 1, b"")
        assert second.value is first.value

    def test_a_full_disk_is_a_journal_error_that_names_the_file(self, writer, path) -> None:
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count={pages + 3}")
        with pytest.raises(JournalError, match="database or disk is full") as caught:
            append_singly(writer, 99)
        assert str(path) in str(caught.value)
        written = writer.rows
        writer.close()
        assert 0 < written < 99
        assert read_all(path) == events.load([make_book(s + 1) for s in range(written)]).tobytes()

    def test_a_failure_of_the_mover_reaches_the_loop(self, writer) -> None:
        """A log that cannot be moved grows until the disk is full: better to stop early."""
        writer._mover._on_failure(sqlite3.OperationalError("disk I/O error"))
        with pytest.raises(JournalError, match="disk I/O error"):
            writer.append([make_book(1)])

    def test_a_mover_that_fails_ends_the_journal_and_not_the_process(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> int:
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(Mover, "_round", fail)
        writer = JournalWriter.open(path, {}, checkpoint_ms=1)
        writer._mover._thread.join(30)
        with pytest.raises(JournalError, match="disk I/O error"):
            writer.append([make_book(1)])
        writer.close()

    @pytest.mark.parametrize("replaced", [False, True])
    def test_a_journal_that_somebody_deleted_stops_the_writing(
        self, path: Path, replaced: bool
    ) -> None:
        """SQLite would write on for hours into a file that is gone when the process ends."""
        writer = JournalWriter.open(path, {}, checkpoint_ms=1)
        if replaced:
            path.with_name("other.db").touch()
            path.with_name("other.db").replace(path)
        else:
            path.unlink()
        writer._mover._thread.join(30)
        with pytest.raises(JournalError, match=r"No such file|another file stands in the place"):
            writer.append([make_book(1)])
        writer.close()

    def test_an_event_that_is_none_is_a_journal_error(self, writer) -> None:
        with pytest.raises(JournalError, match="cannot be written"):
            writer.append([bytearray(5)])

    def test_a_state_that_does_not_fit_the_disk_is_a_journal_error(self, writer, path) -> None:
        """The state before it stays: half a checkpoint is none."""
        writer.checkpoint(3, 1, b"old")
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count={pages + 3}")
        with pytest.raises(JournalError, match="database or disk is full"):
            writer.checkpoint(5, 1, bytes(100_000))
        with JournalReader(path) as reader:
            kept = reader.checkpoint()
        assert kept is not None
        assert (kept.seq, kept.state) == (3, b"old")

    def test_writing_after_the_end_is_a_journal_error(self, writer) -> None:
        writer.append([make_book(1)])
        writer._connection.close()
        with pytest.raises(JournalError, match="closed database"):
            writer.append([make_book(2)])

    def test_closing_twice_is_no_error(self, writer, path) -> None:
        writer.append([make_book(1)])
        writer.close()
        writer.close()
        assert not path.with_name("journal.db-wal").exists()

    def test_a_decision_is_written_with_what_comes_next(self, writer, path) -> None:
        """Never by itself: its order is just leaving."""
        steps = [
            lambda: writer.append([make_book(2)]),
            lambda: writer.append([make_book(3), make_fill(4)]),
            lambda: writer.note(4, 1, {}),
            lambda: writer.checkpoint(4, 1, b"state"),
            writer.close,
        ]
        writer.append([make_book(1)])
        with JournalReader(path) as reader:
            for seq, then in enumerate(steps, start=1):
                writer.decide(seq, bytes([seq]) * 64)
                assert max(reader.decisions(1, 9), default=0) == seq - 1
                then()
                assert max(reader.decisions(1, 9)) == seq
            assert reader.decisions(2, 3) == {2: b"\x02" * 64, 3: b"\x03" * 64}

    def test_a_decision_goes_with_its_transaction_or_not_at_all(self, writer, path) -> None:
        writer.append([make_book(1)])
        writer.decide(1, bytes(64))
        with pytest.raises(JournalError):
            writer.append([make_book(3)])
        writer.decide(1, bytes(64))
        writer.close()
        with JournalReader(path) as reader:
            assert reader.decisions(1, 9) == {}

    def test_a_decision_told_of_twice_is_a_journal_error(self, writer) -> None:
        writer.append([make_book(1)])
        writer.decide(1, bytes(64))
        writer.decide(1, bytes(64))
        with pytest.raises(JournalError, match="UNIQUE"):
            writer.append([make_book(2)])

    def test_nothing_lags_once_it_is_moved(self, writer) -> None:
        assert writer.lag_ms == 0
        writer.append([make_book(1)])
        assert writer.lag_ms > 0


class TestMoving:
    def test_the_thread_moves_what_was_written(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not only when asked by a test: without being asked, on its own connection."""
        moved = threading.Event()
        real_move = Mover._move

        def move(mover: Mover, connection: sqlite3.Connection) -> None:
            real_move(mover, connection)
            if mover._moved_rows == 20:
                moved.set()

        monkeypatch.setattr(Mover, "_move", move)
        writer = JournalWriter.open(path, {}, checkpoint_ms=1)
        writer.append(make_rows(20))
        assert moved.wait(30)
        assert writer.lag_ms == 0
        writer.close()

    def test_the_log_begins_anew_after_it_was_moved(self, path: Path) -> None:
        writer = JournalWriter.open(path, {}, checkpoint_ms=60_000)
        connection = sqlite3.connect(path, isolation_level=None)
        log = path.with_name("journal.db-wal")
        lengths = []
        for start in (1, 51, 101):
            for row in make_rows(50, start):
                writer.append([row])
            writer._mover._move(connection)
            assert writer.lag_ms == 0
            lengths.append(log.stat().st_size)
        connection.close()
        writer.close()
        assert writer.stalls == 0
        assert lengths[2] <= lengths[0] * 1.2

    def test_a_writer_that_is_never_quiet_waits_once_the_log_is_too_long(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without that wait a log under steady load grows without end."""
        writer = JournalWriter.open(path, {}, checkpoint_ms=60_000, max_wal_mb=0)
        mover, connection = writer._mover, sqlite3.connect(path, isolation_level=None)
        rows = iter(make_rows(20))
        real_round = mover._round

        def busy_round(link: sqlite3.Connection) -> int:
            if not writer._writing.locked():
                writer.append([next(rows)])
            left = real_round(link)
            if not writer._writing.locked():
                writer.append([next(rows)])
                return left or 1
            return left

        monkeypatch.setattr(mover, "_round", busy_round)
        mover._move(connection)
        connection.close()
        assert writer.stalls == 1
        assert writer.lag_ms == 0
        writer.close()

    def test_a_reader_in_the_middle_does_not_stop_writing(self, writer, path) -> None:
        writer.append(make_rows(5))
        with JournalReader(path) as reader:
            chunks = reader.events(chunk=2)
            assert len(next(chunks)) == 2
            writer.append(make_rows(4, start=6))
            assert 2 + sum(len(rows) for rows in chunks) == 9


class TestOpening:
    def test_a_journal_is_never_written_into_twice(self, writer, path) -> None:
        with pytest.raises(JournalError, match="exists; a run never writes into another's"):
            JournalWriter.open(path, {})

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(JournalError, match="cannot be made"):
            JournalWriter.open(tmp_path / "file" / "journal.db", {})

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
    def test_a_read_only_folder_is_named(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        with pytest.raises(JournalError, match="Permission denied"):
            JournalWriter.open(tmp_path / "journal.db", {})

    def test_nobody_else_may_read_it(self, writer, path) -> None:
        assert path.stat().st_mode & 0o777 == 0o600


class TestReading:
    def test_meta_is_what_the_writer_was_given(self, writer, path) -> None:
        with JournalReader(path) as reader:
            assert reader.meta == {"run_id": "20261120T140327-practice-4f1c"}

    def test_chunks_do_not_lose_their_seams(self, writer, path) -> None:
        writer.append(make_rows(10))
        assert read_all(path, chunk=3) == events.load(make_rows(10)).tobytes()
        assert read_all(path, chunk=10) == events.load(make_rows(10)).tobytes()

    def test_events_after_a_checkpoint_are_those_it_does_not_hold(self, writer, path) -> None:
        writer.append(make_rows(10))
        assert read_all(path, after=7) == events.load(make_rows(3, start=8)).tobytes()
        assert read_all(path, after=10) == b""

    def test_the_last_number_is_known(self, writer, path) -> None:
        with JournalReader(path) as reader:
            assert reader.last_seq() == 0
            writer.append(make_rows(4))
            assert reader.last_seq() == 4

    def test_only_the_newest_states_are_kept(self, writer, path) -> None:
        for seq in (5, 9, 14):
            writer.checkpoint(seq, seq * SECOND_NS, bytes([seq]) * 100_000)
        with JournalReader(path) as reader:
            newest = reader.checkpoint()
            assert newest is not None
            assert (newest.seq, newest.ts_ns) == (14, 14 * SECOND_NS)
            assert newest.state == b"\x0e" * 100_000
            earlier = reader.checkpoint(before=13)
            assert earlier is not None
            assert earlier.seq == 9
            assert reader.checkpoint(before=8) is None

    def test_it_is_known_how_far_decisions_are_complete(self, writer, path) -> None:
        """All but those of the newest batch, whose events share one time, and what shows more."""
        batch = make_rows(4)
        for seq, row in enumerate(batch, start=1):
            events.stamp(row, seq, 7 if seq < 3 else 8)
        with JournalReader(path) as reader:
            assert reader.decided_seq() == 0
            writer.append(batch[:2])
            assert reader.decided_seq() == 0
            writer.append(batch[2:])
            assert reader.decided_seq() == 2
            writer.decide(3, bytes(64))
            writer.note(3, 1, {})
            assert reader.decided_seq() == 3
            writer.checkpoint(4, 1, b"state")
            assert reader.decided_seq() == 4

    def test_a_clock_that_was_set_back_does_not_hide_how_far_that_is(self, writer, path) -> None:
        rows = make_rows(3)
        for seq, row in enumerate(rows, start=1):
            events.stamp(row, seq, 9 - seq)
            writer.append([row])
        with JournalReader(path) as reader:
            assert reader.decided_seq() == 2

    def test_an_orderly_end_says_that_no_decision_is_missing(self, writer, path) -> None:
        writer.append(make_rows(3))
        writer.close()
        with JournalReader(path) as reader:
            assert reader.decided_seq() == 3

    def test_a_decision_of_no_event_is_found(self, writer, path) -> None:
        writer.append(make_rows(3))
        writer.decide(3, bytes(64))
        writer.decide(5, b"\x07")
        writer.close()
        with JournalReader(path) as reader:
            assert reader.stray_decision() == (5, b"\x07")

    def test_states_are_listed_from_the_oldest(self, writer, path) -> None:
        for seq in (5, 9, 14):
            writer.checkpoint(seq, 1, b"state")
        with JournalReader(path) as reader:
            assert reader.checkpoint_seqs() == [9, 14]
            assert reader.stray_decision() is None

    def test_a_journal_of_version_1_is_read_without_decisions(self, writer, path) -> None:
        """So that a halt survives an update of the program."""
        writer.append(make_rows(3))
        writer.close()
        damage(path, "DROP TABLE decisions")
        damage(path, "PRAGMA user_version = 1")
        with JournalReader(path) as reader:
            assert not reader.has_decisions
            assert sum(map(len, reader.events())) == 3

    def test_notes_say_who_and_why(self, writer, path) -> None:
        writer.note(7, SECOND_NS, {"source": "cockpit:7", "args": {"key": "größer"}})
        writer.note(0, SECOND_NS + 1, {"text": 'a "quote"\n\ud800'})
        with JournalReader(path) as reader:
            first, second = reader.notes()
        assert (first.seq, first.ts_ns) == (7, SECOND_NS)
        assert first.fields == {"source": "cockpit:7", "args": {"key": "größer"}}
        assert second.fields["text"] == 'a "quote"\n\ud800'

    def test_commands_and_states_keep_their_numbers(self, writer, path) -> None:
        rows = [
            events.command(CommandKind.SET_PARAMETER, key=3, value=0.1 + 0.2),
            events.restored(trading_state=TradingState.HALTED, peak_nanos=2**60),
        ]
        for seq, row in enumerate(rows, start=1):
            events.stamp(row, seq, 2**62 + seq)
        writer.append(rows)
        with JournalReader(path) as reader:
            (stored,) = reader.events()
        assert stored["value"][0] == 0.1 + 0.2
        assert stored["order_id"][1] == 2**60
        assert list(stored["ts_ns"]) == [2**62 + 1, 2**62 + 2]


KILLED_WRITER = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from core.domain import events
    from core.journal.writer import JournalWriter

    writer = JournalWriter.open(Path(sys.argv[1]), {"run_id": "killed"})
    for seq in range(1, 501):
        row = events.book(1, [(100 + seq, 7)], [(103 + seq, 2)])
        events.stamp(row, seq, seq)
        writer.append([row])
    os.kill(os.getpid(), signal.SIGKILL)
    """
)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a journal whose writer was killed right after its 500th event."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED_WRITER, str(folder / "journal.db")]
    ended = subprocess.run(command, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    return folder


@pytest.fixture
def crashed(killed: Path, tmp_path: Path) -> Path:
    """A copy of that journal which a test may damage further."""
    for file in killed.iterdir():
        if not file.name.endswith("-shm"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / "journal.db"


class TestDamage:
    def test_a_killed_writer_loses_nothing(self, crashed: Path) -> None:
        with JournalReader(crashed) as reader:
            assert reader.last_seq() == 500
            seqs = np.concatenate([rows["seq"] for rows in reader.events(chunk=64)])
        assert list(seqs) == list(range(1, 501))

    @pytest.mark.parametrize("cut", [1, 100, 2_000, 2_072, 3_000])
    def test_a_row_that_was_cut_is_left_out_and_no_other(self, crashed: Path, cut: int) -> None:
        log = crashed.with_name("journal.db-wal")
        content = log.read_bytes()
        log.write_bytes(content[:-cut])
        with JournalReader(crashed) as reader:
            last = reader.last_seq()
            assert 498 <= last <= 499
            assert sum(len(rows) for rows in reader.events()) == last

    def test_rubbish_at_the_end_of_the_log_is_ignored(self, crashed: Path) -> None:
        log = crashed.with_name("journal.db-wal")
        log.write_bytes(log.read_bytes() + b"\xa5" * 5_000)
        with JournalReader(crashed) as reader:
            assert reader.last_seq() == 500

    def test_a_database_that_was_cut_names_the_last_good_event(self, path: Path) -> None:
        writer = JournalWriter.open(path, {})
        writer.append([make_book(seq) for seq in range(1, 301)])
        writer.close()
        path.write_bytes(path.read_bytes()[: -20 * schema.PAGE_BYTES])
        seqs: list[int] = []
        with JournalReader(path) as reader, pytest.raises(DataError) as caught:
            seqs.extend(rows["seq"][-1] for rows in reader.events())
        assert 200 < seqs[-1] < 300
        assert str(caught.value).startswith(
            f"{path}: the journal cannot be read after event {seqs[-1]}:"
        )

    def test_a_database_cut_in_its_last_row_gives_all_others(self, path: Path) -> None:
        writer = JournalWriter.open(path, {})
        writer.append([make_book(seq) for seq in range(1, 301)])
        writer.close()
        path.write_bytes(path.read_bytes()[:-100])
        seqs: list[int] = []
        with JournalReader(path) as reader, pytest.raises(DataError, match="is damaged"):
            seqs.extend(rows["seq"][-1] for rows in reader.events())
        assert seqs[-1] >= 295

    def test_a_missing_event_is_named(self, writer, path: Path) -> None:
        writer.append(make_rows(9))
        writer.close()
        damage(path, "DELETE FROM events WHERE seq IN (5, 6)")
        with JournalReader(path) as reader, pytest.raises(DataError, match="event 5 is missing"):
            assert [len(rows) for rows in reader.events()] == [4]

    def test_an_event_of_the_wrong_size_is_named(self, writer, path: Path) -> None:
        writer.append(make_rows(3))
        writer.close()
        damage(path, "UPDATE events SET payload = x'0102' WHERE seq = 2")
        with (
            JournalReader(path) as reader,
            pytest.raises(DataError, match="event 2 has 2 bytes, not 128 or 448"),
        ):
            list(reader.events())

    def test_a_single_wrong_bit_is_found(self, writer, path: Path) -> None:
        """SQLite checks its log, but not its database."""
        writer.append(make_rows(3))
        writer.close()
        content = bytearray(path.read_bytes())
        content[content.index(bytes(make_book(2))) + 200] ^= 1
        path.write_bytes(content)
        with (
            JournalReader(path) as reader,
            pytest.raises(DataError, match="event 2 is damaged: its checksum does not fit"),
        ):
            list(reader.events())

    def test_a_note_that_is_no_json_is_named(self, writer, path: Path) -> None:
        writer.note(1, 1, {})
        writer.close()
        damage(path, "UPDATE notes SET text = '{'")
        with JournalReader(path) as reader, pytest.raises(DataError, match="cannot be read"):
            list(reader.notes())

    def test_a_newer_journal_is_refused_and_not_misread(self, writer, path: Path) -> None:
        writer.close()
        damage(path, f"PRAGMA user_version = {schema.VERSION + 1}")
        with pytest.raises(
            DataError, match="is a journal of version 3; this program reads versions 1 and 2"
        ):
            JournalReader(path)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "is not a journal of this program"),
            (b"bid;ask\n1;2\n" * 200, "file is not a database"),
        ],
    )
    def test_a_foreign_file_is_refused(self, tmp_path: Path, content: bytes, reason: str) -> None:
        path = tmp_path / "journal.db"
        path.write_bytes(content)
        with pytest.raises(DataError, match=reason):
            JournalReader(path)

    def test_a_foreign_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        damage(path, "CREATE TABLE events (seq INTEGER)")
        with pytest.raises(DataError, match="is not a journal of this program"):
            JournalReader(path)

    def test_a_missing_journal_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="there is no such journal"):
            JournalReader(tmp_path / "journal.db")
        assert not list(tmp_path.iterdir())

    def test_a_path_that_looks_like_a_query_is_a_path(self, tmp_path: Path) -> None:
        path = tmp_path / "a?mode=rwc&b %41#c" / "journal.db"
        writer = JournalWriter.open(path, {"a": "b"})
        writer.append(make_rows(2))
        writer.close()
        assert len(read_all(path)) == 2 * EVENT_BYTES


def damage(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def damaged(path: Path, statement: str) -> None:
    """Change a journal by hand, behind the back of its rules."""
    stored = sqlite3.connect(path)
    stored.execute("PRAGMA ignore_check_constraints=ON")
    with stored:
        stored.execute(statement)
    stored.close()


class TestCellsOfAnotherType:
    """SQLite lets any cell hold anything."""

    @pytest.fixture
    def stored(self, writer, path) -> Path:
        writer.append(make_rows(5))
        writer.note(5, 9, {"command": "halt"})
        writer.checkpoint(5, 9, b"state")
        writer.close()
        return path

    @pytest.mark.parametrize("cell", ["'text'", "7", "0.5"])
    def test_an_event_without_bytes_is_damaged(self, stored, cell) -> None:
        damaged(stored, f"UPDATE events SET payload = {cell} WHERE seq = 3")
        with JournalReader(stored) as reader:
            rows = reader.events()
            assert next(rows)["seq"].tolist() == [1, 2]
            with pytest.raises(DataError, match="event 3 holds no bytes"):
                next(rows)

    @pytest.mark.parametrize("cell", ["'[]'", "'null'", "'{'", "7", "x'ff'"])
    def test_a_note_that_is_none_is_refused(self, stored, cell) -> None:
        damaged(stored, f"UPDATE notes SET text = {cell}")
        with JournalReader(stored) as reader, pytest.raises(DataError, match="cannot be read"):
            list(reader.notes())

    @pytest.mark.parametrize(("column", "cell"), [("state", "'text'"), ("ts_ns", "'soon'")])
    def test_a_state_of_another_type_is_refused(self, stored, column, cell) -> None:
        damaged(stored, f"UPDATE checkpoints SET {column} = {cell}")
        with JournalReader(stored) as reader, pytest.raises(DataError, match="cannot be read"):
            reader.checkpoint()

    def test_a_decision_of_another_type_is_refused(self, stored) -> None:
        damaged(stored, "INSERT INTO decisions VALUES (3, 'text'), (9, 'text')")
        with JournalReader(stored) as reader:
            with pytest.raises(DataError, match="cannot be read"):
                reader.decisions(1, 5)
            with pytest.raises(DataError, match="cannot be read"):
                reader.stray_decision()

    def test_a_word_about_the_run_that_is_no_text_is_refused(self, stored) -> None:
        damaged(stored, "UPDATE meta SET value = x'00' WHERE key = 'run_id'")
        with pytest.raises(DataError, match="cannot be read"):
            JournalReader(stored)
