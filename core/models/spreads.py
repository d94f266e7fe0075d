"""Spreads for the kernel: declared baskets measured, fitted pairs made ready to stream."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.domain.memory import FloatArray
from core.domain.spreads import SpreadKind, SpreadModel, SpreadReason
from core.models.cointegration import MIN_HALF_LIFE_BARS, MIN_ROWS, PairFit
from core.models.refusal import Refusal
from core.models.unit_roots import UnitRoot, adf, half_life

MEMORY_HALF_LIVES: Final = 10.0
"""Memory of the streaming regression: slower than the spread that it must not absorb."""


@dataclass(frozen=True, slots=True)
class BasketFit:
    """How a declared basket's premium behaved. Units of the target's price."""

    mean: float
    sd: float
    unit_root: UnitRoot
    half_life_bars: float
    """Infinite if the premium does not return."""
    rows: int


def fit_basket(
    target: FloatArray, legs: FloatArray, weights: Sequence[float]
) -> BasketFit | Refusal:
    """
    Measure the premium of a target over its declared composition.

    Args:
        target: float64, shape (n,).
        legs: float64, shape (n, k), in units of the target's price.
        weights: k units of each leg in one target.

    Returns:
        Mean, sample standard deviation, ADF (no lags, constant) and half-life of
        target - legs · weights over the rows where all are finite.
    """
    if legs.ndim != 2 or legs.shape != (len(target), len(weights)):
        return Refusal(
            f"legs of shape {legs.shape} do not fit {len(target)} bars and {len(weights)} weights"
        )
    premium = target - legs @ np.asarray(weights, np.float64)
    premium = premium[np.isfinite(premium)]
    if len(premium) < MIN_ROWS:
        return Refusal(f"only {len(premium)} bars have every price: {MIN_ROWS} needed")
    unit_root = adf(premium, lags=0)
    if isinstance(unit_root, Refusal):
        return Refusal(f"the premium cannot be measured: {unit_root.reason}")
    return BasketFit(
        mean=float(premium.mean()),
        sd=float(premium.std(ddof=1)),
        unit_root=unit_root,
        half_life_bars=half_life(premium),
        rows=len(premium),
    )


def basket_model(
    fit: BasketFit, instruments: Sequence[int], weights: Sequence[float]
) -> SpreadModel:
    """
    What the kernel needs to stream a basket.

    Args:
        fit: Measured in ticks of the target.
        instruments: Dense indices, the target first.
        weights: Units of each leg in one target, in ticks of the target per tick of the leg.
    """
    returns = math.isfinite(fit.half_life_bars)
    return SpreadModel(
        kind=SpreadKind.BASKET,
        instruments=instruments,
        weights=[1.0, *(-weight for weight in weights)],
        is_fitted=True,
        mean_ticks=fit.mean,
        variance=fit.sd * fit.sd,
        half_life_bars=fit.half_life_bars if returns else 0.0,
        reason=SpreadReason.NONE if returns else SpreadReason.HALF_LIFE,
    )


def pair_model(fit: PairFit, target: int, leg: int) -> SpreadModel | Refusal:
    """
    What the kernel needs to stream a pair.

    The streaming regression starts from the least squares estimate and its uncertainty,
    and its coefficients move by a spread's deviation in ten half-lives: slower than the
    spread itself, which they would otherwise absorb.

    Args:
        fit: From `fit_pairs`, on prices in ticks.
        target: Dense index of `fit.target`.
        leg: Dense index of `fit.leg`.
    """
    if not fit.spread_sd > 0.0 or not fit.leg_sd > 0.0:
        return Refusal(f"{fit.target} and {fit.leg}: {fit.reason or 'the spread does not vary'}")
    returns = math.isfinite(fit.half_life_bars)
    variance = fit.spread_sd * fit.spread_sd
    memory = MEMORY_HALF_LIVES * max(fit.half_life_bars, MIN_HALF_LIFE_BARS)
    step = variance / (memory * memory) if returns else 0.0
    leg_variance = fit.leg_sd * fit.leg_sd
    # An autocorrelated residual tells less than its rows: one half-life is one look.
    looks = max(2.0, fit.bars / max(fit.half_life_bars, 1.0)) if returns else 2.0
    return SpreadModel(
        kind=SpreadKind.PAIR,
        instruments=[target, leg],
        weights=[1.0, -fit.hedge],
        reason=fit.code,
        is_fitted=True,
        variance=variance,
        half_life_bars=fit.half_life_bars if returns else 0.0,
        intercept_ticks=fit.intercept + fit.hedge * fit.leg_mean,
        reference_ticks=fit.leg_mean,
        hedge_variance=variance / (looks * leg_variance),
        intercept_variance=variance / looks,
        hedge_noise=step / leg_variance,
        intercept_noise=step,
        observation_variance=variance,
    )
