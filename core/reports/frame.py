"""Where values stand in a drawing: scales with round numbers, and curves that keep their spikes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.memory import FloatArray
from core.reports.drawing import text

_AIR = 0.06
"""Share of the span that is left free above and below."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A box for curves: both scales grow to the right and upwards."""

    left: float
    right: float
    top: float
    bottom: float
    start: float
    end: float
    """Values at the left and the right edge."""
    low: float
    high: float
    """Values at the bottom and the top edge."""

    def across(self, value: float) -> float:
        """From a value to a place across."""
        return self.left + (value - self.start) / (self.end - self.start) * (self.right - self.left)

    def down(self, value: float) -> float:
        """From a value to a place down."""
        return self.top + (self.high - value) / (self.high - self.low) * (self.bottom - self.top)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """From two values to a place."""
        return self.across(x), self.down(y)

    def rules(self, most: int = 5, unit: str = "") -> list[str]:
        """Lines across at round values, the one of 0 darker, with their numbers at the left."""
        step = round_step((self.high - self.low) / most)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        parts = []
        for number in range(math.ceil(self.low / step), math.floor(self.high / step) + 1):
            y, kind = self.down(number * step), "grid" if number else "zero"
            parts.append(f'<path d="M{self.left:.1f} {y:.1f}H{self.right:.1f}" class="{kind}"/>')
            words = f"{number * step:,.{decimals}f}{unit}"
            parts.append(text(self.left - 8, y + 4, words, "end"))
        return parts

    def curve(self, xs: FloatArray, ys: FloatArray) -> list[tuple[float, float]]:
        """Places of a curve: of each piece the ends, the lowest and the highest value stay."""
        columns = max(1, int(self.right - self.left) // 2)
        kept: list[int] = []
        for piece in np.array_split(np.arange(len(ys)), min(len(ys), columns)):
            part = ys[piece]
            lowest, highest = int(piece[part.argmin()]), int(piece[part.argmax()])
            kept += sorted({int(piece[0]), lowest, highest, int(piece[-1])})
        return [self.place(float(xs[index]), float(ys[index])) for index in kept]


def aired(values: Sequence[float]) -> tuple[float, float]:
    """Bottom and top of a scale that holds all values and 0, with some air."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = high - low
    if not span > 0.0:
        return 0.0, 1.0
    return low - (_AIR * span if low < 0.0 else 0.0), high + (_AIR * span if high > 0.0 else 0.0)


def round_step(raw: float) -> float:
    """The next 1, 2 or 5 with zeros."""
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw)
