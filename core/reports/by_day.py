"""
Several days, each a backtest of its own: totals, and what a day is worth.

A day is one observation: what happens within it hangs together, and days begin flat. So
the interval of the mean is that of Student's t over the days, and with few of them it is
wide.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from core.domain.memory import FloatArray, IntArray
from core.reports.bootstrap import LEVEL_PCT
from core.reports.plain import number
from core.reports.text import amount, between, cell, figure, wrapped

_SUMS = ("events", "seconds", "decisions", "orders", "fills", "volume", "pnl", "fees", "turnover")
_COLUMNS = ("pnl", "fees", "orders", "fills", "max_drawdown", "sharpe")
_NAME = 12
_COLUMN = 11


@dataclass(frozen=True, slots=True)
class DayRun:
    """One day's backtest."""

    name: str
    document: Mapping[str, Any]
    """Of `core.reports.summary.summarize`, and what was said beside it."""
    ts_ns: IntArray
    """Time of each sample of the curve."""
    pnl: FloatArray
    """Profit since the day's start, in units of the currency."""
    fault: str = ""
    """Why the user's strategy could not go on; empty if it could."""
    exit_code: int = 0


def by_day_json(runs: Sequence[DayRun]) -> dict[str, Any]:
    """
    Put days together.

    Args:
        runs: At least one, in order of time.

    Returns:
        The names of one backtest's document where they can be summed over days;
        `max_drawdown` is that of the worst day, `decision_hash` of all days' hashes. `days`
        has `count`, `won`, `best`, `worst`, and of a day's profit `mean`, `deviation`, and the
        ends `low` and `high` of the mean's interval; `by_day` each day's whole document.
    """
    documents = [run.document for run in runs]
    pnl = np.array([document["pnl"] for document in documents], np.float64)
    outcomes: Counter[str] = Counter()
    for document in documents:
        outcomes.update(document["outcomes"])
    totals = {key: sum(document[key] for document in documents) for key in _SUMS}
    hashes = "".join(document["decision_hash"] for document in documents)
    files = {file["path"]: file for document in documents for file in document["data"]}
    return {
        **totals,
        "events_per_second": number(totals["events"] / (totals["seconds"] or math.nan)),
        "max_drawdown": max(document["max_drawdown"] or 0.0 for document in documents),
        "outcomes": dict(outcomes),
        "decision_hash": hashlib.blake2b(hashes.encode(), digest_size=8).hexdigest(),
        "settings_hash": documents[0]["settings_hash"],
        "days": _days(pnl),
        "unfinished": {run.name: run.fault for run in runs if run.fault},
        "by_day": {run.name: dict(run.document) for run in runs},
        "data": list(files.values()),
    }


def _days(pnl: FloatArray) -> dict[str, Any]:
    low, high = _ends(pnl)
    return {
        "count": len(pnl),
        "won": int(np.count_nonzero(pnl > 0)),
        "best": float(pnl.max()),
        "worst": float(pnl.min()),
        "mean": float(pnl.mean()),
        "deviation": number(float(pnl.std(ddof=1))) if len(pnl) > 1 else None,
        "level_pct": LEVEL_PCT,
        "low": number(low),
        "high": number(high),
    }


def _ends(pnl: FloatArray) -> tuple[float, float]:
    """Of the mean's interval by Student's t; NaN of one day."""
    if len(pnl) < 2:
        return math.nan, math.nan
    quantile = float(stdtrit(len(pnl) - 1, 0.5 + LEVEL_PCT / 200.0))
    reach = quantile * float(pnl.std(ddof=1)) / math.sqrt(len(pnl))
    return float(pnl.mean()) - reach, float(pnl.mean()) + reach


def verdict(document: Mapping[str, Any]) -> str:
    """Say in a sentence or two what the days show."""
    days = document["days"]
    if not document["fills"]:
        return "Nothing was traded on any day."
    if days["count"] < 2:
        return "One day alone says little about the next one."
    band = between(days["low"], days["high"], amount)
    said = (
        f"{days['won']} of {days['count']} days earned, {amount(days['mean'])} a day on average; "
        f"the {days['level_pct']} % interval of that is {band}"
    )
    if days["low"] > 0:
        return f"{said}. It leaves 0 out: the days show an edge."
    if days["high"] < 0:
        return f"{said}. It leaves 0 out: the days show a loss."
    return f"{said}. It holds 0: these days show no edge."


def by_day_text(document: Mapping[str, Any]) -> str:
    """Write the document of `by_day_json` for a person, 80 columns."""
    head = f"{'day':<{_NAME}}" + "".join(
        f"{name:>{_COLUMN}}" for name in ("pnl", "fees", "orders", "fills", "drawdown", "sharpe")
    )
    events, decisions = document["events"], document["decisions"]
    lines = [
        f"{events:,} events, {decisions:,} decisions, each day from a flat account",
        "",
        *wrapped(verdict(document)),
        "",
        head,
        *(_row(name, day) for name, day in document["by_day"].items()),
        _row("all", dict(document) | {"sharpe": None}),
        "",
        f"decisions {document['decision_hash']}   settings {document['settings_hash']}",
    ]
    lines += [f"UNFINISHED {name}: {reason}" for name, reason in document["unfinished"].items()]
    return "\n".join(lines)


def _row(name: str, day: Mapping[str, Any]) -> str:
    cells = "".join(
        f"{figure(day[key]) + ' %' if key == 'max_drawdown' else cell(key, day[key]):>{_COLUMN}}"
        for key in _COLUMNS
    )
    return f"{name:<{_NAME}}{cells}"
