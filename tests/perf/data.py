"""Recorded days: how fast they are read, in how much memory, and the store's pace."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from core.data.loader import find_formats, load_data, load_pieces
from core.data.prosperity import trades_beside
from core.data.store.reader import StoredMarket
from core.data.store.writer import write_store
from tests.perf.market import recorded
from tests.perf.row import Row, Target, median
from tests.recorded_data import FOLDER

ROUNDS = 9
PROSPERITY = "prosperity3/round1/prices_round_1_day_*.csv.gz"
_REACH = Target(2, "most", "ratio")
_TIMEOUT_S = 120.0


def measure() -> list[Row]:
    """Read the same files with polars alone and as a recording, in turn; then store them."""
    return [_pace(), _memory(), *_store()]


def _pace() -> Row:
    events = len(recorded(PROSPERITY).events)
    prices = sorted(FOLDER.glob(PROSPERITY))
    trades = [path for each in prices if (path := trades_beside(each)) is not None]

    def bare() -> None:
        for path in (*prices, *trades):
            pl.read_csv(path, separator=";")

    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_took_s(bare))
        ours.append(_took_s(lambda: load_data([FOLDER / PROSPERITY])))
    note = (
        f"{PROSPERITY} and the trades beside them, {events:,} events, {ROUNDS} rounds in turn; "
        "the bare one checks nothing and makes no events"
    )
    return Row(
        "data, days read", median(ours), "s", _REACH, "polars.read_csv", median(theirs), note
    )


def _memory() -> Row:
    done = subprocess.run(
        [sys.executable, "-m", "tests.perf.data_memory", PROSPERITY],
        stdout=subprocess.PIPE,
        text=True,
        timeout=_TIMEOUT_S,
        check=True,
    )
    found = json.loads(done.stdout)
    note = (
        "in a process of its own, which has read another day before: highest resident memory "
        "less that before the reading"
    )
    return Row(
        "data, peak of a reading", found["peak_mb"], "MB", _REACH, "its events",
        found["events_mb"], note,
    )  # fmt: skip


def _store() -> list[Row]:
    events = len(recorded(PROSPERITY).events)
    with tempfile.TemporaryDirectory(prefix="imc-bench-") as folder:
        root = Path(folder)

        def import_all() -> None:
            pieces = load_pieces(find_formats([FOLDER / PROSPERITY], None))
            write_store(root, "days", "prosperity", pieces, force=True)

        written = [events / _took_s(import_all) for _ in range(ROUNDS)]
        market = StoredMarket.open(root / "days")

        def read() -> None:
            for _ in market.chunks():
                pass

        read_back = [events / _took_s(read) for _ in range(ROUNDS)]
    return [
        Row("data, import", median(written), "events/s", note="the same files, each read twice"),
        Row("data, stored days read by chunks", median(read_back), "events/s"),
    ]


def _took_s(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s
