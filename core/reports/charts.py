"""Pictures of a backtest beside its equity, as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.reports.drawing import points, svg, text
from core.reports.frame import Frame, aired
from core.reports.session_drawings import TimeAxis

WIDTH, LEFT, RIGHT = 992.0, 106.0, 12.0
"""As the curves of time have them, so that all begin at one line."""

_ROW = 28.0
_BAR = 14.0
_LINE = 16.0
"""Least distance of two lines of text."""
_LETTER = 8.0
"""Width of a letter, at most."""


def exposure_curve(ts_ns: IntArray, gross: FloatArray, net: FloatArray) -> str:
    """
    Draw what was at stake: gross as an area, net as a line.

    Args:
        ts_ns: Of the samples, two or more.
        gross: Money at each of them.
        net: The same, < 0 for short.
    """
    height, top = 170.0, 8.0
    bottom = height - 22.0
    axis = TimeAxis(int(ts_ns[0]), int(ts_ns[-1]))
    low, high = aired((float(net.min()), float(gross.max())))
    frame = Frame(LEFT, WIDTH - RIGHT, top, bottom, axis.start_ns, axis.end_ns, low, high)
    times = ts_ns.astype(np.float64)
    line = frame.curve(times, gross)
    ground = frame.down(0.0)
    area = [(line[0][0], ground), *line, (line[-1][0], ground)]
    parts = [
        *frame.rules(4),
        *axis.marks(top, bottom),
        f'<polygon points="{points(area)}" class="under"/>',
        f'<polyline points="{points(frame.curve(times, net))}" class="thin"/>',
    ]
    label = f"exposure, at most {gross.max():,.2f}, net from {net.min():,.2f} to {net.max():,.2f}"
    return svg(WIDTH, height, label, parts)


def banded_curve(
    ts_ns: IntArray, values: FloatArray, bands: Sequence[tuple[int, int, str]], label: str
) -> str:
    """
    Draw a curve over stretches of time that have names.

    Args:
        ts_ns: Of the values, two or more.
        values: At each of them, in per cent.
        bands: Start, end and name of each stretch, in order of time.
        label: For those who do not see it.
    """
    height, top = 280.0, 28.0
    bottom = height - 22.0
    axis = TimeAxis(int(ts_ns[0]), int(ts_ns[-1]))
    low, high = aired((float(values.min()), float(values.max())))
    frame = Frame(LEFT, WIDTH - RIGHT, top, bottom, axis.start_ns, axis.end_ns, low, high)
    parts = [*frame.rules(5, " %"), *axis.marks(top, bottom)]
    for number, (start_ns, end_ns, name) in enumerate(bands):
        one, other = axis.across(start_ns), axis.across(end_ns)
        kind = "stretch odd" if number % 2 else "stretch"
        parts.append(
            f'<rect x="{one:.1f}" y="8" width="{max(other - one, 0.5):.1f}" '
            f'height="{bottom - 8:.1f}" class="{kind}"/>'
        )
        # Where there is no room for the whole name its last word, the number, is left.
        words = name if other - one > _LETTER * len(name) else name.rpartition(" ")[2]
        parts.append(text((one + other) / 2, 22.0, words, "middle"))
    line, ground = frame.curve(ts_ns.astype(np.float64), values), frame.down(0.0)
    area = [(line[0][0], ground), *line, (line[-1][0], ground)]
    parts += [
        f'<polygon points="{points(area)}" class="under"/>',
        f'<polyline points="{points(line)}" class="line"/>',
    ]
    return svg(WIDTH, height, label, parts)


def small_curve(ts_ns: IntArray, values: FloatArray, name: str, remark: str) -> str:
    """Draw the profit of one instrument over the run, in a box that stands beside others."""
    width, height = 300.0, 120.0
    times = ts_ns.astype(np.float64)
    low, high = aired((float(values.min()), float(values.max())))
    end = max(float(times[-1]), float(times[0]) + 1.0)
    frame = Frame(2.0, width - 2.0, 30.0, height - 6.0, float(times[0]), end, low, high)
    line, ground = frame.curve(times, values), frame.down(0.0)
    area = [(line[0][0], ground), *line, (line[-1][0], ground)]
    parts = [
        f"<g><title>{escape(name)}</title>{text(2.0, 14.0, _shortened(name, 20), 'start')}</g>",
        text(width - 2.0, 14.0, remark, "end"),
        f'<path d="M2 {ground:.1f}H{width - 2:.1f}" class="zero"/>',
        f'<polygon points="{points(area)}" class="under"/>',
        f'<polyline points="{points(line)}" class="line"/>',
    ]
    return svg(width, height, f"profit of {name} over the run, at the end {remark}", parts)


def hour_bars(profits: Mapping[str, float]) -> str:
    """Draw the profit of each hour of the day, by its name "00" to "23"."""
    height, top = 190.0, 8.0
    bottom = height - 22.0
    low, high = aired(tuple(profits.values()))
    frame = Frame(LEFT, WIDTH - RIGHT, top, bottom, 0.0, 24.0, low, high)
    ground, breadth = frame.down(0.0), frame.across(1.0) - frame.across(0.0)
    parts = frame.rules(4)
    for hour in range(24):
        x = frame.across(hour)
        parts.append(text(x + breadth / 2, bottom + 16, f"{hour:02d}", "middle"))
        value = profits.get(f"{hour:02d}")
        if value is None:
            continue
        y = frame.down(value)
        parts.append(
            f"<g><title>{hour:02d}:00 to {(hour + 1) % 24:02d}:00 UTC: {value:+,.2f}</title>"
            f'<rect x="{x + 3:.1f}" y="{min(y, ground):.1f}" width="{breadth - 6:.1f}" '
            f'height="{max(abs(y - ground), 0.5):.1f}" rx="2" class="{_tone(value)}"/></g>'
        )
    return svg(WIDTH, height, "profit by hour of the day, UTC", parts)


def markout_curves(markouts: Mapping[str, Any]) -> str:
    """
    Draw how far the mid went a fill's way, with intervals; dashed, what the fill paid for it.

    Args:
        markouts: As `markouts_of` makes them, with at least one side.
    """
    height, top, right = 280.0, 12.0, 128.0
    bottom = height - 22.0
    rows = [row for kind in markouts.values() for row in kind["horizons"]]
    sizes = sorted({row["horizon_s"] for row in rows})
    reach = [row[key] for row in rows for key in ("ticks", "ticks_low", "ticks_high")]
    reach += [kind["spread_ticks"] for kind in markouts.values()]
    low, high = aired([value for value in reach if value is not None])
    frame = Frame(LEFT, WIDTH - right, top, bottom, -0.3, len(sizes) - 0.7, low, high)
    parts = frame.rules(6)
    parts += [
        text(frame.across(place), bottom + 16, f"{size} s", "middle")
        for place, size in enumerate(sizes)
    ]
    ends: list[float] = []
    for name, kind in markouts.items():
        parts += _markout(frame, name.lower(), kind, ends)
    return svg(WIDTH, height, "mid after fills, in ticks a lot, by horizon", parts)


def _markout(frame: Frame, name: str, kind: Mapping[str, Any], ends: list[float]) -> list[str]:
    """Draw one curve; `ends` has where the names of others stand and takes this one's."""
    rows = [row for row in enumerate(kind["horizons"]) if row[1]["ticks"] is not None]
    sure = [(place, row) for place, row in rows if row["ticks_low"] is not None]
    band = [frame.place(place, row["ticks_high"]) for place, row in sure]
    band += [frame.place(place, row["ticks_low"]) for place, row in reversed(sure)]
    line = [frame.place(place, row["ticks"]) for place, row in rows]
    cost = frame.down(kind["spread_ticks"])
    parts = [
        f'<polygon points="{points(band)}" class="band {name}"/>',
        f'<path d="M{frame.left:.1f} {cost:.1f}H{frame.right:.1f}" class="cost {name}"/>',
        f'<polyline points="{points(line)}" class="curve {name}"/>',
    ]
    for (_, row), (x, y) in zip(rows, line, strict=True):
        tip = f"{name}, {row['horizon_s']} s: {row['ticks']:+.2f} ticks, {row['fills']:,} fills"
        parts.append(
            f'<g><title>{tip}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" '
            f'class="dot {name}"/></g>'
        )
    if line:
        x, y = line[-1]
        while any(abs(y - other) < _LINE for other in ends):
            y += _LINE
        ends.append(y)
        words = text(x + 12, y + 4, f"{name}, {kind['fills']:,} fills", "start")
        parts.append(f'<g class="name {name}">{words}</g>')
    return parts


