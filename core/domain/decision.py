"""
What observers see of a decision: what speaks for it, what it costs, what casts doubt on it.

Ticks are those of the instrument. Floats are for showing only.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.spreads import SpreadKind, SpreadReason, SpreadState


@dataclass(frozen=True, slots=True)
class EdgeView:
    """The move that an instrument's signals expect, beside what it has to pay for."""

    ticks: float
    """Signed: the sum of the signals' parts."""
    timing_ticks: float
    """The part of it that book and prints expect within moments."""
    cost_ticks: float
    """Half the spread, the fee and the slippage of taking; NaN before the first book."""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """When the instrument's returns last changed their nature."""

    probability: float
    """That a new segment began within the last bars."""
    count: int
    """Changes that the online detector has declared."""
    bars_ago: int | None
    """None before the first."""
    ts_ns: int
    """About when that was; 0 before the first."""
    is_confirmed: bool
    """By an offline method; otherwise it is suspected."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """The edges in force."""

    version: int
    """Of the fit; 0 for what the settings assume."""
    updated_ts_ns: int


@dataclass(frozen=True, slots=True)
class SpreadView:
    """A basket or pair: the first instrument against the others."""

    kind: SpreadKind
    instruments: tuple[int, ...]
    """Indices of its legs, the target first."""
    weights: tuple[float, ...]
    """As many; ticks of the target per tick of a leg, negative for one on the other side."""
    state: SpreadState
    reason: SpreadReason
    value_ticks: float
    z: float
    half_life_bars: float
    """0 if unknown."""
    is_fitted: bool
    is_complete: bool
    """Whether every leg has had a price in the newest bar."""
