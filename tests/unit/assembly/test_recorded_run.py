"""A run becomes a recording, or a sentence that says why not."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from core.assembly.recorded_run import load_run, open_run
from core.data.part import Part
from core.domain import events
from core.domain.enums import Channel, EventKind
from core.domain.errors import DataError
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.journal.writer import JournalWriter
from core.settings.loader import load_settings
from tests.unit.kernel.kernel_rig import EISBACH, ETF
from tests.unit.runtime.run_rig import RUN_ID, record
from tests.unit.runtime.test_verify import change, make_beginning

START_NS = 1_700_000_000_000_000_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / RUN_ID
    asyncio.run(record(folder))
    return folder


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    asyncio.run(record(tmp_path / RUN_ID))
    return tmp_path / RUN_ID


def write(folder: Path, *rows: tuple[int, events.EventRow], **meta: str) -> Path:
    """Write a journal of events, each with the ms at which it was received."""
    journal = JournalWriter.open(folder / JOURNAL, make_beginning(run_id=RUN_ID).to_meta() | meta)
    stamped = []
    for seq, (ms, row) in enumerate(rows, start=1):
        events.stamp(row, seq, START_NS + ms * 1_000_000)
        stamped.append(row)
    journal.append(stamped)
    journal.close()
    return folder


def a_book(instrument: int, bid: int) -> events.EventRow:
    return events.book(instrument, [(bid, 3)], [(bid + 2, 8)])


def quiet(_: str) -> None: ...


def test_what_came_from_outside_is_kept_in_order_and_the_rest_counted(recorded: Path) -> None:
    data = load_run(recorded)
    with JournalReader(recorded / JOURNAL) as journal:
        stored = np.concatenate(list(journal.events()))
    books = stored[stored["kind"] == EventKind.BOOK]
    found = data.events[data.events["kind"] == EventKind.BOOK]
    for name in ("ts_ns", "instrument", "bid_ticks", "bid_lots", "ask_ticks", "ask_lots"):
        assert np.array_equal(found[name], books[name])
    assert set(np.unique(data.events["kind"])) <= {
        EventKind.BOOK,
        EventKind.TRADE,
        EventKind.OBSERVATION,
    }
    assert not data.events["seq"].any()
    assert data.instruments == (EISBACH, ETF)
    (source,) = data.sources
    assert source.rows == len(stored) == 546
    assert source.skipped == {"orders, timers and commands of the engine": 546 - len(data.events)}
    digest = hashlib.sha256((recorded / JOURNAL).read_bytes()).hexdigest()
    assert (source.path, source.sha256) == (recorded / JOURNAL, digest)


def test_observations_come_with_when_they_were_heard(tmp_path: Path) -> None:
    fair = events.observation(Channel.FAIR_VALUE, 8_123.25, 17, instrument=1, error=0.5)
    folder = write(
        tmp_path,
        (0, a_book(0, 3_300)),
        (0, events.timer()),
        (40, fair),
        (90, a_book(1, 8_000)),
        profile="munich",
    )
    data = load_run(folder)
    assert data.profile == "munich"
    assert data.events["kind"].tolist() == [
        EventKind.BOOK,
        EventKind.OBSERVATION,
        EventKind.BOOK,
    ]
    told = data.events[1]
    assert (told["ts_ns"] - START_NS, told["exch_ts_ns"]) == (40_000_000, 17)
    assert (told["code"], told["instrument"], told["value"]) == (Channel.FAIR_VALUE, 1, 8_123.25)


def test_a_clock_that_went_back_is_held_and_counted(tmp_path: Path) -> None:
    folder = write(tmp_path, (50, a_book(0, 3_300)), (20, a_book(0, 3_301)), (70, a_book(0, 3_302)))
    data = load_run(folder)
    assert (data.events["ts_ns"] - START_NS).tolist() == [50_000_000, 50_000_000, 70_000_000]
    assert data.events["bid_ticks"][:, 0].tolist() == [3_300, 3_301, 3_302]
    assert data.sources[0].repaired == {"clock went back, held": 1}


def test_a_damaged_journal_is_used_up_to_the_damage_and_says_so(copied: Path) -> None:
    change(copied, "DELETE FROM events WHERE seq = 200")
    data = load_run(copied)
    (source,) = data.sources
    assert source.rows == 199
    (reason,) = [reason for reason in source.skipped if reason.startswith("the rest")]
    assert "event 200 is missing" in reason
    assert 0 < len(data.events) < 199


def test_a_run_without_a_book_is_a_sentence(tmp_path: Path, copied: Path) -> None:
    folder = write(tmp_path / "empty", (0, events.timer()))
    with pytest.raises(DataError, match=r"journal\.db: has no order book that can be read$"):
        load_run(folder)
    change(copied, "DELETE FROM events WHERE seq = 1")
    with pytest.raises(DataError, match="no order book that can be read: the rest after event 0"):
        load_run(copied)


def test_what_is_no_journal_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"hello" * 400)
    with pytest.raises(DataError, match=JOURNAL):
        load_run(tmp_path)
    with pytest.raises(DataError, match="there is no such journal"):
        load_run(tmp_path / "nowhere")


def test_a_run_that_is_still_written_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    meta = make_beginning(run_id=RUN_ID).to_meta()
    journal = JournalWriter.open(tmp_path / JOURNAL, meta)
    row = a_book(0, 3_300)
    events.stamp(row, 1, START_NS)
    journal.append([row])
    try:
        assert len(load_run(tmp_path).events) == 1
    finally:
        journal.close()


def test_a_run_is_read_with_its_own_settings_unless_others_are_named(recorded: Path) -> None:
    asked: list[str] = []

    def other(profile: str):
        asked.append(profile)
        return load_settings("munich").settings

    own = open_run(recorded, None, other, lambda run: run, lambda _: None, quiet, load_run)
    assert own.settings == load_settings("prosperity").settings
    assert not asked

    named = open_run(recorded, Part(0.0, 50.0), other, None, lambda _: None, quiet, load_run)
    assert asked == [""]
    assert named.settings.profile == "munich"
    assert named.part == Part(0.0, 50.0)
    assert 0 < len(named.data.events) < len(own.data.events)


def test_settings_of_another_version_are_said_and_replaced(copied: Path) -> None:
    change(copied, "UPDATE meta SET value = '{}' WHERE key = 'settings'")
    said: list[str] = []
    open_run(
        copied, None, lambda _: load_settings().settings, lambda run: run, lambda _: None,
        said.append, load_run,
    )  # fmt: skip
    assert len(said) == 1
    assert "settings cannot be read by this version" in said[0]


def test_reading_a_run_changes_nothing_in_it(recorded: Path) -> None:
    before = (recorded / JOURNAL).read_bytes()
    load_run(recorded)
    assert (recorded / JOURNAL).read_bytes() == before
    with sqlite3.connect(recorded / JOURNAL) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone() == (546,)
    connection.close()
