"""`imc-cockpit report`: which run is meant, where the page goes, and how it exits."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from core.journal.manifest import JOURNAL
from tests.integration.program import Program
from tests.unit.runtime.run_rig import RUN_ID, record

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("terminals")]


@pytest.fixture
def program(tmp_path: Path, compiled_kernel, monkeypatch) -> Program:
    asyncio.run(record(tmp_path / "runs" / RUN_ID))
    monkeypatch.chdir(tmp_path)
    return Program(tmp_path / "runs")


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ((), f"{RUN_ID}.html"),
        (("latest",), f"{RUN_ID}.html"),
        ((RUN_ID, "--out", "mine.html"), "mine.html"),
        ((RUN_ID, "mine.htm"), "mine.htm"),
        (("mine.html", RUN_ID), "mine.html"),
        ((f"{RUN_ID}.html",), f"{RUN_ID}.html"),
        (("today.html",), "today.html"),
    ],
)
def test_run_and_page_are_told_apart_by_the_ending(program, tmp_path, words, page) -> None:
    told = program.call("report", *words)
    assert (told.code, told.out) == (0, f"{page}\n")
    assert "identical, byte for byte" in told.err
    assert f"Session {RUN_ID}" in (tmp_path / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("no-such-run",), 5, "is no folder of a run and no run in"),
        ((RUN_ID, "latest"), 2, "report takes one run, not 2"),
        (("a.html", "b.html"), 2, "name it once"),
        (("a.html", "--out", "b.html"), 2, "name it once"),
        (("--out", "page.pdf"), 2, "page.pdf has another ending; allowed: .html, .htm"),
    ],
)
def test_what_cannot_be_reported_is_said_and_nothing_is_written(
    program, tmp_path, words, code, said
) -> None:
    told = program.call("report", *words)
    assert told.code == code
    assert said in told.err
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_a_damaged_run_has_its_page_and_its_exit_code(program, tmp_path) -> None:
    with sqlite3.connect(tmp_path / "runs" / RUN_ID / JOURNAL) as database:
        database.execute("DELETE FROM events WHERE seq = 99")
    told = program.call("report", "latest", "a.html")
    assert told.code == 5
    assert "identical as far as its journal can be read" in told.err
    assert (tmp_path / "a.html").is_file()


def test_a_page_that_is_there_is_kept(program, tmp_path) -> None:
    (tmp_path / "a.html").write_text("precious")
    assert program.call("report", "a.html").code == 2
    assert (tmp_path / "a.html").read_text() == "precious"
    assert program.call("report", "a.html", "--force").code == 0
