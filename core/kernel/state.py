"""The kernel's memory: arrays of records, made once and changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.domain.enums import OwnStrategy
from core.domain.events import MODEL_VALUES
from core.domain.instrument import Instrument
from core.domain.layout import layout
from core.domain.memory import FloatArray, IntArray, Rows, allocate
from core.domain.records import BAR, QUOTE
from core.kernel.bundle import by_reference
from core.kernel.changepoint import HAZARD, reset

SIGNAL, TARGET, STEP = 0, 1, 2
"""Of `KernelState.addresses`: the user's own signal and target, and `step` for the loops."""


@by_reference
class KernelState(NamedTuple):
    """
    Everything `step` reads and writes.

    The bytes of what is saved, in the order of `core.domain.layout`, are what checkpoints
    store; the first of them are what snapshots carry.
    """

    account: Rows
    """ACCOUNT, 1 row."""
    params: Rows
    """PARAMS, 1 row."""
    instruments: Rows
    """INSTRUMENT_STATE, one row each."""
    orders: Rows
    """ORDER, MAX_ORDERS rows."""
    spreads: Rows
    """SPREAD, MAX_SPREADS rows."""
    brackets: Rows
    """BRACKET, MAX_BRACKETS rows."""
    history: Rows
    """HISTORY_ROW, a ring of HISTORY_LENGTH rows."""
    timeline: Rows
    """TIMELINE_ROW, a ring of TIMELINE_LENGTH rows for each instrument, one after another."""
    edges: Rows
    """EDGE_MODEL, one row for each instrument, as are the four that follow."""
    examples: Rows
    """OUTCOME_EXAMPLES."""
    filters: Rows
    """KALMAN_FILTER."""
    regimes: Rows
    """REGIME_MODEL."""
    detectors: Rows
    """CHANGE_DETECTOR."""
    channels: Rows
    """CHANNEL_STATE, N_CHANNELS rows."""
    bars: Rows
    """
    BAR: a ring for each instrument, one after another; may be empty.

    Written for the fits and never read by a step, so no part of what is saved.
    """
    quotes: Rows
    """QUOTE: the same for books."""
    addresses: IntArray
    """int64, shape (3,): of compiled code, by SIGNAL, TARGET and STEP; 0 for none. Not saved."""
    scratch: FloatArray
    """float64, shape (MODEL_VALUES,): room for the numbers of one model. Not saved."""


def make_state(
    instruments: Sequence[Instrument],
    params: Rows,
    capital_nanos: int,
    *,
    bars_kept: int = 0,
    quotes_kept: int = 0,
    adopts_orphans: bool = False,
    own_strategy: OwnStrategy = OwnStrategy.NONE,
) -> KernelState:
    """
    Make the state of a run that has seen nothing yet, flat and with all of its capital.

    Its models are empty, and a kernel without models does not trade: MODEL_UPDATED events
    bring them, at the start as later on.

    Args:
        instruments: What is traded; their order is the index.
        params: PARAMS, 1 row.
        capital_nanos: Greater than 0.
        bars_kept: Closed bars of each instrument that are left to the fits.
        quotes_kept: The same for good books.
        adopts_orphans: Keep working orders at the venue that no decision of this run stands
            behind; otherwise they are canceled.
        own_strategy: Who decides in place of the built-in evaluation.
    """
    sections = layout(len(instruments))
    saved = (allocate(section.dtype, section.rows) for section in sections)
    unsaved = (
        allocate(BAR, bars_kept * len(instruments)),
        allocate(QUOTE, quotes_kept * len(instruments)),
        np.zeros(3, np.int64),
        np.zeros(MODEL_VALUES, np.float64),
    )
    state = KernelState._make((*saved, *unsaved))
    state.params[:] = params
    account = state.account[0]
    for field in ("capital_nanos", "cash_nanos", "equity_nanos", "peak_equity_nanos"):
        account[field] = capital_nanos
    account["next_order_id"] = 1
    account["next_bracket_id"] = 1
    account["adopts_orphans"] = adopts_orphans
    account["own_strategy"] = own_strategy.value
    for row, instrument in zip(state.instruments, instruments, strict=True):
        row["venue"] = instrument.venue
        row["tick_value_nanos"] = instrument.tick_value_nanos
        row["position_limit_lots"] = instrument.position_limit_lots
        row["maker_fee_bps"] = instrument.maker_fee_bps
        row["taker_fee_bps"] = instrument.taker_fee_bps
        row["driver"] = instrument.drivers
    for detector in state.detectors:
        reset(detector, HAZARD)
    return state


def _saved(state: KernelState) -> Sequence[Rows]:
    return state[: len(layout(len(state.instruments)))]


def to_bytes(state: KernelState) -> bytes:
    """Copy all of the state that is saved, for a checkpoint or a comparison."""
    return b"".join(array.tobytes() for array in _saved(state))


def from_bytes(state: KernelState, stored: bytes) -> None:
    """
    Load a checkpoint into a state of the same instruments.

    Raises:
        ValueError: If the checkpoint was made for another layout.
    """
    expected = sum(array.nbytes for array in _saved(state))
    if len(stored) != expected:
        raise ValueError(f"checkpoint has {len(stored)} bytes, this kernel needs {expected}")
    start = 0
    for array in _saved(state):
        memoryview(array).cast("B")[:] = stored[start : start + array.nbytes]
        start += array.nbytes
