"""Cells as whole numbers: two speeds, one result."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import cells
from core.data.files import Content
from core.domain.errors import DataError

CELLS = st.one_of(
    st.integers(-(10**10), 10**10).map(str),
    st.integers(-50, 50).map(str),
    st.floats().map(str),
    st.sampled_from(
        ["", " ", "7.0", " 7", "7 ", "+7", "007", "1e3", "-0", "0.5", "x", '"7"', '"', "7;7", "7\r",
         "nan", "inf", "NaN", "1_000", "0x10", "true", "1000000000", "1000000001", "\u0661", "."]
    ),
)  # fmt: skip
NAMES = st.sampled_from(["JAMS", "KELP", "", " ", "A B", '"Q"', "\xe9"])
NEEDED = [("no name", ["name"]), ("no time", ["time"])]
FAULTS = [("price negative", pl.col("price") < 0)]


def content(lines):
    return Content(Path("day.csv"), "12ab", "\n".join([*lines, ""]).encode(), is_cut=False)


def read(lines):
    return cells.read_sheet(
        content(lines), ("name",), ("time", "price"), NEEDED, FAULTS, pointed=("price",)
    )


def outcome(lines):
    """All that a reading gives, comparable."""
    try:
        sheet = read(lines)
    except DataError as error:
        return str(error)
    return sheet.frame.rows(), sheet.frame.schema, sheet.rows, sheet.skipped


@settings(max_examples=50)
@given(rows=st.lists(st.tuples(NAMES, CELLS, CELLS), min_size=1, max_size=6))
def test_numbers_read_at_once_are_those_read_as_text(rows):
    """Whatever is written: the same rows, and the same count of what was left out."""
    lines = ["name;time;price", *(";".join(row) for row in rows)]
    either = outcome(lines)
    with patch.object(cells, "_read_typed", lambda *_: None):
        assert outcome(lines) == either


@pytest.mark.parametrize("lines", [["5;JAMS;1;2", "6;;3;4"], ["5;JAMS;1;2.0", "5;KELP;;-3"]])
def test_a_file_in_order_is_never_read_as_text(lines):
    """The quick reading is worth nothing if it gives up on what is usual."""
    with patch.object(cells, "_read_text", side_effect=AssertionError):
        read(["extra;name;time;price", *lines])


def test_a_file_with_one_odd_cell_loses_one_row():
    sheet = read(["name;time;price", "JAMS;1;2", "JAMS;soon;3", "KELP;4;5.0", "KELP;6;-7"])
    assert sheet.frame.rows() == [("JAMS", 1, 2), ("KELP", 4, 5)]
    assert sheet.skipped == {"not a whole number": 1, "price negative": 1}


def test_a_missing_column_is_named_with_the_nearest():
    with pytest.raises(DataError, match=r"no column 'price'; the nearest is 'prices'"):
        read(["name;time;prices", "JAMS;1;2"])
