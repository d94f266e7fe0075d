"""The sampled minutes behind the sparklines, unrolled from the kernel's rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.api.units import Units
from core.domain.enums import Regime
from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, Rows
from core.domain.records import TIMELINE_LENGTH
from core.domain.snapshot import Timeline

_REGIMES = tuple(Regime)
_NOTHING = Timeline((), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class SampleView:
    """All samples still remembered, oldest first."""

    equity_ts_ns: tuple[int, ...]
    equity: FloatArray
    timelines: tuple[Timeline, ...]
    """By instrument."""

    @classmethod
    def empty(cls, n_instruments: int) -> SampleView:
        """What there is before the first sample."""
        return cls((), np.zeros(0), (_NOTHING,) * n_instruments)


def view_samples(history: Rows, timeline: Rows, head: int, units: Sequence[Units]) -> SampleView:
    """
    Unroll the rings.

    Args:
        history: Ring of the account.
        timeline: Ring of each instrument, one after another.
        head: Samples ever taken.
        units: By instrument.
    """
    account = unroll(history, head)
    equity: FloatArray = account["equity_nanos"] / NANOS
    return SampleView(
        equity_ts_ns=tuple(account["ts_ns"].tolist()),
        equity=equity,
        timelines=tuple(
            _timeline(unroll(ring, head), unit)
            for ring, unit in zip(timeline.reshape(-1, TIMELINE_LENGTH), units, strict=True)
        ),
    )


def unroll(ring: Rows, head: int) -> Rows:
    """Rows of a ring, oldest first; `head` rows have been written to it in all."""
    if head <= len(ring):
        return ring[:head]
    start = head % len(ring)
    return np.concatenate((ring[start:], ring[:start]))


def _timeline(rows: Rows, unit: Units) -> Timeline:
    return Timeline(
        ts_ns=tuple(rows["ts_ns"].tolist()),
        mid=tuple(unit.prices(rows["mid_ticks"])),
        level=tuple(unit.prices(rows["level_ticks"])),
        obi=tuple(rows["obi"].tolist()),
        combined=tuple(rows["combined"].tolist()),
        regime=tuple(map(_REGIMES.__getitem__, rows["regime"].tolist())),
        regime_probability=tuple(rows["regime_probability"].tolist()),
    )
