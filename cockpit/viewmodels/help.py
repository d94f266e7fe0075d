"""The help screen: keys by what they touch, and how to read the panes."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.viewmodels.cells import Line

READING: tuple[tuple[str, str], ...] = (
    ("SIM PAPER REPLAY LIVE", "what is at stake; red is real money"),
    ("dd 0.8/15/25 %", "drawdown from the peak / halves targets / halts"),
    ("exp 34/80 %", "gross exposure of equity / its limit"),
    ("● ◐ ◌ ○", "feed live, connecting, stale, down"),
    ("p99", "wire to order: 99 of 100 orders left within this time"),
    ("T M H", "regime: trending, mean-reverting, high volatility; small: uncertain"),
    ("┊ ┃ =change=", "the returns changed: suspected, confirmed"),
    (
        "mom rev vol obi ofi mic",
        "momentum, reversion, volatility, imbalance, order flow, microprice",
    ),
    ("mic dep flo spr fai own", "microprice, depth, trade flow, spread, fair, your own"),
    ("wea air fly", "weather, air quality, flights"),
    ("move cost str conf", "ticks expected, of taking; strength, .50 just pays; confidence"),
    ("corr +6", "live signals without room; the diagonal is what each says"),
    ("✗ ■", "your own signal is out; a stop holds"),
    ("◆ ┊", "the next mid predicted, and how far it usually is from there"),
    ("◂3", "our own size at a price"),
    ("∅ … x12", "why nothing is traded, and how often in a row"),
)

Section = tuple[str, Sequence[tuple[str, str]]]


def help_lines(sections: Sequence[Section], width: int, height: int) -> list[Line]:
    """Every key with its sentence, then a legend where it fits."""
    lines: list[Line] = []
    for heading, rows in (*sections, ("Read", READING)):
        if not rows:
            continue
        lines.append(((f" {heading}", "title"),))
        column = 24
        for key, text in rows:
            lines.append(((f"   {key:<{column}}", "key"), (text, "text")))
    if height > len(lines) + 4 and width >= 60:
        lines = [
            row for line in lines for row in (((), line) if line[0][1] == "title" else (line,))
        ]
    return lines
