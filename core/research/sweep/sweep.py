"""
A whole sweep: a search for each split, judged where it did not look, and one on everything.

The headline is what the chosen settings made on the folds they were not chosen by, put
together. What the best point made where it was chosen is told beside it, because the
distance between the two is what searching found by luck.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.domain.errors import DataError
from core.domain.memory import FloatArray, IntArray
from core.research.sweep.crew import Crew
from core.research.sweep.evaluation import Laboratory, bar_starts
from core.research.sweep.results import Results
from core.research.sweep.score import score
from core.research.sweep.search import Plan, Sampler, Search, Trial, best, pareto
from core.research.sweep.space import Space, Values
from core.research.sweep.splits import Scheme, Split, splits

Told = Callable[[int, int], None]
"""Called with (evaluations done, evaluations expected at most)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one split chose, and what became of it."""

    split: Split
    chosen: Trial
    in_sample: float
    """First objective on the folds it was chosen by."""
    out_of_sample: float
    """The same on the fold it was judged on."""
    trials: int


@dataclass(frozen=True, slots=True)
class SweepResult:
    """All that a sweep found."""

    laboratory: Laboratory
    space: Space
    plan: Plan
    scheme: Scheme
    judged: tuple[Judged, ...]
    trials: tuple[Trial, ...]
    """Of the search on all folds."""
    chosen: Trial
    """Best of them."""
    front: tuple[Trial, ...]
    """Of them, those that none beats in all objectives."""
    ts_ns: IntArray
    """When each bar of the judged folds begins."""
    profits: FloatArray
    """Of each of these bars, as a share of the capital: of settings chosen elsewhere."""
    tried: int
    """Different points tried, over all searches."""
    not_run: Mapping[str, int]
    """Why points could not be run, over all searches: reason -> different points."""
    reused: int
    """Evaluations that were on disk already."""
    overfit_probability: float
    """
    That what is best where it is chosen is below the middle where it is judged.

    NaN if the folds are too few.
    """


def run_sweep(
    laboratory: Laboratory,
    crew: Crew,
    results: Results,
    space: Space,
    plan: Plan,
    scheme: Scheme,
    settings_of: Callable[[Values], str],
    told: Told,
) -> SweepResult:
    """
    Search, judge, and search once more on everything.

    Args:
        laboratory: Data, folds and what else evaluations share.
        crew: Who evaluates.
        results: What has been evaluated already.
        space: What is varied.
        plan: How it is searched.
        scheme: How folds are put together.
        settings_of: Writes the settings of a point as JSON.
        told: Told how far it is.

    Raises:
        ConfigurationError: If the space has no grid and one is wanted.
        DataError: If no point could be run.
        FatalError: If nobody is left to evaluate.
    """
    count = len(laboratory.folds)
    everything = Split(tuple(range(count)), -1)
    chosen_splits = splits(scheme, count)
    points = sum(1 for _ in space.grid()) if plan.sampler is Sampler.GRID else plan.trials
    expected = points * (count + sum(len(split.chosen_by) for split in chosen_splits))
    expected += len(chosen_splits)
    done = 0

    def count_on(more: int) -> None:
        nonlocal done
        done += more
        told(done, expected)

    search = Search(laboratory, crew, results, space, plan, settings_of, count_on)
    judged, tried = [], list[Trial]()
    for split in chosen_splits:
        # What is proposed blindly may be proposed to all: then each point is run once.
        is_blind = plan.sampler is not Sampler.TPE
        trials = search.run(split, plan.seed if is_blind else plan.seed + 1 + split.judged_on)
        tried += trials
        judged.append(_judge(search, laboratory, plan, split, trials))
    trials = search.run(everything, plan.seed)
    tried += trials
    chosen = _best(trials, plan)
    folds = [laboratory.folds[entry.split.judged_on] for entry in judged]
    return SweepResult(
        laboratory=laboratory,
        space=space,
        plan=plan,
        scheme=scheme,
        judged=tuple(judged),
        trials=tuple(trials),
        chosen=chosen,
        front=tuple(pareto(trials, plan.objectives)),
        ts_ns=np.concatenate([bar_starts(fold, laboratory.bar_ns) for fold in folds]),
        profits=np.concatenate(
            [entry.chosen.outcomes[entry.split.judged_on].bars for entry in judged]
        ),
        tried=len({repr(trial.values) for trial in tried}),
        not_run=points_not_run(tried),
        reused=results.reused,
        overfit_probability=overfit_probability(trials, plan, laboratory),
    )


def points_not_run(trials: Sequence[Trial]) -> dict[str, int]:
    """Count different points that could not be run, by reason."""
    found = {(trial.failure, repr(trial.values)) for trial in trials if trial.failure}
    return dict(Counter(reason for reason, _ in sorted(found)))


def _judge(
    search: Search, laboratory: Laboratory, plan: Plan, split: Split, trials: Sequence[Trial]
) -> Judged:
    chosen = _best(trials, plan)
    outcome = search.judge(chosen, split.judged_on)
    return Judged(
        split,
        chosen,
        in_sample=chosen.scores[0],
        out_of_sample=score(plan.objectives[0], outcome.bars, laboratory.bar_ns),
        trials=len(trials),
    )


def _best(trials: Sequence[Trial], plan: Plan) -> Trial:
    found = best(trials, plan.objectives[0])
    if found is None:
        reasons = {trial.failure for trial in trials if trial.failure} or {"nothing was tried"}
        raise DataError("sweep", f"no point of the space could be run: {min(reasons)}")
    return found


def overfit_probability(trials: Sequence[Trial], plan: Plan, laboratory: Laboratory) -> float:
    """
    How often the best point on one half of the folds is below the middle on the other half.

    Combinatorially symmetric cross-validation over the folds (Bailey, Borwein, Lopez de
    Prado and Zhu, The Probability of Backtest Overfitting, Journal of Computational Finance
    2017). Points that were given up are left out.

    Returns:
        A share; NaN for fewer than four folds or two points.
    """
    whole = [trial for trial in trials if trial.scores]
    count = len(laboratory.folds) // 2 * 2
    if count < 4 or len(whole) < 2:
        return math.nan
    table = [[trial.outcomes[fold].bars for fold in range(count)] for trial in whole]
    objective = plan.objectives[0]
    sign = 1.0 if objective.is_maximized else -1.0
    below = total = 0
    for half in _halves(count):
        other = [fold for fold in range(count) if fold not in half]
        scores = [
            [
                sign * score(objective, np.concatenate([row[fold] for fold in folds]),
                             laboratory.bar_ns)
                for row in table
            ]
            for folds in (half, other)
        ]  # fmt: skip
        judged = np.array(scores[1])
        winner = judged[int(np.argmax(scores[0]))]
        rank = (np.sum(judged < winner) + 0.5 * np.sum(judged == winner)) / len(judged)
        below += rank < 0.5
        total += 1
    return below / total


_MOST_HALVES = 70


def _halves(count: int) -> list[tuple[int, ...]]:
    """Every half of the folds; evenly chosen ones where they are too many."""
    halves = list(combinations(range(count), count // 2))
    step = max(1, len(halves) // _MOST_HALVES)
    return halves[::step]
