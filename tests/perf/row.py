"""What a measure hands back: one line of the table each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


class Unmeasurable(Exception):
    """A measure cannot run here; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a value, or its ratio to the reference, should reach."""

    bound: float
    at: Literal["most", "least"] = "most"
    of: Literal["value", "ratio"] = "value"

    def is_met(self, row: Row) -> bool:
        """Compare a row with the bound."""
        reached = row.value if self.of == "value" else row.ratio
        if reached is None:
            return False
        return reached <= self.bound if self.at == "most" else reached >= self.bound

    def __str__(self) -> str:
        sign = "<=" if self.at == "most" else ">="
        return f"{'ratio ' if self.of == 'ratio' else ''}{sign} {number(self.bound)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Without a target it is told and not judged."""

    name: str
    value: float | None
    """None: it could not be measured; `note` says why."""
    unit: str
    target: Target | None = None
    reference: str = ""
    reference_value: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over reference, where both are there."""
        if self.value is None or not self.reference_value:
            return None
        return self.value / self.reference_value

    @property
    def is_ok(self) -> bool | None:
        """None where nothing was promised or nothing could be measured."""
        if self.target is None or self.value is None:
            return None
        if self.target.of == "ratio" and self.ratio is None:
            return None
        return self.target.is_met(self)

    def to_json(self) -> dict[str, Any]:
        """The contract of `bench.json`."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "reference": self.reference or None,
            "reference_value": self.reference_value,
            "ratio": self.ratio,
            "target": None if self.target is None else str(self.target),
            "ok": self.is_ok,
            "note": self.note or None,
        }


def number(value: float | None) -> str:
    """Three digits that matter, with separators where they help."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile: a value that was measured."""
    ranked = np.sort(np.asarray(values, dtype=np.float64))
    return float(ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)])


def median(values: Sequence[float]) -> float:
    """Middle of a few rounds."""
    return float(np.median(np.asarray(values, dtype=np.float64)))
