"""
Looking for good settings: Optuna proposes, the crew evaluates, in batches.

A batch is proposed at once and told in its order, however many evaluate it and whoever is
done first. So a sweep is the same on one process, on ten, or on a cluster, and one that is
started again comes to the same proposals and finds their outcomes on disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import optuna

from core.domain.errors import ConfigurationError
from core.domain.memory import FloatArray
from core.research.sweep.crew import Crew
from core.research.sweep.evaluation import Laboratory, Outcome, Task, bar_starts
from core.research.sweep.results import Results
from core.research.sweep.score import Objective, score
from core.research.sweep.space import Space, Value, Values
from core.research.sweep.splits import Split, counts_for_choice

BATCH = 8
"""Points that are proposed at once. Of a fixed size: the outcome hangs on it."""

_STARTUP = 16
"""Random points before the sampler begins to believe what it has seen."""


class Sampler(StrEnum):
    """How points of the space are chosen."""

    GRID = "grid"
    RANDOM = "random"
    TPE = "tpe"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sweep searches."""

    sampler: Sampler
    trials: int
    """Points that are tried in each search; of a grid all of them."""
    objectives: tuple[Objective, ...]
    """The first one decides; more than one are sought together."""
    embargo_ns: int
    seed: int
    prunes: bool
    """Give points up that fall behind on the first folds; by one objective only."""

    def __post_init__(self) -> None:
        """Refuse what Optuna cannot do."""
        if self.prunes and len(self.objectives) > 1:
            raise ConfigurationError(
                "--prune gives points up by one objective, and "
                f"{len(self.objectives)} are sought: leave --prune out, or all but one --objective"
            )


@dataclass(slots=True)
class Trial:
    """One point of the space and what became of it in one search."""

    number: int
    values: Values
    scores: tuple[float, ...] = ()
    """By objective, on the folds chosen by; empty if it was given up or failed."""
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    """By fold."""
    failure: str = ""
    is_pruned: bool = False


class Search:
    """
    Looks for points of a space on some folds.

    Args:
        laboratory: Where they are evaluated.
        crew: Who does it.
        results: What has been evaluated already.
        space: What may be varied.
        plan: How it is searched.
        settings_of: Writes the settings of a point as JSON.
        told: Called with the number of evaluations that are done.
    """

    def __init__(
        self,
        laboratory: Laboratory,
        crew: Crew,
        results: Results,
        space: Space,
        plan: Plan,
        settings_of: Callable[[Values], str],
        told: Callable[[int], None],
    ) -> None:
        self._laboratory = laboratory
        self._crew = crew
        self._results = results
        self._space = space
        self._plan = plan
        self._settings_of = settings_of
        self._told = told
        # What a library says on standard error is not for whoever watches a progress bar.
        optuna.logging.set_verbosity(logging.ERROR)

    def run(self, split: Split, seed: int) -> list[Trial]:
        """Search with the folds that a split chooses by. Returns all trials in order."""
        trials: list[Trial] = []
        study = self._study(seed)
        for batch in self._batches(study):
            asked = [
                Trial(len(trials) + number, values) for number, (_, values) in enumerate(batch)
            ]
            self._evaluate(asked, [trial for trial, _ in batch], split)
            for trial, (proposed, _) in zip(asked, batch, strict=True):
                self._tell(study, proposed, trial)
            trials += asked
        return trials

    def judge(self, trial: Trial, fold: int) -> Outcome:
        """Evaluate a trial on a fold that it was not chosen by."""
        if fold not in trial.outcomes:
            (trial.outcomes[fold],) = self._outcomes([Task(self._settings_of(trial.values), fold)])
        return trial.outcomes[fold]

    def profits(self, trial: Trial, split: Split) -> FloatArray:
        """Profits of the bars that a split chooses by."""
        return _joined(self._laboratory, trial.outcomes, split, self._plan.embargo_ns)

    def _study(self, seed: int) -> optuna.Study:
        if self._plan.sampler is Sampler.TPE:
            sampler: Any = optuna.samplers.TPESampler(
                seed=seed, n_startup_trials=_STARTUP, constant_liar=True
            )
        else:
            # A grid is proposed by the space itself; the study only decides who is given up.
            sampler = optuna.samplers.RandomSampler(seed=seed)
        return optuna.create_study(
            sampler=sampler,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=BATCH),
            directions=[
                "maximize" if objective.is_maximized else "minimize"
                for objective in self._plan.objectives
            ],
        )

    def _batches(self, study: optuna.Study) -> Iterator[list[tuple[optuna.Trial, Values]]]:
        if self._plan.sampler is Sampler.GRID:
            points = list(self._space.grid())
            for start in range(0, len(points), BATCH):
                yield [(study.ask(), point) for point in points[start : start + BATCH]]
            return
        for start in range(0, self._plan.trials, BATCH):
            asked = [study.ask() for _ in range(min(BATCH, self._plan.trials - start))]
            yield [(trial, _suggested(trial, self._space)) for trial in asked]

    def _evaluate(
        self, trials: Sequence[Trial], proposed: Sequence[optuna.Trial], split: Split
    ) -> None:
        """Fold after fold, so that who falls behind is given up before the next."""
        settings: dict[int, str] = {}
        for trial in trials:
            try:
                settings[trial.number] = self._settings_of(trial.values)
            except ConfigurationError as error:
                trial.failure = str(error)
        for stage, fold in enumerate(split.chosen_by):
            running = [trial for trial in trials if not trial.failure and not trial.is_pruned]
            tasks = [Task(settings[trial.number], fold) for trial in running]
            for trial, outcome in zip(running, self._outcomes(tasks), strict=True):
                trial.outcomes[fold] = outcome
                trial.failure = trial.failure or outcome.failure
            if self._plan.prunes and stage + 1 < len(split.chosen_by):
                self._give_up(
                    trials, proposed, Split(split.chosen_by[: stage + 1], split.judged_on)
                )
        for trial in trials:
            if not trial.failure and not trial.is_pruned:
                profits = self.profits(trial, split)
                trial.scores = tuple(
                    score(objective, profits, self._laboratory.bar_ns)
                    for objective in self._plan.objectives
                )

    def _give_up(
        self, trials: Sequence[Trial], proposed: Sequence[optuna.Trial], so_far: Split
    ) -> None:
        step = len(so_far.chosen_by) - 1
        running = [
            (trial, asked)
            for trial, asked in zip(trials, proposed, strict=True)
            if not trial.failure and not trial.is_pruned
        ]
        for trial, asked in running:
            profits = self.profits(trial, so_far)
            asked.report(score(self._plan.objectives[0], profits, self._laboratory.bar_ns), step)
        for trial, asked in running:
            trial.is_pruned = asked.should_prune()

    def _outcomes(self, tasks: Sequence[Task]) -> list[Outcome]:
        found = [self._results.find(task) for task in tasks]
        missing = [task for task, outcome in zip(tasks, found, strict=True) if outcome is None]
        self._told(len(tasks) - len(missing))
        # Two points of a search may be the same.
        wanted = list({(task.settings, task.fold): task for task in missing}.values())
        made: dict[tuple[str, int], Outcome] = {}
        for task, outcome in zip(wanted, self._crew.evaluate(wanted), strict=True):
            self._results.keep(task, outcome)
            made[task.settings, task.fold] = outcome
            self._told(1)
        return [
            made[task.settings, task.fold] if outcome is None else outcome
            for task, outcome in zip(tasks, found, strict=True)
        ]

    @staticmethod
    def _tell(study: optuna.Study, proposed: optuna.Trial, trial: Trial) -> None:
        if trial.scores:
            study.tell(proposed, list(trial.scores))
        else:
            state = optuna.trial.TrialState.PRUNED if trial.is_pruned else None
            study.tell(proposed, state=state or optuna.trial.TrialState.FAIL)


