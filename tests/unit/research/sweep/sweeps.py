"""Builds sweeps that were never run, from the profits they are to have made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data.dataset import SourceFile
from core.data.event_file import EventFile
from core.research.sweep.evaluation import Laboratory, Outcome
from core.research.sweep.score import Objective, score
from core.research.sweep.search import Plan, Sampler, Trial, pareto
from core.research.sweep.space import Condition, Dimension, Space
from core.research.sweep.splits import Scheme, cut, splits
from core.research.sweep.sweep import Judged, SweepResult, points_not_run
from tests.unit.kernel.kernel_rig import EISBACH

S = 1_000_000_000
START_NS = 1_763_800_000 * S
BAR_S = 5
FOLD_BARS = 40


def choices(key, *values, when=None):
    return Dimension(key, values, 0.0, 0.0, 0.0, is_log=False, is_whole=False, condition=when)


def between(key, low, high, *, step=0.0, is_log=False, is_whole=False, when=None):
    return Dimension(key, (), low, high, step, is_log, is_whole, when)


ONLY_PROBABILISTIC = Condition("simulation.queue", ("probabilistic",))

SPACE = Space(
    (
        between("strategy.min_signal", 0.05, 0.5),
        choices("strategy.take_signal", 0.5, 0.7, 0.9),
        between("strategy.bar_ms", 250.0, 4_000.0, is_log=True, is_whole=True),
        choices("simulation.impact", True, False),
        choices("simulation.queue", "risk_averse", "probabilistic"),
        between("simulation.queue_power", 1.0, 4.0, when=ONLY_PROBABILISTIC),
    )
)


def make_trials(count=30, seed=3, objectives=(Objective.SHARPE,)):
    """Points of `SPACE`: the score falls with take_signal and hangs on nothing else."""
    rng = np.random.default_rng(seed)
    trials = []
    for number in range(count):
        values = {
            "strategy.min_signal": round(float(rng.uniform(0.05, 0.5)), 3),
            "strategy.take_signal": (0.5, 0.7, 0.9)[number % 3],
            "strategy.bar_ms": int(rng.integers(250, 4_001)),
            "simulation.impact": bool(rng.random() < 0.4),
            "simulation.queue": "probabilistic" if number % 5 < 2 else "risk_averse",
        }
        if number % 5 < 2:
            values["simulation.queue_power"] = round(float(rng.uniform(1, 4)), 2)
        level = 30.0 - 70.0 * values["strategy.take_signal"] + rng.normal(0, 2)
        scores = tuple(float(level + 3 * place) for place in range(len(objectives)))
        outcomes = {0: Outcome(np.zeros(FOLD_BARS).tobytes(), fills=number)}
        trials.append(Trial(number, values, scores, outcomes))
    return trials


def make_result(
    profits=None,
    *,
    fills=37,
    trials=None,
    space=SPACE,
    objectives=(Objective.SHARPE,),
    scheme=Scheme.WALK_FORWARD,
    sampler=Sampler.TPE,
    risk=0.2,
    in_sample=12.5,
    judging_failure="",
):
    """
    Make a sweep of which only the trials of the search on all folds are known.

    Args:
        profits: Of the bars of each judged fold, as shares of the capital.
        fills: In each judged fold.
        trials: Of the search on all folds; the best one is chosen.
        space: That the trials are points of.
        objectives: The first one decides.
        scheme: With walk-forward there is one more fold than profits, else as many.
        sampler: Said to have been used.
        risk: Probability of overfitting.
        in_sample: First objective of each choice where it was chosen.
        judging_failure: Why the judged folds could not be run.
    """
    profits = noise_folds(3) if profits is None else [np.asarray(fold) for fold in profits]
    trials = make_trials(objectives=objectives) if trials is None else trials
    walked = scheme is Scheme.WALK_FORWARD
    count = len(profits) + walked
    bars = len(profits[0])
    folds = cut(START_NS, START_NS + count * bars * BAR_S * S - 1, count)
    sign = 1.0 if objectives[0].is_maximized else -1.0
    scored = [trial for trial in trials if trial.scores]
    chosen = max(scored, key=lambda trial: sign * trial.scores[0])
    judged = []
    for split, made in zip(splits(scheme, count), profits, strict=True):
        outcome = Outcome(made.tobytes(), fills=fills, turnover=1.5, failure=judging_failure)
        winner = Trial(7, chosen.values, (in_sample,), {split.judged_on: outcome})
        found = score(objectives[0], made, BAR_S * S)
        judged.append(Judged(split, winner, in_sample, found, trials=64))
    source = SourceFile(Path("days/wave & ripple.csv"), "5a5a", 1_200)
    market = EventFile(Path("events.bin"), (EISBACH,), "", (source,), 0, 1_200)
    starts = [folds[one.split.judged_on].start_ns + BAR_S * S * np.arange(bars) for one in judged]
    return SweepResult(
        laboratory=Laboratory(market, folds, BAR_S * S, (), ()),
        space=space,
        plan=Plan(sampler, 64, tuple(objectives), 60 * S, 11, prunes=len(objectives) == 1),
        scheme=scheme,
        judged=tuple(judged),
        trials=tuple(trials),
        chosen=chosen,
        front=tuple(pareto(trials, objectives)),
        ts_ns=np.concatenate(starts),
        profits=np.concatenate(profits),
        tried=211,
        not_run=points_not_run(trials),
        reused=9,
        overfit_probability=risk,
    )


def noise_folds(count, seed=5, mean=0.0, deviation=0.001, bars=FOLD_BARS):
    rng = np.random.default_rng(seed)
    return [rng.normal(mean, deviation, bars) for _ in range(count)]
