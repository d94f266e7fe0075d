"""Columns of a table, read as the settings say: `ts_ns`, `exch_ts_ns`, `symbol` and numbers."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.data.dataset import SourceFile
from core.data.files import read_content
from core.data.store.broken import BROKEN, reason_of
from core.data.tables import Faults, read_text_table, sift
from core.data.times import to_ns
from core.domain.errors import DataError
from core.settings.data import DataSettings

ROWS = 500_000
"""Rows of a Parquet file that are read at a time."""

_PARQUET_MAGIC = b"PAR1"


@dataclass(slots=True)
class Piece:
    """Some rows of one file: sound as to time and product, their other columns as wanted."""

    frame: pl.DataFrame
    source: SourceFile
    """Of these rows; its counters may be added to."""


def read_pieces(
    path: Path, settings: DataSettings, numbers: Mapping[str, str], texts: Mapping[str, str]
) -> Iterator[Piece]:
    """
    Read a CSV or Parquet table, one piece after the other.

    Args:
        path: Of the file; what it is is told by its first bytes.
        settings: Columns of time and product.
        numbers: Columns that become floats, null where a cell is none: theirs by ours.
        texts: Columns that become text.

    Raises:
        DataError: If it cannot be read, is no table or lacks a column.
    """
    wanted = {"time": settings.time, **numbers, **texts}
    if settings.exchange_time:
        wanted["exchange_time"] = settings.exchange_time
    if settings.symbol_column:
        wanted["symbol"] = settings.symbol_column
    for frame, sha256, lost in _frames(path, settings, list(wanted.values())):
        skipped = dict(lost)
        typed = _typed(frame, settings, wanted, numbers)
        faults: Faults = [("no time", pl.col("ts_ns").is_null()), ("no product", _has_none)]
        sound = sift(typed, faults, skipped)
        yield Piece(sound, SourceFile(path, sha256, frame.height, skipped, {}))


_has_none = pl.col("symbol").is_null() | (pl.col("symbol") == "")


def column_names(path: Path, settings: DataSettings) -> list[str]:
    """
    Names of all columns of a file.

    Raises:
        DataError: If it cannot be read.
    """
    if not _is_parquet(path):
        return read_text_table(read_content(path), settings.separator).columns
    try:
        return pl.scan_parquet(path).collect_schema().names()
    except BROKEN as error:
        raise DataError(path, f"is no Parquet file that can be read: {reason_of(error)}") from error


def _frames(
    path: Path, settings: DataSettings, columns: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, str, dict[str, int]]]:
    if not _is_parquet(path):
        content = read_content(path)
        frame = read_text_table(content, settings.separator)
        _check_columns(path, frame.columns, columns)
        yield frame.select(list(dict.fromkeys(columns))), content.sha256, content.lost
        return
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        table = pl.scan_parquet(path)
        _check_columns(path, table.collect_schema().names(), columns)
        table = table.select(list(dict.fromkeys(columns)))
        height = int(table.select(pl.len()).collect().item())
        for start in range(0, max(height, 1), ROWS):
            yield table.slice(start, ROWS).collect(), sha256, {}
    except BROKEN as error:
        raise DataError(path, f"is no Parquet file that can be read: {reason_of(error)}") from error


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
    except OSError as error:
        raise DataError(path, f"cannot be read: {error.strerror}") from error


def _check_columns(path: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    for column in wanted:
        if column not in found:
            near = difflib.get_close_matches(column, found, 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise DataError(
                path, f"has no column {column!r}{hint}; --set data.… says which column is what"
            )


def _typed(
    frame: pl.DataFrame,
    settings: DataSettings,
    wanted: Mapping[str, str],
    numbers: Mapping[str, str],
) -> pl.DataFrame:
    ts_ns = to_ns(frame[settings.time], settings.time_unit)
    exch_ts_ns = (
        to_ns(frame[settings.exchange_time], settings.time_unit).fill_null(0)
        if settings.exchange_time
        else pl.zeros(frame.height, pl.Int64, eager=True)
    )
    columns = [ts_ns.alias("ts_ns"), exch_ts_ns.alias("exch_ts_ns")]
    for ours, theirs in wanted.items():
        if ours in {"time", "exchange_time"}:
            continue
        cells = frame[theirs]
        if ours in numbers and cells.dtype == pl.String:
            cells = cells.str.strip_chars()
        kind = pl.Float64 if ours in numbers else pl.String
        columns.append(cells.cast(kind, strict=False).alias(ours))
    if not settings.symbol_column:
        columns.append(pl.repeat(settings.symbol, frame.height, eager=True).alias("symbol"))
    return pl.DataFrame(columns)
