"""Pictures of pairs of figures, as inline SVG: side by side on a line, or against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from core.reports.drawing import points, svg, text
from core.reports.frame import Frame, aired, round_step

_WIDTH, _LEFT, _RIGHT = 992.0, 106.0, 12.0
_ROW = 26.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a picture: from a hollow dot to a full one."""

    name: str
    hollow: float
    full: float
    words: str
    """Both, at the end of the row."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a scatter."""

    x: float
    y: float
    words: str
    """Said of it in a tip."""
    kind: str
    """Class for the style sheet."""


def paired_dots(pairs: Sequence[Pair], label: str) -> str:
    """Draw rows of two dots each, around a line at 0."""
    right = 230.0
    height = _ROW * len(pairs) + 8
    low, high = aired([value for pair in pairs for value in (pair.hollow, pair.full)])
    frame = Frame(_LEFT, _WIDTH - right, 4.0, height - 4.0, low, high, 0.0, 1.0)
    parts = [f'<path d="M{frame.across(0.0):.1f} 2V{height - 2:.1f}" class="zero"/>']
    for row, pair in enumerate(pairs):
        y = 4.0 + _ROW * (row + 0.5)
        one, other = frame.across(pair.hollow), frame.across(pair.full)
        kind = "maker" if pair.full >= pair.hollow else "taker"
        parts += [
            text(_LEFT - 12, y + 4, pair.name, "end"),
            f'<g class="pair {kind}"><path d="M{one:.1f} {y:.1f}H{other:.1f}" class="curve"/>',
            f'<circle cx="{one:.1f}" cy="{y:.1f}" r="4.5" class="hollow"/>',
            f'<circle cx="{other:.1f}" cy="{y:.1f}" r="4.5" class="dot"/></g>',
            text(_WIDTH - 8, y + 4, pair.words, "end"),
        ]
    return svg(_WIDTH, height, label, parts)


def scatter(
    dots: Sequence[Dot],
    line: Sequence[tuple[float, float]],
    names: tuple[str, str],
    label: str,
) -> str:
    """
    Draw dots, and a line through some of them.

    Args:
        dots: One or more; the later ones are drawn above the earlier.
        line: Values of its corners.
        names: Of the values across and of those upwards.
        label: For those who do not see it.
    """
    height, top = 340.0, 26.0
    bottom = height - 40.0
    low, high = _room([dot.y for dot in dots])
    start, end = _room([dot.x for dot in dots])
    frame = Frame(_LEFT, _WIDTH - _RIGHT, top, bottom, start, end, low, high)
    parts = [
        *frame.rules(),
        *_posts(frame),
        text(2.0, 14.0, f"{names[1]} (up) by {names[0]} (across)", "start"),
    ]
    if len(line) > 1:
        corners = [frame.place(x, y) for x, y in line]
        parts.append(f'<polyline points="{points(corners)}" class="front"/>')
    for dot in dots:
        x, y = frame.place(dot.x, dot.y)
        parts.append(
            f"<g><title>{escape(dot.words)}</title>"
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{dot.kind}"/></g>'
        )
    return svg(_WIDTH, height, label, parts)


def _room(values: Sequence[float]) -> tuple[float, float]:
    """Both ends of a scale, with some air; 0 is on it only where values are near."""
    low, high = min(values), max(values)
    span = (high - low) or max(abs(high), 1.0) * 0.1
    return low - 0.06 * span, high + 0.06 * span


def _posts(frame: Frame) -> list[str]:
    """Lines upwards at round values, with their numbers below."""
    step = round_step((frame.end - frame.start) / 6)
    decimals = max(0, -_exponent(step))
    parts = []
    number = -int(-frame.start // step)
    while number * step <= frame.end:
        x = frame.across(number * step)
        parts.append(f'<path d="M{x:.1f} {frame.top:.1f}V{frame.bottom:.1f}" class="grid"/>')
        words = f"{number * step:z,.{decimals}f}"
        parts.append(text(x, frame.bottom + 16, words, "middle"))
        number += 1
    return parts


def _exponent(step: float) -> int:
    return int(f"{step:e}".partition("e")[2])
