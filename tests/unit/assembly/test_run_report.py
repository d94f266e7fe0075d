"""A run on disk becomes a page, or a sentence that says why not."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from core.assembly.run_report import RunReportOptions, read_session, report_run
from core.domain.errors import ConfigurationError, DataError
from core.journal.manifest import JOURNAL
from tests.unit.runtime.run_rig import RUN_ID, index_of, record
from tests.unit.runtime.test_verify import change, decided


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asyncio.run(record(tmp_path / RUN_ID))
    return tmp_path / RUN_ID


def quiet(_: str) -> None: ...


def write(folder: Path, path: Path | None, *, run: str = RUN_ID, force: bool = False):
    return report_run(RunReportOptions(run, None, folder.parent, [], path, force, quiet))


def test_a_run_is_read_whole(folder: Path) -> None:
    code, session = read_session(folder, [], quiet)
    index = index_of(folder)
    assert code == 0
    assert session.events == index.length
    assert session.notices == index.notices
    assert session.statistics == index.ledger.statistics()
    assert session.final.seq == index.length
    assert (session.started_ns, session.ended_ns) == (index.ts_at(1), index.ts_at(index.length))
    assert session.verdict.is_identical
    assert session.remarks == ()


def test_the_curve_has_the_samples_that_the_kernel_took(folder: Path) -> None:
    """The oracle is the kernel's own ring, which holds all of so short a run."""
    _, session = read_session(folder, [], quiet)
    final, curve = session.final, session.curve
    assert len(curve.ts_ns) > 20
    assert tuple(curve.ts_ns.tolist()) == final.equity_ts_ns
    assert curve.equity.tolist() == final.equity.tolist()
    for index, row in enumerate(final.instruments):
        assert tuple(curve.regimes[:, index].tolist()) == row.timeline.regime
    assert (curve.peak >= curve.equity).all()


def test_changes_of_parameters_are_found_with_who_made_them(folder: Path) -> None:
    _, session = read_session(folder, [], quiet)
    (found,) = session.changes
    assert (found.key, found.new, found.who) == ("strategy.min_signal", 0.2, "cockpit:7")
    spec = next(spec for spec in session.meta.parameters if spec.key == found.key)
    place = session.meta.parameters.index(spec)
    assert session.parameters_at_start[place] == found.old
    assert session.final.parameters[place] == found.new


def test_a_page_is_written_and_not_replaced_unless_that_is_forced(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    code, written, line = write(folder, path)
    assert (code, written) == (0, path)
    assert line == f"run {RUN_ID}: identical, byte for byte"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    path.write_text("precious")
    with pytest.raises(ConfigurationError, match=r"exists already: .*--out, or --force"):
        write(folder, path)
    assert path.read_text() == "precious"
    write(folder, path, force=True)
    assert RUN_ID in path.read_text(encoding="utf-8")


def test_without_a_path_the_page_has_the_name_of_the_run(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write(folder, None, run="latest")[1] == Path(f"{RUN_ID}.html")
    assert (tmp_path / f"{RUN_ID}.html").is_file()


def test_a_cut_journal_is_reported_as_far_as_it_goes(folder: Path, tmp_path: Path) -> None:
    with sqlite3.connect(folder / JOURNAL) as database:
        database.execute("DELETE FROM events WHERE seq = 150")
    code, session = read_session(folder, [], quiet)
    assert code == 5
    assert session.events == 149
    assert session.remarks == (
        "The journal ends before the run: event 150 is missing; the next one is 151",
    )
    write(folder, tmp_path / "cut.html")
    assert "event 150 is missing" in (tmp_path / "cut.html").read_text(encoding="utf-8")


def test_a_run_that_decides_otherwise_now_is_reported_with_a_warning(folder: Path) -> None:
    change(folder, "DELETE FROM decisions WHERE seq = ?", sorted(decided(folder))[3])
    code, session = read_session(folder, [], quiet)
    assert code == 4
    assert not session.verdict.is_identical
    assert session.remarks[0].startswith("Gone through again, the run decided otherwise")


def test_a_run_without_events_has_a_page_too(tmp_path: Path) -> None:
    asyncio.run(record(tmp_path / RUN_ID, 0))
    with sqlite3.connect(tmp_path / RUN_ID / JOURNAL) as database:
        database.execute("DELETE FROM events")
        database.execute("DELETE FROM decisions")
    _, session = read_session(tmp_path / RUN_ID, [], quiet)
    assert session.events == 0
    write(tmp_path / RUN_ID, tmp_path / "none.html")
    text = (tmp_path / "none.html").read_text(encoding="utf-8")
    assert "too short for a curve" in text
    assert "Nothing was evaluated." in text


@pytest.mark.parametrize("name", ["latest", "no-such-run"])
def test_what_is_no_run_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no run"):
        write(tmp_path / "x", tmp_path / "page.html", run=name)


def test_a_foreign_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / JOURNAL).write_text("something else")
    with pytest.raises(DataError, match=r"journal\.db"):
        write(tmp_path / "x", tmp_path / "page.html", run=str(tmp_path / "foreign"))
    assert not (tmp_path / "page.html").exists()


def test_a_page_that_cannot_be_written_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written: No such file"):
        write(folder, tmp_path / "none" / "page.html")
