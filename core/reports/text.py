"""A backtest's figures for a terminal: plain lines, no colors, 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NONE = "-"


def text_report(summary: Mapping[str, Any]) -> str:
    """Write the document of `summarize` for a person."""
    lines = [
        (
            f"{summary['events']:,} events in {summary['seconds'] or 0.0:.2f} s "
            f"({summary['events_per_second'] or 0.0:,.0f} a second), "
            f"{summary['decisions']:,} decisions, {summary['orders']:,} orders, "
            f"{summary['fills']:,} fills"
        ),
        "",
        (
            f"PnL {amount(summary['pnl'])}   fees {summary['fees']:,.2f}   "
            f"turnover {figure(summary['turnover'])} x   max drawdown "
            f"{figure(summary['max_drawdown'])} %"
        ),
        (
            f"Sharpe {figure(summary['sharpe'])}   Sortino {figure(summary['sortino'])}   "
            f"win rate {share(summary['win_rate'])}   profit factor "
            f"{figure(summary['profit_factor'])}"
        ),
        "",
        *_table("regime", summary["by_regime"], ("pnl", "trades", "win_rate", "share_of_time")),
        "",
        *_table("instrument", summary["by_instrument"], ("pnl", "fees", "fills", "win_rate")),
        "",
        "outcomes  " + "  ".join(f"{code} {n:,}" for code, n in summary["outcomes"].items()),
        f"decisions {summary['decision_hash']}   settings {summary['settings_hash'] or _NONE}",
        "",
        *_files(summary["data"]),
    ]
    return "\n".join(lines)


def figure(value: float | None) -> str:
    """A number with two decimals, or a dash."""
    return _NONE if value is None else f"{value:,.2f}"


def amount(value: float | None) -> str:
    """Money with its sign, or a dash."""
    return _NONE if value is None else f"{value:+,.2f}"


def share(value: float | None) -> str:
    """A fraction in per cent, or a dash."""
    return _NONE if value is None else f"{100 * value:.1f} %"


def cell(key: str, value: Any) -> str:
    """One value of a table, by what it is."""
    if key == "pnl":
        return amount(value)
    if key in {"win_rate", "share_of_time"}:
        return share(value)
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else figure(value)


def _table(name: str, rows: Mapping[str, Mapping[str, Any]], keys: tuple[str, ...]) -> list[str]:
    width = max([len(name), *map(len, rows)])
    titles = "".join(f"{key.replace('_', ' '):>15}" for key in keys)
    body = [
        f"{label:<{width}}" + "".join(f"{cell(key, row[key]):>15}" for key in keys)
        for label, row in rows.items()
    ]
    return [f"{name:<{width}}{titles}", *body]


def _files(files: list[dict[str, Any]]) -> list[str]:
    lines = []
    for file in files:
        lines.append(f"{file['path']}: {file['rows']:,} rows")
        for verb in ("skipped", "repaired"):
            lines += [f"  {verb} {count:,}: {reason}" for reason, count in file[verb].items()]
    return lines
