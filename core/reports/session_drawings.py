"""Curves and bands of a session over one axis of time, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import numpy as np

from core.domain.enums import Regime
from core.domain.memory import FloatArray, IntArray
from core.reports.drawing import points, svg, text
from core.reports.frame import Frame

_WIDTH, _LEFT, _RIGHT = 992, 106, 12
_AXIS = 22
_COLUMNS = 480
"""Pieces of time that bands are told apart in."""
_AIR = 0.04
"""Share of a curve's span that is left free beside it."""
_FLAT = 0.01
"""Share of its value that a curve without a span gets for one."""
_NS = 1_000_000_000
_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800,
                 21_600, 43_200, 86_400, 172_800, 604_800)  # fmt: skip
_MOST_TIMES = 8
_LETTERS = {
    Regime.UNKNOWN: "",
    Regime.TRENDING: "T",
    Regime.MEAN_REVERTING: "M",
    Regime.HIGH_VOLATILITY: "H",
}
_BAND = 20
_ROOM_FOR_LETTER = 12
_NAME = 13
"""Longest name of an instrument beside its band; the whole of it is in a tip."""


class TimeAxis:
    """Where moments stand across a drawing."""

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = max(end_ns, start_ns + _NS)

    def across(self, ts_ns: float) -> float:
        """From a time to a place."""
        share = (ts_ns - self.start_ns) / (self.end_ns - self.start_ns)
        return _LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def frame(self, top: float, bottom: float, low: float, high: float) -> Frame:
        """Make a box for curves over this axis; it ends at 0 where `high` does."""
        span = (high - low) or max(abs(high), 1.0) * _FLAT
        ends = low - _AIR * span, high + (_AIR * span if high > 0.0 else 0.0)
        return Frame(_LEFT, _WIDTH - _RIGHT, top, bottom, self.start_ns, self.end_ns, *ends)

    def marks(self, top: float, bottom: float) -> list[str]:
        """Rules and times of day."""
        span_s = (self.end_ns - self.start_ns) / _NS
        step_s = next((s for s in _TIME_STEPS_S if span_s / s <= _MOST_TIMES), _TIME_STEPS_S[-1])
        form = "%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < 86_400 else "%d %b"
        step_ns = step_s * _NS
        parts: list[str] = []
        for ts_ns in range(-(-self.start_ns // step_ns) * step_ns, self.end_ns + 1, step_ns):
            x = self.across(ts_ns)
            parts.append(f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" class="grid"/>')
            if _LEFT + 20 < x < _WIDTH - 30:
                parts.append(text(x, bottom + 16, moment(ts_ns, form), "middle"))
        return parts


def moment(ts_ns: int, form: str = "%H:%M:%S") -> str:
    """Write a time of day or a date, UTC."""
    return datetime.fromtimestamp(ts_ns // _NS, UTC).strftime(form)


def equity_curve(
    ts_ns: IntArray, equity: FloatArray, peak: FloatArray, alarms: Sequence[tuple[int, str]]
) -> str:
    """
    Draw what the account was worth, its peak dashed, and alarms as marks at the bottom.

    Args:
        ts_ns: Of the samples.
        equity: At each of them.
        peak: The same.
        alarms: Time and text.
    """
    height, top = 280, 12
    bottom = height - _AXIS
    axis = TimeAxis(int(ts_ns[0]), int(ts_ns[-1]))
    high, low = max(equity.max(), peak.max()), equity.min()
    frame, times = axis.frame(top, bottom, float(low), float(high)), ts_ns.astype(np.float64)
    line = frame.curve(times, equity)
    area = [(line[0][0], bottom), *line, (line[-1][0], bottom)]
    parts = [
        *frame.rules(),
        *axis.marks(top, bottom),
        f'<polygon points="{points(area)}" class="under"/>',
        f'<polyline points="{points(frame.curve(times, peak))}" class="peak"/>',
        f'<polyline points="{points(line)}" class="line"/>',
        *_alarm_marks(alarms, axis, bottom),
    ]
    label = (
        f"equity from {equity[0]:,.2f} to {equity[-1]:,.2f}, lowest {low:,.2f}, "
        f"highest {equity.max():,.2f}"
    )
    return svg(_WIDTH, height, label, parts)


def drawdown_curve(ts_ns: IntArray, drawdown_pct: FloatArray) -> str:
    """Draw the fall from the peak, in per cent of it, downwards."""
    height, top = 130, 8
    bottom = height - _AXIS
    axis = TimeAxis(int(ts_ns[0]), int(ts_ns[-1]))
    deepest = float(drawdown_pct.max())
    frame = axis.frame(top, bottom, -max(deepest, 0.01), 0.0)
    line = frame.curve(ts_ns.astype(np.float64), -drawdown_pct)
    area = [(line[0][0], frame.down(0.0)), *line, (line[-1][0], frame.down(0.0))]
    parts = [
        *frame.rules(unit=" %"),
        *axis.marks(top, bottom),
        f'<polygon points="{points(area)}" class="fall"/>',
        f'<polyline points="{points(line)}" class="fall-line"/>',
    ]
    return svg(_WIDTH, height, f"drawdown, deepest {deepest:.2f} per cent of the peak", parts)


def regime_bands(ts_ns: IntArray, regimes: IntArray, symbols: Sequence[str]) -> str:
    """Draw which regime ruled each instrument when: a color and, where there is room, a letter."""
    axis = TimeAxis(int(ts_ns[0]), int(ts_ns[-1]))
    bottom = (_BAND + 4) * len(symbols) + 4
    parts = axis.marks(4, bottom)
    for row, symbol in enumerate(symbols):
        top = 4 + (_BAND + 4) * row
        name = symbol if len(symbol) <= _NAME else f"{symbol[: _NAME - 1]}…"
        tip = f"<title>{escape(symbol)}</title>"
        parts.append(f"<g>{tip}{text(_LEFT - 8, top + 15, name, 'end')}</g>")
        parts += [_band(axis, top, *stretch) for stretch in stretches(ts_ns, regimes[:, row])]
    return svg(_WIDTH, bottom + _AXIS, "regime of each instrument over time", parts)


def stretches(ts_ns: IntArray, regimes: IntArray) -> list[tuple[int, int, Regime]]:
    """
    Join equal neighbors: start, end and regime, in order and without gaps.

    Of more samples than can be told apart, the most frequent one of each piece counts.
    """
    pieces = np.array_split(np.arange(len(ts_ns)), min(len(ts_ns), _COLUMNS))
    found: list[tuple[int, int, Regime]] = []
    for piece in pieces:
        regime = Regime(int(np.bincount(regimes[piece]).argmax()))
        start = int(ts_ns[piece[0]])
        end = int(ts_ns[min(piece[-1] + 1, len(ts_ns) - 1)])
        if found and found[-1][2] is regime:
            found[-1] = (found[-1][0], end, regime)
        else:
            found.append((start, end, regime))
    return found


def _band(axis: TimeAxis, top: float, start_ns: int, end_ns: int, regime: Regime) -> str:
    left, right = axis.across(start_ns), axis.across(end_ns)
    name = regime.name.lower().replace("_", " ")
    tip = f"<title>{name}, {moment(start_ns)} to {moment(end_ns)}</title>"
    box = (
        f'<rect x="{left:.1f}" y="{top}" width="{max(right - left, 0.5):.1f}" height="{_BAND}" '
        f'class="regime-{regime.value}"/>'
    )
    letter = _LETTERS[regime] if right - left >= _ROOM_FOR_LETTER else ""
    return (
        f"<g>{tip}{box}{text((left + right) / 2, top + 15, letter, 'middle') if letter else ''}</g>"
    )


def _alarm_marks(alarms: Sequence[tuple[int, str]], axis: TimeAxis, bottom: float) -> list[str]:
    """One mark a place: alarms that come together share one, and its tip names them all."""
    places: dict[int, list[str]] = {}
    for ts_ns, words in alarms:
        places.setdefault(round(axis.across(ts_ns) / 6) * 6, []).append(f"{moment(ts_ns)} {words}")
    return [
        f'<g><title>{escape(chr(10).join(told))}</title><path d="M{x} {bottom}'
        f'l-5 -9h10z" class="alarm"/></g>'
        for x, told in places.items()
    ]
