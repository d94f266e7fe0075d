"""From the kernel's integers to the numbers people read."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import cast

import numpy as np

from core.domain.instrument import NANOS
from core.domain.memory import FloatArray
from core.domain.snapshot import InstrumentMeta

NAN = math.nan


def money(nanos: int) -> float:
    """Amount in the account currency."""
    return nanos / NANOS


class Units:
    """
    Scales of one instrument.

    A tick of 0.1 is kept as 1/10, so that 503 ticks are 50.3 and not 50.300000000000004.
    """

    __slots__ = ("_lot", "_per_lot", "_per_tick", "_tick", "tick_value_nanos")

    def __init__(self, meta: InstrumentMeta) -> None:
        self._tick, self._per_tick = Fraction(str(meta.tick_size)).as_integer_ratio()
        self._lot, self._per_lot = Fraction(str(meta.lot_size)).as_integer_ratio()
        self.tick_value_nanos = round(meta.tick_value * NANOS)

    def price(self, ticks: float) -> float:
        """Price of whole or fractional ticks."""
        return ticks * self._tick / self._per_tick

    def price_or_nan(self, ticks: float) -> float:
        """Price, or NaN for 0 ticks: the kernel's word for none."""
        return ticks * self._tick / self._per_tick if ticks else NAN

    def prices(self, ticks: FloatArray) -> list[float]:
        """`price_or_nan` of many."""
        prices = np.where(ticks != 0, ticks * self._tick / self._per_tick, NAN)
        return cast("list[float]", prices.tolist())

    def quantity(self, lots: float) -> float:
        """Quantity of whole or fractional lots."""
        return lots * self._lot / self._per_lot

    def entry_price(self, cost_nanos: int, lots: int) -> float:
        """Average price of an open position; NaN when flat."""
        if not lots:
            return NAN
        return self.price(cost_nanos / (lots * self.tick_value_nanos))
