"""
How much of the mid's change does order-flow imbalance explain while it happens?

Cont, Kukanov, Stoikov, The Price Impact of Order Book Events (2014), section 3: the mid's
change in ticks on the sum of e_n over fixed windows. This explains, it does not predict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray, Rows
from core.models.refusal import Refusal
from core.research.inference import Estimate, correlation

WINDOWS_S = (0.5, 1.0, 5.0, 10.0)

MIN_WINDOWS = 32
"""Fewer leave no four cosines for the band."""

_PHASES = 10


@dataclass(frozen=True, slots=True)
class ImpactWindow:
    """One regression of the mid's change on order-flow imbalance."""

    window_s: float
    windows: int
    """Those with a quote in them."""
    r2: float
    """With windows that start at the first quote."""
    r2_low: float
    r2_high: float
    """Over ten starts of the windows: how much of `r2` is where they happen to begin."""
    slope_ticks_per_lot: float
    correlation: Estimate
    largest_share: float
    """Share of the one largest change in the sum of squares: above 0.5 the fit is that window's."""


@dataclass(frozen=True, slots=True)
class OfiFound:
    """Regressions that could be made, and why others could not."""

    windows: tuple[ImpactWindow, ...]
    refused: tuple[str, ...]


def explain_moves(quotes: Rows, start_ns: int | None = None) -> OfiFound | Refusal:
    """
    Regress the mid's change on order-flow imbalance over windows of `WINDOWS_S`.

    Args:
        quotes: QUOTE rows of one instrument, in order of time.
        start_ns: Where the first window starts, at or before the first quote; None for
            the first quote itself.
    """
    if not len(quotes):
        return Refusal("there is no quote with both sides")
    if not np.any(quotes["flow_lots"]):
        return Refusal("the best levels never change, so there is no order flow")
    if not np.any(np.diff(quotes["mid2_ticks"])):
        return Refusal("the mid never moves, so there is nothing to explain")
    start = int(quotes["ts_ns"][0]) if start_ns is None else start_ns
    found: list[ImpactWindow] = []
    refused: list[str] = []
    for window_s in WINDOWS_S:
        result = _regress(quotes, window_s, start)
        if isinstance(result, Refusal):
            refused.append(result.reason)
        else:
            found.append(result)
    return OfiFound(tuple(found), tuple(refused)) if found else Refusal("; ".join(refused))


def _regress(quotes: Rows, window_s: float, start_ns: int) -> ImpactWindow | Refusal:
    window_ns = int(window_s * NANOS)
    flow, change = _windows(quotes, window_ns, start_ns)
    if len(flow) < MIN_WINDOWS:
        return Refusal(f"{len(flow)} windows of {window_s:g} s; fewer than {MIN_WINDOWS} fit none")
    fit = correlation(flow, change)
    if fit is None:
        return Refusal(f"flow or mid does not change from one window of {window_s:g} s to the next")
    phases = [_r2(quotes, window_ns, start_ns - window_ns * n // _PHASES) for n in range(_PHASES)]
    squares = change**2
    return ImpactWindow(
        window_s=window_s,
        windows=len(flow),
        r2=phases[0],
        r2_low=min(phases),
        r2_high=max(phases),
        slope_ticks_per_lot=fit.value * float(np.std(change) / np.std(flow)),
        correlation=fit,
        largest_share=float(np.max(squares) / np.sum(squares)),
    )


def _windows(quotes: Rows, window_ns: int, start_ns: int) -> tuple[FloatArray, FloatArray]:
    """Sum of e_n, and change of the mid in ticks, of each window that has a quote."""
    place = (np.asarray(quotes["ts_ns"]) - start_ns) // window_ns
    first = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
    flow = np.add.reduceat(np.asarray(quotes["flow_lots"]).astype(np.float64), first)
    mid_ticks = np.asarray(quotes["mid2_ticks"]) / 2
    last = mid_ticks[np.append(first[1:], len(quotes)) - 1]
    return flow, np.diff(last, prepend=mid_ticks[0])


def _r2(quotes: Rows, window_ns: int, start_ns: int) -> float:
    flow, change = _windows(quotes, window_ns, start_ns)
    deviations = float(np.std(flow) * np.std(change))
    if deviations == 0.0:
        return 0.0
    covariance = float(np.mean((flow - flow.mean()) * (change - change.mean())))
    return (covariance / deviations) ** 2
