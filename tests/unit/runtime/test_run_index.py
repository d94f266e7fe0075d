"""A run gone through once: what was said, where it happened, and whether it fits."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from core.domain.enums import EventKind
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.runtime.replay_marks import Mark
from tests.unit.runtime.run_rig import RUN_ID, Recorded, index_of, record
from tests.unit.runtime.test_verify import change, decided


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Recorded:
    return asyncio.run(record(tmp_path_factory.mktemp("run") / RUN_ID))


@pytest.fixture
def copied(run: Recorded, tmp_path: Path) -> Path:
    """A run that a test may damage."""
    return Path(shutil.copytree(run.folder, tmp_path / RUN_ID))


def seqs_of(folder: Path, kind: EventKind) -> list[int]:
    with closing(sqlite3.connect(folder / JOURNAL)) as connection:
        rows = connection.execute("SELECT seq FROM events WHERE kind = ? ORDER BY seq", (kind,))
        return [seq for (seq,) in rows]


def test_notices_are_those_of_the_live_run_in_its_order_and_time(run: Recorded) -> None:
    """Only a command is told in the words of the journal."""
    told = index_of(run.folder).notices
    assert [n.number for n in told] == list(range(1, len(told) + 1))
    for again, live in zip(told, run.notices, strict=True):
        assert (again.ts_ns, again.kind, again.severity) == (live.ts_ns, live.kind, live.severity)
        if live.kind != "command":
            assert (again.text, again.reason, again.order_id) == (
                live.text, live.reason, live.order_id,
            )  # fmt: skip
    commands = [n.text for n in told if n.kind == "command"]
    assert commands == [
        "strategy.min_signal 0.15 -> 0.2, by cockpit:7", "pause (cockpit:7)", "resume (cockpit:7)",
    ]  # fmt: skip


def test_a_run_that_fits_is_identical_with_its_counts(run: Recorded) -> None:
    index = index_of(run.folder)
    assert index.verification.identical
    assert index.verification.states == 2
    assert index.length == max(run.states)
    assert index.counts() == {
        "fills": len(seqs_of(run.folder, EventKind.FILL)),
        "orders": sum(n.kind == "order" for n in run.notices),
        "alerts": 2,
        "notes": 3,
    }
    assert index.counts()["fills"] > 20


def test_places_of_interest_are_the_events_they_happened_at(run: Recorded) -> None:
    index = index_of(run.folder)
    assert index.marks[Mark.FILL].tolist() == seqs_of(run.folder, EventKind.FILL)
    assert index.marks[Mark.NOTE].tolist() == seqs_of(run.folder, EventKind.COMMAND)
    for mark, kind in ((Mark.ORDER, "order"), (Mark.FILL, "fill")):
        said = [
            seq for seq, n in zip(index.notice_seqs, index.notices, strict=True) if n.kind == kind
        ]
        assert sorted(set(said)) == index.marks[mark].tolist()
    for alert, text in zip(
        index.marks[Mark.ALERT].tolist(),
        ("REDUCING by the operator", "connection lost"),
        strict=True,
    ):
        texts = [index.notices[i].text for i in np.flatnonzero(index.notice_seqs == alert)]
        assert any(said.startswith(text) for said in texts)


def test_what_has_been_said_depends_on_the_position_alone(run: Recorded) -> None:
    index = index_of(run.folder)
    fill = int(index.marks[Mark.FILL][3])
    before, after = index.notices_until(fill - 1), index.notices_until(fill)
    assert after > before
    assert index.notices[after - 1].kind == "fill"
    assert index.notices_until(index.length) == len(index.notices)


def test_times_are_those_of_the_events(run: Recorded) -> None:
    index = index_of(run.folder)
    with JournalReader(run.path) as journal:
        stored = np.concatenate([rows["ts_ns"] for rows in journal.events()])
    assert index.ts_ns.tolist() == stored.tolist()
    assert (index.ts_at(0), index.ts_at(1), index.ts_at(9)) == (stored[0], stored[0], stored[8])


def test_a_difference_is_an_alarm_at_its_event_and_does_not_end_the_replay(copied: Path) -> None:
    """The rest is gone through, and told, as far as it goes."""
    seq = sorted(decided(copied))[4]
    payload = bytearray(decided(copied)[seq])
    payload[40] ^= 1
    change(copied, "UPDATE decisions SET payload = ? WHERE seq = ?", bytes(payload), seq)
    index = index_of(copied)
    assert index.verification.first_difference is not None
    assert index.verification.first_difference.seq == seq
    (alarm,) = (n for n in index.notices if n.text.startswith("this replay differs"))
    assert alarm.severity == "alarm"
    assert f"in a decision at event {seq:,}: recorded 1 of 1: PLACE" in alarm.text
    assert index.notice_seqs[alarm.number - 1] == seq
    assert seq in index.marks[Mark.ALERT]
    assert index.length == 546


def test_a_difference_at_the_last_decision_is_told_too(copied: Path) -> None:
    seq = max(decided(copied))
    change(copied, "DELETE FROM decisions WHERE seq = ?", seq)
    assert any("recorded nothing; replayed" in n.text for n in index_of(copied).notices)


def test_other_code_is_said_at_the_beginning(copied: Path) -> None:
    """It is played all the same: that decisions may differ is a warning."""
    change(copied, "UPDATE meta SET value = '00aa' WHERE key = 'kernel_hash'")
    index = index_of(copied)
    (warning,) = (n for n in index.notices if "decisions may differ" in n.text)
    assert (warning.severity, index.notice_seqs[warning.number - 1]) == ("warning", 1)
    assert index.verification.identical


def test_a_cut_journal_is_played_to_the_cut_and_says_so_there(copied: Path) -> None:
    change(copied, "UPDATE events SET crc = crc + 1 WHERE seq = 300")
    index = index_of(copied)
    assert index.length == 299
    assert index.notices[-1].severity == "alarm"
    assert "the recording ends here: event 300 is damaged" in index.notices[-1].text
    assert index.notice_seqs[-1] == 299


def test_damaged_notes_do_not_keep_a_run_from_being_played(copied: Path) -> None:
    change(copied, "UPDATE notes SET text = '{' WHERE id = 2")
    index = index_of(copied)
    assert index.length == 546
    assert any("what people asked for is not all here" in n.text for n in index.notices)


def test_a_run_without_saved_states_is_played_like_any_other(run, tmp_path: Path) -> None:
    bare = asyncio.run(record(tmp_path / RUN_ID, saves=False))
    index = index_of(bare.folder)
    assert (index.verification.states, index.verification.identical) == (0, True)
    assert index.notices == index_of(run.folder).notices


def test_an_empty_run_has_a_length_of_zero(copied: Path) -> None:
    for table in ("events", "decisions", "checkpoints", "notes"):
        change(copied, f"DELETE FROM {table}")
    index = index_of(copied)
    assert (index.length, index.ts_at(0), index.notices) == (0, 0, ())
    assert index.counts() == {"fills": 0, "orders": 0, "alerts": 0, "notes": 0}
