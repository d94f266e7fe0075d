"""`research RUN`: a run of the engine is a recording, with what the city said."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from core.domain import events
from core.domain.enums import Channel
from core.journal.manifest import JOURNAL
from core.journal.writer import JournalWriter
from core.settings.loader import load_settings
from tests.integration.program import Program
from tests.unit.data.recordings import price_row, write_prices
from tests.unit.runtime.run_rig import RUN_ID, record
from tests.unit.runtime.test_verify import change, make_beginning

CITY_RUN = "20261121T101112-munich-0a1b"
LAG_BEATS = 3


def write_city_run(folder: Path, count: int = 600) -> None:
    """Write a run whose first product's mid follows its fair value by 1.5 seconds."""
    rng = np.random.default_rng(31)
    steps = np.where(rng.random(count) < 0.2, rng.integers(-9, 10, count), 0)
    fair = 3_300 + np.cumsum(steps)
    meta = make_beginning(run_id=CITY_RUN).to_meta() | {
        "profile": "munich",
        "settings": load_settings("munich").settings.model_dump_json(),
    }
    journal = JournalWriter.open(folder / JOURNAL, meta)
    seq = 0
    for beat in range(count):
        mid = int(fair[max(0, beat - LAG_BEATS)])
        now_ns = 1_700_000_000_000_000_000 + beat * 500_000_000
        rows = [
            events.timer(),
            events.book(0, [(mid - 1, 4)], [(mid + 1, 9)]),
            events.book(1, [(8_000 + int(rng.integers(0, 3)), 4)], [(8_006, 5)]),
            events.observation(Channel.FAIR_VALUE, float(fair[beat]), now_ns, instrument=0),
        ]
        for row in rows:
            seq += 1
            events.stamp(row, seq, now_ns)
        journal.append(rows)
    journal.close()


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    write_city_run(tmp_path / CITY_RUN)
    return tmp_path


@pytest.mark.parametrize("run", [CITY_RUN, "latest", "FOLDER", "JOURNAL"])
def test_a_run_is_found_as_replay_finds_it(run_dir: Path, run: str) -> None:
    folder = run_dir / CITY_RUN
    name = {"FOLDER": str(folder), "JOURNAL": str(folder / JOURNAL)}.get(run, run)
    told = Program(run_dir).call("research", name, "--json")
    assert told.code == 0, told.err
    document = told.json()
    assert document["profile"] == "munich"
    (found,) = [one for one in document["city"] if one["symbol"] == "1_Eisbach"]
    assert (found["series"], found["verdict"]) == ("fair value of 1_Eisbach", "leads")
    assert found["best"]["lag_s"] == LAG_BEATS * 0.5
    assert found["best"]["correlation"]["low"] > 0.9
    assert document["sources"][0]["skipped"] == {"orders, timers and commands of the engine": 600}


def test_it_stands_in_the_text_and_on_the_page(run_dir: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = Program(run_dir).call("research", "latest", "--report", str(page))
    assert told.code == 0, told.err
    assert "- city: fair value of 1_Eisbach leads 1_Eisbach by 1.5 s (r = +" in told.out
    assert "\nCITY\n" in told.out
    assert "City: lead and lag with prices" in page.read_text(encoding="utf-8")


def test_a_part_of_a_run_is_that_part(run_dir: Path) -> None:
    told = Program(run_dir).call("research", "latest", "--part", "0:50", "--json")
    assert told.code == 0, told.err
    assert told.json()["part"] == [0, 50]
    assert told.json()["events"] == 900


def test_settings_over_a_run_are_those_of_its_profile(run_dir: Path) -> None:
    told = Program(run_dir, "--set", "strategy.bar_ms=2000").call("research", "latest", "--json")
    assert told.code == 0, told.err
    assert told.json()["profile"] == "munich"


def test_a_run_without_a_city_has_a_report_without_one(tmp_path: Path) -> None:
    asyncio.run(record(tmp_path / RUN_ID))
    told = Program(tmp_path).call("research", RUN_ID, "--json")
    assert told.code == 0, told.err
    assert told.json()["city"] == {"refused": "the recording holds no city data"}
    assert set(told.json()["instruments"]) == {"1_Eisbach", "7_ETF"}


def test_a_damaged_run_is_told_as_far_as_it_goes(run_dir: Path) -> None:
    change(run_dir / CITY_RUN, "DELETE FROM events WHERE seq = 2000")
    told = Program(run_dir).call("research", "latest", "--json")
    assert told.code == 0, told.err
    (source,) = told.json()["sources"]
    assert source["rows"] == 1_999
    assert any("event 2000 is missing" in reason for reason in source["skipped"])


@pytest.mark.parametrize("what", ["no run at all", "an empty journal", "noise", "a cut beginning"])
def test_a_run_that_cannot_be_used_ends_with_5_and_a_sentence(tmp_path: Path, what: str) -> None:
    folder = tmp_path / CITY_RUN
    if what != "no run at all":
        write_city_run(folder, 3)
    if what == "an empty journal":
        change(folder, "DELETE FROM events")
    elif what == "noise":
        (folder / JOURNAL).write_bytes(bytes(range(251)) * 99)
    elif what == "a cut beginning":
        change(folder, "DELETE FROM meta WHERE key = 'instruments'")
    told = Program(tmp_path).call("research", "latest")
    assert (told.code, told.out) == (5, "")
    assert told.sentence.startswith("imc-cockpit: ")
    assert "Traceback" not in told.err


def test_a_name_that_is_neither_run_nor_file_is_said(tmp_path: Path) -> None:
    told = Program(tmp_path).call("research", "20261121T000000-munich-ffff")
    assert (told.code, told.out) == (5, "")
    assert "there is no such file" in told.sentence


def test_runs_and_files_do_not_mix(run_dir: Path, tmp_path: Path) -> None:
    path = write_prices(tmp_path, [price_row(100 * i) for i in range(50)])
    told = Program(run_dir).call("research", "latest", str(path))
    assert (told.code, told.out) == (2, "")
    assert told.sentence == "imc-cockpit: DATA is one run at a time, not 2"