def best(trials: Sequence[Trial], objective: Objective) -> Trial | None:
    """Trial with the best first score, the earlier one of equals; None if none has a score."""
    scored = [trial for trial in trials if trial.scores]
    sign = 1.0 if objective.is_maximized else -1.0
    return max(scored, key=lambda trial: (sign * trial.scores[0], -trial.number), default=None)


def pareto(trials: Sequence[Trial], objectives: Sequence[Objective]) -> list[Trial]:
    """Trials that no other one beats in one objective without losing in another."""
    scored = [trial for trial in trials if trial.scores]
    signs = [1.0 if objective.is_maximized else -1.0 for objective in objectives]
    points = np.array([trial.scores for trial in scored]).reshape(len(scored), -1) * signs
    front = []
    for number, trial in enumerate(scored):
        is_as_good = (points >= points[number]).all(axis=1)
        is_better = (points > points[number]).any(axis=1)
        if not (is_as_good & is_better).any():
            front.append(trial)
    return front


def _suggested(trial: optuna.Trial, space: Space) -> Values:
    values: Values = {}
    for dimension in space.dimensions:
        if not dimension.applies(values):
            continue
        key = dimension.key
        value: Value
        if dimension.choices:
            # Optuna takes no lists of mixed numbers and words well: it is given places.
            place = trial.suggest_categorical(key, list(range(len(dimension.choices))))
            value = dimension.choices[place]
        elif dimension.is_whole:
            value = trial.suggest_int(
                key, int(dimension.low), int(dimension.high),
                step=max(1, int(dimension.step)), log=dimension.is_log,
            )  # fmt: skip
        else:
            raw = trial.suggest_float(
                key, dimension.low, dimension.high, step=dimension.step or None,
                log=dimension.is_log,
            )  # fmt: skip
            value = round(raw, 12)
        values[key] = value
    return values


def _joined(
    laboratory: Laboratory, outcomes: dict[int, Outcome], split: Split, embargo_ns: int
) -> FloatArray:
    """Profits of the folds that a split chooses by, without what is too near to the judged one."""
    judged = laboratory.folds[split.judged_on] if split.judged_on >= 0 else None
    parts = []
    for number in split.chosen_by:
        fold = laboratory.folds[number]
        starts = bar_starts(fold, laboratory.bar_ns)
        is_counted = np.ones(len(starts), bool)
        if judged is not None:
            start_ns, stop_ns = counts_for_choice(fold, judged, embargo_ns)
            is_counted = (starts >= start_ns) & (starts < stop_ns)
        parts.append(outcomes[number].bars[is_counted])
    return np.concatenate(parts)
