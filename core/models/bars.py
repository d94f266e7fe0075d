"""The bars and books that a kernel has left to the fits, in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.domain.instrument import Instrument
from core.domain.memory import Rows
from core.kernel.state import KernelState


class Observations(NamedTuple):
    """What one instrument has left, oldest first."""

    bars: Rows
    """BAR rows."""
    quotes: Rows
    """QUOTE rows."""


def observations_of(state: KernelState, index: int, most_bars: int) -> Observations:
    """Copy the newest bars of one instrument, at most `most_bars`, and all books kept."""
    instruments = state.instruments
    count = len(instruments)
    return Observations(
        _newest(state.bars, count, index, int(instruments["bars_recorded"][index]), most_bars),
        _newest(
            state.quotes, count, index, int(instruments["quotes_recorded"][index]),
            len(state.quotes),
        ),
    )  # fmt: skip


def all_observations(
    state: KernelState, instruments: Sequence[Instrument], most_bars: int
) -> dict[str, Observations]:
    """Copy what every instrument has left, by symbol."""
    return {
        str(instrument.symbol): observations_of(state, index, most_bars)
        for index, instrument in enumerate(instruments)
    }


def _newest(ring: Rows, instruments: int, index: int, recorded: int, most: int) -> Rows:
    kept = len(ring) // instruments
    count = min(recorded, kept, most)
    places = np.arange(recorded - count, recorded) % max(kept, 1)
    return np.array(ring[index * kept + places])
