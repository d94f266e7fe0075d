"""A recording decides the same whether it is read from its files, the store or an export."""

from __future__ import annotations

from core.doors.choice import Choice
from core.doors.recordings import run_backtest
from core.doors.store import run_data_import, run_export

DAY = "prosperity3/round0/prices_round_0_day_-1.csv.gz"


def test_files_store_and_export_are_one_recording(recorded, tmp_path):
    """To the bit, in part and in whole; the source of the data is told all along."""
    files = [str(recorded / DAY)]
    choice = Choice(run_dir=tmp_path)
    run_data_import(choice, "day", files)
    run_export(choice, ["day"], tmp_path / "day.parquet")
    for part in (None, "20:70"):
        told = [
            run_backtest(choice, words, part=part)[1]
            for words in (files, ["day"], [str(tmp_path / "day.parquet")])
        ]
        for name in ("events", "decision_hash", "outcomes", "orders", "pnl", "data"):
            assert told[0][name] == told[1][name] == told[2][name]
        assert told[0]["decisions"] > 0
