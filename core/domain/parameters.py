"""A live parameter, as settings define it and screens show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One number that may be changed while trading."""

    key: str
    """As in the settings, for example `strategy.min_signal`."""
    index: int
    """Place in the PARAMS record."""
    unit: str
    """Empty for a pure number."""
    default: float
    lower: float
    upper: float
    effect: str
    """What raising it does, in one sentence."""

    @property
    def step(self) -> float:
        """A sensible change for one key press: a fiftieth of the range, rounded to 1, 2 or 5."""
        raw = (self.upper - self.lower) / 50
        magnitude = 1.0
        while magnitude > raw:
            magnitude /= 10
        while magnitude * 10 <= raw:
            magnitude *= 10
        for factor in (5, 2):
            if factor * magnitude <= raw:
                return factor * magnitude
        return magnitude
