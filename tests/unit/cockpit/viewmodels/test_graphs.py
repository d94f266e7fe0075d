"""Block characters, and the samples behind them."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cockpit.viewmodels import graphs

NS = 10**9
floats = st.floats(-1e12, 1e12) | st.just(math.nan)


def test_a_picture_moves_by_whole_columns() -> None:
    """A second changes no column's place until a new column begins; then all move by one."""

    def shown(last_second: int) -> list[int]:
        ts_ns = [second * NS for second in range(last_second - 119, last_second + 1)]
        return [ts_ns[index] // NS // 3 for index in graphs.buckets(ts_ns, 40)]

    assert shown(220) == shown(219)
    assert shown(222)[:-1] == shown(219)[1:]


@given(st.integers(0, 700), st.integers(0, 200))
def test_samples_fit_and_end_with_the_newest(count, columns) -> None:
    """However long the history and narrow the pane."""
    chosen = graphs.buckets([7 * NS + second * NS for second in range(count)], columns)
    assert len(chosen) <= columns
    assert chosen == sorted(set(chosen))
    if count and columns:
        assert chosen[-1] == count - 1


@given(st.lists(floats, max_size=30))
def test_bounds_hold_every_number(values) -> None:
    low, high = graphs.bounds(values)
    assert low < high
    assert all(low <= value <= high for value in values if math.isfinite(value))


@given(st.lists(floats, min_size=1, max_size=30), st.integers(1, 6))
def test_an_area_is_as_wide_as_its_values(values, rows) -> None:
    low, high = graphs.bounds(values)
    picture = graphs.area(values, rows, low, high)
    assert [len(row) for row in picture] == [len(values)] * rows


def test_an_area_stands_on_the_ground_and_nan_leaves_a_gap() -> None:
    assert graphs.area([0.0, 8.0, math.nan, 16.0], 2, 0.0, 16.0) == ["   █", "▁█ █"]


def test_the_ridge_is_where_the_area_ends() -> None:
    assert graphs.ridge([0.0, 9.0, 16.0], 2, 0.0, 16.0) == [1, 0, 0]


def test_a_bar_shows_even_a_small_share() -> None:
    """A level with one lot beside one with a thousand is still there."""
    assert graphs.bar(0.001, 4) == "▏   "
    assert graphs.bar(0.5, 4) == "██  "
    assert graphs.bar(0.0, 4) == "    "
    assert graphs.bar(math.nan, 4) == "    "


def test_swings_go_up_and_down_from_a_middle_line() -> None:
    assert graphs.swings([0.9, -0.9, 0.0, math.nan]) == ("█   ", " █  ")


def test_a_moment_has_the_column_whose_stretch_it_lies_in() -> None:
    """Columns of three seconds, each named by its last: 12 to 14 and 15 to 17 among them."""
    ts_ns = [second * NS for second in range(12, 132)]
    chosen = graphs.buckets(ts_ns, 40)
    assert graphs.bucket_of(ts_ns, chosen, 12 * NS) == 0
    assert graphs.bucket_of(ts_ns, chosen, 14 * NS) == 0
    assert graphs.bucket_of(ts_ns, chosen, 14 * NS + 1) == 1
    assert graphs.bucket_of(ts_ns, chosen, 131 * NS) == 39
    assert graphs.bucket_of(ts_ns, chosen, 999 * NS) == 39, "not sampled yet is the newest"
    assert graphs.bucket_of(ts_ns, chosen, 12 * NS - 1) is None
    assert graphs.bucket_of(ts_ns, chosen, 0) is None
    assert graphs.bucket_of([], [], 5) is None
