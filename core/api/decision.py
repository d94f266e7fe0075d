"""From the kernel's rows to what speaks for a decision and what casts doubt on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from core.api.units import NAN
from core.domain.decision import ChangeView, EdgeView, ModelView, SpreadView
from core.domain.memory import FloatArray, Rows
from core.domain.records import WINDOW
from core.domain.spreads import MAX_LEGS, SpreadKind, SpreadReason, SpreadState

_NS_PER_MS = 1_000_000
_SPREAD_FIELDS = (
    "kind", "legs", "leg_instrument", "leg_weight", "state", "reason", "value_ticks", "z",
    "half_life_bars", "is_fitted", "missing_bars",
)  # fmt: skip


def view_edge(row: Mapping[str, Any]) -> EdgeView:
    """Expected move and cost of one instrument; without a book no cost is known."""
    cost = row["cost_ticks"] or NAN
    return EdgeView(row["edge_ticks"], row["timing_ticks"], cost)


def view_change(row: Mapping[str, Any], bar_ms: float) -> ChangeView:
    """
    Say when the last change was.

    The online detector notices a change some bars late, and an offline method dates it
    back: what was confirmed within WINDOW bars before it was noticed is the same change.
    """
    noticed, confirmed = row["change_bar"], row["confirmed_bar"]
    is_confirmed = confirmed > 0 and noticed - confirmed <= WINDOW
    bar = confirmed if is_confirmed else noticed
    if not bar:
        return ChangeView(row["change_probability"], row["changes"], None, 0, is_confirmed=False)
    ago = row["bars"] - bar
    bar_ns = round(bar_ms * _NS_PER_MS) if math.isfinite(bar_ms) else 0
    ts_ns = max(0, row["bar_start_ns"] - ago * bar_ns)
    return ChangeView(row["change_probability"], row["changes"], ago, ts_ns, is_confirmed)


def view_spreads(rows: Rows, n_instruments: int) -> tuple[SpreadView, ...]:
    """
    List the spreads in use.

    Raises:
        ValueError: If one has more legs than there can be, or a leg that is not traded.
    """
    used = rows[rows["legs"] != 0]
    columns = (used[name].tolist() for name in _SPREAD_FIELDS)
    return tuple(_spread(values, n_instruments) for values in zip(*columns, strict=True))


def _spread(values: tuple[Any, ...], n_instruments: int) -> SpreadView:
    kind, legs, places, weights, state, reason, value, z, half_life, is_fitted, missing = values
    instruments = tuple(places[: max(0, legs)])
    if not 0 < legs <= MAX_LEGS or not all(0 <= leg < n_instruments for leg in instruments):
        raise ValueError(f"a spread of {legs} legs: {instruments}")
    return SpreadView(
        kind=SpreadKind(kind),
        instruments=instruments,
        weights=tuple(weights[:legs]),
        state=SpreadState(state),
        reason=SpreadReason(reason),
        value_ticks=value,
        z=z,
        half_life_bars=half_life,
        is_fitted=bool(is_fitted),
        is_complete=not missing,
    )


def view_models(edges: Rows) -> tuple[ModelView, ...]:
    """Edges in force, by instrument."""
    columns = (edges[name].tolist() for name in ("version", "updated_ts_ns"))
    return tuple(ModelView(*values) for values in zip(*columns, strict=True))


def deviations(covariance: FloatArray) -> FloatArray:
    """
    Standard deviation of each signal of each instrument.

    Args:
        covariance: float64, shape (instruments, signals, signals).

    Returns:
        float64, shape (instruments, signals); 0 for one that never moved.
    """
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    result: FloatArray = np.sqrt(np.where(variance > 0, variance, 0.0))
    return result


def correlations(covariance: FloatArray) -> tuple[tuple[tuple[float, ...], ...], ...]:
    """Correlate the signals of each instrument; 0 for one that never moved or is not finite."""
    deviation = deviations(covariance)
    scale = deviation[:, :, None] * deviation[:, None, :]
    safe = np.where(scale > 0, scale, 1.0)
    correlation = np.where(scale > 0, np.clip(covariance / safe, -1.0, 1.0), 0.0)
    correlation[~np.isfinite(correlation)] = 0.0
    return tuple(tuple(map(tuple, matrix)) for matrix in correlation.tolist())
