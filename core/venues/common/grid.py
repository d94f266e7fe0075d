"""Decimal text to ticks and lots of one instrument, and back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeVar

from core.domain.errors import DecodeError
from core.domain.instrument import NANOS, Instrument

MAX_UNITS = 10**12
"""More ticks or lots than this are nonsense; sums of them still fit 64 bits."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_CACHE_SIZE = 4096
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)


class Grid:
    """
    Convert prices and quantities of one instrument.

    A market repeats few prices, so the text of each is understood once and remembered.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._ticks: dict[str, int] = {}
        self._lots: dict[str, int] = {}
        self._prices: dict[int, str] = {}

    def ticks(self, text: str) -> int:
        """
        Whole ticks of a price, always > 0.

        Raises:
            DecodeError: If it is not a plain positive decimal on the tick grid.
        """
        known = self._ticks.get(text)
        if known is not None:
            return known
        ticks = self._units(text, self.instrument.tick_size, "price")
        if ticks == 0:
            raise DecodeError(self.instrument.symbol, "price 0 is not a price")
        _remember(self._ticks, text, ticks)
        return ticks

    def lots(self, text: str) -> int:
        """
        Whole lots of a quantity, >= 0.

        Raises:
            DecodeError: If it is not a plain decimal of whole lots.
        """
        known = self._lots.get(text)
        if known is not None:
            return known
        lots = self._units(text, self.instrument.lot_size, "quantity")
        _remember(self._lots, text, lots)
        return lots

    def signed_lots(self, text: str) -> int:
        """
        Whole lots of a signed quantity.

        Raises:
            DecodeError: As `lots`.
        """
        return -self.lots(text[1:]) if text.startswith("-") else self.lots(text)

    def price(self, ticks: int) -> str:
        """Text of a price."""
        known = self._prices.get(ticks)
        if known is not None:
            return known
        text = plain(self.instrument.to_price(ticks))
        _remember(self._prices, ticks, text)
        return text

    def quantity(self, lots: int) -> str:
        """Text of a quantity, with its sign if it has one."""
        return plain(self.instrument.to_quantity(lots))

    def _units(self, text: str, step: Decimal, what: str) -> int:
        symbol = self.instrument.symbol
        if _NUMBER.fullmatch(text) is None:
            raise DecodeError(symbol, f"{what} {text!r} is not a plain positive decimal")
        units = Decimal(text) / step
        if units != units.to_integral_value():
            raise DecodeError(symbol, f"{what} {text} is not a multiple of {step}")
        if units > MAX_UNITS:
            raise DecodeError(symbol, f"{what} {text} is beyond {MAX_UNITS} steps of {step}")
        return int(units)


def plain(value: Decimal) -> str:
    """Text of a decimal without an exponent."""
    return format(value, "f")


def money_text(nanos: int) -> str:
    """Text of an amount, without trailing zeros."""
    whole, rest = divmod(abs(nanos), NANOS)
    fraction = f"{rest:09d}".rstrip("0")
    sign = "-" if nanos < 0 else ""
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def money_nanos(text: str) -> int:
    """
    Nanos of an amount.

    Raises:
        DecodeError: If it is not a plain decimal of at most nine places that fits 64 bits.
    """
    if _MONEY.fullmatch(text) is None:
        raise DecodeError("money", f"{text!r} is not a plain decimal")
    nanos = int(Decimal(text) * NANOS)
    if abs(nanos) >= 1 << 63:
        raise DecodeError("money", f"{text} does not fit")
    return nanos


def _remember(cache: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    # Emptied rather than trimmed: a stranger who sends ever new prices costs time, not memory.
    if len(cache) >= _CACHE_SIZE:
        cache.clear()
    cache[key] = value
