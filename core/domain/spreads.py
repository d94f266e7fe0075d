"""Baskets against their parts, and cointegrated pairs: one row for each that is followed."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Protocol

import numpy as np

from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of

MAX_LEGS = 8
"""Instruments that one spread may have, its target included."""


class SpreadKind(IntEnum):
    """Where a spread's composition comes from."""

    NONE = 0
    BASKET = 1
    """Declared: so many units of each part."""
    PAIR = 2
    """Fitted: a hedge ratio that moves."""


class SpreadState(IntEnum):
    """Whether a spread gives a signal."""

    OFF = 0
    WARMING = 1
    TRADING = 2
    SUSPENDED = 3


class SpreadReason(IntEnum):
    """Why a spread is suspended."""

    NONE = 0
    NOT_COINTEGRATED = 1
    """The last fit no longer finds that it comes back."""
    HALF_LIFE = 2
    """It comes back too slowly, or faster than it can be traded."""
    HEDGE_UNSTABLE = 3
    """The hedge ratio has changed its sign."""
    BROKEN = 4
    """It has been further out, for longer, than a spread that comes back would be."""


_Indices = Annotated[IntArray, np.int64, MAX_LEGS]
_Weights = Annotated[FloatArray, np.float64, MAX_LEGS]


class Spread(Protocol):
    """
    The worth of the target less that of its legs, in ticks of the target.

    Statistics move once a bar of the target, value and z with every book of it.
    """

    kind: I64
    state: I64
    reason: I64
    legs: I64
    leg_instrument: _Indices
    """Leg 0 is the target."""
    leg_weight: _Weights
    """Ticks of the target per tick of the leg; 1 for the target, negative for what it holds."""
    version: I64
    """Of the fit; 0 where only the composition is declared."""

    half_life_bars: F64
    """Bars in which a deviation halves; 0 where it is not known."""
    mean: F64
    variance: F64
    observations: I64
    far_bars: I64
    """Bars in a row beyond the break limit, or within the return limit once broken."""

    hedge: F64
    """Of a PAIR: ticks of the target per tick of the other leg."""
    fitted_hedge: F64
    intercept: F64
    """Of a PAIR, at the reference price of its leg."""
    reference_ticks: F64
    p_hedge: F64
    p_cross: F64
    p_intercept: F64
    """Covariance of (hedge, intercept)."""
    hedge_noise: F64
    intercept_noise: F64
    """Variances that a bar adds to them."""
    observation_variance: F64

    value: F64
    """Spread less its mean, in ticks."""
    deviation: F64
    """Standard deviation that z is measured in, in ticks."""
    z: F64


SPREAD = dtype_of(Spread)
