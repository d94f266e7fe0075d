"""
What a formula may call, and what each yields.

Values are arrays of shape (draws, bins), or (draws, 1) for a single number; either axis may
be 1 where a value is the same in all of it. All functions are NumPy's, over the bins' axis.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from core.domain.memory import FloatArray
from core.events.shapes import SCALAR, Shape

_Rule = Callable[[Sequence[Shape]], Shape]


_FEW = 16
"""Draws for which bin after bin of all draws would take longer than draw after draw."""


class ShapeError(ValueError):
    """Parts that do not go together; the sentence is for a person."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the language."""

    apply: Callable[..., Any]
    shape: _Rule
    """Yields the result's shape or raises `ShapeError`."""
    fewest: int
    most: int
    meaning: str
    """One line of the manual."""


def joined(shapes: Sequence[Shape]) -> Shape:
    """
    Shape of what works element by element.

    Raises:
        ShapeError: If two series have bins of different lengths or numbers.
    """
    series = [shape for shape in shapes if shape.is_series]
    for other in series[1:]:
        if other != series[0]:
            raise ShapeError(f"{series[0]} does not go with {other}")
    return series[0] if series else SCALAR


def _reduced(shapes: Sequence[Shape]) -> Shape:
    _needs_series(shapes[0])
    return SCALAR


def _kept(shapes: Sequence[Shape]) -> Shape:
    _needs_series(shapes[0])
    return shapes[0]


def _differences(shapes: Sequence[Shape]) -> Shape:
    _needs_series(shapes[0])
    if shapes[0].bins == 1:
        raise ShapeError("one bin has no differences")
    return Shape(shapes[0].bins - 1, shapes[0].minutes)


def _extreme(shapes: Sequence[Shape]) -> Shape:
    return _reduced(shapes) if len(shapes) == 1 else joined(shapes)


def _needs_series(shape: Shape) -> None:
    if not shape.is_series:
        raise ShapeError(f"needs a series, and this is {shape}")


def _over_bins(
    reduction: Callable[..., Any], of_none: float = np.nan
) -> Callable[[FloatArray], FloatArray]:
    def apply(values: FloatArray) -> FloatArray:
        # Before the first bin is known there is none.
        if not values.shape[1]:
            return np.full((len(values), 1), of_none)
        result: FloatArray = reduction(values, axis=1, keepdims=True)
        return result

    return apply


_min_over_bins = _over_bins(np.min)
_max_over_bins = _over_bins(np.max)


def _smallest(*values: FloatArray) -> FloatArray:
    return _min_over_bins(values[0]) if len(values) == 1 else reduce(np.minimum, values)


def _largest(*values: FloatArray) -> FloatArray:
    return _max_over_bins(values[0]) if len(values) == 1 else reduce(np.maximum, values)


def _count(values: FloatArray) -> FloatArray:
    return np.full((1, 1), float(values.shape[1]))


def _running_mean(values: FloatArray) -> FloatArray:
    if len(values) < _FEW:
        few: FloatArray = np.cumsum(values, axis=1) / np.arange(1.0, values.shape[1] + 1.0)
        return few
    means: FloatArray = np.empty_like(values, order="F")
    total = np.zeros(len(values))
    for column in range(values.shape[1]):
        total += values[:, column]
        np.divide(total, column + 1, out=means[:, column])
    return means


def running_median(values: FloatArray) -> FloatArray:
    """
    Median of the first bin, the first two and so on; shape as given.

    Good to seven digits for many draws, exact for one.
    """
    if len(values) < _FEW:
        return np.array([_medians(row) for row in values.tolist()]).reshape(values.shape)
    # Insertion into rows that stay sorted, for all draws at once: the k-th smallest becomes the
    # middle one of the newcomer and its two neighbors. One row per rank keeps each step
    # contiguous, and ranks from which no later median can come are left alone. Seven digits are
    # enough for a draw, and twice as fast.
    draws, bins = values.shape
    result: FloatArray = np.empty_like(values, order="F")
    short = np.asfortranarray(values, np.float32)
    ranks, fresh = np.full((2, bins + 1, draws), np.inf, np.float32)
    ranks[0] = fresh[0] = -np.inf
    for number in range(1, bins + 1):
        low = max(1, (bins + 1) // 2 - (bins - number))
        high = min(number, bins // 2 + 1) + 1
        np.minimum(ranks[low:high], short[:, number - 1], out=fresh[low:high])
        np.maximum(ranks[low - 1 : high - 1], fresh[low:high], out=fresh[low:high])
        ranks, fresh = fresh, ranks
        np.add(ranks[(number + 1) // 2], ranks[number // 2 + 1], out=result[:, number - 1])
    result *= 0.5
    return result


def _medians(row: list[float]) -> list[float]:
    ranked: list[float] = []
    medians = []
    for value in row:
        insort(ranked, value)
        medians.append(0.5 * (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]))
    return medians


def _at(place: int) -> Callable[..., FloatArray]:
    return lambda values, **_: values[:, [place]]


def _where(condition: FloatArray, then: FloatArray, otherwise: FloatArray) -> FloatArray:
    return np.where(condition != 0, then, otherwise)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(np.abs, joined, 1, 1, "without its sign"),
    "round": Function(np.round, joined, 1, 1, "nearest whole number, halves to the even one"),
    "floor": Function(np.floor, joined, 1, 1, "next whole number below"),
    "ceil": Function(np.ceil, joined, 1, 1, "next whole number above"),
    "sqrt": Function(np.sqrt, joined, 1, 1, "square root"),
    "min": Function(_smallest, _extreme, 1, 9, "smallest bin of a series, or of several values"),
    "max": Function(_largest, _extreme, 1, 9, "largest bin of a series, or of several values"),
    "where": Function(_where, joined, 3, 3, "second value where the first is not 0, else third"),
    "sum": Function(_over_bins(np.sum, 0.0), _reduced, 1, 1, "sum over the bins"),
    "mean": Function(_over_bins(np.mean), _reduced, 1, 1, "mean over the bins"),
    "median": Function(_over_bins(np.median), _reduced, 1, 1, "median over the bins"),
    "first": Function(_over_bins(_at(0)), _reduced, 1, 1, "first bin"),
    "last": Function(_over_bins(_at(-1)), _reduced, 1, 1, "last bin"),
    "count": Function(_count, _reduced, 1, 1, "number of bins"),
    "diff": Function(lambda values: np.diff(values, axis=1), _differences, 1, 1, "bin less bin"),
    "running_mean": Function(_running_mean, _kept, 1, 1, "mean of the bins up to each"),
    "running_median": Function(running_median, _kept, 1, 1, "median of the bins up to each"),
}
"""By name. Whatever is not here cannot be called."""

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "negative": np.negative,
}
"""By sign. A comparison yields 1 or 0."""
