"""The statistics page: how the run has gone, in all and by part."""

from __future__ import annotations

from cockpit.viewmodels.cells import Line, Tone
from cockpit.viewmodels.numbers import NOTHING, clock, compact, duration, number, sign_tone
from cockpit.viewmodels.tables import Cell, Column, Table
from cockpit.viewmodels.view import View
from cockpit.viewmodels.words import ORIGIN_WORDS, REGIME_WORDS
from core.api.topics import Figures, Statistics
from core.domain.enums import OrderOrigin, Regime

COLUMNS = (
    Column("", 16),
    Column("PnL", 11, is_right=True),
    Column("fees", 8, is_right=True),
    Column("fills", 6, is_right=True),
    Column("won", 5, is_right=True),
    Column("factor", 7, is_right=True),
    Column("Sharpe", 7, is_right=True),
    Column("maker", 6, is_right=True, least_width=92),
    Column("volume", 10, is_right=True, least_width=92),
    Column("of time", 8, is_right=True, least_width=110),
)


def statistics_lines(view: View, page: Statistics, width: int) -> list[Line]:
    """The whole, then by regime, instrument and origin."""
    table = Table(COLUMNS, width - 2)
    seconds = page.total.seconds
    lines: list[Line] = [*_head(view, page), (), _indented(table.head())]
    lines.append(_indented(_row(table, "this run", page.total, seconds, "strong")))
    regimes = [
        (REGIME_WORDS.get(Regime[name], name), figures) for name, figures in page.by_regime.items()
    ]
    origins = [
        (ORIGIN_WORDS.get(OrderOrigin[name], name), figures)
        for name, figures in page.by_origin.items()
    ]
    regime_seconds = sum(figures.seconds for _, figures in regimes)
    for title, parts, whole in (
        ("by regime", regimes, regime_seconds),
        ("by instrument", list(page.by_instrument.items()), 0),
        ("by origin, realized only", origins, 0),
    ):
        lines += [(), ((f" {title}", "title"),)]
        lines += [_indented(_row(table, name, figures, whole)) for name, figures in parts]
    return lines


def _head(view: View, page: Statistics) -> list[Line]:
    currency = view.meta.currency if view.meta else ""
    if view.snapshot is None or not page.since_ns:
        return [((" counting has not begun", "dim"),)]
    account = view.snapshot.account
    length = duration((view.snapshot.ts_ns - page.since_ns) / 1e9)
    return [
        (
            (f" since {clock(page.since_ns)}Z, {length}", "dim"),
            (f"   peak {number(account.peak_equity)}", "dim"),
            (f"   deepest drawdown {account.max_drawdown_pct:.2f} %", "dim"),
            (f"   {currency}", "dim"),
        )
    ]


def _row(table: Table, name: str, figures: Figures, whole: int, tone: Tone = "text") -> Line:
    share = figures.seconds / whole if whole else None
    cells: list[Cell] = [
        (name, tone),
        (number(figures.pnl, signed=True), sign_tone(figures.pnl)),
        (number(figures.fees), "dim"),
        (number(figures.fills, 0), "text"),
        (_share(figures.win_rate), "text"),
        (_plain(figures.profit_factor), "text"),
        (_plain(figures.sharpe, 1), "text"),
        (_share(figures.maker_fills / figures.fills if figures.fills else None), "text"),
        (compact(figures.volume), "text"),
        (_share(share), "text"),
    ]
    return table.row(cells)


def _indented(line: Line) -> Line:
    return ((" ", "text"), *line)


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0%}"


def _plain(value: float | None, decimals: int = 2) -> str:
    if value is None:
        return NOTHING
    # A year made of a few seconds gives figures that nobody should read digit by digit.
    return compact(value) if abs(value) >= 1_000 else f"{value:.{decimals}f}"
