"""Profit and loss: the equity curve above its parts."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, Tone
from cockpit.viewmodels.graphs import area, bounds, buckets
from cockpit.viewmodels.numbers import compact, number, sign_tone
from cockpit.viewmodels.view import View


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
    words = _words(view, width, height)
    rows = max(1, height - len(words))
    return [*_curve(view, width, rows), *words]


def _words(view: View, width: int, height: int) -> list[Line]:
    if view.snapshot is None:
        return []
    account = view.snapshot.account
    parts = (
        ("realized", account.realized_pnl),
        ("unrealized", account.unrealized_pnl),
        ("fees", -account.fees),
    )
    if width >= 52:
        line: list[Segment] = []
        for name, value in parts:
            line += [
                (f"{name} ", "dim"),
                (f"{number(value, 2, signed=True):>10}  ", sign_tone(value)),
            ]
        return [tuple(line)]
    if width >= 38 and height >= 6:
        peak = (("peak", account.peak_equity),)
        return [_pair(parts[0:2], width), _pair((parts[2], *peak), width)]
    short = zip(("r", "u", "f"), parts, strict=True)
    return [
        tuple(
            segment
            for letter, (_, value) in short
            for segment in _short(letter, value, max(6, (width - 5) // 3 - 1))
        )
    ]


def _short(letter: str, value: float, width: int) -> tuple[Segment, ...]:
    return ((letter, "dim"), (f"{compact(value, signed=True):>{width}} ", sign_tone(value)))


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
    equity = view.snapshot.equity
    chosen = buckets(view.snapshot.equity_ts_ns, width - 1)
    values = [float(equity[index]) for index in chosen]
    values.append(view.snapshot.account.equity)
    low, high = bounds(values)
    tones = [_tone(value, view.meta.capital) for value in values]
    pad = width - len(values)
    return [((" " * pad, "text"), *_runs(text, tones)) for text in area(values, rows, low, high)]


def _tone(value: float, capital: float) -> Tone:
    if not math.isfinite(value):
        return "dim"
    return "up_fill" if value >= capital else "down_fill"


def _runs(text: str, tones: list[Tone]) -> list[Segment]:
    runs: list[Segment] = []
    for character, tone in zip(text, tones, strict=True):
        if runs and (runs[-1][1] == tone or character == " "):
            runs[-1] = (runs[-1][0] + character, runs[-1][1])
        else:
            runs.append((character, tone))
    return runs
