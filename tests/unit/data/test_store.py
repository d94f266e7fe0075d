"""The store: what is written is read back, in order, and nothing half-written counts."""

from __future__ import annotations

import errno
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import dataset
from core.data.dataset import DataSet, SourceFile, in_memory
from core.data.loader import find_formats, load_data, load_pieces
from core.data.market import open_market
from core.data.store import reader, writer
from core.data.store.check import find_damage
from core.data.store.export import export_market
from core.data.store.manifest import MANIFEST, find_stored
from core.data.store.reader import StoredMarket
from core.data.store.writer import write_store
from core.domain.errors import ConfigurationError, DataError
from core.domain.events import book, load, stamp, trade
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from tests.unit.data.recordings import price_row, print_trade, snapshot, write, write_prices

DAY_NS = 86_400 * 10**9
START_NS = 20_000 * DAY_NS
JAMS = Instrument(Symbol("JAMS"), Decimal("0.5"), Decimal(2), position_limit_lots=7)
KELP = Instrument(Symbol("KELP"), Decimal(1))


def piece(times, instruments=(JAMS,), name="a.csv"):
    """A book and a trade in turn at these times after the start, numbered by their price."""
    rows = []
    for number, ns in enumerate(times, start=1):
        index = number % len(instruments)
        row = (
            book(index, [(number, 3)], [(number + 9, 4)]) if number % 2 else trade(0, number, 5, 1)
        )
        stamp(row, 0, START_NS + ns)
        rows.append(row)
    source = SourceFile(Path(name), "12ab", len(rows), {"no time": 2}, {"out of order, sorted": 1})
    return DataSet(tuple(instruments), "prosperity", load(rows), (source,), {"JAMS": START_NS - 5})


def store(root, *pieces, name="one", **more):
    return StoredMarket.open(root / write_store(root, name, "test", pieces, **more).name)


def by_time(*pieces):
    events = np.concatenate([each.events for each in pieces])
    return events[np.argsort(events["ts_ns"], kind="stable")]


def test_a_stored_data_set_is_what_was_imported(tmp_path):
    data = piece([0, 5, 5, DAY_NS - 1, DAY_NS, 3 * DAY_NS])
    found = store(tmp_path, data)
    assert in_memory(found).events.tobytes() == data.events.tobytes()
    assert (found.instruments, found.profile, found.sources, found.first_quote_ts_ns) == (
        data.instruments, data.profile, data.sources, data.first_quote_ts_ns,
    )  # fmt: skip
    assert (found.length, found.first_ts_ns, found.last_ts_ns) == (
        data.length, data.first_ts_ns, data.last_ts_ns,
    )  # fmt: skip
    days = sorted(path.name for path in found.folder.iterdir() if path.is_dir())
    assert days == ["2024-10-04", "2024-10-05", "2024-10-07"]


def test_its_parts_are_plain_parquet(tmp_path):
    """Whoever wants to read it elsewhere needs nothing of ours."""
    store(tmp_path, piece([0, 5, DAY_NS]))
    frame = pl.read_parquet(tmp_path / "one" / "2024-10-04" / "part-00000.parquet")
    assert frame["ts_ns"].to_list() == [START_NS, START_NS + 5]
    assert frame["bid_ticks_1"].to_list() == [1, 0]
    assert "bid_ticks_2" not in frame.columns


TIMES = st.lists(st.integers(0, 30), min_size=1, max_size=25)


