"""What all tables of text have in common: reading them, sifting rows, naming products."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import polars as pl

from core.data.files import Content
from core.domain.errors import ConfigurationError, DataError
from core.domain.ids import Symbol
from core.domain.instrument import Instrument

Faults: TypeAlias = Sequence[tuple[str, pl.Expr]]
"""Reasons, each with the rows that it holds for."""


def read_text_table(content: Content, separator: str) -> pl.DataFrame:
    """
    Read every cell as text.

    Raises:
        DataError: If it is no table.
    """
    try:
        return pl.read_csv(
            io.BytesIO(content.text),
            separator=separator,
            infer_schema=False,
            truncate_ragged_lines=True,
            encoding="utf8-lossy",
        )
    except pl.exceptions.PolarsError as error:
        raise DataError(content.path, f"is no table: {str(error).splitlines()[0]}") from error


def any_of(faults: Faults) -> pl.Expr:
    """Whether any row has a fault."""
    return pl.any_horizontal([fault.fill_null(value=True).any() for _, fault in faults])


def sift(frame: pl.DataFrame, faults: Faults, skipped: dict[str, int]) -> pl.DataFrame:
    """Drop the rows with a fault, counting each under the first reason that fits."""
    # Most files are sound: ask for all faults at once before going through them.
    if not frame.select(any_of(faults)).item():
        return frame
    for reason, fault in faults:
        is_faulty = frame.select(fault.fill_null(value=True).alias("fault")).to_series()
        count = int(is_faulty.sum())
        if count:
            skipped[reason] = skipped.get(reason, 0) + count
            frame = frame.filter(~is_faulty)
    return frame


def instrument_of(path: Path, symbol: str, tick_size: Decimal, lot_size: Decimal) -> Instrument:
    """
    Make the instrument of a table, without fees and limits: no table tells them.

    Raises:
        DataError: If its steps are too fine to count money in.
    """
    try:
        return Instrument(Symbol(symbol), tick_size, lot_size)
    except ConfigurationError as error:
        raise DataError(path, f"has decimals too fine to count money in: {error}") from error
