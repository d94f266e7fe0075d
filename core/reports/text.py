"""A backtest's figures for a terminal: plain lines, no colors, 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.reports.bootstrap import LEVEL_PCT
from core.reports.verdict import length

_NONE = "-"
_WIDTH = 80
_COLUMN = 14

_FIGURES = (
    ("pnl", "PnL"),
    ("sharpe", "Sharpe"),
    ("sortino", "Sortino"),
    ("calmar", "Calmar"),
    ("win_rate", "win rate"),
    ("profit_factor", "profit factor"),
)
"""With an interval: key and name."""


def text_report(summary: Mapping[str, Any]) -> str:
    """Write the document of `summarize` for a person."""
    lines = [
        *wrapped(
            f"{summary['events']:,} events in {summary['seconds'] or 0.0:.2f} s "
            f"({summary['events_per_second'] or 0.0:,.0f} a second), "
            f"{summary['decisions']:,} decisions, {summary['orders']:,} orders, "
            f"{summary['fills']:,} fills"
        ),
        "",
        *(line for sentence in summary["statistics"]["verdict"] for line in wrapped(sentence)),
        "",
        *(_traded(summary) if summary["fills"] else [f"PnL {amount(summary['pnl'])}"]),
        "",
        *_table("regime", summary["by_regime"], ("pnl", "trades", "win_rate", "share_of_time")),
        "",
        *_table("instrument", summary["by_instrument"], ("pnl", "fees", "fills", "win_rate")),
        "",
        *_hours(summary["by_hour"]),
        *wrapped(
            "outcomes  " + "  ".join(f"{code} {n:,}" for code, n in summary["outcomes"].items())
        ),
        f"decisions {summary['decision_hash']}   settings {summary['settings_hash'] or _NONE}",
        "",
        *_files(summary["data"]),
    ]
    return "\n".join(lines)


def _traded(summary: Mapping[str, Any]) -> list[str]:
    return [
        *_figures(summary["statistics"]),
        "",
        *wrapped(_account(summary)),
        *wrapped(_held(summary)),
        *_costs(summary["costs"]),
        *_markouts(summary["markouts"]),
    ]


def wrapped(line: str) -> list[str]:
    """Break a line that is too long."""
    return textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _figures(statistics: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':<{_COLUMN}}{'':>16}   {statistics['level_pct']} % interval"
    for key, name in _FIGURES:
        ends = statistics[key]
        write = _WRITERS.get(key, figure)
        band = between(ends["low"], ends["high"], write)
        yield f"{name:<{_COLUMN}}{write(ends['value']):>16}   {band}"
    yield from wrapped(basis(statistics))


def basis(statistics: Mapping[str, Any]) -> str:
    """Say in a sentence what the figures with intervals are made of."""
    text = f"Of {statistics['bars']:,} returns of {length(statistics['bar_s'])}"
    if (statistics["block_bars"] or 0.0) > 1.0:
        text += f", resampled in blocks of about {statistics['block_bars']:.0f}"
    return (
        f"{text}. The ratios are scaled to a year that never closes: they tell how steady the "
        "run was, not what a year of it would bring."
    )


def _account(summary: Mapping[str, Any]) -> str:
    execution = summary["execution"]
    return (
        f"fees {summary['fees']:,.2f}   turnover {figure(summary['turnover'])} x   max drawdown "
        f"{figure(summary['max_drawdown'])} %   of the orders' lots filled "
        f"{share(execution['fill_ratio'])}   held {duration(execution['holding_s'])}"
    )


def _held(summary: Mapping[str, Any]) -> str:
    exposure = summary["exposure"]
    return (
        f"exposure {figure(exposure['mean_pct'])} % of the capital on average, "
        f"{figure(exposure['max_pct'])} % at most; in the market "
        f"{share(exposure['share_in_market'])} of the time, long {share(exposure['share_long'])}, "
        f"short {share(exposure['share_short'])}"
    )


def _costs(costs: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    for name, value in cost_steps(costs):
        yield f"{name:<40}{amount(value):>16}"
    yield from (line for remark in cost_remarks(costs) for line in wrapped(remark))


def cost_steps(costs: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Write the breakdown of `costs_of` as steps from the gross profit to the net one."""
    steps = [
        ("moves of the mid from decisions on", costs["gross"]),
        ("mid moved before the fill", -costs["delay"]),
        ("spread paid", -costs["spread_paid"]),
        ("spread earned", costs["spread_earned"]),
        ("fees", -costs["fees"]),
    ]
    if costs["unexplained"]:
        steps.append(("not explained by fills", costs["unexplained"]))
    # Adding 0 makes of -0.0 a 0.
    return [(name, value + 0.0) for name, value in steps] + [
        ("PnL", costs["net"] + costs["unexplained"])
    ]