@settings(max_examples=30)
@given(
    times=st.lists(TIMES, min_size=1, max_size=4),
    group=st.integers(1, 7),
    chunk=st.integers(1, 9),
    cut=st.sampled_from([(0, 100), (0, 50), (50, 100), (25, 75)]),
)
def test_parts_that_overlap_are_merged_by_time_however_little_is_read(
    tmp_path_factory, times, group, chunk, cut
):
    """An oracle in memory: join, sort, cut. Of one time the order of the pieces stays."""
    root = tmp_path_factory.mktemp("store")
    pieces = [piece(sorted(each), name=f"{n}.csv") for n, each in enumerate(times)]
    # Within the store parts go by their first event.
    pieces.sort(key=lambda each: each.first_ts_ns)
    market = store(root, *pieces)
    whole = replace(pieces[0], events=by_time(*pieces))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "ROW_GROUP", group)
        patch.setattr(reader, "CHUNK", chunk)
        try:
            expected = whole.part(*cut)
        except DataError:
            with pytest.raises(DataError, match="has no event from"):
                market.part(*cut)
            return
        found = market.part(*cut)
        chunks = [np.array(each) for each in found.chunks()]
    assert max(map(len, chunks)) <= chunk
    assert np.concatenate(chunks).tobytes() == expected.events.tobytes()
    assert (found.length, found.first_ts_ns, found.last_ts_ns) == (
        expected.length, expected.first_ts_ns, expected.last_ts_ns,
    )  # fmt: skip


def test_pieces_get_the_same_instruments_and_the_finest_steps(tmp_path):
    """One file shows halves and lots of two, the other quarters and another product."""
    finer = replace(JAMS, tick_size=Decimal("0.25"), lot_size=Decimal(1))
    one, two = piece([0]), piece([7, 8], (KELP, finer), "b.csv")
    found = store(tmp_path, one, two)
    assert found.instruments == (replace(finer, position_limit_lots=14), KELP)
    events = in_memory(found).events
    assert events["instrument"].tolist() == [0, 0, 1]
    assert events["bid_ticks"][:, 0].tolist() == [2, 1, 0]
    assert events["bid_lots"][:, 0].tolist() == [6, 3, 0]
    assert [source.path.name for source in found.sources] == ["a.csv", "b.csv"]


@pytest.mark.parametrize("force", [False, True])
def test_a_name_that_is_taken_is_refused_unless_forced(tmp_path, force):
    store(tmp_path, piece([0]))
    if not force:
        with pytest.raises(ConfigurationError, match=r"exists already: .* --force"):
            store(tmp_path, piece([0, 1]))
    else:
        assert store(tmp_path, piece([0, 1]), force=True).length == 2
    assert len(find_stored(tmp_path)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "x" * 65, "\x1b"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(ConfigurationError, match="is no name of a data set"):
        write_store(tmp_path, name, "test", [piece([0])])


def test_a_full_disk_leaves_nothing_that_could_be_taken_for_data(tmp_path, monkeypatch):
    whole = piece([0, 1])
    store(tmp_path, whole)
    write_part, written = writer.write_part, []

    def fill_up(path, frame):
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        write_part(path, frame)

    monkeypatch.setattr(writer, "write_part", fill_up)
    with pytest.raises(DataError, match="cannot be written: No space left on device"):
        store(tmp_path, piece([0]), piece([1]), force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert in_memory(StoredMarket.open(tmp_path / "one")).events.tobytes() == whole.events.tobytes()


def test_an_import_that_was_killed_is_no_data_set_and_can_be_begun_again(tmp_path):
    (tmp_path / ".one.unfinished").mkdir(parents=True)
    assert find_stored(tmp_path) == []
    with pytest.raises(ConfigurationError, match="was ended, or is still under way"):
        store(tmp_path, piece([0]))
    assert store(tmp_path, piece([0]), force=True).length == 1


def test_a_piece_that_cannot_be_read_leaves_nothing(tmp_path):
    def pieces():
        yield piece([0])
        raise DataError("b.csv", "is empty")

    with pytest.raises(DataError, match="is empty"):
        write_store(tmp_path, "one", "test", pieces())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError, match="holds no events"):
        write_store(tmp_path, "one", "test", [piece([])])


def damage(folder, how):
    path = folder / "2024-10-04" / "part-00000.parquet"
    raw = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif how == "flipped":
        middle = len(raw) // 3
        path.write_bytes(raw[:middle] + bytes([raw[middle] ^ 255]) + raw[middle + 1 :])
    else:
        pl.read_parquet(path).reverse().write_parquet(path)


@pytest.mark.parametrize("how", ["gone", "cut", "flipped", "reversed"])
def test_a_damaged_part_is_found_by_its_checksum_and_never_read_as_whole(tmp_path, how):
    market = store(tmp_path, piece([0, 5, 9, DAY_NS]))
    assert find_damage(market) == []
    damage(market.folder, how)
    (sentence,) = find_damage(market)
    assert sentence.startswith("2024-10-04/part-00000.parquet ")
    if how != "flipped":
        with pytest.raises(DataError, match=r"part-00000\.parquet: (cannot be read|is damaged)"):
            in_memory(market)


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"name": "x", "version": 1}', None])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    market = store(tmp_path, piece([0]))
    path = market.folder / MANIFEST
    path.write_text(path.read_text().replace("2024-10-04/", "../") if text is None else text)
    with pytest.raises(DataError, match="is damaged"):
        StoredMarket.open(market.folder)


