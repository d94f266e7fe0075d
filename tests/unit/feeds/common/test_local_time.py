"""Local times and their moments, in the hours that come twice and those that never come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.feeds.common.local_time import OutOfOrder, resolve

BERLIN = ZoneInfo("Europe/Berlin")
S = 1_000_000_000
QUARTER = timedelta(minutes=15)


def locals_of(first_utc: str, count: int) -> list[datetime]:
    """Times as a German table writes them, a quarter of an hour apart."""
    start = datetime.fromisoformat(first_utc).replace(tzinfo=UTC)
    moments = [start + n * QUARTER for n in range(count)]
    return [moment.astimezone(BERLIN).replace(tzinfo=None, fold=0) for moment in moments]


def ns(utc: str) -> int:
    return int(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()) * S


def expected(first_utc: str, count: int) -> list[int]:
    return [ns(first_utc) + n * 900 * S for n in range(count)]


LATER = ns("2030-01-01 00:00")


@pytest.mark.parametrize("is_rising", [True, False])
def test_the_hour_of_autumn_that_comes_twice_is_told_apart_by_order(is_rising) -> None:
    """2025-10-26: 02:00 to 02:45 is written twice; 00:00 and 01:00 UTC."""
    times = locals_of("2025-10-25 22:00", 20)
    assert len(set(times)) == 16
    found = expected("2025-10-25 22:00", 20)
    if not is_rising:
        times, found = times[::-1], found[::-1]
    assert resolve(times, BERLIN, LATER) == found


def test_of_one_run_within_that_hour_the_present_decides() -> None:
    """A table fetched at 00:50 UTC cannot hold 02:45 of the second hour."""
    times = locals_of("2025-10-26 00:00", 4)
    assert resolve(times, BERLIN, ns("2025-10-26 00:50")) == expected("2025-10-26 00:00", 4)
    assert resolve(times, BERLIN, ns("2025-10-26 01:50")) == expected("2025-10-26 01:00", 4)


def test_a_single_time_is_the_latest_that_it_can_be() -> None:
    (time,) = locals_of("2025-10-26 00:30", 1)
    assert resolve([time], BERLIN, ns("2025-10-26 00:35")) == [ns("2025-10-26 00:30")]
    assert resolve([time], BERLIN, ns("2025-10-26 02:00")) == [ns("2025-10-26 01:30")]


def test_a_time_of_this_very_moment_is_now() -> None:
    (time,) = locals_of("2025-10-26 01:30", 1)
    assert resolve([time], BERLIN, ns("2025-10-26 01:30")) == [ns("2025-10-26 01:30")]


def test_the_hour_that_spring_leaves_out_is_no_moment() -> None:
    times = [datetime(2025, 3, 30, 1, 45), datetime(2025, 3, 30, 2, 15), datetime(2025, 3, 30, 3)]  # noqa: DTZ001
    assert resolve(times, BERLIN, LATER) == [
        ns("2025-03-30 00:45"),
        None,
        ns("2025-03-30 01:00"),
    ]


def test_a_row_that_stands_twice_is_one_moment() -> None:
    times = locals_of("2025-06-01 10:00", 2)
    found = resolve([times[0], times[0], times[1]], BERLIN, LATER)
    assert found == [ns("2025-06-01 10:00"), ns("2025-06-01 10:00"), ns("2025-06-01 10:15")]


def test_times_that_go_back_and_forth_mean_nothing() -> None:
    times = locals_of("2025-06-01 10:00", 3)
    with pytest.raises(OutOfOrder, match=r"01.06.2025 12:30 stands out of order"):
        resolve([times[1], times[2], times[0]], BERLIN, LATER)


def test_a_time_to_come_is_left_to_whoever_reads_it() -> None:
    """Of a clock that is slow; it is told as what it is, and refused later."""
    times = locals_of("2025-06-01 10:00", 1)
    assert resolve(times, BERLIN, ns("2025-06-01 09:00")) == [ns("2025-06-01 10:00")]


def test_nothing_is_nothing() -> None:
    assert resolve([], BERLIN, LATER) == []


@given(quarter=st.integers(0, 365 * 96), count=st.integers(1, 200), is_rising=st.booleans())
def test_a_whole_table_of_any_time_of_the_year_is_read_back(quarter, count, is_rising) -> None:
    """What the clock on the wall showed leads back to the moments, given until when."""
    start = ns("2025-01-01 00:00") + quarter * 900 * S
    moments = [start + n * 900 * S for n in range(count)]
    times = [
        datetime.fromtimestamp(moment / S, UTC).astimezone(BERLIN).replace(tzinfo=None, fold=0)
        for moment in moments
    ]
    if not is_rising:
        moments, times = moments[::-1], times[::-1]
    if len(set(times)) == 1 or times[0] != times[-1]:
        assert resolve(times, BERLIN, max(moments)) == moments
