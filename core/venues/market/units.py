"""Decimal texts of one instrument in ticks and lots, without a float."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from core.domain.errors import DecodeError
from core.domain.instrument import Instrument
from core.venues.common.grid import MAX_UNITS

USUAL_DIGITS = 18
CACHE_SIZE = 1 << 16

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?", re.ASCII)


def decimal(text: str, what: str, symbol: str) -> Decimal:
    """
    Read a number, with an exponent or without.

    Raises:
        DecodeError: If it is not a plain number that is not negative.
    """
    if _NUMBER.fullmatch(text) is None:
        raise DecodeError(symbol, f"{what} {text[:40]!r} is not a plain positive decimal")
    return Decimal(text)


def is_usual(text: str, digits: str, after: int) -> bool:
    """Whether a number, `digits` without its point, has `after` characters from its point on."""
    return (
        text[-after : 1 - after] == "."
        and digits.isdigit()
        and digits.isascii()
        and after <= len(digits) <= USUAL_DIGITS
    )


class Steps:
    """
    Counts the steps in a decimal text, in whole numbers.

    A venue writes its numbers with as many places each time. So a text of the usual places is
    counted by leaving its point out and dividing by `divisor`; the others are read with care.
    """

    __slots__ = ("_step", "_what", "after", "divisor")

    def __init__(self, step: Decimal, what: str) -> None:
        self._step = step
        self._what = what
        self.after = 1
        """Characters from the point to the end, in numbers of the usual places."""
        self.divisor = 1

    def count(self, text: str, symbol: str) -> tuple[int, bool]:
        """
        Whole steps, and whether nothing is left over.

        Raises:
            DecodeError: If the text is not a plain number that is not negative.
        """
        number = decimal(text, self._what, symbol)
        steps, rest = divmod(Fraction(number), Fraction(self._step))
        self._learn(text)
        return steps, not rest

    def _learn(self, text: str) -> None:
        """Note how many places numbers have, where that makes the division a simple one."""
        whole, _, fraction = text.partition(".")
        divisor = self._step.scaleb(len(fraction))
        if whole.isdigit() and fraction.isdigit() and divisor == divisor.to_integral_value():
            self.after = len(fraction) + 1
            self.divisor = int(divisor)


class Units:
    """Prices and sizes of one instrument in ticks and lots."""

    def __init__(self, instrument: Instrument) -> None:
        self._symbol = instrument.symbol
        self._tick_size = instrument.tick_size
        self.price_steps = Steps(instrument.tick_size, "price")
        self._size_steps = Steps(instrument.lot_size, "quantity")
        self.known_lots: dict[str, int] = {}
        """By text, for those who look before they ask `lots`."""

    def ticks(self, text: str) -> int:
        """
        Whole ticks of a price, always > 0.

        Raises:
            DecodeError: If it is not a positive decimal on the tick grid.
        """
        ticks, is_whole = self.price_steps.count(text, self._symbol)
        if not is_whole:
            raise DecodeError(
                self._symbol,
                f"price {text} is not a multiple of {self._tick_size}; set its tick_size to the "
                "venue's price increment",
            )
        if not 0 < ticks <= MAX_UNITS:
            raise DecodeError(self._symbol, f"price {text} is not a price")
        return ticks

    def lots(self, text: str) -> int:
        """
        Whole lots that fit into a size; a venue may count finer than we trade.

        Raises:
            DecodeError: If it is not a plain decimal.
        """
        known = self.known_lots.get(text)
        if known is not None:
            return known
        steps = self._size_steps
        digits = text.replace(".", "", 1)
        if is_usual(text, digits, steps.after):
            lots = int(digits) // steps.divisor
        else:
            lots, _ = steps.count(text, self._symbol)
        if lots > MAX_UNITS:
            raise DecodeError(self._symbol, f"quantity {text} is beyond {MAX_UNITS} lots")
        if len(self.known_lots) >= CACHE_SIZE:
            self.known_lots.clear()
        self.known_lots[text] = lots
        return lots
