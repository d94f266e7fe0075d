"""The store as commands have it: what is opened, told and exported."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from core.assembly.opening import Opening, open_recording
from core.assembly.recorded_run import load_run
from core.data.dataset import in_memory
from core.data.loader import load_data
from core.data.market import open_market
from core.data.store.manifest import data_store
from core.domain.errors import ConfigurationError, DataError
from core.domain.records import INTENT
from core.doors.choice import Choice
from core.doors.store import data_path, run_data_check, run_data_import, run_data_list, run_export
from core.journal.manifest import JOURNAL
from core.journal.reader import JournalReader
from core.settings.loader import load_data_settings, load_settings
from tests.unit.data.recordings import price_row, write, write_prices, write_trades
from tests.unit.runtime.run_rig import RUN_ID, record

TABLE = ["when,bp0,bs0,ap0,as0", "1.5,9,3,10,4", "2.5,9,3,,", "1.5,0,0,10,4"]
MAP = """
[data]
kind = "book"
symbol = "XYZ"
time = "when"
time_unit = "s"
bid_price = "bp{i}"
bid_size = "bs{i}"
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    asyncio.run(record(folder / RUN_ID))
    return folder


@pytest.fixture
def days(tmp_path) -> list[str]:
    write_prices(tmp_path, [price_row(0), price_row(100, bid=""), price_row(100, "KELP", "105;2")])
    write_trades(tmp_path, ["0;;;JAMS;SEASHELLS;101.0;3", "100;;;ROSES;SEASHELLS;5;1"])
    return [str(tmp_path / "prices_*.csv")]


def import_days(run_dir, days, name="one", **more):
    return run_data_import(Choice(run_dir=run_dir), name, days, **more)


def opened(data, run_dir, **changed):
    wanted = {
        "part": None,
        "columns": load_data_settings(),
        "settings_for": lambda profile: load_settings(profile).settings,
        "signal_for": lambda _: None,
        "profile": None,
        "settings_of_run": lambda own: own,
        "report": lambda _: None,
    }
    return open_recording(Opening(data=data, run_dir=run_dir, **{**wanted, **changed}))


def test_an_import_says_what_it_wrote_and_a_list_what_is_there(tmp_path, days):
    document, text = import_days(tmp_path, days)
    assert document["rows"] == 4
    assert [file["skipped"] for file in document["data"]] == [{}, {"unknown product": 1}]
    assert "skipped 1: unknown product" in text
    listed, lines = run_data_list(Choice(run_dir=tmp_path))
    (entry,) = listed["datasets"]
    assert {"name", "kind", "instruments", "from", "to", "rows", "mb"} <= entry.keys()
    assert (entry["kind"], entry["instruments"]) == ("prosperity", ["JAMS", "KELP"])
    assert json.dumps(listed)
    assert max(map(len, lines.splitlines())) <= 80


def test_an_empty_store_says_how_to_fill_it(tmp_path):
    assert run_data_list(Choice(run_dir=tmp_path))[1].endswith(
        "make one: imc-cockpit data import NAME DATA..."
    )


def test_a_data_set_that_cannot_be_read_is_listed_with_its_reason(tmp_path, days):
    import_days(tmp_path, days)
    (data_store(tmp_path) / "one" / "dataset.json").write_text("{")
    document, text = run_data_list(Choice(run_dir=tmp_path))
    assert "is damaged" in document["datasets"][0]["problem"]
    assert "cannot be read: is damaged" in text


def test_a_check_tells_what_files_and_data_sets_are_like(tmp_path, days):
    import_days(tmp_path, days)
    for words in (["one"], days):
        code, document, text = run_data_check(Choice(run_dir=tmp_path), words)
        assert (code, document["ok"], document["events"]) == (0, True, 4)
        jams, kelp = document["findings"]["instruments"]
        assert (jams["one_sided"], kelp["crossed"]) == (1, 1)
        assert text.endswith("fine")
        assert json.dumps(document)


def test_a_damaged_data_set_ends_a_check_with_five(tmp_path, days):
    import_days(tmp_path, days)
    (path,) = (data_store(tmp_path) / "one").glob("*/*.parquet")
    path.write_bytes(path.read_bytes()[:-9])
    code, document, text = run_data_check(Choice(run_dir=tmp_path), ["one"])
    assert (code, document["ok"]) == (5, False)
    assert "DAMAGED: 2001-01-01/part-00000.parquet" in text


