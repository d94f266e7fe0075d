"""Columns of time, whatever their unit, as nanoseconds since 1970."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

TimeUnit = Literal["ns", "us", "ms", "s", "iso"]

_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_MAX_NS = 2**63 - 1
_DECIMALS = 9
_OFFSET = r"(?:[Zz]|[+-]\d{2}:?\d{2})$"
_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def guess_unit(values: pl.Series) -> TimeUnit:
    """Tell the unit of a column by its first value: text, or a number by its size."""
    known = values.drop_nulls()
    if known.is_empty() or known.dtype.is_temporal():
        return "iso"
    first = known.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)[0]
    if first is None or not np.isfinite(first):
        return "iso"
    # Of any time since 1973, and before 5138.
    units: tuple[TimeUnit, ...] = ("s", "ms", "us")
    return next((unit for unit in units if abs(first) * _NS[unit] < 1e20), "ns")


def to_ns(values: pl.Series, unit: TimeUnit) -> pl.Series:
    """
    Nanoseconds since 1970, UTC; null where a value is none, or lies before or beyond.

    Text without an offset is taken for UTC.
    """
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("ns")).cast(pl.Int64)
    if unit == "iso":
        return _from_text(values.cast(pl.String))
    if values.dtype.is_integer():
        return _within(values.cast(pl.Int64, strict=False), _NS[unit])
    if values.dtype.is_float():
        values = values.map_elements(lambda v: f"{v:.9f}", return_dtype=pl.String)
    text = values.cast(pl.String).str.strip_chars()
    parts = text.str.extract_groups(r"^(?<whole>\d{1,19})(?:\.(?<rest>\d*))?$").struct.unnest()
    whole = _within(parts["whole"].cast(pl.Int64, strict=False), _NS[unit])
    rest = parts["rest"].fill_null("").str.slice(0, _DECIMALS).str.pad_end(_DECIMALS, "0")
    billionths = rest.cast(pl.Int64, strict=False).fill_null(0)
    return whole + (billionths * _NS[unit]) // 1_000_000_000


def _within(values: pl.Series, factor: int) -> pl.Series:
    is_possible = (values >= 0) & (values <= _MAX_NS // factor)
    return values.zip_with(
        is_possible.fill_null(value=False), pl.Series([None], dtype=pl.Int64)
    ) * (factor)


def _from_text(text: pl.Series) -> pl.Series:
    column = pl.col("text").str.strip_chars()
    offset = column.str.extract(f"({_OFFSET})", 1).fill_null("")
    naive = column.str.replace(_OFFSET, "").str.strip_chars().str.replace(r"^(\S{10}) ", "${1}T")
    parsed = pl.coalesce(
        [naive.str.to_datetime(each, time_unit="ns", strict=False) for each in _FORMATS]
    )
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    hours = offset.str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = offset.str.slice(-2, 2).cast(pl.Int64, strict=False).fill_null(0)
    shift_ns = sign * (hours * 60 + minutes) * 60 * 1_000_000_000
    found = pl.DataFrame({"text": text}).select(parsed.cast(pl.Int64) - shift_ns).to_series()
    return _within(found, 1)
