"""Days of a recording follow each other without a gap, and know their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.data.dataset import SourceFile
from core.data.days import PROSPERITY_DAY_NS, days_between, files_of, prosperity_day_start_ns
from core.data.prosperity import DAY_ZERO_NS
from tests.unit.data.test_part import START_NS, recording

HOUR_NS = 3_600_000_000_000


def test_prosperity_counts_its_days_of_a_thousand_seconds():
    data = recording([0, 5])
    data.events["ts_ns"] = DAY_ZERO_NS + PROSPERITY_DAY_NS * 2 - 1, DAY_ZERO_NS + 2_500 * 10**9
    days = days_between(data)
    assert [day.name for day in days] == ["day 1", "day 2"]
    assert days[0].stop_ns == days[1].start_ns == DAY_ZERO_NS + 2 * PROSPERITY_DAY_NS


def test_days_before_day_zero_have_their_numbers_too():
    data = recording([0])
    data.events["ts_ns"] = DAY_ZERO_NS - 1
    assert [day.name for day in days_between(data)] == ["day -1"]
    assert prosperity_day_start_ns(DAY_ZERO_NS - 1) == DAY_ZERO_NS - PROSPERITY_DAY_NS


def test_other_markets_have_those_of_the_calendar():
    """START_NS is 2023-11-14 22:13:20 UTC."""
    data = replace(recording([0, 30 * HOUR_NS]), profile="binance-paper")
    days = days_between(data)
    assert [day.name for day in days] == ["2023-11-14", "2023-11-15", "2023-11-16"]
    assert days[0].start_ns <= START_NS < days[0].stop_ns
    assert all(day.stop_ns - day.start_ns == 24 * HOUR_NS for day in days)


def test_files_are_of_the_day_that_they_name():
    names = (
        "prices_round_1_day_-1.csv.gz",
        "trades_round_1_day_-1.csv",
        "prices_round_1_day_1.csv",
    )
    files = [SourceFile(Path(name), "12ab", 3) for name in names]
    data = recording([0])
    data.events["ts_ns"] = DAY_ZERO_NS - 1
    (day,) = days_between(data)
    assert [file.path.name for file in files_of(day, files)] == list(names[:2])


def test_files_that_name_no_day_are_of_every_day():
    files = [SourceFile(Path("btcusdt.gz"), "12ab", 3)]
    (day,) = days_between(recording([0]))
    assert files_of(day, files) == tuple(files)
