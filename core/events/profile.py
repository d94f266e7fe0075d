"""An event as it was checked: series on their bins, formulas, products in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from core.domain.memory import FloatArray, IntArray
from core.events.formula import Formula
from core.events.model import GroupSettings, ObservationSettings, ProductSettings
from core.events.shapes import Shape
from core.events.units import UNITS, Unit
from core.feeds.port import Observation, Quantity, Vintage

MINUTE_NS = 60_000_000_000

_LEAST_COUNT = 0.1
"""Days on which nothing happened do not prove that nothing ever will."""


@dataclass(frozen=True, slots=True)
class Series:
    """One observation of a profile, laid on the bins of the window."""

    settings: ObservationSettings
    start_ts_ns: int
    """Start of the window, UTC."""
    bins: int
    """Bins of the window, without the value at its start."""

    @property
    def name(self) -> str:
        """Word in the formulas."""
        return self.settings.name

    @property
    def shape(self) -> Shape:
        """What a formula sees."""
        return Shape(self.bins + self.settings.includes_start, self.settings.bin_minutes)

    @property
    def unit(self) -> Unit:
        """From the feed's unit to that of the formulas."""
        return UNITS[self.settings.quantity][self.settings.unit]

    @property
    def bin_ns(self) -> int:
        """Length of a bin."""
        return self.settings.bin_minutes * MINUTE_NS

    @property
    def ends_ts_ns(self) -> IntArray:
        """Shape (values,): the moment at which each value is complete, UTC."""
        first = 0 if self.settings.includes_start else 1
        steps = np.arange(first, self.bins + 1, dtype=np.int64)
        return self.start_ts_ns + steps * self.bin_ns

    def error_scale(self, expected: FloatArray) -> FloatArray:
        """
        Errors where so much is expected, over those at the typical value; shape as given.

        Counts scatter with the root of their mean (Poisson): an airport that sleeps is sure.
        """
        if not self.settings.is_whole:
            return np.ones_like(expected)
        typical = max(self.settings.typical, _LEAST_COUNT)
        return np.sqrt(np.maximum(expected, _LEAST_COUNT) / typical)

    def takes(self, told: Observation | Vintage) -> bool:
        """Whether an observation or forecast is of this series."""
        wanted = self.settings
        return (
            told.quantity is wanted.quantity
            and wanted.place in {"", told.place}
            and wanted.source in {"", told.source}
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What is traded, when, and what it settles on."""

    name: str
    title: str
    scoring: str
    """How points are made of profit, for people."""
    time_zone: str
    start_ts_ns: int
    end_ts_ns: int
    """Moment of settlement."""
    series: tuple[Series, ...]
    correlations: tuple[tuple[str, str, float], ...]
    terms: Mapping[str, Formula]
    """In the order in which they may use each other."""
    products: tuple[ProductSettings, ...]
    """As the file lists them."""
    formulas: Mapping[str, Formula] = field(repr=False)
    """By symbol, of products with a settlement."""
    order: tuple[str, ...]
    """Symbols, each after what it is made of."""
    groups: tuple[GroupSettings, ...]

    def parts_of(self, symbol: str) -> frozenset[str]:
        """Products that one settles on at once: of a basket, an option or a formula."""
        product = next(entry for entry in self.products if entry.symbol == symbol)
        parts = {*product.parts, product.underlying} - {""}
        formula = self.formulas.get(symbol)
        return frozenset(parts) | (formula.products if formula else frozenset())

    def moved(self, start_ts_ns: int) -> Event:
        """The same event over a window that starts at another time, for a look back."""
        return replace(
            self,
            start_ts_ns=start_ts_ns,
            end_ts_ns=start_ts_ns + self.end_ts_ns - self.start_ts_ns,
            series=tuple(replace(entry, start_ts_ns=start_ts_ns) for entry in self.series),
        )

    @property
    def quantities(self) -> tuple[tuple[Quantity, str], ...]:
        """What the feeds have to bring: quantity and place, each once."""
        pairs = ((entry.settings.quantity, entry.settings.place) for entry in self.series)
        return tuple(dict.fromkeys(pairs))
