"""A sweep as one HTML page that needs nothing else: inline style, inline drawings."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import Any

from core.domain.instrument import NANOS
from core.reports.html import document as put_together
from core.reports.html import table, tiles
from core.reports.session_drawings import moment
from core.reports.text import between, share
from core.reports.verdict import length
from core.research.sweep.drawings import (
    front_scatter,
    profit_curve,
    sample,
    score_map,
    shown,
    split_pairs,
    threads,
)
from core.research.sweep.landscape import explained, levels_of, pairs, plain, telling
from core.research.sweep.page_style import STYLE
from core.research.sweep.search import Sampler
from core.research.sweep.space import Dimension, Space, overrides
from core.research.sweep.splits import Scheme
from core.research.sweep.sweep import SweepResult

_BEST = 10
_MOST_ON_FRONT = 20

_OBJECTIVES = {
    "sharpe": "Sharpe a year",
    "sortino": "Sortino a year",
    "calmar": "Calmar a year",
    "pnl": "PnL, % of the capital",
    "drawdown": "drawdown, % of the capital",
}

_SCHEMES = {
    Scheme.WALK_FORWARD: (
        "walk-forward: chosen by all folds before, judged on the next one; nothing is judged on "
        "the first fold"
    ),
    Scheme.PURGED: "purged: chosen by all other folds, judged on the one left out",
}


_NEVER_TRADED = (
    '<p class="warning">The best point never traded: no point that traded did better. '
    "Vary other settings, or sweep over more data.</p>"
)


def sweep_page(result: SweepResult, document: Mapping[str, Any]) -> str:
    """
    Write a sweep as a page.

    Args:
        result: What was found.
        document: Of it, as `sweep_json` writes it.
    """
    symbols = ", ".join(str(one.symbol) for one in result.laboratory.market.instruments)
    names = short_names(result.space)
    said = "".join(f"<p>{escape(line)}</p>" for line in document["verdict"])
    parts = [
        f"<h1>Sweep: {escape(symbols)}</h1>",
        f"<p>{escape(_subtitle(result))}</p>",
        f'<div class="verdict">{said}</div>',
        _tiles(document),
        *_profit(result, document),
        *_splits(document, names),
        *_maps(result, names),
        *_threads(result, names),
        *_front(result, document, names),
        *_best(document, names),
        *_use(result),
        *_failures(result),
        *_varied(result),
        *_assumed(result, document),
    ]
    return put_together(f"Sweep: {symbols}", parts, STYLE)


def short_names(space: Space) -> dict[str, str]:
    """Last word of each key, or the whole key where two end alike."""
    ends = Counter(_end(dimension.key) for dimension in space.dimensions)
    return {
        dimension.key: _end(dimension.key) if ends[_end(dimension.key)] == 1 else dimension.key
        for dimension in space.dimensions
    }


def _end(key: str) -> str:
    return key.rpartition(".")[2]


def _subtitle(result: SweepResult) -> str:
    market, folds = result.laboratory.market, result.laboratory.folds
    first, last = folds[0].start_ns, folds[-1].stop_ns
    form = "%Y-%m-%d %H:%M:%S"
    words = [
        f"{moment(first, form)} to {moment(last, form)} UTC",
        length((last - first) / NANOS),
        _count(len(market.instruments), "instrument"),
        _count(market.length, "event"),
    ]
    return " · ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _tiles(document: Mapping[str, Any]) -> str:
    out, objective = document["out_of_sample"], document["objective"]
    risk = document["overfit_probability"]
    found = [e["out_of_sample"] for e in document["splits"] if e["out_of_sample"] is not None]
    mean = sum(found) / len(found) if found else None
    names = {
        "pnl": "PnL out of sample",
        "sharpe": "Sharpe out of sample",
        "drawdown": "drawdown out of sample",
        "in_sample": f"{objective} in sample",
        "risk": "overfitting",
        "tried": "points tried",
    }
    figures = {
        "pnl": f"{shown(out['pnl_pct']['value'])} %",
        "sharpe": shown(out["sharpe"]["value"]),
        "drawdown": "-" if out["drawdown_pct"] is None else f"{shown(out['drawdown_pct'])} %",
        "in_sample": shown(document["in_sample"]),
        "risk": share(risk),
        "tried": f"{document['tried']:,}",
    }
    remarks = {
        "sharpe": f"a year; {between(out['sharpe']['low'], out['sharpe']['high'], shown)}",
        "pnl": between(out["pnl_pct"]["low"], out["pnl_pct"]["high"], shown),
        "drawdown": "of the capital",
        "in_sample": f"mean; out of sample {shown(mean)}",
        "risk": "needs four folds" if risk is None else "by luck alone about 50 %",
        "tried": document["sampler"],
    }
    return tiles(
        {names[key]: value for key, value in figures.items()},
        {names[key]: words for key, words in remarks.items()},
    )


def _profit(result: SweepResult, document: Mapping[str, Any]) -> list[str]:
    out = document["out_of_sample"]
    basis = (
        f"{_count(out['fills'], 'fill')}, {shown(out['turnover'])} times the capital traded. "
        f"Intervals are {out['level_pct']} %, of {_count(out['bars'], 'return')} of "
        f"{length(document['bar_s'])}, resampled {out['resamples']:,} times."
    )
    return [
        "<h2>Profit out of sample</h2>",
        (
            '<p class="note">Per cent of the capital. Each fold is traded with what was chosen '
            "without it, from a flat account; the profits are added up. UTC.</p>"
        ),
        profit_curve(result),
        f'<p class="note">{escape(basis)}</p>',
    ]


def _splits(document: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    heads = (
        "judged on", "chosen by", "points", "in sample", "out of sample", "fills", *names.values()
    )  # fmt: skip
    rows = [
        (
            f"fold {entry['judged_on'] + 1}",
            _folds(entry["chosen_by"]),
            f"{entry['trials']:,}",
            shown(entry["in_sample"]),
            shown(entry["out_of_sample"]),
            f"{entry['fills']:,}",
            *(plain(entry["values"].get(key)) for key in names),
        )
        for entry in document["splits"]
    ]
    objective = _OBJECTIVES[document["objective"]]
    return [
        "<h2>In sample against out of sample</h2>",
        (
            f'<p class="note">{escape(objective)}. Hollow: of the settings chosen, on the folds '
            "they were chosen by. Full: of the same settings on the fold they were judged on. "
            "What is lost between the two was luck.</p>"
        ),
        split_pairs(document["splits"], document["objective"]),
        table(heads, rows, "points"),
    ]


def _folds(chosen_by: list[int]) -> str:
    """Runs of folds as first to last."""
    runs: list[list[int]] = []
    for fold in chosen_by:
        if runs and fold == runs[-1][-1] + 1:
            runs[-1].append(fold)
        else:
            runs.append([fold])
    return ", ".join(
        f"{run[0] + 1}" if len(run) == 1 else f"{run[0] + 1} to {run[-1] + 1}" for run in runs
    )


def _maps(result: SweepResult, names: Mapping[str, str]) -> list[str]:
    ranked = telling(result.space, result.trials)
    maps = [score_map(result, across, down, names) for across, down in pairs(ranked)]
    drawn = [drawing for drawing in maps if drawing]
    if not drawn:
        return []
    objective = _OBJECTIVES[result.plan.objectives[0]]
    return [
        "<h2>Where it is high</h2>",
        (
            f'<p class="note">{escape(objective)}, mean of the points in a cell, over the '
            "settings that tell most. Stronger is better; empty was not tried; the frame holds "
            "the best point. In sample: a single strong cell among weak ones is luck, a broad "
            "field is not.</p>"
        ),
        f'<div class="maps">{"".join(drawn)}</div>',
    ]


def _threads(result: SweepResult, names: Mapping[str, str]) -> list[str]:
    drawn, count = len(sample(result)), len(result.trials)
    without = sum(not trial.scores for trial in result.trials)
    notes = [
        "One line for each point of the search on all folds. A gap: not varied there.",
    ]
    if without:
        notes.append(f"Dashed: {without:,} without a score, which failed or were given up.")
    if drawn < count:
        notes.append(f"Drawn are {drawn:,} of {count:,}, evenly from the worst to the best.")
    return [
        "<h2>All points</h2>",
        (
            f'<p class="note"><span class="key bold">the best point</span> '
            f'<span class="key thread">others, the stronger the better</span> '
            f"{escape(' '.join(notes))}</p>"
        ),
        threads(result, names),
    ]


def _front(result: SweepResult, document: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    objectives = document["objectives"]
    if len(objectives) < 2:
        return []
    front = document["front"]
    heads = ("point", *objectives, *names.values())
    rows = [
        (
            str(entry["number"] + 1),
            *map(shown, entry["scores"]),
            *(plain(entry["values"].get(key)) for key in names),
        )
        for entry in front[:_MOST_ON_FRONT]
    ]
    cut = f" The first {_MOST_ON_FRONT} are listed." if len(front) > _MOST_ON_FRONT else ""
    return [
        "<h2>Between objectives</h2>",
        (
            f'<p class="note"><span class="key chosen">the best by {escape(objectives[0])}</span> '
            f'<span class="key dot">no other point is better in all</span> '
            f'<span class="key beaten">beaten</span> '
            f"{_count(len(front), 'point')} on the front.{cut} In sample.</p>"
        ),
        *(front_scatter(result, second, names) for second in range(1, len(objectives))),
        table(heads, rows, "points"),
    ]


def _best(document: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    scored = [trial for trial in document["trials"] if trial["scores"]]
    is_low = document["objective"] == "drawdown"
    scored.sort(key=lambda trial: _sought(trial["scores"][0], is_low=is_low))
    heads = ("point", *document["objectives"], "fills", *names.values())
    rows = [
        (
            str(trial["number"] + 1),
            *map(shown, trial["scores"]),
            f"{trial['fills']:,}",
            *(plain(trial["values"].get(key)) for key in names),
        )
        for trial in scored[:_BEST]
    ]
    return [
        f"<h2>Best {len(rows)} of {_count(len(document['trials']), 'point')}</h2>",
        '<p class="note">Of the search on all folds, in sample: these figures flatter.</p>',
        table(heads, rows, "points"),
    ]


def _sought(score: float | None, *, is_low: bool) -> float:
    """The best comes first, what is not known last."""
    if score is None:
        return float("inf")
    return score if is_low else -score


def _use(result: SweepResult) -> list[str]:
    lines = [f"--set {shlex.quote(entry)}" for entry in overrides(result.chosen.values)]
    fills = sum(outcome.fills for outcome in result.chosen.outcomes.values())
    joined = " \\\n  ".join(["imc-cockpit", *lines, "backtest DATA"])
    return [
        "<h2>How to use it</h2>",
        (
            "<p>The best point of the search on all folds. Its own score is in sample; what to "
            "expect of it is the figure out of sample at the top. Try it on data that no sweep "
            "has seen before you trade it.</p>"
        ),
        *([] if fills else [_NEVER_TRADED]),
        f"<pre>{escape(joined)}</pre>",
    ]


def _failures(result: SweepResult) -> list[str]:
    lines = [
        f"{_count(count, 'point')} could not be run: {reason}"
        for reason, count in sorted(result.not_run.items())
    ]
    for entry in result.judged:
        number = entry.split.judged_on
        reason = entry.chosen.outcomes[number].failure
        if reason:
            lines.append(f"fold {number + 1} could not be judged and counts as no profit: {reason}")
    pruned = sum(trial.is_pruned for trial in result.trials)
    if pruned:
        lines.append(f"{_count(pruned, 'point')} given up for falling behind on the first folds")
    if not lines:
        return []
    return [
        "<h2>What was not run</h2>",
        *(f'<p class="warning">{escape(line)}</p>' for line in lines),
    ]


def _varied(result: SweepResult) -> list[str]:
    rows = [
        (
            dimension.key,
            _range(dimension),
            _condition(dimension),
            share(explained(levels_of(dimension), result.trials)),
        )
        for dimension in result.space.dimensions
    ]
    return [
        "<h2>What was varied</h2>",
        (
            '<p class="note">Told: the share of the variance of the first objective that groups '
            "of the setting explain by themselves, less what chance explains (epsilon squared). "
            "0 may still matter together with another one.</p>"
        ),
        table(("setting", "values", "only where", "told"), rows),
    ]


def _range(dimension: Dimension) -> str:
    if dimension.choices:
        return ", ".join(map(plain, dimension.choices))
    words = f"{dimension.low:g} to {dimension.high:g}"
    if dimension.step:
        words += f" by {dimension.step:g}"
    return f"{words}, logarithmic" if dimension.is_log else words


def _condition(dimension: Dimension) -> str:
    condition = dimension.condition
    if condition is None:
        return "-"
    return f"{condition.key} is {' or '.join(map(plain, condition.values))}"


def _assumed(result: SweepResult, document: Mapping[str, Any]) -> list[str]:
    plan, fold = result.plan, result.laboratory.folds[0]
    searched = "the whole grid" if plan.sampler is Sampler.GRID else (
        f"{_count(plan.trials, 'point')} in each search, seed {plan.seed}"
    )  # fmt: skip
    embargo = (
        f"{length(document['embargo_s'])}: what is nearer to the judged fold does not count for "
        "the choice"
        if document["embargo_s"]
        else "none"
    )
    fold_length = length((fold.stop_ns - fold.start_ns) / NANOS)
    rows = [
        ("sought", ", ".join(_OBJECTIVES[name] for name in document["objectives"])),
        ("folds", f"{document['folds']} of {fold_length}, each run from a flat account"),
        ("scheme", _SCHEMES[result.scheme]),
        ("embargo", embargo),
        ("search", f"{plan.sampler.value}, {searched}"),
        ("giving up early", "yes" if plan.prunes else "no"),
        ("bars", f"profits of {length(document['bar_s'])}; a year never closes"),
        ("from disk", f"{_count(document['reused'], 'evaluation')} of an earlier sweep"),
        *(
            ("data", f"{source.path.name}, {_count(source.rows, 'row')}, sha256 {source.sha256}")
            for source in result.laboratory.market.sources
        ),
    ]
    return ["<h2>What was assumed</h2>", table(("", ""), rows, "told")]
