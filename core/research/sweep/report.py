"""What a sweep found, as one document: the headline first, and it is out-of-sample."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.domain.memory import FloatArray
from core.reports.bootstrap import (
    LEVEL_PCT,
    RESAMPLES,
    Interval,
    as_document,
    dependence,
    interval,
    resample,
)
from core.reports.evidence import deflated_sharpe, minimum_detectable
from core.reports.metrics import SECONDS
from core.reports.plain import number
from core.reports.statistics import MIN_BARS, drawn_ratios, ratios
from core.research.sweep.score import drawdown_pct
from core.research.sweep.search import Trial
from core.research.sweep.space import overrides
from core.research.sweep.sweep import Judged, SweepResult

_NS_PER_S = 1e9

_SURE = 0.95


def sweep_json(result: SweepResult) -> dict[str, Any]:
    """
    Write the document of a sweep: str, int, float, None, dict and list only.

    `out_of_sample` is what the settings chosen by each split made on the fold they were not
    chosen by, all folds put together: `pnl_pct` and `drawdown_pct` of the capital, `sharpe`
    of a year that never closes, with 90 % intervals, and `edge_probability` (what is judged
    out of sample was not searched for, so nothing is taken off for the points tried).
    `splits` has each choice, `trials` all points of the search on all folds, `chosen` the
    best of them.
    """
    bar_s = result.laboratory.bar_ns / _NS_PER_S
    out = _out_of_sample(result, bar_s)
    objective = result.plan.objectives[0]
    return {
        "objective": objective.value,
        "objectives": [entry.value for entry in result.plan.objectives],
        "sampler": result.plan.sampler.value,
        "scheme": result.scheme.value,
        "folds": len(result.laboratory.folds),
        "embargo_s": result.plan.embargo_ns / _NS_PER_S,
        "seed": result.plan.seed,
        "tried": result.tried,
        "reused": result.reused,
        "bar_s": bar_s,
        "out_of_sample": out,
        "in_sample": number(float(np.mean([entry.in_sample for entry in result.judged]))),
        "overfit_probability": number(result.overfit_probability),
        "verdict": _verdict(result, out),
        "splits": [_split(entry) for entry in result.judged],
        "chosen": {
            "values": result.chosen.values,
            "scores": _scores(result.chosen),
            "overrides": overrides(result.chosen.values),
        },
        "front": [
            {"number": trial.number, "values": trial.values, "scores": _scores(trial)}
            for trial in result.front
        ],
        "trials": [_trial(trial) for trial in result.trials],
        "given_up": sum(1 for trial in result.trials if trial.is_pruned),
        "failures": sorted(_failures(result)),
    }


def _failures(result: SweepResult) -> set[str]:
    """Why points could not be run, or a choice not be judged."""
    found = set(result.not_run)
    found |= {entry.chosen.outcomes[entry.split.judged_on].failure for entry in result.judged}
    return found - {""}


def _out_of_sample(result: SweepResult, bar_s: float) -> dict[str, Any]:
    profits = result.profits
    periods = SECONDS / bar_s
    hang = dependence(profits)
    sharpe, pnl = _intervals(profits, periods, hang.careful_block)
    outcomes = [entry.chosen.outcomes[entry.split.judged_on] for entry in result.judged]
    deviation = float(np.std(profits, ddof=1)) if len(profits) > 1 else math.nan
    detectable = minimum_detectable(deviation * math.sqrt(len(profits) * max(hang.inflation, 1.0)))
    return {
        "bars": len(profits),
        "level_pct": LEVEL_PCT,
        "resamples": RESAMPLES,
        "pnl_pct": as_document(pnl),
        "sharpe": as_document(sharpe),
        "edge_probability": number(_probability(profits, hang.inflation)),
        "drawdown_pct": number(drawdown_pct(profits)),
        "detectable_pnl_pct": number(100.0 * detectable),
        "fills": sum(outcome.fills for outcome in outcomes),
        "turnover": number(sum(outcome.turnover for outcome in outcomes)),
    }


def _intervals(profits: FloatArray, periods: float, block: float) -> tuple[Interval, Interval]:
    """Sharpe ratio and profit in per cent, each with its interval."""
    sharpe, total = ratios(profits, periods)[0], 100.0 * float(profits.sum())
    if len(profits) < MIN_BARS:
        unknown = (math.nan, math.nan)
        return Interval(sharpe, *unknown), Interval(total, *unknown)
    drawn = [
        (drawn_ratios(profits, periods, piece)[0], 100.0 * piece.sums(profits))
        for piece in resample(len(profits), block)
    ]
    sharpes, totals = (np.concatenate(column) for column in zip(*drawn, strict=True))
    return interval(sharpe, sharpes), interval(total, totals)


def _probability(profits: FloatArray, inflation: float) -> float:
    """
    Probability that what was chosen has an edge.

    Out-of-sample profits were not searched for, so they are those of one trial: nothing is
    taken off for the points tried, only for what returns that persist are worth.
    """
    deviation = float(np.std(profits, ddof=1)) if len(profits) > 1 else 0.0
    if not deviation > 0.0:
        return math.nan
    centered = (profits - profits.mean()) / deviation
    return deflated_sharpe(
        float(profits.mean()) / deviation,
        len(profits) / max(inflation, 1.0),
        float(np.mean(centered**3)),
        float(np.mean(centered**4)),
        trials=1,
    )


def _verdict(result: SweepResult, out: dict[str, Any]) -> list[str]:
    """Say in sentences what the sweep shows, and what it does not."""
    said = [_edge(out, len(result.judged))]
    risk = result.overfit_probability
    if risk >= 0.5:
        said.append(
            f"Searching finds luck here: what was best on one half of the folds was below the "
            f"middle on the other half {100 * risk:.0f} % of the time."
        )
    if not math.isnan(risk) and risk < 0.5:
        said.append(f"Probability of overfitting {100 * risk:.0f} %.")
    return said


def _edge(out: dict[str, Any], folds: int) -> str:
    sharpe = out["sharpe"]
    if not out["fills"]:
        return "Nothing was traded out of sample: there is nothing to judge."
    if sharpe["low"] is None:
        return (
            f"Too short to judge: {out['bars']:,} returns out of sample, and at least "
            f"{MIN_BARS} are needed. Sweep over more data."
        )
    level = f"the {LEVEL_PCT} % interval of the out-of-sample Sharpe ratio"
    if sharpe["low"] <= 0.0 <= sharpe["high"]:
        return (
            f"No edge shown: {level} holds 0. Over {folds} folds only a profit beyond "
            f"{out['detectable_pnl_pct']:.3g} % of the capital would have been seen four times "
            "in five."
        )
    if sharpe["high"] < 0.0:
        return f"It loses: {level} lies below 0."
    chance = out["edge_probability"]
    if chance is not None and chance < _SURE:
        return f"No edge shown for sure: its probability is {100 * chance:.0f} %."
    return f"An edge is shown on what was not chosen by: {level} lies above 0."


def _split(entry: Judged) -> dict[str, Any]:
    outcome = entry.chosen.outcomes[entry.split.judged_on]
    return {
        "chosen_by": list(entry.split.chosen_by),
        "judged_on": entry.split.judged_on,
        "trials": entry.trials,
        "values": entry.chosen.values,
        "in_sample": number(entry.in_sample),
        "out_of_sample": number(entry.out_of_sample),
        "fills": outcome.fills,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "values": trial.values,
        "scores": _scores(trial),
        "fills": sum(outcome.fills for outcome in trial.outcomes.values()),
        "is_pruned": trial.is_pruned,
        "failure": trial.failure,
    }


def _scores(trial: Trial) -> list[float | None]:
    return [number(score) for score in trial.scores]
