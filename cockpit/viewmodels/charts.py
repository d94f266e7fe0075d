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
_COLORS = (12, 10, 9, 14, 13, 11)
"""What plotext's theme `simple` paints one series after the other with."""
_TICK_COLUMNS = 16
_MARK_COLUMNS = 12
"""Between two letters on one line."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    name: str
    tone: Tone
    values: Sequence[float]
    """One for each time; what is not a number is left out."""
    mark: str = ""
    """A letter that stands on the line, where a color alone must not tell it from others."""


def chart_lines(
    series: Sequence[Series], ts_ns: Sequence[int], width: int, height: int
) -> list[Line]:
    """
    Draw series over time.

    Args:
        series: Up to six, or three with marks.
        ts_ns: Times, oldest first, UTC.
        width: Columns, axes included.
        height: Rows, axes and legend included.
    """
    drawn = [line for line in series if sum(map(math.isfinite, line.values)) > 1]
    if width < LEAST_WIDTH or height < LEAST_HEIGHT or not drawn:
        return [(("not enough to draw yet", "dim"),)]
    painted = [*drawn, *(line for line in drawn if line.mark)]
    tones = {f"color({color})": line.tone for color, line in zip(_COLORS, painted, strict=False)}
    values = tuple(tuple(line.values) for line in drawn)
    marks = tuple(line.mark for line in drawn)
    rows = Text.from_ansi(_painted(values, marks, tuple(ts_ns), width, height - 1)).split("\n")
    lines = [_line(row, tones) for row in rows]
    return [_legend(drawn), *lines[: height - 1]]


@lru_cache(maxsize=8)
def _painted(
    series: tuple[tuple[float, ...], ...],
    marks: tuple[str, ...],
    ts_ns: tuple[int, ...],
    width: int,
    height: int,
) -> str:
    """Paint once for each second: samples come no faster, pictures do."""
    figure = _figure()
    figure.clear()
    figure.theme("simple")
    figure.axes(style="rounded")
    figure.plot_size(width, height)
    lines = [_points(ts_ns, values) for values in series]
    for points in lines:
        signal = figure.signal(*zip(*points, strict=True), marker="braille")
        signal.lines()
        figure.draw(signal)
    for place, (points, mark) in enumerate(zip(lines, marks, strict=True)):
        if mark:
            some = _some(points, max(1, width // _MARK_COLUMNS), place / len(lines))
            figure.draw(figure.signal(*zip(*some, strict=True), marker=mark))
    count = max(2, min(8, width // _TICK_COLUMNS))
    length_ns = ts_ns[-1] - ts_ns[0]
    times_ns = [length_ns * place // (count - 1) for place in range(count)]
    words = [clock(ts_ns[0] + time_ns) for time_ns in times_ns]
    figure.ruler("x").ticks([time_ns / 1e9 for time_ns in times_ns], words)
    figure.ruler("y").ticks(*_value_ticks(series, height))
    return str(figure.build())


def _points(ts_ns: Sequence[int], values: Sequence[float]) -> list[tuple[float, float]]:
    """
    Seconds since the first time, with their values.

    Not since 1970: with numbers of that size plotext 6 draws some charts in their last column.
    """
    pairs = zip(ts_ns, values, strict=False)
    return [((ts - ts_ns[0]) / 1e9, value) for ts, value in pairs if math.isfinite(value)]


def _some(
    points: Sequence[tuple[float, float]], count: int, shift: float
) -> list[tuple[float, float]]:
    """Choose points at even distances; lines with other shifts keep their letters apart."""
    step = len(points) / count
    return [points[int((place + shift) * step)] for place in range(count)]


def _value_ticks(
    series: tuple[tuple[float, ...], ...], height: int
) -> tuple[list[float], list[str]]:
    """
    Round values between the lowest and the highest, with as many digits as tell them apart.

    At least two of them: one alone gives no scale.
    """
    finite = [value for values in series for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    wanted = max(2, min(8, height // 3))
    raw = (high - low) / wanted or 1.0
    size = 10.0 ** math.floor(math.log10(raw))
    steps = [size * factor for factor in (10, 5, 2, 1, 0.5, 0.2, 0.1)]
    # The widest that leaves two, among those that are not too many.
    fitting = [step for step in steps if step >= raw and len(_grid(low, high, step)) > 1]
    smaller = [step for step in steps if step < raw]
    step = min(fitting, default=max(smaller))
    values = _grid(low, high, step)
    if len(values) < 2:
        values = [low - step, low, low + step]
    decimals = max(0, -math.floor(math.log10(step)))
    return values, [number(value, decimals) for value in values]


def _grid(low: float, high: float, step: float) -> list[float]:
    """Multiples of a step from the lowest to the highest value."""
    return [step * place for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


@lru_cache(maxsize=1)
def _figure() -> Any:
    # Half a second of imports that the first picture must not wait for.
    import plotext

    # A pane knows its size; the terminal that this was started in may have had another.
    plotext.terminal.limit(False, False)
    return plotext.figure


def _legend(series: Sequence[Series]) -> Line:
    segments: list[Segment] = []
    for line in series:
        segments += [(f" {line.mark or '━'} ", line.tone), (line.name, "dim"), ("  ", "text")]
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
