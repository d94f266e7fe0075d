"""Several days, each a backtest of its own, as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from core.reports.by_day import DayRun, verdict
from core.reports.charts import small_curve
from core.reports.html import document as html_document
from core.reports.html import table, tiles
from core.reports.page import outcome_bars
from core.reports.page_style import STYLE
from core.reports.text import amount, between, figure


def by_day_page(document: Mapping[str, Any], runs: Sequence[DayRun]) -> str:
    """
    Write the document of `core.reports.by_day.by_day_json` as a page.

    Args:
        document: Of the days.
        runs: The days themselves, for their curves.
    """
    title = f"Backtest of {len(runs)} days"
    curves = [
        small_curve(run.ts_ns, run.pnl, run.name, amount(run.document["pnl"]))
        for run in runs
        if len(run.ts_ns) > 1
    ]
    unfinished = [f"UNFINISHED {name}: {why}" for name, why in document["unfinished"].items()]
    parts = [
        f"<h1>{escape(title)}</h1>",
        '<p class="note">Each from a flat account.</p>',
        '<div class="verdict">'
        + "".join(f"<p>{escape(line)}</p>" for line in [verdict(document), *unfinished])
        + "</div>",
        _tiles(document),
        "<h2>Profit of each day</h2>",
        f'<div class="multiples">{"".join(curves)}</div>',
        _days(document["by_day"]),
        "<h2>How evaluations ended</h2>",
        outcome_bars(document["outcomes"]),
        "<h2>Data</h2>",
        *(f"<p><code>{escape(file['path'])}</code></p>" for file in document["data"]),
        f"<p>Decisions <code>{escape(document['decision_hash'])}</code></p>",
    ]
    return html_document(title, parts, STYLE)


def _tiles(document: Mapping[str, Any]) -> str:
    days = document["days"]
    return tiles(
        {
            "PnL": amount(document["pnl"]),
            "a day": amount(days["mean"]),
            "days won": f"{days['won']} of {days['count']}",
            "worst day": amount(days["worst"]),
            "fees": figure(document["fees"]),
            "orders": f"{document['orders']:,}",
            "fills": f"{document['fills']:,}",
        },
        {"a day": between(days["low"], days["high"], amount)},
    )


def _days(days: Mapping[str, Mapping[str, Any]]) -> str:
    heads = ("day", "pnl", "fees", "orders", "fills", "max drawdown", "sharpe", "win rate")
    rows = [
        (
            name,
            amount(day["pnl"]),
            figure(day["fees"]),
            f"{day['orders']:,}",
            f"{day['fills']:,}",
            f"{figure(day['max_drawdown'])} %",
            figure(day["sharpe"]),
            "-" if day["win_rate"] is None else f"{100 * day['win_rate']:.1f} %",
        )
        for name, day in days.items()
    ]
    return table(heads, rows)