def cost_remarks(costs: Mapping[str, Any]) -> list[str]:
    """Say which fills the breakdown could not place."""
    said = []
    if costs["fills_without_mid"]:
        said.append(
            f"{costs['fills_without_mid']:,} fills have no mid: they count as filled at it."
        )
    if costs["fills_without_decision_mid"]:
        said.append(
            f"{costs['fills_without_decision_mid']:,} fills have no mid of their decision: they "
            "count as filled at once."
        )
    return said


def _markouts(markouts: Mapping[str, Any]) -> Iterator[str]:
    if not markouts:
        return
    yield ""
    sizes = [row["horizon_s"] for row in next(iter(markouts.values()))["horizons"]]
    yield f"{'mid after fills, ticks a lot':<30}" + "".join(f"{f'{s} s':>8}" for s in sizes)
    for name, kind in markouts.items():
        label = f"{name.lower()} ({kind['fills']:,}, {_spread(kind['spread_ticks'])})"
        cells = "".join(f"{_mark(row):>8}" for row in kind["horizons"])
        yield f"{label:<30}{cells}".rstrip()
    yield f"  * the {LEVEL_PCT} % interval leaves 0 out"


def _spread(ticks: float) -> str:
    return f"paid {ticks:.1f}" if ticks >= 0 else f"earned {-ticks:.1f}"


def _mark(row: Mapping[str, Any]) -> str:
    if row["ticks"] is None:
        return f"{_NONE} "
    low, high = row["ticks_low"], row["ticks_high"]
    is_sure = low is not None and high is not None and (low > 0 or high < 0)
    return f"{row['ticks']:+z.1f}{'*' if is_sure else ' '}"


def _hours(hours: Mapping[str, Any]) -> list[str]:
    if len(hours) < 2:
        return []
    return [*_table("hour, UTC", hours, ("pnl", "fees", "fills", "share_of_time")), ""]


def figure(value: float | None) -> str:
    """A number with two decimals, or a dash."""
    return _NONE if value is None else f"{value:z,.2f}"


def amount(value: float | None) -> str:
    """Money with its sign, or a dash."""
    return _NONE if value is None else f"{value:+z,.2f}"


def share(value: float | None) -> str:
    """A fraction in per cent, or a dash."""
    return _NONE if value is None else f"{100 * value:.1f} %"


def duration(seconds: float | None) -> str:
    """A length of time, or a dash."""
    return _NONE if seconds is None else length(seconds)


def between(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """The ends of an interval, or a dash where there are none."""
    if low is None and high is None:
        return _NONE
    # An end that is missing beside one that is not is infinite.
    return f"{write(low)} to {'any' if high is None else write(high)}"


_WRITERS: dict[str, Callable[[float | None], str]] = {"pnl": amount, "win_rate": share}
"""How figures are written that are no plain numbers, by key."""


def cell(key: str, value: Any) -> str:
    """One value of a table, by what it is."""
    if key == "pnl":
        return amount(value)
    if key in {"win_rate", "share_of_time", "fill_ratio"}:
        return share(value)
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else figure(value)


def _table(name: str, rows: Mapping[str, Mapping[str, Any]], keys: tuple[str, ...]) -> list[str]:
    width = max([len(name), *map(len, rows)])
    column = max(10, min(15, (_WIDTH - width) // len(keys)))
    titles = "".join(f"{key.replace('_', ' '):>{column}}" for key in keys)
    body = [
        f"{label:<{width}}" + "".join(f"{cell(key, row[key]):>{column}}" for key in keys)
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