def test_a_map_of_columns_counts_from_files_and_flags(tmp_path):
    """The settings name the columns before the data can name its profile."""
    table = str(write(tmp_path / "table.csv.gz", TABLE))
    (tmp_path / "map.toml").write_text(MAP)
    overrides = ("data.ask_price=ap{i}", "data.ask_size=as{i}", "data.profile=kraken-live")
    files = (tmp_path / "map.toml",)
    run_data_import(Choice(None, files, overrides, tmp_path), "mine", [table])
    found = open_market(["mine"], None, data_store(tmp_path))
    assert found.profile == "kraken-live"
    assert in_memory(found).events["ts_ns"].tolist() == [
        1_500_000_000,
        1_500_000_000,
        2_500_000_000,
    ]
    with pytest.raises(ConfigurationError, match=r"--set: data\.ask_price = .* names no column"):
        load_data_settings(None, files, ['data.ask_price=""'])
    with pytest.raises(ConfigurationError, match=r"--set: data\.kind = .*is not one of"):
        load_data_settings(None, (), ["data.kind=books"])


def test_every_kind_of_data_is_opened_in_one_place(tmp_path, days, runs):
    import_days(tmp_path, days)
    run_export(Choice(run_dir=tmp_path), ["one"], tmp_path / "x.parquet")
    whole = load_data(days).events.tobytes()
    for words in (days, ["one"], [str(tmp_path / "x.parquet")]):
        recording = opened(words, tmp_path)
        assert in_memory(recording.data).events.tobytes() == whole
        assert recording.settings.profile == "prosperity"
    for words in ([RUN_ID], ["latest"], [str(runs / RUN_ID)]):
        assert opened(words, runs, settings_of_run=None).data.length > 100
    with pytest.raises(ConfigurationError, match="one run at a time, not 2"):
        opened([RUN_ID, RUN_ID], runs)
    with pytest.raises(DataError, match="there is no run"):
        opened(["latest"], tmp_path)


def test_a_process_elsewhere_is_told_where_the_data_is(tmp_path, days, monkeypatch):
    """A replay on the screen has a run directory of its own."""
    import_days(tmp_path, days)
    monkeypatch.chdir(tmp_path)
    file = "prices_round_1_day_0.csv"
    assert data_path(Choice(run_dir=tmp_path), "one") == str(data_store(tmp_path) / "one")
    assert data_path(Choice(run_dir=tmp_path), file) == str(tmp_path / file)
    assert data_path(Choice(run_dir=tmp_path), "two") == "two"
    assert data_path(Choice(run_dir=tmp_path), days[0]) == days[0]


def test_a_run_is_exported_whole_and_read_back_as_what_it_heard(tmp_path, runs):
    path = tmp_path / "run.parquet"
    document, _ = run_export(Choice(run_dir=runs), [RUN_ID], path)
    with JournalReader(runs / RUN_ID / JOURNAL) as journal:
        stored = np.concatenate(list(journal.events()))
        decisions = journal.decisions(1, len(stored))
    frame = pl.read_parquet(path)
    assert document["rows"] == len(stored) == frame.height
    for name in ("seq", "ts_ns", "kind", "order_id", "lots", "value"):
        assert frame[name].to_list() == stored[name].tolist()
    assert frame["bid_ticks_10"].to_list() == stored["bid_ticks"][:, 9].tolist()
    wanted = frame.filter(pl.col("decision").is_not_null())
    assert dict(zip(wanted["seq"], wanted["decision"], strict=True)) == decisions
    assert all(len(rows) % INTENT.itemsize == 0 for rows in decisions.values())
    back, heard = open_market([path]), load_run(runs / RUN_ID)
    assert in_memory(back).events.tobytes() == heard.events.tobytes()
    assert (back.instruments, back.profile, back.sources) == (
        heard.instruments, heard.profile, heard.sources,
    )  # fmt: skip


def test_a_run_becomes_a_data_set(tmp_path, runs):
    store = tmp_path / "store"
    run_data_import(Choice(run_dir=runs), "heard", [RUN_ID], store=store)
    found = in_memory(open_market(["heard"], None, store))
    assert found.events.tobytes() == load_run(runs / RUN_ID).events.tobytes()


def test_an_export_that_cannot_be_written_leaves_nothing(tmp_path, days):
    with pytest.raises(ConfigurationError, match="is no folder: make it first"):
        run_export(Choice(run_dir=tmp_path), days, tmp_path / "no" / "x.parquet")
    (tmp_path / "x.parquet").mkdir()
    with pytest.raises(DataError, match=r"x\.parquet: cannot be written"):
        run_export(Choice(run_dir=tmp_path), days, tmp_path / "x.parquet")
    assert not list(tmp_path.glob(".*unfinished"))
