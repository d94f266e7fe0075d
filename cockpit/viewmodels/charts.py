"""Full charts with axes, drawn by plotext: for a pane that has the whole screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rich.text import Text

from cockpit.viewmodels.cells import Line, Segment, Tone
from cockpit.viewmodels.numbers import clock, number

LEAST_WIDTH, LEAST_HEIGHT = 24, 6
_COLORS = (12, 10, 9, 13)
"""What plotext's theme `simple` paints one series after the other with."""
_TICK_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    tone: Tone
    values: Sequence[float]
    """One for each time; what is not a number is left out."""


def chart_lines(
    series: Sequence[Series], ts_ns: Sequence[int], width: int, height: int
) -> list[Line]:
    """
    Draw series over time.

    Args:
        series: Up to four.
        ts_ns: Times, oldest first, UTC.
        width: Columns, axes included.
        height: Rows, axes and legend included.
    """
    drawn = [line for line in series if sum(map(math.isfinite, line.values)) > 1]
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or not drawn:
        return [(("not enough to draw yet", "dim"),)]
    tones = {f"color({color})": line.tone for color, line in zip(_COLORS, drawn, strict=False)}
    values = tuple(tuple(line.values) for line in drawn)
    rows = Text.from_ansi(_painted(values, tuple(ts_ns), width, height - 1)).split("\n")
    lines = [_line(row, tones) for row in rows]
    return [_legend(drawn), *lines[: height - 1]]


@lru_cache(maxsize=8)
def _painted(
    series: tuple[tuple[float, ...], ...], ts_ns: tuple[int, ...], width: int, height: int
) -> str:
    """Paint once for each second: samples come no faster, pictures do."""
    figure = _figure()
    figure.clear()
    figure.theme("simple")
    figure.axes(style="rounded")
    figure.plot_size(width, height)
    for values in series:
        points = [
            (ts / 1e9, value)
            for ts, value in zip(ts_ns, values, strict=False)
            if math.isfinite(value)
        ]
        signal = figure.signal([x for x, _ in points], [y for _, y in points], marker="braille")
        signal.lines()
        figure.draw(signal)
    count = max(2, min(8, width // _TICK_COLUMNS))
    first, last = ts_ns[0] / 1e9, ts_ns[-1] / 1e9
    times = [first + (last - first) * place / (count - 1) for place in range(count)]
    figure.ruler("x").ticks(times, [clock(int(time * 1e9)) for time in times])
    figure.ruler("y").ticks(*_value_ticks(series, height))
    return str(figure.build())


def _value_ticks(
    series: tuple[tuple[float, ...], ...], height: int
) -> tuple[list[float], list[str]]:
    """Round values between the lowest and the highest, with as many digits as tell them apart."""
    finite = [value for values in series for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    wanted = max(2, min(8, height // 3))
    raw = (high - low) / wanted or 1.0
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw)
    first = math.ceil(low / step)
    values = [step * place for place in range(first, math.floor(high / step) + 1)] or [low]
    decimals = max(0, -math.floor(math.log10(step)))
    return values, [number(value, decimals) for value in values]


@lru_cache(maxsize=1)
def _figure() -> Any:
    # Half a second of imports that the first picture must not wait for.
    import plotext

    return plotext.figure


def _legend(series: Sequence[Series]) -> Line:
    segments: list[Segment] = []
    for line in series:
        segments += [(" ━ ", line.tone), (line.name, "dim"), ("  ", "text")]
    return tuple(segments)


def _line(row: Text, tones: dict[str, Tone]) -> Line:
    """Turn a painted row into toned text; axes and numbers are dim."""
    marks: list[Tone] = ["dim"] * len(row.plain)
    for span in row.spans:
        color = getattr(span.style, "color", None)
        tone = tones.get(color.name) if color is not None else None
        if tone is not None:
            marks[span.start : span.end] = [tone] * (span.end - span.start)
    segments: list[Segment] = []
    for character, tone in zip(row.plain, marks, strict=True):
        if segments and segments[-1][1] == tone:
            segments[-1] = (segments[-1][0] + character, tone)
        else:
            segments.append((character, tone))
    return tuple(segments)
