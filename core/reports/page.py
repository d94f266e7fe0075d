"""A backtest as one HTML page that needs nothing else: inline style, inline drawings."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray
from core.reports.charts import (
    cost_bars,
    exposure_curve,
    hour_bars,
    markout_curves,
    share_bars,
    small_curve,
)
from core.reports.exposure import exposure_curves
from core.reports.html import document, table, tiles
from core.reports.page_style import STYLE
from core.reports.result import BacktestResult
from core.reports.session_drawings import drawdown_curve, equity_curve, moment, regime_bands
from core.reports.text import (
    amount,
    basis,
    between,
    cell,
    cost_remarks,
    cost_steps,
    duration,
    figure,
    share,
)
from core.reports.verdict import length

_OF_INSTRUMENT = ("pnl", "fees", "fills", "position", "sharpe", "win_rate", "profit_factor")


def html_report(summary: Mapping[str, Any], result: BacktestResult) -> str:
    """Write the document of `summarize`, with the curves of its result, as a page."""
    names = ", ".join(str(instrument.symbol) for instrument in result.instruments)
    said = "".join(f"<p>{escape(line)}</p>" for line in summary["statistics"]["verdict"])
    parts = [
        f"<h1>Backtest: {escape(names)}</h1>",
        f"<p>{escape(_subtitle(summary, result))}</p>",
        f'<div class="verdict">{said}</div>',
        _tiles(summary),
        *_basis(summary),
        *_curves(summary, result),
        *_by_regime(summary),
        *_by_instrument(summary, result),
        *_by_hour(summary),
        *_costs(summary),
        *_markouts(summary),
        *_exposure(summary, result),
        "<h2>How evaluations ended</h2>",
        outcome_bars(summary["outcomes"]),
        "<h2>Data</h2>",
        *[_file(file) for file in summary["data"]],
        (
            f"<p>Decisions <code>{escape(summary['decision_hash'])}</code>, "
            f"settings <code>{escape(summary['settings_hash'] or 'none')}</code></p>"
        ),
    ]
    return document(f"Backtest: {names}", parts, STYLE)


def _subtitle(summary: Mapping[str, Any], result: BacktestResult) -> str:
    words = [f"{len(result.instruments)} instruments", f"{summary['events']:,} events"]
    if len(result.ts_ns):
        first, last = int(result.ts_ns[0]), int(result.ts_ns[-1])
        form = "%Y-%m-%d %H:%M:%S"
        words = [
            f"{moment(first, form)} to {moment(last, form)} UTC",
            length((last - first) / NANOS),
            *words,
        ]
    return " · ".join(words)


def _basis(summary: Mapping[str, Any]) -> list[str]:
    if not summary["fills"]:
        return []
    return [f'<p class="note">{escape(basis(summary["statistics"]))}</p>']


def _tiles(summary: Mapping[str, Any]) -> str:
    statistics = summary["statistics"]
    found = {
        name: statistics[key]
        for key, name in (
            ("pnl", "PnL"),
            ("sharpe", "Sharpe a year"),
            ("sortino", "Sortino a year"),
            ("calmar", "Calmar a year"),
            ("win_rate", "win rate"),
            ("profit_factor", "profit factor"),
        )
    }
    writers = {"PnL": amount, "win rate": share}
    remarks = {
        name: between(ends["low"], ends["high"], writers.get(name, _shortly))
        for name, ends in found.items()
    }
    figures = {name: writers.get(name, _shortly)(ends["value"]) for name, ends in found.items()}
    execution = summary["execution"]
    return tiles(
        figures
        | {
            "PnL": amount(summary["pnl"]),
            "fees": figure(summary["fees"]),
            "max drawdown": f"{figure(summary['max_drawdown'])} %",
            "turnover": f"{figure(summary['turnover'])} x",
            "decisions": f"{summary['decisions']:,}",
            "orders": f"{summary['orders']:,}",
            "fills": f"{summary['fills']:,}",
        },
        remarks
        | {
            "orders": f"{share(execution['fill_ratio'])} of lots filled",
            "fills": f"{share(execution['maker_share'])} of lots made",
            "turnover": f"held {duration(execution['holding_s'])}",
        }
        if summary["fills"]
        else {},
    )


def _shortly(value: float | None) -> str:
    """A figure with as many decimals as it is worth."""
    return f"{value:,.0f}" if value is not None and abs(value) >= 1_000 else figure(value)


def _curves(summary: Mapping[str, Any], result: BacktestResult) -> list[str]:
    if len(result.ts_ns) < 2:
        return ["<p>The run is too short for a curve: it has less than two samples.</p>"]
    parts = []
    if summary["fills"]:
        equity = result.equity_nanos / NANOS
        peak = np.maximum.accumulate(equity)
        parts = [
            "<h2>Equity</h2>",
            '<p class="note">Dashed: the peak that the drawdown is measured from. UTC.</p>',
            equity_curve(result.ts_ns, equity, peak, ()),
            "<h3>Drawdown, per cent of the peak</h3>",
            drawdown_curve(result.ts_ns, _fall_pct(equity, peak)),
        ]
    return [
        *parts,
        "<h3>Regimes</h3>",
        (
            '<p class="note"><span class="key t">T trending</span> '
            '<span class="key m">M mean-reverting</span> '
            '<span class="key h">H high volatility</span> '
            '<span class="key u">not known yet</span></p>'
        ),
        regime_bands(result.ts_ns, result.regime, [str(row.symbol) for row in result.instruments]),
    ]


def _fall_pct(equity: FloatArray, peak: FloatArray) -> FloatArray:
    """How far below the peak; 0 where there is none."""
    return np.where(peak > 0.0, 100.0 * (peak - equity) / np.where(peak > 0.0, peak, 1.0), 0.0)


def _by_regime(summary: Mapping[str, Any]) -> list[str]:
    rows = {
        name.lower().replace("_", " "): row
        for name, row in summary["by_regime"].items()
        if row["trades"] or row["share_of_time"]
    }
    return ["<h2>By regime</h2>", _table("regime", rows)]


def _by_instrument(summary: Mapping[str, Any], result: BacktestResult) -> list[str]:
    execution = summary["execution"]["by_instrument"]
    traded = [
        (index, str(instrument.symbol))
        for index, instrument in enumerate(result.instruments)
        if summary["by_instrument"][str(instrument.symbol)]["fills"]
    ]
    curves = [
        small_curve(
            result.ts_ns,
            result.pnl_nanos[:, index] / NANOS,
            symbol,
            amount(summary["by_instrument"][symbol]["pnl"]),
        )
        for index, symbol in traded
        if len(result.ts_ns) > 1
    ]
    rows = {
        symbol: {key: row[key] for key in _OF_INSTRUMENT}
        | {"fill_ratio": execution[symbol]["fill_ratio"]}
        | {"held": duration(execution[symbol]["holding_s"])}
        for symbol, row in summary["by_instrument"].items()
    }
    return [
        "<h2>By instrument</h2>",
        *([f'<div class="multiples">{"".join(curves)}</div>'] if curves else []),
        _table("instrument", rows),
    ]


def _by_hour(summary: Mapping[str, Any]) -> list[str]:
    hours = summary["by_hour"]
    if len(hours) < 2:
        return []
    return [
        "<h2>By hour of the day, UTC</h2>",
        hour_bars({hour: row["pnl"] for hour, row in hours.items()}),
    ]


def _costs(summary: Mapping[str, Any]) -> list[str]:
    if not summary["fills"]:
        return []
    return [
        "<h2>From the moves of the mid to the profit</h2>",
        (
            '<p class="note">Had every order been filled at the mid it was decided on, the first '
            "line would be the profit. What the mid did until the fill, the spread and fees make "
            "of it the last one, exactly.</p>"
        ),
        cost_bars(cost_steps(summary["costs"])),
        *(f'<p class="note">{escape(line)}</p>' for line in cost_remarks(summary["costs"])),
    ]


def _markouts(summary: Mapping[str, Any]) -> list[str]:
    markouts = summary["markouts"]
    if not markouts:
        return []
    level = summary["statistics"]["level_pct"]
    rows = [
        (
            name.lower(),
            f"{row['horizon_s']} s",
            f"{row['fills']:,}",
            figure(row["ticks"]),
            between(row["ticks_low"], row["ticks_high"], figure),
            amount(row["pnl"]),
            between(row["pnl_low"], row["pnl_high"], amount),
        )
        for name, kind in markouts.items()
        for row in kind["horizons"]
    ]
    heads = ("", "after", "fills", "ticks a lot", f"{level} %", "in money", f"{level} %")
    return [
        "<h2>After fills</h2>",
        (
            '<p class="note">How far the mid went the way of a fill, in ticks a lot, with its '
            f"{level} % interval. Dashed: half the spread that the fill paid, below 0 if it earned "
            "it; a fill was worth it once its curve is above.</p>"
        ),
        markout_curves(markouts),
        f"<details><summary>All figures</summary>{table(heads, rows)}</details>",
    ]


def _exposure(summary: Mapping[str, Any], result: BacktestResult) -> list[str]:
    exposure = summary["exposure"]
    if not summary["fills"] or len(result.ts_ns) < 2:
        return []
    gross, net = exposure_curves(result)
    parts = [
        "<h2>Exposure</h2>",
        (
            f"<p>{figure(exposure['mean_pct'])} % of the capital on average, "
            f"{figure(exposure['max_pct'])} % at most. In the market "
            f"{share(exposure['share_in_market'])} of the time, long "
            f"{share(exposure['share_long'])}, short {share(exposure['share_short'])}.</p>"
        ),
        '<p class="note">Area: gross. Line: net, below 0 for short.</p>',
        exposure_curve(result.ts_ns, gross, net),
    ]
    if exposure["samples_without_mid"]:
        parts.append(
            f'<p class="note">At {exposure["samples_without_mid"]:,} samples something was held '
            "that had no mid: it counts as nothing there.</p>"
        )
    return parts


def outcome_bars(outcomes: Mapping[str, int]) -> str:
    """Draw how often evaluations ended how."""
    if not outcomes:
        return "<p>Nothing was evaluated.</p>"
    return share_bars({name.lower().replace("_", " "): n for name, n in outcomes.items()})


def _table(name: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    keys = [
        key for key, value in next(iter(rows.values()), {}).items() if not isinstance(value, dict)
    ]
    heads = (name, *(key.replace("_", " ") for key in keys))
    cells = [(label, *(cell(key, row[key]) for key in keys)) for label, row in rows.items()]
    return table(heads, cells)


def _file(file: Mapping[str, Any]) -> str:
    notes = [
        f"{verb} {count:,}: {reason}"
        for verb in ("skipped", "repaired")
        for reason, count in file[verb].items()
    ]
    return (
        f"<p>{escape(file['path'])}: {file['rows']:,} rows"
        + "".join(f"<br>{escape(note)}" for note in notes)
        + f"<br><code>sha256 {escape(file['sha256'])}</code></p>"
    )
