"""Pictures of a sweep: from its trials to what draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.domain.memory import FloatArray
from core.reports.charts import banded_curve
from core.reports.dots import Dot, Pair, paired_dots, scatter
from core.reports.grids import Axis, Cell, Side, Thread, heat_map, parallel_lines
from core.research.sweep.landscape import Levels, height_of, means, place_of, plain
from core.research.sweep.score import Objective
from core.research.sweep.search import Trial
from core.research.sweep.space import Dimension
from core.research.sweep.sweep import SweepResult

MOST_THREADS = 400
"""Lines of parallel coordinates that can still be told apart."""


def shown(value: float | None) -> str:
    """A score with as many decimals as it is worth, or a dash."""
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1_000:
        return f"{value:,.0f}"
    if size >= 1 or size == 0:
        return f"{value:z.2f}"
    return f"{value:z.3f}" if size >= 0.1 else f"{value:z.5f}"


def profit_curve(result: SweepResult) -> str:
    """Cumulated profit of the chosen settings on the folds that they were not chosen by."""
    folds = [result.laboratory.folds[entry.split.judged_on] for entry in result.judged]
    ts_ns = np.append(result.ts_ns, folds[-1].stop_ns)
    profit_pct = 100.0 * np.concatenate(([0.0], np.cumsum(result.profits)))
    bands = [(fold.start_ns, fold.stop_ns, f"fold {fold.number + 1}") for fold in folds]
    label = (
        f"profit out of sample over {len(folds)} folds, at the end "
        f"{shown(float(profit_pct[-1]))} per cent of the capital"
    )
    return banded_curve(ts_ns, profit_pct, bands, label)


def split_pairs(splits: Sequence[Mapping[str, Any]], objective: str) -> str:
    """In sample against out of sample of each split that has both."""
    rows = [
        Pair(
            f"fold {entry['judged_on'] + 1}",
            entry["in_sample"],
            entry["out_of_sample"],
            f"{shown(entry['in_sample'])} to {shown(entry['out_of_sample'])}",
        )
        for entry in splits
        if entry["in_sample"] is not None and entry["out_of_sample"] is not None
    ]
    return paired_dots(rows, f"{objective} in sample and out of sample, by split") if rows else ""


def score_map(result: SweepResult, across: Levels, down: Levels, names: Mapping[str, str]) -> str:
    """Mean of the first score over two dimensions; empty if no trial has both."""
    found = means(result.trials, across, down)
    if not found:
        return ""
    objective = result.plan.objectives[0]
    strengths = _strengths([mean for mean, _ in found.values()], objective)
    cells = {
        place: Cell(shown(mean), f"{count} {'trial' if count == 1 else 'trials'}", strength)
        for (place, (mean, count)), strength in zip(found.items(), strengths, strict=True)
    }
    side, other = (Side(names[one.dimension.key], one.names) for one in (across, down))
    label = f"mean {objective} by {side.name} and {other.name}"
    return heat_map(side, other, cells, place_of(result.chosen, across, down), label)


def _strengths(scores: Sequence[float], objective: Objective) -> list[float]:
    """From 0 for the worst to 1 for the best."""
    low, high = min(scores), max(scores)
    if not high > low:
        return [0.5] * len(scores)
    shares = [(score - low) / (high - low) for score in scores]
    return shares if objective.is_maximized else [1.0 - share for share in shares]


def threads(result: SweepResult, names: Mapping[str, str]) -> str:
    """All trials across all dimensions and the first score, the chosen one bold."""
    objective = result.plan.objectives[0]
    scored = [trial for trial in result.trials if trial.scores]
    scores = np.array([trial.scores[0] for trial in scored])
    low, high = float(scores.min()), float(scores.max())
    tints = dict(zip((trial.number for trial in scored), _ranks(scores, objective), strict=True))
    drawn = sorted(sample(result), key=lambda trial: tints.get(trial.number, -1.0))

    def thread(trial: Trial) -> Thread:
        places = [
            height_of(dimension, trial.values[dimension.key])
            if dimension.key in trial.values else None
            for dimension in result.space.dimensions
        ]  # fmt: skip
        score = None
        if trial.scores:
            score = (trial.scores[0] - low) / (high - low) if high > low else 0.5
        return Thread((*places, score), tints.get(trial.number), said(trial, names))

    axes = [
        *(Axis(names[d.key], _axis_marks(d)) for d in result.space.dimensions),
        Axis(objective.value, ((0.0, shown(low)), (1.0, shown(high))) if high > low
             else ((0.5, shown(low)),)),
    ]  # fmt: skip
    label = f"{len(drawn)} points of the space, one line each, with their {objective}"
    return parallel_lines(axes, [thread(trial) for trial in drawn], thread(result.chosen), label)


def sample(result: SweepResult) -> list[Trial]:
    """The trials that are drawn: all, or an even choice from the worst to the best of too many."""
    objective = result.plan.objectives[0]
    sign = 1.0 if objective.is_maximized else -1.0
    ordered = sorted(
        result.trials, key=lambda t: (bool(t.scores), sign * t.scores[0] if t.scores else 0.0)
    )
    if len(ordered) <= MOST_THREADS:
        return ordered
    return [ordered[i] for i in np.linspace(0, len(ordered) - 1, MOST_THREADS).astype(int)]


def _ranks(scores: FloatArray, objective: Objective) -> list[float]:
    """From 0 for the worst to 1 for the best, by rank: one wild score must not pale the others."""
    order = np.argsort(np.argsort(scores if objective.is_maximized else -scores, kind="stable"))
    return [float(rank) / max(1, len(scores) - 1) for rank in order]


def _axis_marks(dimension: Dimension) -> tuple[tuple[float, str], ...]:
    if dimension.choices:
        last = max(1, len(dimension.choices) - 1)
        return tuple((n / last, plain(choice)) for n, choice in enumerate(dimension.choices))
    write = "{:.0f}" if dimension.is_whole else "{:.6g}"
    return (0.0, write.format(dimension.low)), (1.0, write.format(dimension.high))


def said(trial: Trial, names: Mapping[str, str]) -> str:
    """A trial in words: number, scores and values."""
    scores = ", ".join(map(shown, trial.scores)) or "no score"
    values = ", ".join(f"{names[key]} {plain(value)}" for key, value in trial.values.items())
    return f"point {trial.number + 1}: {scores}; {values}"


def front_scatter(result: SweepResult, second: int, names: Mapping[str, str]) -> str:
    """First objective against another one, with the front and the chosen point marked."""
    front = {trial.number for trial in result.front}
    scored = [trial for trial in result.trials if trial.scores]

    def rank(trial: Trial) -> int:
        return 2 if trial.number == result.chosen.number else int(trial.number in front)

    kinds = ("beaten", "dot", "chosen")
    dots = [
        Dot(trial.scores[second], trial.scores[0], said(trial, names), kinds[rank(trial)])
        for trial in sorted(scored, key=rank)
    ]
    one, other = result.plan.objectives[0].value, result.plan.objectives[second].value
    # Of three objectives the front is a surface: a line would join what is not beside each other.
    is_line = len(result.plan.objectives) == 2
    line = sorted((trial.scores[1], trial.scores[0]) for trial in result.front) if is_line else []
    return scatter(dots, line, (other, one), f"{one} against {other}, {len(front)} on the front")
