"""Small pictures from block characters: areas, bars and gauges."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cockpit.viewmodels.numbers import NS_PER_S

RISING = " ▁▂▃▄▅▆▇█"
"""Eighths of a cell, from below."""

HALVES_UP = " ▁▄█"
HALVES_DOWN = " ▔▀█"
"""Thirds of a cell, from below and from above: no more exist to hang from a ceiling."""

FULL = "█"
PARTS = " ▏▎▍▌▋▊▉█"
"""Eighths of a cell, from the left."""


def buckets(ts_ns: Sequence[int], columns: int) -> list[int]:
    """
    Choose at most `columns` samples of a history, as indexes, oldest first.

    The last sample of each stretch of time stands for it. Stretches are counted from the
    epoch, so that a picture moves one column at a time instead of shimmering.
    """
    if not ts_ns or columns <= 0:
        return []
    width_s = max(1, math.ceil(len(ts_ns) / columns))
    last: dict[int, int] = {}
    for index, ts in enumerate(ts_ns):
        last[ts // NS_PER_S // width_s] = index
    return list(last.values())[-columns:]


def bucket_of(ts_ns: Sequence[int], chosen: Sequence[int], moment_ns: int) -> int | None:
    """
    Find the column, among those that `buckets` chose, in which a moment lies.

    None where it is older than the history, or stands for no moment at all (0).
    """
    if not chosen or not ts_ns[0] <= moment_ns:
        return None
    columns = (column for column, index in enumerate(chosen) if ts_ns[index] >= moment_ns)
    return next(columns, len(chosen) - 1)


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest, widened to round numbers so that a picture keeps its scale."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    span = high - low
    if span <= 0:
        return low - 1.0, high + 1.0
    step = 10.0 ** math.floor(math.log10(span)) / 2
    return math.floor(low / step) * step, math.ceil(high / step) * step


def area(values: Sequence[float], rows: int, low: float, high: float) -> list[str]:
    """
    Draw values as a filled area, one column each, topmost row first.

    A value that is not a number leaves its column empty; the lowest shows as a thin line.
    """
    levels = [_eighths(value, rows, low, high) for value in values]
    return [
        "".join(RISING[min(8, max(0, level - 8 * row))] for level in levels)
        for row in range(rows - 1, -1, -1)
    ]


def ridge(values: Sequence[float], rows: int, low: float, high: float) -> list[int]:
    """For each column, the row that its area ends in, counted from the top."""
    levels = [_eighths(value, rows, low, high) for value in values]
    return [rows - 1 - max(0, level - 1) // 8 for level in levels]


def _eighths(value: float, rows: int, low: float, high: float) -> int:
    if not math.isfinite(value):
        return 0
    share = (value - low) / (high - low) if high > low else 0.0
    return max(1, min(8 * rows, round(share * 8 * rows)))


def bar(share: float, width: int) -> str:
    """Draw a bar from the left; `share` of [0, 1] of `width` cells."""
    if not math.isfinite(share):
        return " " * width
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, part = divmod(eighths, 8)
    return (FULL * full + (PARTS[part] if part else "")).ljust(width)[:width]


def rail(share: float, width: int) -> tuple[str, str]:
    """Draw a way of `width` cells with somebody on it: what lies before that cell, and behind."""
    place = round(max(0.0, min(1.0, share)) * (width - 1))
    return "━" * place, "─" * (width - 1 - place)


def swings(values: Sequence[float]) -> tuple[str, str]:
    """Draw values of [-1, 1] as two rows: above and below a middle line."""
    above = "".join(HALVES_UP[_thirds(value)] for value in values)
    below = "".join(HALVES_DOWN[_thirds(-value)] for value in values)
    return above, below


def _thirds(value: float) -> int:
    if not math.isfinite(value) or value <= 0.05:
        return 0
    return min(3, 1 + int(value * 3))
