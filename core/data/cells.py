"""
Cells of a table as whole numbers: one reading at two speeds.

A file in which every written cell is such a number is read as numbers at once. Any other
file is read as text, so that what is wrong can be counted rather than raised. Both give
the same rows; the second takes six times as long.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from core.data.files import Content
from core.data.tables import Faults, any_of, read_text_table, sift
from core.domain.errors import DataError

MAX_AMOUNT = 1_000_000_000
"""Whole numbers beyond this are no prices or sizes, and would not fit sums of money."""

NOT_WHOLE = "not a whole number"


@dataclass(slots=True)
class Sheet:
    """Rows of one file as far as they can be read, and what was left out of them."""

    frame: pl.DataFrame
    rows: int
    """Before any was left out."""
    skipped: dict[str, int]

    def sift(self, faults: Faults) -> None:
        """Drop the rows with a fault, counting each under the first reason that fits."""
        self.frame = sift(self.frame, faults, self.skipped)


def read_sheet(
    content: Content,
    texts: Sequence[str],
    numbers: Sequence[str],
    needed: Sequence[tuple[str, Sequence[str]]],
    faults: Faults,
    *,
    pointed: Sequence[str] = (),
) -> Sheet:
    """
    Read some columns of a table with semicolons: Int32 where whole numbers are wanted.

    Args:
        content: The whole lines of the file.
        texts: Columns that stay text.
        numbers: Columns of whole numbers up to MAX_AMOUNT; an empty cell is null.
        needed: Reasons, each with columns without which a row is no use. They are counted
            before what cannot be read.
        faults: What else makes a row useless, once its numbers are read.
        pointed: Those of `numbers` that are usually written as `4265.0`.

    Raises:
        DataError: If it is no table, or a column is missing.
    """
    lacking = [(reason, _lacks_one(names, texts)) for reason, names in needed]
    typed = _read_typed(content, texts, numbers, [*lacking, *faults], pointed)
    if typed is not None:
        return typed
    sheet = _read_text(content, [*texts, *numbers])
    unreadable = [~_is_blank(name) & _whole(name).is_null() for name in numbers]
    blank = [(reason, pl.any_horizontal(map(_is_blank, names))) for reason, names in needed]
    sheet.sift([*blank, (NOT_WHOLE, pl.any_horizontal(unreadable))])
    sheet.frame = sheet.frame.with_columns([_whole(name) for name in numbers])
    sheet.sift(faults)
    return sheet


def _lacks_one(names: Sequence[str], texts: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(
        [_is_blank(name) if name in texts else pl.col(name).is_null() for name in names]
    )


def _is_blank(text: str) -> pl.Expr:
    return pl.col(text).str.strip_chars().fill_null("") == ""


def _read_typed(
    content: Content,
    texts: Sequence[str],
    numbers: Sequence[str],
    faults: Faults,
    pointed: Sequence[str],
) -> Sheet | None:
    """Read numbers as numbers; None where a cell is none, or the table is not in order."""
    kinds: list[dict[str, type[pl.DataType]]] = [
        {name: pl.Float64 if name in pointed else pl.Int32 for name in numbers},
        dict.fromkeys(numbers, pl.Float64),
    ]
    for kind in kinds:
        try:
            frame = pl.read_csv(
                content.text,
                separator=";",
                columns=[*texts, *numbers],
                schema_overrides={**dict.fromkeys(texts, pl.String), **kind},
                infer_schema_length=0,
            ).select(*texts, *numbers)
        except pl.exceptions.PolarsError:
            continue
        # Asked at once, because each question costs as much as a thousand rows.
        fits = pl.all_horizontal([_fits(*each) for each in kind.items()])
        do_fit, has_faults = frame.select(fits.alias("fit"), any_of(faults).alias("fault")).row(0)
        if do_fit:
            floats = [name for name in numbers if kind[name] == pl.Float64]
            whole = frame.cast(dict.fromkeys(floats, pl.Int32)) if floats else frame
            sheet = Sheet(whole, frame.height, content.lost)
            if has_faults:
                sheet.sift(faults)
            return sheet
    return None


def _fits(name: str, kind: type[pl.DataType]) -> pl.Expr:
    number = pl.col(name)
    if kind == pl.Float64:
        return is_whole(number).all()
    # Both null in an empty column, in which every number fits.
    fits = (number.max() <= MAX_AMOUNT) & (number.min() >= -MAX_AMOUNT)
    return fits.fill_null(value=True)


def _read_text(content: Content, columns: Sequence[str]) -> Sheet:
    frame = read_text_table(content, ";")
    for column in columns:
        if column not in frame.columns:
            near = difflib.get_close_matches(column, frame.columns, 1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise DataError(content.path, f"has no column {column!r}{hint}")
    return Sheet(frame.select(columns), frame.height, content.lost)


def is_whole(number: pl.Expr) -> pl.Expr:
    """Whether a float is a whole number up to MAX_AMOUNT."""
    return number.is_finite() & (number == number.round()) & (number.abs() <= MAX_AMOUNT)


def _whole(column: str) -> pl.Expr:
    """Whole number of a cell such as `4265` or `4265.0`; null where it is none."""
    number = pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(is_whole(number)).then(number).cast(pl.Int32).alias(column)
