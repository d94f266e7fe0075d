"""Markets to measure on: random books for any machine, and recorded ones where they are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data.dataset import DataSet
from core.data.loader import load_data
from core.domain import events
from core.domain.memory import Rows
from core.exchange.products import load_products
from tests.perf.driven_venue import Book
from tests.perf.row import Unmeasurable
from tests.recorded_data import FOLDER

START_NS = 1_763_000_000_000_000_000
BOOK_EVERY_NS = 5_000_000
"""All products together."""


@lru_cache(maxsize=1)
def random_market(count: int = 40_000) -> DataSet:
    """Make books of the eight Munich products, in turn; the same ones every time."""
    products = load_products("munich-2025")
    books = [Book(product, seed) for seed, product in enumerate(products)]
    rows = []
    for number in range(count):
        index = number % len(books)
        books[index].move()
        bids, asks = books[index].levels()
        ts_ns = START_NS + number * BOOK_EVERY_NS
        row = events.book(index, bids, asks, ts_ns)
        events.stamp(row, number + 1, ts_ns)
        rows.append(row)
    instruments = tuple(product.instrument for product in products)
    return DataSet(instruments, "practice", events.load(rows), ())


@lru_cache(maxsize=4)
def recorded(pattern: str) -> DataSet:
    """
    Load recorded books, by a pattern within the data folder.

    Raises:
        Unmeasurable: If they are not on this machine.
    """
    if not FOLDER.is_dir() or not list(FOLDER.glob(pattern)):
        raise Unmeasurable(f"no {pattern} in the data folder; IMC_COCKPIT_DATA names another")
    return load_data([FOLDER / pattern])


def data_file(name: str) -> Path:
    """
    Find one recorded file.

    Raises:
        Unmeasurable: If it is not on this machine.
    """
    return recorded(name).sources[0].path


def tiled(data: DataSet, at_least: int) -> DataSet:
    """Repeat a recording, each time later than the one before, to at least so many events."""
    times = -(-at_least // len(data.events))
    span_ns = data.last_ts_ns - data.first_ts_ns + 1_000_000_000
    rows: Rows = np.tile(data.events, times)
    shift_ns = np.repeat(np.arange(times, dtype=np.int64) * span_ns, len(data.events))
    rows["ts_ns"] += shift_ns
    rows["exch_ts_ns"] += np.where(rows["exch_ts_ns"] > 0, shift_ns, 0)
    return DataSet(data.instruments, data.profile, rows, data.sources)
