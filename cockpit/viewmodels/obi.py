"""Order-book imbalance: a needle, a number, a word, and where it came from."""

from __future__ import annotations

import math

from cockpit.viewmodels.cells import Line, Segment, fit
from cockpit.viewmodels.graphs import buckets, swings
from cockpit.viewmodels.numbers import number, ratio
from cockpit.viewmodels.view import View
from core.domain.enums import Signal
from core.domain.snapshot import InstrumentView

REST = "┈"
MIDDLE = "│"
NEEDLE = "▀"
"""Half a cell high, so that the history below stands apart."""
SELL = "sell "
BUY = " buy"
NUMBER_COLUMNS = 5


def obi_title(view: View) -> Line:
    """Which book is meant."""
    instrument = view.instrument
    return ((instrument.symbol, "text"),) if instrument else ()


def obi_lines(view: View, width: int, height: int) -> list[Line]:
    """Needle first, then its history, then what feeds it."""
    instrument = view.instrument
    if instrument is None:
        return []
    lines = [gauge(instrument.obi, width)]
    if height >= 4:
        lines += _history(instrument, width)
    if height >= 3:
        lines.append(_flow(instrument, view.describe(instrument.index).price_decimals))
    if height >= 5:
        lines.insert(1, ())
    return lines[:height]


def gauge(obi: float, width: int) -> Line:
    """
    Draw an imbalance of [-1, 1] as a bar from the middle; left sells, right buys.

    The number and the word say the same as side and color.
    """
    half = max(1, (width - len(SELL) - len(BUY) - NUMBER_COLUMNS - 1) // 2)
    known = math.isfinite(obi)
    cells = round(min(1.0, abs(obi)) * half) if known else 0
    left = cells if known and obi < 0 else 0
    right = cells if known and obi > 0 else 0
    return (
        (SELL, "down" if left else "dim"),
        (REST * (half - left), "faint"),
        (NEEDLE * left, "down_fill"),
        (MIDDLE, "text"),
        (NEEDLE * right, "up_fill"),
        (REST * (half - right), "faint"),
        (BUY, "up" if right else "dim"),
        (f"{ratio(obi):>{NUMBER_COLUMNS}}", "down" if left else "up" if right else "dim"),
    )


def _history(instrument: InstrumentView, width: int) -> list[Line]:
    timeline = instrument.timeline
    values = [timeline.obi[index] for index in buckets(timeline.ts_ns, width)]
    above, below = swings(values)
    pad = " " * (width - len(values))
    return [((pad + above, "up_fill"),), ((pad + below, "down_fill"),)]


def _flow(instrument: InstrumentView, decimals: int) -> Line:
    pairs = (
        ("ofi", number(instrument.ofi, 1, signed=True)),
        ("flo", ratio(instrument.signals[Signal.TRADE_FLOW]).strip()),
        ("vol", number(instrument.volatility, decimals + 2)),
    )
    line: list[Segment] = []
    for name, text in pairs:
        line += [(f"{name} ", "dim"), (fit(text, 8), "text")]
    return tuple(line)
