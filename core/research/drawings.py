"""Pictures of a report as inline SVG: colors come from the page, so light and dark both read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from core.reports.drawing import points, svg, text
from core.research.imbalance import ReliabilityBin
from core.research.lead_lag import LAGS, Correlogram
from core.research.predictive import MAX_Q, Horizon, SignalFound

_ROW, _COLUMN, _TOP = 26, 62, 24
_LETTER = 8.2
"""Width of a letter of 13 units, at most."""
_FULL = 0.5
"""Correlation that is drawn in full color."""


def heat_map(signals: Sequence[SignalFound]) -> str:
    """Signals by horizons; blue goes with the return, orange against it, a frame is certain."""
    sizes = sorted({h.horizon_s for signal in signals for h in signal.horizons})
    left = 12 + _LETTER * max((len(signal.name) for signal in signals), default=0)
    width, height = left + _COLUMN * len(sizes) + 2, _TOP + _ROW * len(signals) + 4
    parts = [
        text(left + _COLUMN * (place + 0.5), 16, _seconds(size), "middle")
        for place, size in enumerate(sizes)
    ]
    for row, signal in enumerate(signals):
        top = _TOP + _ROW * row
        parts.append(text(left - 8, top + 17, signal.name, "end"))
        parts += [
            _cell(left + _COLUMN * sizes.index(horizon.horizon_s), top, horizon)
            for horizon in signal.horizons
        ]
    now = left + _COLUMN * sum(size < 0 for size in sizes)
    parts.append(f'<path d="M{now:.1f} 2V{height:.1f}" class="rule"/>')
    return svg(width, height, "correlation of each signal with past and future returns", parts)


def _cell(left: float, top: float, horizon: Horizon) -> str:
    value = horizon.correlation.value
    strength = min(1.0, abs(value) / _FULL)
    kind = "up" if value >= 0 else "down"
    is_real = horizon.q_value is not None and horizon.q_value < MAX_Q
    title = (
        f"{_seconds(horizon.horizon_s)}: r {value:+.3f} "
        f"[{horizon.correlation.low:+.3f}, {horizon.correlation.high:+.3f}]"
    )
    return (
        f"<g><title>{escape(title)}</title>"
        f'<rect x="{left + 2:.1f}" y="{top + 2:.1f}" width="{_COLUMN - 4}" height="{_ROW - 4}" '
        f'rx="3" class="{kind}{" real" if is_real else ""}" fill-opacity="{0.75 * strength:.2f}"/>'
        f"{text(left + _COLUMN / 2, top + 17, f'{value:+.2f}', 'middle')}</g>"
    )


def decay_curve(signal: SignalFound) -> str:
    """Correlation with the return to each horizon, with its band, over the logarithm of time."""
    width, height, left, right, top, bottom = 300, 170, 44, 18, 26, 24
    future = signal.future
    sizes = [math.log(horizon.horizon_s) for horizon in future]
    low = min(0.0, *(horizon.correlation.low for horizon in future))
    high = max(0.0, *(horizon.correlation.high for horizon in future))
    span, reach = high - low or 1.0, sizes[-1] - sizes[0] or 1.0

    def across(size: float) -> float:
        return left + (size - sizes[0]) / reach * (width - left - right)

    def down(value: float) -> float:
        return top + (high - value) / span * (height - top - bottom)

    places = [across(size) for size in sizes]
    line = [(x, down(h.correlation.value)) for x, h in zip(places, future, strict=True)]
    upper = [(x, down(h.correlation.high)) for x, h in zip(places, future, strict=True)]
    lower = [(x, down(h.correlation.low)) for x, h in zip(places, future, strict=True)]
    parts = [
        text(left, 16, f"{signal.name}: {signal.verdict.value}", "start"),
        f'<polygon points="{points([*upper, *reversed(lower)])}" class="band"/>',
        f'<path d="M{left} {down(0.0):.1f}H{width - right}" class="rule"/>',
        f'<polyline points="{points(line)}" class="line"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="dot"/>' for x, y in line),
        text(left - 6, down(high) + 9, f"{high:+.2f}", "end"),
        text(left - 6, down(low), f"{low:+.2f}", "end"),
        *_time_marks(places, future, height - 7),
    ]
    if signal.half_life_s is not None:
        x = across(math.log(signal.half_life_s))
        parts.append(f'<path d="M{x:.1f} {top}V{height - bottom}" class="mark"/>')
    return svg(width, height, f"decay of {signal.name}", parts)


def correlogram(series: str, symbol: str, found: Correlogram) -> str:
    """Correlation by lag, in bars; right of the line the mid moves after the series."""
    width, height, left, right, top, bottom = 300, 190, 44, 18, 46, 24
    low, high = min(0.0, *found.by_lag), max(0.0, *found.by_lag)
    span, column = high - low or 1.0, (width - left - right) / len(found.by_lag)

    def down(value: float) -> float:
        return top + (high - value) / span * (height - top - bottom)

    parts = [
        text(2, 16, series, "start"),
        text(2, 34, f"and {symbol}", "start"),
        *(
            f'<rect x="{left + column * place + 1:.1f}" y="{down(max(value, 0.0)):.1f}" '
            f'width="{column - 2:.1f}" height="{abs(down(0.0) - down(value)):.1f}" '
            f'class="{"up" if value >= 0 else "down"}"/>'
            for place, value in enumerate(found.by_lag)
        ),
        f'<path d="M{left} {down(0.0):.1f}H{width - right}" class="rule"/>',
        f'<path d="M{left + column * (LAGS + 0.5):.1f} {top}V{height - bottom}" class="mark"/>',
        text(left - 6, down(high) + 9, f"{high:+.2f}", "end"),
        text(left - 6, down(low), f"{low:+.2f}", "end"),
        text(left, height - 7, _seconds(-LAGS * found.bar_s), "start"),
        text(width - right, height - 7, _seconds(LAGS * found.bar_s), "end"),
    ]
    return svg(width, height, f"correlation by lag: {series}, {symbol}", parts)


def _time_marks(places: Sequence[float], future: Sequence[Horizon], y: float) -> list[str]:
    marks: list[str] = []
    free = -math.inf
    for x, horizon in zip(places, future, strict=True):
        label = f"{horizon.horizon_s:g} s"
        if x - _LETTER * len(label) / 2 > free:
            marks.append(text(x, y, label, "middle"))
            free = x + _LETTER * len(label) / 2
    return marks


def reliability_curve(bins: Sequence[ReliabilityBin]) -> str:
    """Share of rises by imbalance; a dot's area is the share of quotes it stands for."""
    width, height, left, right, top, bottom = 420, 240, 52, 16, 14, 40
    most = max((entry.states for entry in bins), default=0) or 1

    def across(value: float) -> float:
        return left + (value + 1.0) / 2.0 * (width - left - right)

    def down(share: float) -> float:
        return top + (1.0 - share) * (height - top - bottom)

    known = [
        (across((entry.low + entry.high) / 2), down(entry.share_up), entry)
        for entry in bins
        if entry.share_up is not None
    ]
    parts = [
        f'<path d="M{left} {down(0.5):.1f}H{width - right}" class="rule"/>',
        f'<path d="M{left} {down(0.0):.1f}L{width - right} {down(1.0):.1f}" class="mark"/>',
        f'<polyline points="{points([(x, y) for x, y, _ in known])}" class="line"/>',
    ]
    for x, y, entry in known:
        title = (
            f"imbalance {entry.low:+.1f} to {entry.high:+.1f}: {100 * (entry.share_up or 0.0):.0f} "
            f"% up of {entry.states:,} quotes"
        )
        parts.append(
            f"<g><title>{escape(title)}</title>"
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + 7 * math.sqrt(entry.states / most):.1f}" '
            'class="dot"/></g>'
        )
    parts += [text(left - 8, down(share) + 4, f"{share:.0%}", "end") for share in (0.0, 0.5, 1.0)]
    parts += [text(across(x), height - 22, f"{x:g}", "middle") for x in (-1.0, 0.0, 1.0)]
    parts.append(text((left + width - right) / 2, height - 4, "imbalance at the best", "middle"))
    return svg(width, height, "share of rises by order-book imbalance", parts)


def _seconds(size: float) -> str:
    return f"{size:+g} s"
