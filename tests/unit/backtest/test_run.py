"""Driving the loop: progress, chunks, and what cannot be run."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.backtest import run as backtest
from core.data import dataset
from core.data.dataset import DataSet, SourceFile
from core.domain.errors import DataError, FatalError
from core.domain.events import book, load, stamp
from core.domain.ids import Symbol
from core.domain.instrument import Instrument
from core.reports.summary import summarize
from tests.unit.kernel.kernel_rig import NANOS, make_params, starting_models

MS = 1_000_000


def make_data(count):
    rows = []
    for number in range(count):
        heavy = number // 30 % 2
        lots = (50, 2) if heavy else (2, 50)
        price = 2_000 + number % 60
        row = book(0, [(price, lots[0])], [(price + 3, lots[1])])
        stamp(row, 0, 1_763_800_000 * NANOS + number * 100 * MS)
        rows.append(row)
    source = SourceFile(Path("day.csv"), "12ab", count, {"no product": 2})
    return DataSet(
        instruments=(Instrument(Symbol("JAMS"), Decimal(1)),),
        profile="prosperity",
        events=load(rows),
        sources=(source,),
    )


def run(data, **options):
    models = starting_models(indices=[0])
    params = make_params(bar_ms=100)
    return backtest.run_backtest(data, params, 1_000_000 * NANOS, models=models, **options)


def test_a_run_in_pieces_decides_as_one_in_one_piece(monkeypatch):
    """Chunks and the emptying of the fills leave no trace."""
    whole = summarize(run(make_data(900)))
    monkeypatch.setattr(dataset, "CHUNK", 70)
    pieces = summarize(run(make_data(900)))
    assert whole["fills"] > 0
    for name in set(whole) - {"seconds", "events_per_second"}:
        assert pieces[name] == whole[name]


def test_progress_is_told_to_the_end(monkeypatch):
    monkeypatch.setattr(dataset, "CHUNK", 40)
    told = []
    run(make_data(100), progress=lambda done, total: told.append((done, total)))
    assert told == [(40, 100), (80, 100), (100, 100)]


def test_the_result_names_its_inputs():
    result = run(make_data(50), settings_hash="5e77")
    assert result.settings_hash == "5e77"
    assert (result.files[0].path, result.files[0].skipped) == ("day.csv", {"no product": 2})
    assert result.events == 50
    assert len(result.ts_ns) == 6


def test_no_events_are_refused():
    with pytest.raises(DataError, match=r"day\.csv: holds no events"):
        run(make_data(0))


def test_an_endless_exchange_of_orders_is_an_error(monkeypatch):
    def never_done(_state, _desk, recorder):
        def run(_events, start, _stop):
            recorder.clock[0]["unfinished"] = 1
            return start + 3

        return run

    monkeypatch.setattr(backtest, "backtest_of", never_done)
    with pytest.raises(FatalError, match="event 3 caused more orders"):
        run(make_data(50))
