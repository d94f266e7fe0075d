"""A backtest as one HTML page that needs nothing else: inline style, inline drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import NANOS
from core.reports.result import BacktestResult
from core.reports.text import amount, cell, figure, share

_WIDTH, _HEIGHT, _MARGIN = 960, 240, 8
_MAX_POINTS = 1_200

_STYLE = """
:root { color-scheme: light dark; --line: #2a6fdb; --fall: #c2410c; --rule: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin-top: 2rem }
svg { width: 100%; height: auto; display: block }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem }
.tile { border: 1px solid var(--rule); border-radius: .5rem; padding: .5rem .75rem }
.tile b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--rule) }
th:first-child, td:first-child { text-align: left }
code { font-size: .85rem; overflow-wrap: anywhere }
"""


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
        _curve(equity, "equity", "var(--line)"),
        "<h2>Drawdown, per cent of the peak</h2>",
        _curve(fall_pct, "drawdown in per cent", "var(--fall)"),
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
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Backtest: {escape(names)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _tiles(summary: Mapping[str, Any]) -> str:
    tiles = {
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
    cells = (
        f'<div class="tile">{name}<b>{escape(value)}</b></div>' for name, value in tiles.items()
    )
    return f'<div class="tiles">{"".join(cells)}</div>'


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
    head = "".join(f"<th>{escape(key.replace('_', ' '))}</th>" for key in keys)
    body = "".join(
        f"<tr><td>{escape(label)}</td>"
        + "".join(f"<td>{escape(cell(key, row[key]))}</td>" for key in keys)
        + "</tr>"
        for label, row in rows.items()
    )
    return (
        f'<div class="scroll"><table><thead><tr><th>{name}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


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
