"""One number for an execution, where a venue numbers those of each product apart."""

from __future__ import annotations

_INSTRUMENT_BITS = 6
_TRADE_BITS = 14

MAX_INSTRUMENTS = 1 << _INSTRUMENT_BITS


def execution_number(ts_ms: int, instrument: int, trade_id: int) -> int:
    """
    Number an execution so that no other has the same, and later ones have greater numbers.

    The same execution gets the same number in a report, in a list of trades and after a
    restart. Within one millisecond and product, trade ids differ in their last 14 bits.

    Args:
        ts_ms: When it happened, by the venue's clock: since 1970.
        instrument: Index, below MAX_INSTRUMENTS.
        trade_id: The venue's own, which grows by one within a product.
    """
    low = (instrument << _TRADE_BITS) | (trade_id & ((1 << _TRADE_BITS) - 1))
    return (ts_ms << (_INSTRUMENT_BITS + _TRADE_BITS)) | low


def execution_time_ms(number: int) -> int:
    """When an execution of this number happened."""
    return number >> (_INSTRUMENT_BITS + _TRADE_BITS)
