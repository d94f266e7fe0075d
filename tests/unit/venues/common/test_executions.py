"""One number for an execution, wherever it is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.venues.common.executions import (
    MAX_INSTRUMENTS,
    execution_number,
    execution_time_ms,
)

times = st.integers(1, 2**42)
instruments = st.integers(0, MAX_INSTRUMENTS - 1)
trades = st.integers(0, 2**40)


@given(times, instruments, trades)
def test_a_number_fits_and_tells_its_time(ts_ms, instrument, trade_id) -> None:
    number = execution_number(ts_ms, instrument, trade_id)
    assert 0 < number < 2**63
    assert execution_time_ms(number) == ts_ms


@given(times, instruments, trades, instruments, trades)
def test_a_later_execution_has_a_greater_number(ts_ms, first, trade, second, other) -> None:
    assert execution_number(ts_ms, first, trade) < execution_number(ts_ms + 1, second, other)


@given(times, instruments, trades, st.integers(1, 2**14 - 1))
def test_neighbors_of_one_moment_differ(ts_ms, instrument, trade_id, step) -> None:
    number = execution_number(ts_ms, instrument, trade_id)
    assert number != execution_number(ts_ms, instrument, trade_id + step)
    assert number != execution_number(ts_ms, (instrument + 1) % MAX_INSTRUMENTS, trade_id)
