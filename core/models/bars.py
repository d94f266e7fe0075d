"""The closed bars that a kernel has left behind, in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.kernel.state import KernelState


def bars_of(state: KernelState, index: int, most: int) -> Rows:
    """
    Copy the newest bars of one instrument, oldest first.

    Args:
        state: Its ring is read.
        index: Of the instrument.
        most: Bars wanted; fewer come where fewer were recorded or kept.
    """
    kept = len(state.bars) // len(state.instruments)
    recorded = int(state.instruments["bars_recorded"][index])
    count = min(recorded, kept, most)
    places = (np.arange(recorded - count, recorded) % kept) if kept else np.zeros(0, np.int64)
    return np.array(state.bars[index * kept + places])


def all_bars(
    state: KernelState, instruments: Sequence[Instrument], most: int
) -> dict[str, Rows]:
    """Copy the newest bars of every instrument, by symbol."""
    return {
        str(instrument.symbol): bars_of(state, index, most)
        for index, instrument in enumerate(instruments)
    }
