"""DATA of the command line: paths and patterns to one data set, by format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from core.data.bars import is_bars, load_bars
from core.data.binance import is_binance, load_binance
from core.data.dataset import DataSet
from core.data.files import find_files, read_beginning, read_content
from core.data.joined import join
from core.data.mapped import load_mapped
from core.data.prosperity import is_prosperity, is_trades, load_days, load_prosperity
from core.data.prosperity_log import is_prosperity_log
from core.domain.errors import DataError
from core.settings.data import DataSettings

_EXPECTED = (
    "is not recognized; looked for a Prosperity prices file (day;timestamp;product;bid_price_1;…) "
    'or log, a Binance stream (lines of "<ns> {json}"), bars '
    "(timestamp,open,high,low,close,volume) and our own Parquet; for another table say which "
    'column is what: --set data.kind=book or data.kind=orders, see "data." in `config show`'
)


class Format(Enum):
    """What a file of a recording can be; the value is how people call one."""

    PRICES = "a Prosperity day"
    TRADES = "trades of a Prosperity day"
    LOG = "a Prosperity log"
    STREAM = "a Binance stream"
    BARS = "a table of bars"
    MAPPED = "a table of your own"


_OF_PROSPERITY = frozenset({Format.PRICES, Format.TRADES, Format.LOG})


class Files(NamedTuple):
    """Files of one kind of recording."""

    paths: dict[Format, list[Path]]
    settings: DataSettings | None

    def of(self, wanted: Format) -> list[Path]:
        """Those of one format, in the order they were named."""
        return self.paths.get(wanted, [])


def load_data(patterns: Sequence[str | Path], settings: DataSettings | None = None) -> DataSet:
    """
    Load recorded markets into memory.

    Args:
        patterns: Paths or glob patterns, plain or gzip: Prosperity prices (their trades are
            found beside them and need not be named) or logs, Binance streams, bars, or
            tables that the settings describe.
        settings: Which column is what; None for files that say so themselves.

    Raises:
        DataError: If a file is missing, unreadable, of no known format, or of another
            format than the rest.
    """
    files = find_formats(patterns, settings)
    if files.of(Format.STREAM):
        return load_binance([read_content(path) for path in files.of(Format.STREAM)])
    if Format.PRICES in files.paths or Format.LOG in files.paths:
        return load_prosperity(files.of(Format.PRICES), files.of(Format.LOG))
    return join(list(load_pieces(files)))


def find_formats(patterns: Sequence[str | Path], settings: DataSettings | None) -> Files:
    """
    Tell what the files are, without reading more than their beginnings.

    Raises:
        DataError: As `load_data`.
    """
    paths: dict[Format, list[Path]] = {}
    for path in find_files(patterns):
        paths.setdefault(_format_of(path, settings), []).append(path)
    if paths.keys() == {Format.TRADES}:
        raise DataError(
            paths[Format.TRADES][0], "holds trades only; name the prices file beside it"
        )
    first, *others = paths
    for other in others:
        if not {first, other} <= _OF_PROSPERITY:
            raise DataError(
                paths[other][0],
                f"is {other.value} and {paths[first][0]} {first.value}: their clocks have "
                "nothing in common, so name one kind",
            )
    return Files(paths, settings)


def load_pieces(files: Files) -> Iterator[DataSet]:
    """
    Load recorded markets piece by piece: what does not fit into memory at once.

    Yields:
        Data sets of the same profile; instruments may differ, and come again.

    Raises:
        DataError: As `load_data`.
    """
    yield from chain(
        load_days(files.of(Format.PRICES), files.of(Format.LOG)),
        (load_binance([read_content(path)]) for path in files.of(Format.STREAM)),
        (load_bars(read_content(path), files.settings) for path in files.of(Format.BARS)),
    )
    if files.settings is not None and files.of(Format.MAPPED):
        yield from load_mapped(files.of(Format.MAPPED), files.settings)


def _format_of(path: Path, settings: DataSettings | None) -> Format:
    if settings is not None and settings.kind:
        return Format.MAPPED
    beginning = read_beginning(path)
    first_line = beginning.partition("\n")[0]
    # A log in one line begins with a header of prices too.
    if is_prosperity_log(beginning):
        return Format.LOG
    if is_prosperity(first_line):
        return Format.PRICES
    if is_trades(first_line):
        return Format.TRADES
    if is_binance(first_line):
        return Format.STREAM
    if is_bars(first_line):
        return Format.BARS
    raise DataError(path, _EXPECTED)
