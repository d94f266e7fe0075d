"""The kernel's memory: six arrays of records, made once and changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from core.domain.instrument import Instrument
from core.domain.layout import layout
from core.domain.memory import Rows, allocate


class KernelState(NamedTuple):
    """
    Everything `step` reads and writes.

    Its bytes, in the order of `core.domain.layout`, are what checkpoints store and
    snapshots carry.
    """

    account: Rows
    """ACCOUNT, 1 row."""
    params: Rows
    """PARAMS, 1 row."""
    instruments: Rows
    """INSTRUMENT_STATE, one row each."""
    orders: Rows
    """ORDER, MAX_ORDERS rows."""
    history: Rows
    """HISTORY_ROW, a ring of HISTORY_LENGTH rows."""
    timeline: Rows
    """TIMELINE_ROW, a ring of TIMELINE_LENGTH rows for each instrument, one after another."""


def make_state(instruments: Sequence[Instrument], params: Rows, capital_nanos: int) -> KernelState:
    """Make the state of a run that has seen nothing yet, flat and with all of its capital."""
    sections = layout(len(instruments))
    state = KernelState(*(allocate(section.dtype, section.rows) for section in sections))
    state.params[:] = params
    account = state.account[0]
    for field in ("capital_nanos", "cash_nanos", "equity_nanos", "peak_equity_nanos"):
        account[field] = capital_nanos
    account["next_order_id"] = 1
    for row, instrument in zip(state.instruments, instruments, strict=True):
        row["tick_value_nanos"] = instrument.tick_value_nanos
        row["position_limit_lots"] = instrument.position_limit_lots
        row["maker_fee_bps"] = instrument.maker_fee_bps
        row["taker_fee_bps"] = instrument.taker_fee_bps
    return state


def to_bytes(state: KernelState) -> bytes:
    """Copy the whole state, for a checkpoint or a viewer."""
    return b"".join(array.tobytes() for array in state)


def from_bytes(state: KernelState, stored: bytes) -> None:
    """
    Load a checkpoint into a state of the same instruments.

    Raises:
        ValueError: If the checkpoint was made for another layout.
    """
    expected = sum(array.nbytes for array in state)
    if len(stored) != expected:
        raise ValueError(f"checkpoint has {len(stored)} bytes, this kernel needs {expected}")
    start = 0
    for array in state:
        memoryview(array).cast("B")[:] = stored[start : start + array.nbytes]
        start += array.nbytes
