"""State of a spread: one instrument against others that should move with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, Protocol

import numpy as np

from core.domain.memory import F64, I64, FloatArray, IntArray, dtype_of

MAX_LEGS: Final = 8
"""Target included."""


class SpreadKind(IntEnum):
    """Where the weights come from."""

    BASKET = 0
    """Declared: the target is made of the legs, and the premium has a mean of its own."""
    PAIR = 1
    """Fitted, and followed by a Kalman regression."""


class SpreadState(IntEnum):
    """Whether the spread may be traded on."""

    WARMING = 0
    TRADING = 1
    SUSPENDED = 2


class SpreadReason(IntEnum):
    """Why a spread is suspended."""

    NONE = 0
    NOT_COINTEGRATED = 1
    HALF_LIFE = 2
    """It returns too slowly, or too fast, to be traded."""
    HEDGE_UNSTABLE = 3
    """The hedge ratio has changed its sign since the fit."""
    BROKEN = 4
    """It has been far from its mean for too long."""


_LegIndices = Annotated[IntArray, np.int64, MAX_LEGS]
_LegWeights = Annotated[FloatArray, np.float64, MAX_LEGS]


class Spread(Protocol):
    """
    One row. Leg 0 is the target, with weight 1; values are in ticks of the target.

    A leg's weight is in ticks of the target per tick of the leg, and negative for a leg
    that is sold when the target is bought. Bars are updates.
    """

    kind: I64
    legs: I64
    """Legs in use, target included; 0 for an empty row."""
    leg_instrument: _LegIndices
    leg_weight: _LegWeights
    state: I64
    reason: I64
    is_fitted: I64
    """1 if mean, variance and half-life came from a fit."""
    target_move: F64
    leg_move: F64
    """
    How far target and, of a pair, leg come back per tick of the spread: the target
    against it in [0, 1], the leg by its own sign. 0 for one that stays where it is.
    """
    is_refused: I64
    """1 if the fit itself refused the spread: only another fit brings it back."""

    observations: I64
    """Bars with a price for every leg, since the last load."""
    missing_bars: I64
    """Bars in a row up to now that lacked a leg's price."""
    far_bars: I64
    """Bars in a row up to now beyond the limit of |z|."""
    sound_bars: I64
    """Bars in a row up to now without a reason to suspend."""
    suspensions: I64

    value_ticks: F64
    """The spread: distance of the target from its legs, or the regression's innovation."""
    mean_ticks: F64
    variance: F64
    z: F64
    half_life_bars: F64
    """0 if unknown."""

    intercept_ticks: F64
    hedge: F64
    """Kalman regression of a pair: target = hedge (leg - reference) + intercept."""
    fitted_hedge: F64
    reference_ticks: F64
    """Leg price at which the intercept holds; keeps hedge and intercept apart."""
    hedge_variance: F64
    covariance: F64
    intercept_variance: F64
    hedge_noise: F64
    intercept_noise: F64
    """Variance of a bar's step of hedge and intercept."""
    observation_variance: F64
    innovation_ticks: F64
    innovation_variance: F64


SPREAD = dtype_of(Spread)

N_SPREAD_VALUES: Final = 33
"""Length of a spread's part of a model update."""

REASON_VALUE: Final = 2
FIRST_LEG_VALUE: Final = 5
"""Where its reason and the indices of its legs stand in it."""


@dataclass(frozen=True, slots=True)
class SpreadModel:
    """What a fit, or a declaration, says of a spread. Units as in `Spread`."""

    kind: SpreadKind
    instruments: Sequence[int]
    """Dense indices of the legs, the target first."""
    weights: Sequence[float]
    """As many; the first is 1. Of a pair, the second is minus the hedge ratio."""
    reason: SpreadReason = SpreadReason.NONE
    """Why it must not be traded; NONE if it may."""
    is_fitted: bool = False
    mean_ticks: float = 0.0
    variance: float = 0.0
    half_life_bars: float = 0.0
    intercept_ticks: float = 0.0
    reference_ticks: float = 0.0
    hedge_variance: float = 0.0
    covariance: float = 0.0
    intercept_variance: float = 0.0
    hedge_noise: float = 0.0
    intercept_noise: float = 0.0
    observation_variance: float = 0.0
    target_move: float = 1.0
    leg_move: float = 0.0
    """
    How far target and, of a pair, leg come back per tick of the spread: the target
    against it in [0, 1], the leg by its own sign. 0 for one that stays where it is.
    """


def spread_values(model: SpreadModel) -> FloatArray:
    """
    Lay out a spread as the numbers of a model update, as `core.kernel.spread` loads them.

    Returns:
        float64, shape (N_SPREAD_VALUES,).

    Raises:
        ValueError: If there are not 2 to MAX_LEGS legs, or not a weight for each.
    """
    legs = len(model.instruments)
    if not 2 <= legs <= MAX_LEGS or len(model.weights) != legs:
        raise ValueError(
            f"a spread has 2 to {MAX_LEGS} legs with a weight each, "
            f"not {legs} with {len(model.weights)}"
        )
    values = np.zeros(N_SPREAD_VALUES)
    values[:5] = [model.kind, legs, model.reason, model.is_fitted, model.half_life_bars]
    values[FIRST_LEG_VALUE : FIRST_LEG_VALUE + legs] = model.instruments
    values[13 : 13 + legs] = model.weights
    values[21:33] = [
        model.mean_ticks, model.variance, model.intercept_ticks, model.reference_ticks,
        model.hedge_variance, model.covariance, model.intercept_variance,
        model.hedge_noise, model.intercept_noise, model.observation_variance,
        model.target_move, model.leg_move,
    ]  # fmt: skip
    return values
