"""Profit and loss: the equity curve above its parts."""

from __future__ import annotations

import math
from itertools import accumulate

from cockpit.viewmodels.cells import Line, Segment, Tone
from cockpit.viewmodels.charts import Series, chart_lines
from cockpit.viewmodels.graphs import area, bar, bounds, buckets, ridge
from cockpit.viewmodels.numbers import compact, number, percent, sign_tone
from cockpit.viewmodels.view import View

SCALE_COLUMNS = 8
SCALE_FROM = 40
"""From this width on the curve has a scale beside it, as profit."""

BAR_ROWS, BAR_COLUMNS = 8, 12
"""The drawdown has a bar from so many rows of the pane on, and at least so long a one."""
HALVES, HALTS = "┊", "┃"
"""Marks on that bar: targets are halved, trading halts."""


def pnl_title(view: View) -> Line:
    """Net profit since the start, after fees."""
    if view.snapshot is None or view.meta is None:
        return ()
    pnl = view.snapshot.account.equity - view.meta.capital
    return ((number(pnl, 2, signed=True), sign_tone(pnl)), (f" {view.meta.currency}", "dim"))


def pnl_lines(view: View, width: int, height: int) -> list[Line]:
    """Equity curve on top, realized, unrealized and fees below."""
    if view.snapshot is None or view.meta is None:
        return []
    words = [*_words(view, width, height), *_drawdown(view, width, height)]
    rows = max(1, height - len(words))
    if view.is_zoomed:
        return [*_chart(view, width, rows), *words]
    return [*_curve(view, width, rows), *words]


def _chart(view: View, width: int, rows: int) -> list[Line]:
    """Equity and its running peak, with axes."""
    if view.snapshot is None or view.meta is None:
        return []
    profit = [float(value) - view.meta.capital for value in view.snapshot.equity]
    peaks = list(accumulate(profit, max))
    series = (Series("profit", "accent", profit), Series("its peak", "faint", peaks))
    return chart_lines(series, view.snapshot.equity_ts_ns, width, rows)


def _words(view: View, width: int, height: int) -> list[Line]:
    if view.snapshot is None:
        return []
    account = view.snapshot.account
    parts = (
        ("realized", account.realized_pnl),
        ("unrealized", account.unrealized_pnl),
        ("fees", -account.fees),
    )
    if width >= 57:
        return [_joined([(f"{name} ", value, 10) for name, value in parts])]
    if width >= 38 and height >= 6:
        peak = (("peak", account.peak_equity),)
        return [_pair(parts[0:2], width), _pair((parts[2], *peak), width)]
    column = (width - 5) // 3
    return [_joined([(name[0], value, column) for name, value in parts], short=True)]


def _drawdown(view: View, width: int, height: int) -> list[Line]:
    """The fall from the peak as a bar, up to where trading halts; a mark where targets halve."""
    reduce_pct = view.parameter("risk.drawdown_reduce_pct")
    halt_pct = view.parameter("risk.drawdown_halt_pct")
    if view.snapshot is None or not reduce_pct or not halt_pct or height < BAR_ROWS:
        return []
    now_pct = view.snapshot.account.drawdown_pct
    words = f"dd {percent(now_pct, 2):>6} %"
    limits = f" {percent(halt_pct, 0)} %"
    room = width - len(words) - len(limits) - 2
    if room < BAR_COLUMNS:
        return []
    mark = min(room - 1, int(room * reduce_pct / halt_pct))
    fill = bar(min(1.0, now_pct / halt_pct) if math.isfinite(now_pct) else 0.0, room)
    tone: Tone = "alarm" if now_pct >= halt_pct else "warn" if now_pct >= reduce_pct else "accent"
    drawn = fill[:mark] + (fill[mark] if fill[mark] != " " else HALVES) + fill[mark + 1 :]
    return [((words, "dim"), (" ", "text"), (drawn, tone), (HALTS, "warn"), (limits, "dim"))]


def _joined(parts: list[tuple[str, float, int]], *, short: bool = False) -> Line:
    line: list[Segment] = []
    for name, value, width in parts:
        text = compact(value, signed=True) if short else number(value, 2, signed=True)
        line += [
            (f" {name}" if line else name, "dim"),
            (f"{text:>{width}}", sign_tone(value)),
        ]
    return tuple(line)


def _pair(parts: tuple[tuple[str, float], ...], width: int) -> Line:
    column = width // 2
    line: list[Segment] = []
    for name, value in parts:
        signed = name != "peak"
        tone: Tone = sign_tone(value) if signed else "text"
        text = number(value, 2, signed=signed)
        line += [(f"{name} ", "dim"), (f"{text:>{column - len(name) - 2}} ", tone)]
    return tuple(line)


def _curve(view: View, width: int, rows: int) -> list[Line]:
    if view.snapshot is None or view.meta is None:
        return []
    scale = SCALE_COLUMNS if width >= SCALE_FROM and rows >= 3 else 0
    equity = view.snapshot.equity
    chosen = buckets(view.snapshot.equity_ts_ns, width - scale - 1)
    values = [float(equity[index]) for index in chosen]
    values.append(view.snapshot.account.equity)
    low, high = bounds(values)
    ridges = ridge(values, rows, low, high)
    pad = " " * (width - scale - len(values))
    lines: list[Line] = []
    for row, text in enumerate(area(values, rows, low, high)):
        tones = [
            _tone(value, view.meta.capital, on_ridge=row == top)
            for value, top in zip(values, ridges, strict=True)
        ]
        label = high if row == 0 else low if row == rows - 1 else None
        mark = f"{compact(label - view.meta.capital, signed=True):>{scale}}" if label else ""
        lines.append(((pad, "text"), *_runs(text, tones), (mark[:scale], "faint")))
    return lines


def _tone(value: float, capital: float, *, on_ridge: bool) -> Tone:
    if not math.isfinite(value):
        return "dim"
    if value >= capital:
        return "up_fill" if on_ridge else "up_area"
    return "down_fill" if on_ridge else "down_area"


def _runs(text: str, tones: list[Tone]) -> list[Segment]:
    runs: list[Segment] = []
    for character, tone in zip(text, tones, strict=True):
        if runs and (runs[-1][1] == tone or character == " "):
            runs[-1] = (runs[-1][0] + character, runs[-1][1])
        else:
            runs.append((character, tone))
    return runs
