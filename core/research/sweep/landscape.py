"""Where in the space the score is high: which settings tell, and how they go together."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from core.domain.memory import FloatArray
from core.research.sweep.search import Trial
from core.research.sweep.space import Dimension, Space, Value

MOST_LEVELS = 8
"""Groups that a range is put into, at most."""

_MOST_TELLING = 3

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Levels:
    """Groups of the values of one dimension: its choices, its steps, or pieces of its range."""

    dimension: Dimension
    names: tuple[str, ...]
    edges: tuple[float, ...]
    """Where each piece but the first begins; empty of choices."""

    def place(self, value: Value) -> int:
        """Number of the group that a value belongs to."""
        if self.dimension.choices:
            # True equals 1, but they are different choices.
            kinds = [(type(choice), choice) for choice in self.dimension.choices]
            return kinds.index((type(value), value))
        return bisect.bisect_right(self.edges, float(value))


def plain(value: Value | None) -> str:
    """A value for a table, with at most four digits of a fraction; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def levels_of(dimension: Dimension) -> Levels:
    """Put the values of a dimension into at most eight groups; choices stay as they are."""
    if dimension.choices:
        return Levels(dimension, tuple(map(plain, dimension.choices)), ())
    steps = _steps(dimension)
    if 1 < len(steps) <= MOST_LEVELS:
        middles = [(one + other) / 2 for one, other in pairwise(steps)]
        return Levels(dimension, tuple(map(plain, steps)), tuple(middles))
    edges = _edges(dimension)
    ends = edges[1:] - 1 if dimension.is_whole else edges[1:]
    names = [
        f"{low:.0f} to {high:.0f}" if dimension.is_whole else f"{low:.3g} to {high:.3g}"
        for low, high in zip(edges, ends, strict=False)
    ]
    return Levels(dimension, tuple(names), tuple(map(float, edges[1:-1])))


def _steps(dimension: Dimension) -> tuple[float, ...]:
    """All values of a range, where there are few."""
    if dimension.step or not dimension.is_whole or dimension.is_log:
        return tuple(float(value) for value in dimension.grid())
    return tuple(float(v) for v in range(int(dimension.low), int(dimension.high) + 1))


def _edges(dimension: Dimension) -> FloatArray:
    """Of pieces of equal length, or of equal ratio in a logarithmic range."""
    low, high = dimension.low, dimension.high + (1.0 if dimension.is_whole else 0.0)
    spread = np.geomspace if dimension.is_log else np.linspace
    edges = np.asarray(spread(low, high, MOST_LEVELS + 1), np.float64)
    return np.unique(np.round(edges)) if dimension.is_whole else edges


def explained(levels: Levels, trials: Sequence[Trial]) -> float:
    """
    Share of the variance of the first score that the groups of one dimension explain.

    Epsilon squared (T. L. Kelley, PNAS 1935): what groups of that number explain by chance
    is taken off. Trials without the dimension count as variance that it does not explain.

    Returns:
        From 0 to 1; 0 if all scores are the same.
    """
    scored = [trial for trial in trials if trial.scores]
    total = _squares([trial.scores[0] for trial in scored])
    groups: dict[int, list[float]] = {}
    for trial in scored:
        if levels.dimension.key in trial.values:
            place = levels.place(trial.values[levels.dimension.key])
            groups.setdefault(place, []).append(trial.scores[0])
    members = [score for group in groups.values() for score in group]
    if not total > 0.0 or len(groups) < 2:
        return 0.0
    within = sum(map(_squares, groups.values()))
    free = len(members) - len(groups)
    by_chance = (len(groups) - 1) * within / free if free else 0.0
    return max(0.0, _squares(members) - within - by_chance) / total


def _squares(scores: Sequence[float]) -> float:
    """Sum of squared distances from the mean."""
    return float(np.var(scores)) * len(scores) if scores else 0.0


def telling(space: Space, trials: Sequence[Trial]) -> list[tuple[Levels, float]]:
    """All dimensions with what they explain, the most telling first."""
    found = [levels_of(dimension) for dimension in space.dimensions]
    return sorted(
        ((levels, explained(levels, trials)) for levels in found), key=lambda row: -row[1]
    )


def pairs(ranked: Sequence[tuple[Levels, float]]) -> list[tuple[Levels, Levels]]:
    """Each pair of the two or three most telling dimensions."""
    most = [levels for levels, _ in ranked[:_MOST_TELLING]]
    return list(combinations(most, 2))


def place_of(trial: Trial, across: Levels, down: Levels) -> Place | None:
    """Column and row of a trial; None if it has not both dimensions."""
    keys = (across.dimension.key, down.dimension.key)
    if not all(key in trial.values for key in keys):
        return None
    return across.place(trial.values[keys[0]]), down.place(trial.values[keys[1]])


def means(trials: Sequence[Trial], across: Levels, down: Levels) -> dict[Place, tuple[float, int]]:
    """Mean of the first score and number of trials, by column and row."""
    cells: dict[Place, list[float]] = {}
    for trial in trials:
        place = place_of(trial, across, down)
        if trial.scores and place is not None:
            cells.setdefault(place, []).append(trial.scores[0])
    return {place: (float(np.mean(found)), len(found)) for place, found in cells.items()}


def height_of(dimension: Dimension, value: Value) -> float:
    """Where a value stands on the axis of its dimension: 0 is the lowest, 1 the highest."""
    if dimension.choices:
        return levels_of(dimension).place(value) / max(1, len(dimension.choices) - 1)
    low, high, found = dimension.low, dimension.high, float(value)
    if dimension.is_log:
        low, high, found = math.log(low), math.log(high), math.log(found)
    return (found - low) / (high - low) if high > low else 0.5
