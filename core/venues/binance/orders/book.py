"""Our orders at Binance: their names there, and what is known of each."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

_MAX_DIGITS = 18
_REMEMBERED = 4096


@dataclass(slots=True)
class Known:
    """One order of ours; a replacement is another order there and the same one here."""

    instrument: int
    number: int
    side: int
    price_ticks: int
    lots: int
    """Of the whole order, what earlier generations executed included."""
    generation: int = 0
    earlier_lots: int = 0
    """Executed by generations before this one."""
    filled_lots: int = 0
    """Executed by this generation."""
    replaces_generation: int = -1
    """A replacement of this generation is on its way; -1 for none."""
    is_post_only: bool = False

    @property
    def leaves_lots(self) -> int:
        """What is still open of it."""
        return max(0, self.lots - self.earlier_lots - self.filled_lots)


class OrderBook:
    """
    Orders by our number, and the names they have at the venue.

    Args:
        prefix: Begins the client order ids of this run.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[int, Known] = {}
        self._numbers: OrderedDict[int, int] = OrderedDict()
        """Our number by the venue's order id, for lists of trades, which name no other."""
        self._over: OrderedDict[int, int] = OrderedDict()

    def name(self, number: int, generation: int) -> str:
        """Client order id; never used twice."""
        return f"{self._prefix}{number}" + (f"r{generation}" if generation else "")

    def parse(self, name: str, order_id: int) -> tuple[int, int]:
        """Our number and generation; minus the venue's id for an order that is not ours."""
        if name.startswith(self._prefix):
            digits, _, generation = name[len(self._prefix) :].partition("r")
            if _is_number(digits) and (not generation or _is_number(generation)):
                return int(digits), int(generation or 0)
        return -order_id, 0

    def add(self, order: Known) -> None:
        """Begin to know an order."""
        self._known[order.number] = order

    def find(self, number: int) -> Known | None:
        """Find an order that is not over."""
        return self._known.get(number)

    def end(self, number: int) -> None:
        """Note that an order is over."""
        self._known.pop(number, None)
        _remember(self._over, number, number)

    def is_over(self, number: int) -> bool:
        """Whether the venue has told the end of an order, not long ago."""
        return number in self._over

    def bind(self, order_id: int, number: int) -> None:
        """Note which number an order has there."""
        _remember(self._numbers, order_id, number)

    def number_of(self, order_id: int) -> int:
        """Our number of an order that the venue names by its own."""
        return self._numbers.get(order_id, -order_id)


def _remember(kept: OrderedDict[int, int], key: int, value: int) -> None:
    kept[key] = value
    if len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
