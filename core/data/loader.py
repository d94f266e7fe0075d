"""DATA of the command line: paths and patterns to one data set, by format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.binance import is_binance, load_binance
from core.data.dataset import DataSet
from core.data.files import find_files, read_beginning, read_content
from core.data.prosperity import is_prosperity, is_trades, load_prosperity
from core.domain.errors import DataError

_EXPECTED = (
    "is not recognized; looked for a Prosperity prices file (day;timestamp;product;bid_price_1;…) "
    'and a Binance stream (lines of "<ns> {json}")'
)


def load_data(patterns: Sequence[str | Path]) -> DataSet:
    """
    Load recorded markets.

    Args:
        patterns: Paths or glob patterns: Prosperity prices (their trades are found beside
            them and need not be named) or Binance streams, plain or gzip.

    Raises:
        DataError: If a file is missing, unreadable, of no known format, or of another
            format than the rest.
    """
    prices: list[Path] = []
    streams: list[Path] = []
    trades: list[Path] = []
    for path in find_files(patterns):
        first_line = read_beginning(path)
        if is_prosperity(first_line):
            prices.append(path)
        elif is_trades(first_line):
            trades.append(path)
        elif is_binance(first_line):
            streams.append(path)
        else:
            raise DataError(path, _EXPECTED)
    if prices and streams:
        raise DataError(
            streams[0],
            f"is a Binance stream and {prices[0]} a Prosperity day: their clocks have "
            "nothing in common, so name one kind",
        )
    if streams and not trades:
        return load_binance([read_content(path) for path in streams])
    if not prices:
        raise DataError(trades[0], "holds trades only; name the prices file beside it")
    return load_prosperity(prices)
