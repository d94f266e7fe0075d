"""Recorded quotes, read once for all tests, and when each recording's first quote came."""

from __future__ import annotations

import gzip
from functools import cache

from core.data.loader import load_data
from core.research.quotes import read_quotes
from tests.unit.research.markets import PARAMS


@cache
def load_quotes(path):
    """Symbol -> QUOTE rows of one file."""
    data = load_data([path])
    rows = read_quotes(data, PARAMS)
    return {str(one.symbol): found for one, found in zip(data.instruments, rows, strict=True)}


def first_ticker_ns(path):
    """When the first best level of a Binance recording came, in the book or before it."""
    with gzip.open(path, "rt") as lines:
        return next(int(line.split(" ")[0]) for line in lines if "@bookTicker" in line)
