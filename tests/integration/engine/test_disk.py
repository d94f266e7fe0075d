"""What a disk can do to a run: full, taken away, cut, read-only. Nothing is lost or hidden."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from core.journal import schema
from tests.integration.engine.venue_side import look_at
from tests.integration.program import Program, wait_for

pytestmark = [
    pytest.mark.integration,
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of others need Linux"),
]

SPARSE_BYTES = 1_000_000_000


def trading(program: Program):
    """An engine with a position and an order that rests."""
    process = program.start_engine("--set", "venue.speed=4")
    program.place_far_from_the_market("1_Eisbach")
    program.wait_until(
        lambda status: status["positions"] and status["open_orders"],
        "a position and an order that rests",
    )
    return process


def limit_files(process, most_bytes: int) -> None:
    """No file of this process may be written beyond its first bytes: as on a full disk."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))


def wait_until_halted(program: Program) -> dict:
    """Safe mode, and nothing left that rests."""
    return program.wait_until(
        lambda status: status["trading_state"] == "HALTED" and not status["open_orders"],
        "a halted engine without orders",
    )


def held(status: dict) -> dict[str, Decimal]:
    """Positions as the engine knows them."""
    return {row["instrument"]: Decimal(str(row["quantity"])) for row in status["positions"]}


def journal_of(folder: Path) -> Path:
    """The only file that counts."""
    return folder / "journal.db"


def assert_refuses_to_resume(program: Program) -> None:
    """Only a restart trades again, and the answer says so."""
    refused = program.call("send", "resume")
    assert refused.code != 0
    assert "restart the engine to trade again" in refused.err + refused.out


def assert_next_engine_agrees(program: Program) -> None:
    """The next run has the positions of the venue, and every decision of the last is proven."""
    process = program.start_engine()
    assert program.call("send", "halt").code == 0
    status = wait_until_halted(program)
    venue = look_at(program.exchange()["url"])
    assert venue.orders == []
    assert held(status) == venue.positions
    assert program.run("stop").code == 0
    assert process.wait(20) == 0


def test_a_disk_that_is_full_halts_and_cancels_and_loses_nothing(program: Program) -> None:
    """The engine lives on, tells why, ends when asked, and the next one goes on from there."""
    process = trading(program)
    folder = program.runs()[-1]
    limit_files(process, 4_096)
    status = wait_until_halted(program)
    assert status["reason"] == "JOURNAL_FAILED"
    assert look_at(program.exchange()["url"]).orders == []
    assert program.run("status").code == 4
    assert_refuses_to_resume(program)
    # Whether there is room again or not, it ends in order when asked.
    assert program.run("stop").code == 0
    assert process.wait(20) == 0
    told = program.run("replay", str(folder), "--verify", "--json")
    assert (told.code, told.json()["identical"]) == (0, True), told.out
    assert_next_engine_agrees(program)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_journal_that_is_taken_away_halts_and_cancels(program: Program, replaced: bool) -> None:
    """Writing on into a file that nobody can open would be no record."""
    process = trading(program)
    journal = journal_of(program.runs()[-1])
    if replaced:
        other = journal.with_name("other.db")
        other.touch()
        other.replace(journal)
    else:
        journal.unlink()
    status = wait_until_halted(program)
    assert status["reason"] == "JOURNAL_FAILED"
    assert look_at(program.exchange()["url"]).orders == []
    assert_refuses_to_resume(program)
    assert program.run("stop").code == 0
    assert process.wait(20) == 0


def test_a_journal_cut_in_its_last_row_is_recovered_and_verified(program: Program) -> None:
    """As a power cut leaves it: the last row is gone, and the venue knows what it said."""
    process = trading(program)
    process.kill()
    process.wait()
    folder = program.runs()[-1]
    log = journal_of(folder).with_name("journal.db-wal")
    os.truncate(log, log.stat().st_size - 100)
    told = program.run("replay", str(folder), "--verify", "--json")
    assert (told.code, told.json()["identical"]) == (0, True), told.out
    assert_next_engine_agrees(program)


def test_a_journal_that_lost_its_last_pages_is_recovered_and_the_damage_said(program) -> None:
    """What can be read is taken over; that something is missing is an alarm, not a guess."""
    process = trading(program)
    process.kill()
    process.wait()
    folder = program.runs()[-1]
    journal = journal_of(folder)
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("DELETE FROM checkpoints")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with closing(sqlite3.connect(journal)) as connection:
        (last,) = connection.execute("SELECT max(seq) FROM events").fetchone()
        connection.execute("UPDATE events SET crc = crc + 1 WHERE seq = ?", (last - 2,))
        connection.commit()
    assert journal.stat().st_size % schema.PAGE_BYTES == 0
    told = program.run("replay", str(folder), "--verify")
    assert told.code == 5
    assert f"event {last - 2} is damaged" in told.out
    assert_next_engine_agrees(program)
    messages = [line["message"] for line in program.log()]
    assert any(
        # What cannot be read might have been a halt.
        f"event {last - 2} is damaged" in text and text.endswith("HALTED")
        for text in messages
    ), messages


def test_a_log_that_cannot_be_written_stops_no_trading(program: Program) -> None:
    """Lines may be lost; orders, events and the journal may not."""
    process = trading(program)
    folder = program.runs()[-1]
    log = folder / "engine.jsonl"
    # Lines are appended: beyond what the limit allows, while the journal is well within it.
    os.truncate(log, SPARSE_BYTES)
    limit_files(process, SPARSE_BYTES // 2)
    before = program.status()
    assert before is not None
    status = program.wait_until(
        lambda status: status["orders"] >= before["orders"] + 3 and status["events"] > 500,
        "more orders",
    )
    assert (status["trading_state"], status["readiness"]) == ("ACTIVE", "READY")
    assert log.stat().st_size == SPARSE_BYTES
    assert program.run("stop").code == 0
    assert process.wait(20) == 0
    told = program.run("replay", str(folder), "--verify", "--json")
    assert (told.code, told.json()["identical"]) == (0, True), told.out


def test_a_read_only_place_for_runs_is_refused_in_one_sentence(tmp_path, compiled_kernel) -> None:
    """Before anything is started that would be left behind."""
    place = tmp_path / "place"
    place.mkdir(mode=0o500)
    if os.access(place, os.W_OK):
        pytest.skip("root writes anywhere")
    told = Program(place / "run").run("--no-ui", "--for", "2s")
    assert told.code == 2
    assert f"run directory {place / 'run'}" in told.sentence
    assert "Permission denied" in told.sentence


def test_a_run_directory_that_is_a_file_is_refused_in_one_sentence(tmp_path) -> None:
    """The same without a wrong right: nothing can be made below a file."""
    (tmp_path / "file").touch()
    told = Program(tmp_path / "file" / "run").run("--no-ui", "--for", "2s")
    assert told.code == 2
    assert f"run directory {tmp_path / 'file' / 'run'}" in told.sentence


def test_a_killed_engine_on_a_full_disk_leaves_a_journal_that_verifies(program: Program) -> None:
    """Both at once: what was written before the disk was full is sound."""
    process = trading(program)
    folder = program.runs()[-1]
    limit_files(process, 4_096)
    wait_until_halted(program)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for(lambda: program.status() is None, "the end of the engine")
    told = program.run("replay", str(folder), "--verify", "--json")
    assert (told.code, told.json()["identical"]) == (0, True), told.out
    assert_next_engine_agrees(program)
