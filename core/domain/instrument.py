"""What is traded, and the one place where decimals become integers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.domain.enums import N_CHANNELS
from core.domain.errors import ConfigurationError
from core.domain.ids import Symbol

NANOS = 1_000_000_000
"""Money inside the engine is counted in billionths of the account currency."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    One product at one venue.

    Prices are whole ticks, sizes whole lots. One lot moving one tick is worth
    `tick_value_nanos`, which has to be an even whole number of nanos so that a mid
    between two ticks is exact too.
    """

    symbol: Symbol
    tick_size: Decimal
    lot_size: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    position_limit_lots: int = 0
    """Largest absolute position the venue allows; 0 means the venue sets none."""
    maker_fee_bps: float = 0.0
    taker_fee_bps: float = 0.0
    drivers: tuple[float, ...] = (0.0,) * N_CHANNELS
    """By Channel: how the product answers to what it tells of, -1 to 1."""
    venue: int = 0
    """Which of the engine's venues trades it."""

    def __post_init__(self) -> None:
        value = self.tick_size * self.lot_size * self.multiplier * NANOS
        if value <= 0 or value % 2 != 0:
            raise ConfigurationError(
                f"instrument {self.symbol}: one tick of one lot is worth {value / NANOS}, "
                "which must be a positive multiple of 0.000000002"
            )

    @property
    def tick_value_nanos(self) -> int:
        """Worth of one tick for one lot."""
        return int(self.tick_size * self.lot_size * self.multiplier * NANOS)

    @property
    def price_decimals(self) -> int:
        """Digits after the point that a price of this instrument needs."""
        exponent = self.tick_size.normalize().as_tuple().exponent
        return max(0, -int(exponent))

    @property
    def size_decimals(self) -> int:
        """Digits after the point that a size of this instrument needs."""
        exponent = self.lot_size.normalize().as_tuple().exponent
        return max(0, -int(exponent))

    def to_ticks(self, price: Decimal) -> int:
        """
        Whole ticks of a price.

        Raises:
            ValueError: If the price is not on the tick grid.
        """
        ticks = price / self.tick_size
        if ticks != ticks.to_integral_value():
            raise ValueError(f"{self.symbol}: price {price} is not a multiple of {self.tick_size}")
        return int(ticks)

    def to_lots(self, quantity: Decimal) -> int:
        """
        Whole lots of a quantity.

        Raises:
            ValueError: If the quantity is not a whole number of lots.
        """
        lots = quantity / self.lot_size
        if lots != lots.to_integral_value():
            raise ValueError(
                f"{self.symbol}: quantity {quantity} is not a multiple of {self.lot_size}"
            )
        return int(lots)

    def to_price(self, ticks: int) -> Decimal:
        """Price of a number of ticks."""
        return self.tick_size * ticks

    def to_quantity(self, lots: int) -> Decimal:
        """Quantity of a number of lots."""
        return self.lot_size * lots