def test_a_newer_manifest_asks_for_another_import(tmp_path):
    market = store(tmp_path, piece([0]))
    path = market.folder / MANIFEST
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(DataError, match="of version 2; this program reads version 1"):
        StoredMarket.open(market.folder)


def test_a_market_is_opened_by_folder_name_or_export(tmp_path):
    data = piece([0, 5, DAY_NS])
    market = store(tmp_path / "store", data)
    export_market(market, tmp_path / "x.parquet", "test")
    for words in ([market.folder], ["one"], [tmp_path / "x.parquet"]):
        found = in_memory(open_market(words, None, tmp_path / "store"))
        assert found.events.tobytes() == data.events.tobytes()
        assert (found.instruments, found.sources) == (data.instruments, data.sources)


def test_what_is_no_data_set_is_named(tmp_path):
    store(tmp_path / "store", piece([0]))
    with pytest.raises(DataError, match=r"folder without dataset\.json.*csv\.gz"):
        open_market([tmp_path], None, tmp_path / "store")
    with pytest.raises(DataError, match=r"no such file, and no data set .* known: one"):
        open_market(["two"], None, tmp_path / "store")
    with pytest.raises(DataError, match="name it alone"):
        open_market(["one", "one"], None, tmp_path / "store")
    (tmp_path / "y.parquet").write_bytes(b"PAR1PAR1")
    with pytest.raises(DataError, match="not recognized"):
        open_market([tmp_path / "y.parquet"], None, tmp_path / "store")


@pytest.mark.parametrize("kind", ["prosperity", "binance"])
def test_files_imported_one_by_one_are_the_files_read_at_once(tmp_path, kind):
    if kind == "prosperity":
        for day, last in ((2, 0), (-1, 1_500_000), (0, 5)):
            rows = [price_row(last, day=day), price_row(last, "KELP" if day else "ROSES", day=day)]
            write_prices(tmp_path, rows, f"prices_round_1_day_{day}.csv")
    else:
        for number, bid in enumerate(("9.98", "9.975")):
            start = snapshot(1_000 + number, 100, [[bid, "5.0"]], [["10.01", "4.0"]])
            write(tmp_path / f"{number}.csv", [start, print_trade(2_000 - number, "10", "1")])
    words = [tmp_path / "*.csv"]
    market = store(tmp_path / "store", *load_pieces(find_formats(words, None)))
    whole = load_data(words)
    assert in_memory(market).events.tobytes() == whole.events.tobytes()
    assert (market.instruments, market.first_quote_ts_ns) == (
        whole.instruments, whole.first_quote_ts_ns,
    )  # fmt: skip
    assert {(s.path, s.rows) for s in market.sources} == {(s.path, s.rows) for s in whole.sources}


def test_what_is_in_memory_is_not_copied():
    data = piece([0])
    assert dataset.in_memory(data) is data