def cost_bars(steps: Sequence[tuple[str, float]]) -> str:
    """
    Draw how costs lead from the first value to the last, each bar beginning where one ended.

    Args:
        steps: Name and value; the last value is the sum of the others.
    """
    left, right = 250.0, 120.0
    reached = np.concatenate(([0.0], np.cumsum([value for _, value in steps[:-1]]), [0.0]))
    ends = [float(value) for value in reached[:-1]]
    low, high = aired(ends)
    height = _ROW * len(steps) + 8
    frame = Frame(left, WIDTH - right, 4.0, height - 4.0, low, high, 0.0, 1.0)
    ground = frame.across(0.0)
    parts = [f'<path d="M{ground:.1f} 2V{height - 2:.1f}" class="zero"/>']
    for row, (name, value) in enumerate(steps):
        is_sum = row == len(steps) - 1
        begin = 0.0 if is_sum else float(reached[row])
        one, other = sorted((frame.across(begin), frame.across(begin + value)))
        top = 4.0 + _ROW * row
        kind = f"{_tone(value)}{' sum' if is_sum or row == 0 else ''}"
        parts += [
            text(left - 12, top + 18, name, "end"),
            (
                f'<rect x="{one:.1f}" y="{top + (_ROW - _BAR) / 2:.1f}" height="{_BAR}" '
                f'width="{max(other - one, 1.0):.1f}" rx="2" class="{kind}"/>'
            ),
            text(WIDTH - 8, top + 18, f"{value:+,.2f}", "end"),
        ]
    return svg(WIDTH, height, "from the moves of the mid to the profit", parts)


def share_bars(counts: Mapping[str, int]) -> str:
    """Draw counts by name as shares of their sum, the largest first."""
    total = sum(counts.values()) or 1
    left, right = 210.0, 190.0
    height = 24.0 * len(counts) + 6
    parts = []
    for row, (name, count) in enumerate(sorted(counts.items(), key=lambda item: -item[1])):
        top = 3.0 + 24.0 * row
        wide = (WIDTH - left - right) * count / total
        parts += [
            text(left - 12, top + 16, name, "end"),
            (
                f'<rect x="{left:.1f}" y="{top + 6:.1f}" width="{max(wide, 1.0):.1f}" '
                'height="12" rx="2" class="plain"/>'
            ),
            text(WIDTH - 90, top + 16, f"{count:,}", "end"),
            text(WIDTH - 8, top + 16, f"{100 * count / total:.1f} %", "end"),
        ]
    return svg(WIDTH, height, "how evaluations ended", parts)


def _tone(value: float) -> str:
    return "gain" if value >= 0.0 else "loss"


def _shortened(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
