"""A backtest as one HTML page that needs nothing else: inline style, inline drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import NANOS
from core.reports.html import document, table, tiles
from core.reports.result import BacktestResult
from core.reports.text import amount, cell, figure, share

_WIDTH, _HEIGHT, _MARGIN = 960, 240, 8
_MAX_POINTS = 1_200


def html_report(summary: Mapping[str, Any], result: BacktestResult) -> str:
    """Write the document of `summarize`, with the curves of its result, as a page."""
    names = ", ".join(str(instrument.symbol) for instrument in result.instruments)
    equity = result.equity_nanos / NANOS
    peak = np.maximum.accumulate(equity)
    fall_pct = -100.0 * (peak - equity) / peak
    parts = [
        f"<h1>Backtest: {escape(names)}</h1>",
        _tiles(summary),
        "<h2>Equity</h2>",
        _curve(equity, "equity", "var(--up)"),
        "<h2>Drawdown, per cent of the peak</h2>",
        _curve(fall_pct, "drawdown in per cent", "var(--down)"),
        "<h2>By regime</h2>",
        _table("regime", summary["by_regime"]),
        "<h2>By instrument</h2>",
        _table("instrument", summary["by_instrument"]),
        "<h2>How evaluations ended</h2>",
        _table("outcome", {code: {"count": n} for code, n in summary["outcomes"].items()}),
        "<h2>Data</h2>",
        *[_file(file) for file in summary["data"]],
        (
            f"<p>Decisions <code>{escape(summary['decision_hash'])}</code>, "
            f"settings <code>{escape(summary['settings_hash'] or 'none')}</code></p>"
        ),
    ]
    return document(f"Backtest: {names}", parts)


def _tiles(summary: Mapping[str, Any]) -> str:
    return tiles(
        {
            "PnL": amount(summary["pnl"]),
            "fees": figure(summary["fees"]),
            "Sharpe": figure(summary["sharpe"]),
            "Sortino": figure(summary["sortino"]),
            "max drawdown": f"{figure(summary['max_drawdown'])} %",
            "win rate": share(summary["win_rate"]),
            "profit factor": figure(summary["profit_factor"]),
            "turnover": f"{figure(summary['turnover'])} x",
            "events": f"{summary['events']:,}",
            "decisions": f"{summary['decisions']:,}",
            "orders": f"{summary['orders']:,}",
            "fills": f"{summary['fills']:,}",
        }
    )


def _curve(values: NDArray[np.float64], label: str, color: str) -> str:
    """Draw a line, thinned to the lowest and highest value of each step so no spike is lost."""
    shown = _thin(values)
    low, high = float(np.min(values)), float(np.max(values))
    span = high - low or 1.0
    across = (_WIDTH - 2 * _MARGIN) / max(1, len(shown) - 1)
    points = " ".join(
        f"{_MARGIN + number * across:.1f},"
        f"{_MARGIN + (high - float(value)) / span * (_HEIGHT - 2 * _MARGIN):.1f}"
        for number, value in enumerate(shown)
    )
    described = escape(f"{label} from {values[0]:,.2f} to {values[-1]:,.2f}, ")
    described += escape(f"lowest {low:,.2f}, highest {high:,.2f}")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{described}">'
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5" '
        f'stroke-linejoin="round"/></svg><p>{described}</p>'
    )


def _thin(values: NDArray[np.float64]) -> Sequence[float]:
    if len(values) <= _MAX_POINTS:
        return [float(value) for value in values]
    thinned: list[float] = []
    for piece in np.array_split(values, _MAX_POINTS // 2):
        ends = sorted((int(np.argmin(piece)), int(np.argmax(piece))))
        thinned += [float(piece[place]) for place in ends]
    return thinned


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
